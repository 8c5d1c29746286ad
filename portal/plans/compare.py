"""Scenarios of one calculator side by side. The first is the baseline that the others are measured against.

All are drawn with the baseline's seed: what is the same in two scenarios is then drawn the same, and only what was
changed shows (common random numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from mlcore.reading import Invalid, Problem, to_json
from mlcore.spec import Param, params
from portal.planning import engine
from portal.planning.calculator import Calculator, Fan, Output
from portal.planning.report import json_number
from portal.plans.models import Scenario
from portal.plans.selectors import Opened, scenario_open

LEAST, MOST = 2, 5
DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Spread:
    """An output over the draws: quantiles, of a boolean the share that is true in all three. ``inf`` is never."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class InputRow:
    name: str
    param: Param
    values: tuple[Any, ...]  # one a scenario, as read

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values)


@dataclass(frozen=True, slots=True)
class OutputRow:
    name: str
    output: Output
    spreads: tuple[Spread, ...]

    @property
    def differs(self) -> bool:
        return any(spread != self.spreads[0] for spread in self.spreads)

    @property
    def best(self) -> int | None:
        """Which scenario is best, where the calculator says what is better and no two share it."""
        medians = [spread.median for spread in self.spreads]
        if not self.output.better:
            return None
        top = max(medians) if self.output.better == "higher" else min(medians)
        return medians.index(top) if medians.count(top) == 1 else None


@dataclass(frozen=True)
class Comparison:
    calculator: Calculator
    scenarios: tuple[Scenario, ...]
    outcomes: tuple[engine.Outcome, ...]
    inputs: tuple[InputRow, ...]
    outputs: tuple[OutputRow, ...]

    @property
    def fans(self) -> list[tuple[Fan, list[list[list[float]]]]]:
        """Each fan with the bands of every scenario, shape ``(scenarios, bands, places)``."""
        return [
            (chart, [outcome.fan(chart.output).tolist() for outcome in self.outcomes])
            for chart in self.calculator.charts
            if isinstance(chart, Fan)
        ]


def compare(scenarios: Sequence[Scenario]) -> Comparison:
    """
    Raises:
        Invalid: fewer than two or more than five, different calculators, or one that cannot be computed.
    """
    if not LEAST <= len(scenarios) <= MOST:
        raise _refused(gettext_noop("Wanted {least} to {most} scenarios to compare, got {given}."),
                       least=LEAST, most=MOST, given=len(scenarios))  # fmt: skip
    opened = [scenario_open(scenario) for scenario in scenarios]
    calculator = _one_calculator(opened)
    outcomes = tuple(_outcome(each, seed=scenarios[0].seed) for each in opened)
    inputs = tuple(
        InputRow(name, param, tuple(getattr(each.inputs, name) for each in opened))
        for name, param, _start in params(calculator.inputs)
    )
    outputs = tuple(
        OutputRow(name, output, tuple(_spread(outcome, name) for outcome in outcomes))
        for name, output in calculator.outputs.items()
        if not output.along
    )
    return Comparison(calculator, tuple(scenarios), outcomes, inputs, outputs)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """For programs. A value that is never reached is null."""
    return {
        "calculator": comparison.calculator.slug,
        "scenarios": [
            {"uid": scenario.uid, "name": scenario.name, "revision": scenario.revision}
            for scenario in comparison.scenarios
        ],
        "inputs": {
            row.name: {
                "label": row.param.label,
                "unit": row.param.unit,
                "differs": row.differs,
                "values": [to_json(value) for value in row.values],
            }
            for row in comparison.inputs
        },
        "outputs": {
            row.name: {
                "label": row.output.label,
                "unit": row.output.unit,
                "differs": row.differs,
                "best": None if row.best is None else comparison.scenarios[row.best].uid,
                "values": [_spread_json(row.output, spread) for spread in row.spreads],
            }
            for row in comparison.outputs
        },
        "draws": DRAWS,
        "seed": comparison.scenarios[0].seed,
    }


def _one_calculator(opened: Sequence[Opened]) -> Calculator:
    slugs = sorted({each.scenario.calculator for each in opened})
    if len(slugs) > 1:
        raise _refused(gettext_noop("Wanted scenarios of one calculator, got {given}."), given=", ".join(slugs))
    for each in opened:
        if each.inputs is None or each.calculator is None:
            raise _refused(gettext_noop("{name} cannot be compared. {reason}"),
                           name=each.scenario.name, reason=each.problem)  # fmt: skip
    assert opened[0].calculator is not None
    return opened[0].calculator


def _outcome(opened: Opened, *, seed: int) -> engine.Outcome:
    assert opened.calculator is not None
    try:
        return engine.simulate(opened.calculator, opened.inputs, draws=DRAWS, seed=seed)
    except Invalid as problem:
        raise _refused(gettext_noop("{name} cannot be compared. {reason}"),
                       name=opened.scenario.name, reason=str(problem)) from problem  # fmt: skip


def _spread(outcome: engine.Outcome, name: str) -> Spread:
    if outcome.calculator.outputs[name].boolean:
        return Spread(*[outcome.share(name)] * 3)
    return Spread(*outcome.quantiles(name, (0.05, 0.5, 0.95)))


def _spread_json(output: Output, spread: Spread) -> dict[str, Any]:
    if output.boolean:
        return {"share": spread.median}
    shares = {"p5": spread.low, "p50": spread.median, "p95": spread.high}
    return {share: json_number(value, output.unit) for share, value in shares.items()}


def _refused(template: str, **values: Any) -> Invalid:
    return Invalid({"ids": [Problem(template, values)]})
