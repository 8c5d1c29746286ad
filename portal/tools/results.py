"""What the results of a calculator show: the answer, headline figures, charts with their tables, formulas.

``results`` turns an engine's ``Outcome`` into words and drawings in the reader's language. Page, saved scenario and
live recompute draw the same thing from it by ``templates/tools/results.html``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.charts import Bar, Chart, Series, fan, histogram, parts, tornado
from portal.derive.forms import path_label
from portal.derive.wording import change, figure, range_words, sentence_html, writer
from portal.planning.calculator import Fan, Output, Parts, Table
from portal.planning.explain import Explanation, explain
from portal.planning.outcome import Outcome

TAILS = (0.05, 0.5, 0.95)

Baseline = Mapping[str, float]
"""Headline figures that changes are measured against, by output; ``inf`` for never."""


@dataclass(frozen=True, slots=True)
class Value:
    """One output: its median or share, and its range. ``direction`` is up for better, dn for worse."""

    name: str
    label: str
    value: str
    single: str  # with every range at its median: what the formula gives
    spread: str
    delta: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart under its title, with the id that its tabs and panels share."""

    id: str
    title: str
    note: str
    chart: Chart
    half: bool = False

    @property
    def body(self) -> SafeString:
        """The rows of the table; each heads with a link where it is about a field of the page."""
        # Written here and not in a template: a fan has hundreds of cells, and a drag writes them nine times a second.
        targets = self.chart.targets or ("",) * len(self.chart.rows)
        return mark_safe("".join(map(_row, self.chart.rows, targets)))  # noqa: S308  every cell is escaped


@dataclass(frozen=True, slots=True)
class Facts:
    """A table beside the answer. Cells are words; ``numeric`` tells which columns stand to the right."""

    title: str
    note: str
    columns: list[tuple[str, bool]]
    rows: list[list[tuple[str, bool]]]


@dataclass(frozen=True, slots=True)
class Results:
    """What changes while a slider is dragged. ``values`` and their formulas follow when it is let go of."""

    outcome: Outcome
    answer: SafeString
    caveat: str
    notices: list[SafeString]
    headlines: list[Value]
    figures: list[Figure]
    tables: list[Facts]
    baseline: str  # JSON of the headline figures, which a later recompute compares with
    draws: str
    seed: int
    model: str

    def values(self) -> list[tuple[Value, Explanation]]:
        """Every single output, and how it comes about with every range at its median."""
        calculator, write = self.outcome.calculator, writer()
        return [
            (
                _value(self.outcome, name, output, {}),
                explain(calculator, name, self.outcome.case.values, figure=write, translate=_),
            )
            for name, output in calculator.outputs.items()
            if not output.monthly
        ]


def results(outcome: Outcome, baseline: Baseline | None = None) -> Results:
    """``baseline`` is None on the first view, which becomes the baseline itself."""
    calculator = outcome.calculator
    headlines = {name: output for name, output in calculator.outputs.items() if output.headline}
    return Results(
        outcome=outcome,
        answer=sentence_html(calculator.answer(outcome)),
        caveat=_caveat(outcome),
        notices=[sentence_html(notice) for notice in outcome.case.notices],
        headlines=[_value(outcome, name, output, baseline or {}) for name, output in headlines.items()],
        figures=figures(outcome),
        tables=[_facts(table) for table in outcome.case.tables],
        baseline=write_baseline({name: _middle(outcome, name) for name in headlines}),
        draws=figure(float(outcome.draws)) if outcome.uncertain else "",
        seed=outcome.seed,
        model=f"{calculator.slug}@{calculator.version}",
    )


def figures(outcome: Outcome) -> list[Figure]:
    """The declared charts, then what moves the explained output most and how it is spread."""
    found = [
        _fan_figure(outcome, chart) if isinstance(chart, Fan) else _parts_figure(outcome, chart, at)
        for at, chart in enumerate(outcome.calculator.charts)
    ]
    halves = [each for each in found if each.half]
    return [
        *(each for each in found if not each.half),
        *(_uncertainty_figures(outcome) if outcome.uncertain else ()),
        *halves,
    ]


def output_words(output: Output, value: Any) -> str:
    """A value of an output; what never comes in the output's own words."""
    if output.never and isinstance(value, float) and math.isinf(value):
        return _(output.never)
    return figure(value, output.unit)


def read_baseline(text: str) -> Baseline:
    """What ``write_baseline`` wrote and a page sent back; anything else is no baseline."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    read = {name: math.inf if value is None else value for name, value in found.items()}
    return {name: float(v) for name, v in read.items() if isinstance(v, int | float) and not math.isnan(v)}


def write_baseline(values: Baseline) -> str:
    return json.dumps({name: None if math.isinf(value) else value for name, value in values.items()})


def _caveat(outcome: Outcome) -> str:
    if outcome.uncertain:
        return _(
            "An estimate, not advice. A range means “90% sure”: its ends are the 5th and the 95th percentile, "
            "log-normal where both are above zero, unless another shape is chosen."
        )
    return _("An estimate, not advice. Nothing is given as a range: type one as “24 to 38” to see how sure this is.")


def _middle(outcome: Outcome, name: str) -> float:
    output = outcome.calculator.outputs[name]
    return outcome.share(name) if output.boolean else outcome.quantile(name, 0.5)


def _value(outcome: Outcome, name: str, output: Output, baseline: Baseline) -> Value:
    spread = ""
    middle: Any
    if output.boolean:
        middle = outcome.share(name)
        shown = figure(middle, "%") if 0 < middle < 1 else figure(bool(middle))
    else:
        low, middle, high = outcome.quantiles(name, TAILS)
        shown = output_words(output, middle)
        if low != high and figure(low, output.unit) != figure(high, output.unit):
            spread = output_words(output, low) if math.isinf(low) else range_words(low, high, output.unit)
    delta, direction = _delta(output, middle, baseline.get(name))
    single = output_words(output, outcome.case.outputs[name])
    return Value(name, _(output.label), shown, single, spread, delta, direction)


def _delta(output: Output, value: float, before: float | None) -> tuple[str, str]:
    """How far a headline is from where the page began, and whether that is better."""
    if before is None:
        return "", ""
    unit = "%" if output.boolean else output.unit
    if figure(value, unit) == figure(before, unit):
        return _("no change"), ""
    if math.isinf(value) or math.isinf(before):
        words = _("{before} at the start").format(before=output_words(output, before))
    else:
        words = _("{change} since the start").format(change=change(value, before, unit))
    better = (value > before) == (output.better == "higher")
    return words, ("up" if better else "dn") if output.better else ""


def _fan_figure(outcome: Outcome, chart: Fan) -> Figure:
    output = outcome.calculator.outputs[chart.output]
    bands = outcome.fan(chart.output) if outcome.uncertain else [outcome.case.outputs[chart.output]]
    title = _(chart.title)
    drawn = fan(
        [Series(_(output.label), [list(band) for band in bands])],
        unit=output.unit, start=first_month(outcome.inputs), title=title, write=writer(),
    )  # fmt: skip
    return Figure(f"fan-{chart.output.replace('_', '-')}", title, _("by month"), drawn)


def _parts_figure(outcome: Outcome, chart: Parts, at: int) -> Figure:
    outputs, values = outcome.calculator.outputs, outcome.case.outputs
    limit = Bar(_(outputs[chart.limit].label), values[chart.limit]) if chart.limit else None
    drawn = parts(
        [Bar(_(outputs[name].label), values[name]) for name in chart.outputs],
        unit=outputs[chart.outputs[0]].unit, title=_(chart.title), limit=limit, write=writer(),
    )  # fmt: skip
    note = _("every range at its median") if outcome.uncertain else ""
    return Figure(f"parts-{at}", _(chart.title), note, drawn, half=True)


def _uncertainty_figures(outcome: Outcome) -> list[Figure]:
    name = outcome.calculator.explains
    output = outcome.calculator.outputs[name]
    label = _(output.label)
    bars = [
        Bar(path_label(outcome.calculator.inputs, each.path), each.correlation, f"f_{each.path.replace('.', '_')}")
        for each in outcome.tornado()
    ]
    spread = outcome.histogram(name)
    drawn = histogram(
        spread.edges, spread.counts, total=outcome.draws, unit=output.unit, title=label,
        quantiles=outcome.quantiles(name, TAILS), write=writer(),
        besides=(
            (_("Below what is drawn"), spread.below),
            (_("Above what is drawn"), spread.above),
            (_(output.never) if output.never else _("never"), spread.never),
        ),
    )  # fmt: skip
    note = _("rank correlation with “{output}”").format(output=label)
    return [
        Figure("tornado", _("What moves it most"), note, tornado(bars, write=writer()), half=True),
        Figure("distribution", label, _("distribution of outcomes"), drawn, half=True),
    ]


def _facts(table: Table) -> Facts:
    numeric = [
        all(isinstance(row[at], int | float) or row[at] is None for row in table.rows)
        for at in range(len(table.columns))
    ]
    return Facts(
        title=_(table.title),
        note=_(table.note) if table.note else "",
        columns=[(_(label), right) for (label, _unit), right in zip(table.columns, numeric, strict=True)],
        rows=[
            [
                (figure(cell, unit) if not isinstance(cell, str) else cell, right)
                for cell, (_label, unit), right in zip(row, table.columns, numeric, strict=True)
            ]
            for row in table.rows
        ],
    )


def _row(cells: tuple[str, ...], target: str) -> str:
    name, *values = (escape(cell) for cell in cells)
    head = f'<a href="#{escape(target)}">{name}</a>' if target else name
    return f'<tr><th scope="row">{head}</th>' + "".join(f'<td class="n">{value}</td>' for value in values) + "</tr>"


def first_month(inputs: Any) -> date | None:
    """The calendar of monthly outputs begins with an input called ``first_month``, where there is one."""
    found = getattr(inputs, "first_month", None)
    return found if isinstance(found, date) else None
