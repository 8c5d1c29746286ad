"""The charts of an outcome: what the calculator declares, then what moves the answer most and how it is spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal import charts
from portal.charts import Along, Bar, Chart, Dots, Grid, Line, Point, Write
from portal.charts.bars import MOST_PLACES
from portal.derive.along import axis_label, place_names
from portal.derive.forms import path_label
from portal.derive.wording import figure, writer
from portal.planning.calculator import MONTH, Area, Bars, Drawing, Fan, Lines, Output, Parts, Scatter, Surface
from portal.planning.outcome import Case, Outcome

TAILS = (0.05, 0.5, 0.95)
# Inputs that have no effect correlate by chance within this over √draws in 99 of 100 cases.
CHANCE = 2.58


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


def figures(outcome: Outcome) -> list[Figure]:
    """The declared charts, then what moves the explained output most and how it is spread."""
    found = [_figure(outcome, chart, at) for at, chart in enumerate(outcome.calculator.charts)]
    return [
        *(each for each in found if not each.half),
        *(_uncertainty_figures(outcome) if outcome.uncertain else ()),
        *(each for each in found if each.half),
    ]


def output_words(output: Output, value: Any) -> str:
    """A value of an output; what never comes in the output's own words."""
    if output.never and isinstance(value, float) and math.isinf(value):
        return _(output.never)
    return figure(value, output.unit)


def along_of(case: Case, axis: str, count: int, write: Write) -> Along:
    """An axis of ``count`` places as charts draw it."""
    if axis == MONTH:
        return charts.months(first_month(case.inputs), count, write)
    declared = case.calculator.axes.get(axis)
    unit = declared.unit if declared else ""
    return charts.places(axis_label(case.calculator, axis), place_names(case, axis), unit, write)


def first_month(inputs: Any) -> date | None:
    """The calendar of monthly outputs begins with an input called ``first_month``, where there is one."""
    found = getattr(inputs, "first_month", None)
    return found if isinstance(found, date) else None


def _figure(outcome: Outcome, chart: Drawing, at: int) -> Figure:
    match chart:
        case Fan():
            return _fan_figure(outcome, chart)
        case Parts():
            return _parts_figure(outcome, chart, at)
        case Bars():
            return _bars_figure(outcome, chart, at)
        case Lines():
            return _lines_figure(outcome, chart, at)
        case Scatter():
            return _scatter_figure(outcome, chart, at)
        case Surface():
            return _surface_figure(outcome, chart, at)
        case Area():
            return _area_figure(outcome, chart, at)


def _fan_figure(outcome: Outcome, chart: Fan) -> Figure:
    output, write = outcome.calculator.outputs[chart.output], writer()
    bands = outcome.fan(chart.output) if outcome.uncertain else [outcome.case.outputs[chart.output]]
    title, along = _(chart.title), along_of(outcome.case, output.along[0], len(bands[0]), write)
    drawn = charts.fan(
        [charts.Series(_(output.label), [list(band) for band in bands])],
        unit=output.unit, along=along, title=title, write=_writer_of(output),
    )  # fmt: skip
    note = _("by month") if output.along[0] == MONTH else ""
    return Figure(f"fan-{chart.output.replace('_', '-')}", title, note, drawn)


def _parts_figure(outcome: Outcome, chart: Parts, at: int) -> Figure:
    outputs, values = outcome.calculator.outputs, outcome.case.outputs
    limit = Bar(_(outputs[chart.limit].label), values[chart.limit]) if chart.limit else None
    drawn = charts.parts(
        [Bar(_(outputs[name].label), values[name]) for name in chart.outputs],
        unit=outputs[chart.outputs[0]].unit, title=_(chart.title), limit=limit, write=writer(),
    )  # fmt: skip
    return Figure(f"parts-{at}", _(chart.title), _median_note(outcome), drawn, half=True)


def _bars_figure(outcome: Outcome, chart: Bars, at: int) -> Figure:
    output = outcome.calculator.outputs[chart.output]
    unit = "%" if output.boolean else output.unit
    axis, write = output.along[0], writer()
    low, middle, high = _three(outcome, chart.output)
    names = along_of(outcome.case, axis, len(middle), write).names
    shown = [
        Bar(name, value, low=None if output.boolean else a, high=None if output.boolean else b)
        for name, value, a, b in zip(names, middle, low, high, strict=True)
    ]
    title = _(chart.title)
    drawn = charts.bars(
        shown, unit=unit, title=title, along=axis_label(outcome.calculator, axis), write=_writer_of(output),
        ordered=chart.ordered,
    )  # fmt: skip
    return Figure(f"bars-{at}", title, _bars_note(outcome, output, len(shown)), drawn)


def _bars_note(outcome: Outcome, output: Output, count: int) -> str:
    notes = []
    if outcome.uncertain:
        notes.append(_("share of the draws") if output.boolean else _("median, and nine times in ten"))
    if count > MOST_PLACES:
        notes.append(_("{shown} of {all} are drawn").format(shown=MOST_PLACES, all=count))
    return "; ".join(notes)


def _lines_figure(outcome: Outcome, chart: Lines, at: int) -> Figure:
    calculator, values, write = outcome.calculator, outcome.case.outputs, writer()
    first = calculator.outputs[chart.outputs[0]]
    shown = [line for name in chart.outputs for line in _lines_of(outcome.case, name)]
    dots = [Dots(_(calculator.outputs[y].label), values[x], values[y]) for x, y in chart.dots]
    count = len(shown[0].values) if shown else 0
    drawn = charts.lines(
        shown, unit=first.unit, along=along_of(outcome.case, first.along[-1], count, write), title=_(chart.title),
        write=_writer_of(first), dots=dots, log=chart.log,
    )  # fmt: skip
    return Figure(f"lines-{at}", _(chart.title), _median_note(outcome), drawn)


def _lines_of(case: Case, name: str) -> list[Line]:
    """One line, or of an output along two axes one for each place of the first."""
    output, values = case.calculator.outputs[name], case.outputs[name]
    if len(output.along) == 1:
        return [Line(_(output.label), values)]
    names = along_of(case, output.along[0], len(values), writer()).names
    return [Line(place, line) for place, line in zip(names, values, strict=True)]


def _scatter_figure(outcome: Outcome, chart: Scatter, at: int) -> Figure:
    calculator, write = outcome.calculator, writer()
    across, up = calculator.outputs[chart.x], calculator.outputs[chart.y]
    drawn = charts.scatter(
        _points(outcome.case, chart.x, chart.y),
        axes=(_(across.label), _(up.label)), units=(across.unit, up.unit), title=_(chart.title), write=write,
        along=axis_label(calculator, across.along[0]),
        arrows=_points(outcome.case, *chart.arrows) if chart.arrows else (),
        arrows_along=axis_label(calculator, calculator.outputs[chart.arrows[0]].along[0]) if chart.arrows else "",
    )  # fmt: skip
    return Figure(f"scatter-{at}", _(chart.title), _median_note(outcome), drawn)


def _points(case: Case, x: str, y: str) -> list[Point]:
    xs, ys = case.outputs[x], case.outputs[y]
    names = along_of(case, case.calculator.outputs[x].along[0], len(xs), writer()).names
    return [Point(*point) for point in zip(names, xs, ys, strict=True)]


def _surface_figure(outcome: Outcome, chart: Surface, at: int) -> Figure:
    case, write = outcome.case, writer()
    output, values = case.calculator.outputs[chart.output], case.outputs[chart.output]
    up = along_of(case, output.along[0], len(values), write)
    across = along_of(case, output.along[1], len(values[0]) if values else 0, write)
    path = (case.outputs[chart.path[0]], case.outputs[chart.path[1]]) if chart.path else None
    drawn = charts.surface(
        Grid(up, across, values), unit=output.unit, title=_(chart.title), write=_writer_of(output), path=path
    )
    return Figure(f"surface-{at}", _(chart.title), _("the stronger the colour, the higher"), drawn)


def _area_figure(outcome: Outcome, chart: Area, at: int) -> Figure:
    output, values, write = outcome.calculator.outputs[chart.output], outcome.case.outputs[chart.output], writer()
    along = along_of(outcome.case, output.along[1], len(values[0]) if values else 0, write)
    drawn = charts.areas(
        _lines_of(outcome.case, chart.output), unit=output.unit, along=along, title=_(chart.title), write=write
    )
    return Figure(f"area-{at}", _(chart.title), _median_note(outcome), drawn)


def _uncertainty_figures(outcome: Outcome) -> list[Figure]:
    name = outcome.calculator.explains
    output = outcome.calculator.outputs[name]
    label = _(output.label)
    bars = [
        Bar(
            path_label(outcome.calculator.inputs, each.path, outcome.inputs),
            each.correlation,
            f"f_{each.path.replace('.', '_')}",
        )
        for each in outcome.tornado()
    ]
    spread = outcome.histogram(name)
    drawn = charts.histogram(
        spread.edges, spread.counts, total=outcome.draws, unit=output.unit, title=label,
        quantiles=outcome.quantiles(name, TAILS), write=writer(),
        besides=(
            (_("Below what is drawn"), spread.below),
            (_("Above what is drawn"), spread.above),
            (_(output.never) if output.never else _("never"), spread.never),
        ),
    )  # fmt: skip
    note = _("rank correlation with “{output}”").format(output=label)
    noise = CHANCE / outcome.draws**0.5
    return [
        Figure("tornado", _("What moves it most"), note, charts.tornado(bars, least=noise, write=writer()), half=True),
        Figure("distribution", label, _("distribution of outcomes"), drawn, half=True),
    ]


def _three(outcome: Outcome, name: str) -> Sequence[Sequence[float]]:
    """5th percentile, median and 95th percentile at each place; of a boolean output the share, three times."""
    if outcome.calculator.outputs[name].boolean:
        return [outcome.shares(name).tolist()] * 3
    return outcome.fan(name, TAILS).tolist()


def _writer_of(output: Output) -> Write:
    """As ``writer``, with the output's own words for never."""
    write = writer()
    if not output.never:
        return write
    never = _(output.never)
    return lambda value, unit: never if isinstance(value, float) and value == math.inf else write(value, unit)


def _median_note(outcome: Outcome) -> str:
    return _("every range at its median") if outcome.uncertain else ""


def _row(cells: tuple[str, ...], target: str) -> str:
    name, *values = (escape(cell) for cell in cells)
    head = f'<a href="#{escape(target)}">{name}</a>' if target else name
    return f'<tr><th scope="row">{head}</th>' + "".join(f'<td class="n">{value}</td>' for value in values) + "</tr>"
