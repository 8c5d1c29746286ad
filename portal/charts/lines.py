"""Lines over one axis, each with its name in a legend, and the dots that a line was fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.along import Along
from portal.charts.shapes import (
    DASHES,
    Chart,
    Numbers,
    Write,
    colour_of,
    drawn,
    extent,
    log_ticks,
    nice_ticks,
    plain,
    shortened,
)  # fmt: skip

TOLD = 5  # lines that the sentence tells of


@dataclass(frozen=True, slots=True)
class Line:
    """A value for every place; one that never comes is a gap."""

    label: str
    values: Numbers


@dataclass(frozen=True, slots=True)
class Dots:
    label: str
    x: Numbers
    y: Numbers


def lines(
    shown: Sequence[Line], *, unit: str, along: Along, title: str, write: Write, dots: Sequence[Dots] = (),
    log: bool = False,
) -> Chart:  # fmt: skip
    """``log`` puts the values on a logarithmic scale, where all of them are above zero."""
    values = [value for each in [*(line.values for line in shown), *(dot.y for dot in dots)] for value in each]
    low, high = extent(values)
    logarithmic = log and low > 0
    legend = len(shown) + len(dots) > 1
    layout: dict[str, Any] = {
        "hovermode": "closest",
        "margin": {"t": 8, "r": 12, "b": 28, "l": 8},
        "xaxis": along.layout,
        "yaxis": {"type": "log"} if logarithmic else {"zeroline": low < 0 < high},
        **(LEGEND if legend else {}),
    }
    ticks = log_ticks(low, high) if logarithmic else nice_ticks(low, high)
    return Chart(
        drawing={
            "data": [_line(line, at, along, unit, write) for at, line in enumerate(shown)]
            + [_dots(each, at + len(shown), along.unit, unit, write) for at, each in enumerate(dots)],
            "layout": layout,
            "ticks": {**along.drawn_ticks, "y": {"values": ticks, "unit": unit}},
        },
        label=_label(title, shown, along, unit, write),
        columns=(along.label, *(line.label for line in shown)),
        rows=tuple(
            (name, *(write(line.values[at], unit) for line in shown)) for at, name in enumerate(along.names)
        ),
        height=340 if legend else 280,
    )  # fmt: skip


LEGEND = {
    "showlegend": True,
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)",
               "itemclick": False, "itemdoubleclick": False},
}  # fmt: skip


def _line(line: Line, at: int, along: Along, unit: str, write: Write) -> dict[str, Any]:
    marked = along.kind == "category" or len(along) == 1
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked else "lines",
        "name": shortened(line.label),
        "x": list(along.values),
        "y": drawn(line.values),
        "line": {"width": 2, "color": colour_of(at), "dash": DASHES[at % len(DASHES)]},
        **({"marker": {"size": 6, "color": colour_of(at)}} if marked else {}),
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(line.label)}, {plain(name)}: {write(value, unit)}"
            for name, value in zip(along.names, line.values, strict=True)
        ],
    }


def _dots(dots: Dots, at: int, x_unit: str, unit: str, write: Write) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": shortened(dots.label),
        "x": drawn(dots.x),
        "y": drawn(dots.y),
        "marker": {"size": 7, "color": colour_of(at), "line": {"width": 1, "color": "tok:--surface"}},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(dots.label)}: {write(x, x_unit)}, {write(y, unit)}" for x, y in zip(dots.x, dots.y, strict=True)
        ],
    }


def _label(title: str, shown: Sequence[Line], along: Along, unit: str, write: Write) -> str:
    if not len(along) or not shown:
        return _("{title}: no values.").format(title=title)
    return " ".join([f"{title}.", *(_told(line, along, unit, write) for line in shown[:TOLD])])


def _told(line: Line, along: Along, unit: str, write: Write) -> str:
    if along.kind == "category":
        at = max(range(len(along)), key=lambda index: line.values[index])
        said = _("{line}: highest at {place}, {value}.")
        return said.format(line=line.label, place=along.names[at], value=write(line.values[at], unit))
    said = _("{line}: from {first} to {last}.")
    first, last = (write(value, unit) for value in (line.values[0], line.values[-1]))
    return said.format(line=line.label, first=first, last=last)
