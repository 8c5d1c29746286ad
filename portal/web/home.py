"""What the home page leads with: one scenario's answer in a sentence, its figures and a small fan.

Signed-in people see the scenario that they changed last; visitors see a calculator's starting values, as a sample.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mlcore.reading import Invalid, read_inputs, to_json
from portal.derive.wording import figure, range_words, sentence_html
from portal.planning import engine
from portal.planning.calculator import MONTH, Calculator, Fan
from portal.planning.catalog import edits
from portal.planning.outcome import Outcome
from portal.planning.registry import all_calculators
from portal.plans.models import Scenario
from portal.plans.selectors import scenario_open

SAMPLE = "runway"  # the calculator whose starting values a visitor sees
DRAWS = 2_000
SEED = 7
FIGURES = 4
WIDTH, HEIGHT = 960, 120  # of the fan's drawing; the page stretches it


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    spread: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Paths of an SVG of WIDTH by HEIGHT: 90% and 50% bands, median, and the height of zero if it is within."""

    title: str
    words: str
    outer: str
    inner: str
    median: str
    zero: float | None


@dataclass(frozen=True, slots=True)
class Headline:
    name: str
    url: str
    is_sample: bool
    answer: SafeString
    figures: list[Figure]
    fan: Sparkline | None


def sample_headline() -> Headline:
    calculator = all_calculators()[SAMPLE]
    outcome = _outcome(calculator.slug, _stored(calculator.inputs()), SEED, edits.version())
    return _headline(_(calculator.title), reverse("tools:page", args=[calculator.slug]), True, outcome)


def scenario_headline(scenario: Scenario) -> Headline | None:
    """None where the scenario cannot be opened or computed any more; its own page says why."""
    opened = scenario_open(scenario)
    if opened.inputs is None or opened.calculator is None:
        return None
    try:
        outcome = _outcome(opened.calculator.slug, _stored(opened.inputs), scenario.seed, edits.version())
    except Invalid:
        return None
    return _headline(scenario.name, scenario.get_absolute_url(), scenario.sample, outcome)


def _stored(inputs: Any) -> str:
    return json.dumps(to_json(inputs), sort_keys=True)


# Each holds its draws, some hundred kB: enough for the scenarios at which people look.
@lru_cache(maxsize=32)
def _outcome(slug: str, stored: str, seed: int, _catalogue: int) -> Outcome:
    calculator = all_calculators()[slug]
    return engine.simulate(calculator, read_inputs(calculator.inputs, json.loads(stored)), draws=DRAWS, seed=seed)


def _headline(name: str, url: str, is_sample: bool, outcome: Outcome) -> Headline:
    calculator = outcome.calculator
    return Headline(
        name=name,
        url=url,
        is_sample=is_sample,
        answer=sentence_html(calculator.answer(outcome)),
        figures=list(_figures(calculator, outcome))[:FIGURES],
        fan=_sparkline(calculator, outcome),
    )


def _figures(calculator: Calculator, outcome: Outcome) -> list[Figure]:
    found = []
    for name, output in calculator.outputs.items():
        if not output.headline:
            continue
        if output.boolean:
            found.append(Figure(_(output.label), figure(outcome.share(name), "%"), _("of the draws")))
        else:
            low, middle, high = outcome.quantiles(name, (0.05, 0.5, 0.95))
            spread = range_words(low, high, output.unit) if high > low else ""
            found.append(Figure(_(output.label), figure(middle, output.unit), spread))
    return found


def _sparkline(calculator: Calculator, outcome: Outcome) -> Sparkline | None:
    fans = (chart for chart in calculator.charts if isinstance(chart, Fan))
    fan = next((chart for chart in fans if calculator.outputs[chart.output].along == (MONTH,)), None)
    if fan is None:
        return None
    unit = calculator.outputs[fan.output].unit
    bands = outcome.fan(fan.output).tolist()
    lowest, highest = min(bands[0]), max(bands[-1])
    span = (highest - lowest) or 1.0

    def points(values: Sequence[float], *, backwards: bool = False) -> str:
        step = WIDTH / max(len(values) - 1, 1)
        placed = [f"{i * step:.0f},{(highest - value) / span * HEIGHT:.1f}" for i, value in enumerate(values)]
        return "L".join(reversed(placed) if backwards else placed)

    def band(low: int, high: int) -> str:
        return f"M{points(bands[high])}L{points(bands[low], backwards=True)}Z"

    return Sparkline(
        title=_(fan.title),
        words=_("%(title)s over %(months)s months. At the end: %(spread)s, most likely about %(middle)s.")
        % {
            "title": _(fan.title),
            "months": len(bands[0]),
            "spread": range_words(bands[0][-1], bands[-1][-1], unit),
            "middle": figure(bands[2][-1], unit),
        },
        outer=band(0, 4),
        inner=band(1, 3),
        median=f"M{points(bands[2])}",
        zero=highest / span * HEIGHT if lowest < 0 < highest else None,
    )
