"""What a run of a model returned as a figure: lines that each have their own places across, and a grid of cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.lines import LEGEND
from portal.charts.shapes import (
    DASHES,
    Chart,
    Write,
    colour_of,
    extent,
    five_digits,
    height_of,
    nice_ticks,
    plain,
    shortened,
)

CELL = 34  # pixels of one row of a grid
WRITTEN = 16  # rows or columns up to which every cell has its value written in it
SHADES = [[0, "tok:--s1/0.04"], [1, "tok:--s1/0.6"]]  # light enough that ink stays readable on the darkest

Numbers = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Axis:
    label: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line through points; where ``y`` is None there is a gap."""

    label: str
    x: Sequence[float]
    y: Numbers


def curves(shown: Sequence[Drawn], *, x: Axis, y: Axis, title: str, write: Write) -> Chart:
    across = [value for line in shown for value in line.x]
    up = [value for line in shown for value in line.y if value is not None]
    low, high = extent(up)
    legend = len(shown) > 1
    return Chart(
        drawing={
            "data": [_curve(line, at, x, y, write) for at, line in enumerate(shown)],
            "layout": {
                "hovermode": "closest",
                "margin": {"t": 8, "r": 12, "b": 44, "l": 44},
                "xaxis": {**_named(x), "zeroline": False},
                "yaxis": {**_named(y), "zeroline": low < 0 < high},
                **(LEGEND if legend else {}),
            },
            "ticks": {
                "x": {"values": nice_ticks(*extent(across)), "unit": x.unit},
                "y": {"values": nice_ticks(low, high), "unit": y.unit},
            },
        },
        label=_curves_label(shown, x, y, title, write),
        columns=(x.label, *(line.label or y.label for line in shown)),
        rows=tuple(_curves_rows(shown, x, y, write)),
        height=340 if legend else 280,
    )


def _curve(line: Drawn, at: int, x: Axis, y: Axis, write: Write) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": shortened(line.label),
        "x": [five_digits(value) for value in line.x],
        "y": [None if value is None else five_digits(value) for value in line.y],
        "line": {"width": 2, "color": colour_of(at), "dash": DASHES[at % len(DASHES)]},
        "marker": {"size": 5, "color": colour_of(at)},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(line.label)} {plain(write(across, x.unit))}: {plain(write(up, y.unit))}".strip()
            for across, up in zip(line.x, line.y, strict=True)
        ],
    }


def _curves_rows(shown: Sequence[Drawn], x: Axis, y: Axis, write: Write) -> list[tuple[str, ...]]:
    values = [dict(zip(line.x, line.y, strict=True)) for line in shown]
    places = sorted({place for line in shown for place in line.x})
    return [(write(place, x.unit), *(write(each.get(place), y.unit) for each in values)) for place in places]


def _curves_label(shown: Sequence[Drawn], x: Axis, y: Axis, title: str, write: Write) -> str:
    told = [f"{title}."]
    for line in shown:
        known = [(across, up) for across, up in zip(line.x, line.y, strict=True) if up is not None]
        if known:
            said = _("{line}: {y0} at {x0}, {y1} at {x1}.")
            (x0, y0), (x1, y1) = known[0], known[-1]
            told.append(
                said.format(line=line.label or y.label, x0=write(x0, x.unit), y0=write(y0, y.unit),
                            x1=write(x1, x.unit), y1=write(y1, y.unit))
            )  # fmt: skip
    return " ".join(told)


def cells(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Numbers], *, x: Axis, y: Axis, unit: str = "",
    title: str, write: Write,
) -> Chart:  # fmt: skip
    """A square for each pair, the darker the larger: where a model confuses what with what."""
    known = [(value, row, column) for row, line in enumerate(values) for column, value in enumerate(line)
             if value is not None]  # fmt: skip
    written = max(len(rows), len(columns)) <= WRITTEN
    words = [[write(value, unit) for value in line] for line in values]
    square: dict[str, Any] = {
        "type": "heatmap",
        "x": [shortened(label) for label in columns],
        "y": [shortened(label) for label in rows],
        "z": [[None if value is None else five_digits(value) for value in line] for line in values],
        "colorscale": SHADES,
        "zmin": min(0.0, *(value for value, _row, _column in known)) if known else 0.0,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "text",
        "hovertext": [
            [f"{plain(rows[r])} → {plain(columns[c])}: {plain(words[r][c])}" for c in range(len(columns))]
            for r in range(len(rows))
        ],
    }  # fmt: skip
    if written:
        square |= {"text": [[plain(word) for word in line] for line in words], "texttemplate": "%{text}",
                   "textfont": {"size": 12, "color": "tok:--ink"}}  # fmt: skip
    names = {"type": "category", "showgrid": False, "zeroline": False}
    corner = " ".join(part for part in (f"{y.label} ↓" if y.label else "", f"{x.label} →" if x.label else "") if part)
    return Chart(
        drawing={
            "data": [square],
            "layout": {
                "hovermode": "closest",
                "margin": {"t": 8, "r": 8, "b": 44, "l": 44},
                "xaxis": {**names, **_named(x)},
                "yaxis": {**names, **_named(y), "autorange": "reversed"},
            },
            "ticks": {},
        },
        label=_cells_label(known, rows, columns, unit, title, write),
        columns=(corner, *columns),
        rows=tuple((rows[r], *words[r]) for r in range(len(rows))),
        height=height_of(CELL * len(rows) + 60),
    )


def _cells_label(
    known: Sequence[tuple[float, int, int]], rows: Sequence[str], columns: Sequence[str], unit: str, title: str,
    write: Write,
) -> str:  # fmt: skip
    """The largest cell off the diagonal of a table of confusion, else the largest of all."""
    off = [each for each in known if rows[each[1]] != columns[each[2]]] if list(rows) == list(columns) else list(known)
    if not off or not math.isfinite(max(off)[0]):
        return _("{title}: no values.").format(title=title)
    value, row, column = max(off)
    said = _("{title}: {value} of {row} taken for {column}, the most of all mistakes.")
    if list(rows) != list(columns):
        said = _("{title}: the most, {value}, at {row} and {column}.")
    return said.format(title=title, value=write(value, unit), row=rows[row], column=columns[column])


def _named(axis: Axis) -> dict[str, Any]:
    return {"title": {"text": plain(axis.label), "font": {"size": 12, "color": "tok:--ink-2"}}}
