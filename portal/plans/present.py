"""Scenarios as pages show them: figures in the reader's language, whiskers, deltas with their direction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from mlcore.spec import Kind, params
from portal import charts
from portal.charts import Chart, Series
from portal.derive.along import axis_label, place_names
from portal.derive.values import value_words
from portal.derive.wording import change, figure, problem_text, range_words
from portal.planning.calculator import MONTH, Output
from portal.plans.compare import Comparison, OutputRow, Spread
from portal.plans.models import Revision, Scenario
from portal.plans.selectors import Opened, Summary, scenario_open, summary_of

WIDTH = 120  # of a whisker's drawing, in its own units
SERIES = ("s1", "s2", "s3", "s4", "s5")  # colour tokens, in the order of the scenarios


@dataclass(frozen=True, slots=True)
class Whisker:
    """Where a range lies among those beside it; ``open`` when its end is never reached."""

    low: int
    median: int
    high: int
    open: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    scenario: Scenario
    calculator: str
    problem: str
    label: str = ""
    value: str = ""
    spread: str = ""
    whisker: Whisker | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    spread: str = ""
    delta: str = ""
    direction: str = ""  # "up" for better than the baseline, "dn" for worse
    best: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    help: str
    cells: tuple[Cell, ...]
    differs: bool


def listed(scenarios: Sequence[Scenario]) -> list[Listed]:
    opened = [scenario_open(scenario) for scenario in scenarios]
    summaries = [summary_of(each) for each in opened]
    spans = _spans(opened, summaries)
    return [
        _listed(each, summary, spans.get(each.scenario.calculator))
        for each, summary in zip(opened, summaries, strict=True)
    ]


def input_lines(comparison: Comparison) -> list[Line]:
    found = []
    for row in comparison.inputs:
        cells = tuple(Cell(value_words(row.param, value)) for value in row.values)
        found.append(Line(_(row.param.label), _(row.param.help), cells, row.differs))
    return found


def output_lines(comparison: Comparison) -> list[Line]:
    found = []
    for row in comparison.outputs:
        cells = tuple(_cell(row, index) for index in range(len(row.spreads)))
        found.append(Line(_(row.output.label), _(row.output.help), cells, row.differs))
    return found


def comparison_charts(comparison: Comparison) -> Iterator[tuple[str, Chart]]:
    """Title and chart of each fan: the medians of all, and the bands of the baseline."""
    for fan, bands in comparison.fans:
        output = comparison.calculator.outputs[fan.output]
        along = _common_axis(comparison, output.along[0], min(len(band[0]) for band in bands))
        if along is None:
            continue
        series = [
            Series(scenario.name, [band[: len(along)] for band in each])
            for scenario, each in zip(comparison.scenarios, bands, strict=True)
        ]
        title = _(fan.title)
        yield title, charts.fan(series, unit=output.unit, along=along, title=title, write=figure)


def _common_axis(comparison: Comparison, axis: str, count: int) -> charts.Along | None:
    """The first ``count`` places; months are counted from 1 where calendars differ, other places must be the same."""
    if axis == MONTH:
        starts = {_first_month(outcome.inputs) for outcome in comparison.outcomes}
        return charts.months(starts.pop() if len(starts) == 1 else None, count, figure)
    calculator, cases = comparison.calculator, [outcome.case for outcome in comparison.outcomes]
    shared = [place_names(case, axis)[:count] for case in cases]
    if not count or any(list(places) != list(shared[0]) for places in shared):
        return None
    unit = calculator.axes[axis].unit if axis in calculator.axes else ""
    return charts.places(axis_label(calculator, axis), shared[0], unit, figure)


def _first_month(inputs: Any) -> date | None:
    """The only day that a calculator asks for is the one from which it counts its months."""
    days = [getattr(inputs, name) for name, param, _start in params(type(inputs)) if param.kind is Kind.DAY]
    return days[0] if len(days) == 1 else None


def _cell(row: OutputRow, index: int) -> Cell:
    spread, base, output = row.spreads[index], row.spreads[0], row.output
    unit = "%" if output.boolean else output.unit
    delta = "" if index == 0 or spread == base else change(spread.median, base.median, unit)
    if delta and math.isinf(base.median):
        delta = _("was: %(words)s") % {"words": _(output.never)}
    return Cell(
        text=_figure(output, spread.median),
        spread="" if output.boolean or spread.low == spread.high else _spread_words(output, spread.low, spread.high),
        delta=delta,
        direction=_direction(output, spread, base) if delta else "",
        best=row.best == index,
    )


def _direction(output: Output, spread: Spread, base: Spread) -> str:
    if not output.better or spread.median == base.median:
        return ""
    return "up" if (spread.median > base.median) == (output.better == "higher") else "dn"


def _figure(output: Output | Summary, value: float) -> str:
    if math.isinf(value):
        return _(output.never)
    return figure(value, "%" if isinstance(output, Output) and output.boolean else output.unit)


def _spread_words(output: Output | Summary, low: float, high: float) -> str:
    return _(output.never) if math.isinf(low) else range_words(low, high, output.unit)


def _listed(opened: Opened, summary: Summary | None, span: tuple[float, float] | None) -> Listed:
    title = _(opened.calculator.title) if opened.calculator else opened.scenario.calculator
    if summary is None:
        return Listed(opened.scenario, title, opened.problem or _("It cannot be computed any more."))
    certain = summary.low == summary.high
    return Listed(
        opened.scenario,
        title,
        "",
        label=_(summary.label),
        value=_figure(summary, summary.median),
        spread="" if certain else _spread_words(summary, summary.low, summary.high),
        whisker=None if certain or span is None else _whisker(summary, span),
    )


def _spans(opened: Sequence[Opened], summaries: Sequence[Summary | None]) -> dict[str, tuple[float, float]]:
    """The finite extent of the figures of each calculator, so that its whiskers can be compared by eye."""
    found: dict[str, list[float]] = {}
    for each, summary in zip(opened, summaries, strict=True):
        if summary is not None:
            finite = [value for value in (summary.low, summary.median, summary.high) if math.isfinite(value)]
            found.setdefault(each.scenario.calculator, []).extend(finite)
    return {slug: (min(values), max(values)) for slug, values in found.items() if values and min(values) < max(values)}


def _whisker(summary: Summary, span: tuple[float, float]) -> Whisker:
    low, high = span

    def place(value: float) -> int:
        return WIDTH if math.isinf(value) else round((value - low) / (high - low) * WIDTH)

    return Whisker(place(summary.low), place(summary.median), place(summary.high), math.isinf(summary.high))


def problems_text(problems: dict[str, list[Any]]) -> str:
    """Everything that is wrong, in the reader's language, for a message on a page."""
    return " ".join(problem_text(problem) for found in problems.values() for problem in found)


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A revision with what it changed against the one before it: label, before, after."""

    revision: Revision
    changes: tuple[tuple[str, str, str], ...]


def revision_lines(revisions: Sequence[Revision]) -> list[RevisionLine]:
    """``revisions`` come newest first and follow one another; the last one's changes are left out."""
    older = [*revisions[1:], None]
    return [RevisionLine(new, _changes(old, new)) for new, old in zip(revisions, older, strict=True)]


def _changes(old: Revision | None, new: Revision) -> tuple[tuple[str, str, str], ...]:
    if old is None:
        return ()
    found = [] if old.name == new.name else [(_("Name"), old.name, new.name)]
    before, after = scenario_open(old), scenario_open(new)
    if before.inputs is None or after.inputs is None:
        return tuple(found)
    for name, param, _start in params(type(after.inputs)):
        was, now = getattr(before.inputs, name), getattr(after.inputs, name)
        if was != now:
            found.append((_(param.label), value_words(param, was), value_words(param, now)))
    return tuple(found)
