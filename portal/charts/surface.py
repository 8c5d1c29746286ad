"""Lines of equal height over two axes of numbers, and a way that leads over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.along import Along
from portal.charts.shapes import Chart, Numbers, Write, drawn, extent, five_digits, nice_ticks, plain

LEVELS = 14
STEEP = 50.0  # from the least to the most: beyond it, the heights are told apart by their logarithm
TABLE = 9  # rows and columns of the table, taken evenly from the grid
SHADES = [[0, "tok:--paper"], [1, "tok:--s1"]]


@dataclass(frozen=True, slots=True)
class Grid:
    """Heights, ``values[row][column]``: rows go up, columns across."""

    up: Along
    across: Along
    values: Sequence[Numbers]


def surface(
    grid: Grid, *, unit: str, title: str, write: Write, path: tuple[Numbers, Numbers] | None = None
) -> Chart:  # fmt: skip
    """``path`` is a way across and up, with its start open and its end filled; what leaves the grid is not drawn."""
    low, high = extent([value for row in grid.values for value in row])
    steep = low > 0 and high / low > STEEP
    step_x, step_y = ([*axis.values] for axis in (grid.across, grid.up))
    return Chart(
        drawing={
            "data": [_contour(grid, low, high, steep, unit, write), *(_path(path, grid, write) if path else [])],
            "layout": {
                "hovermode": "closest",
                "margin": {"t": 8, "r": 8, "b": 40, "l": 40},
                "xaxis": {"range": _span(step_x), "title": {"text": plain(grid.across.label)}},
                "yaxis": {"range": _span(step_y), "showgrid": False, "title": {"text": plain(grid.up.label)}},
            },
            "ticks": {axis: {"values": nice_ticks(*extent(along.values)), "unit": along.unit}
                      for axis, along in (("x", grid.across), ("y", grid.up))},
        },
        label=_label(grid, title, path, unit, write),
        columns=(f"{grid.up.label} ↓ {grid.across.label} →", *(grid.across.names[at] for at in _few(grid.across))),
        rows=tuple(
            (grid.up.names[row], *(write(grid.values[row][column], unit) for column in _few(grid.across)))
            for row in _few(grid.up)
        ),
        height=420,
    )  # fmt: skip


def _contour(grid: Grid, low: float, high: float, steep: bool, unit: str, write: Write) -> dict[str, Any]:
    def place(value: float) -> float:
        return math.log10(value) if steep else value

    bottom, top = place(low) if steep else low, place(high) if steep else high
    return {
        "type": "contour",
        "x": list(grid.across.values),
        "y": list(grid.up.values),
        "z": [drawn([place(v) if math.isfinite(v) else v for v in row]) for row in grid.values],
        "colorscale": SHADES,
        "opacity": 0.6,
        "autocontour": False,
        "contours": {"start": five_digits(bottom), "end": five_digits(top),
                     "size": five_digits((top - bottom) / LEVELS) or 1.0},
        "line": {"width": 0.6, "color": "tok:--ink-2/0.6"},
        "text": [[plain(write(value, unit)) for value in row] for row in grid.values],
        "hovertemplate": "%{x:.3~g}, %{y:.3~g}: %{text}<extra></extra>",
        # Plotly writes inline styles into a colour bar, which the content policy refuses.
        "showscale": False,
    }  # fmt: skip


def _path(path: tuple[Numbers, Numbers], grid: Grid, write: Write) -> list[dict[str, Any]]:
    x, y = drawn(path[0]), drawn(path[1])
    if not x:
        return []
    hover = [
        f"{at}: {plain(write(across, grid.across.unit))}, {plain(write(up, grid.up.unit))}"
        for at, (across, up) in enumerate(zip(*path, strict=True))
    ]
    line = {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": y, "hoverinfo": "text", "hovertext": hover,
        "line": {"width": 2, "color": "tok:--down"}, "marker": {"size": 4, "color": "tok:--down"},
    }  # fmt: skip
    ends = {
        "type": "scatter", "mode": "markers", "x": [x[0], x[-1]], "y": [y[0], y[-1]], "hoverinfo": "text",
        "hovertext": [f"{_('Start')} {hover[0]}", f"{_('End')} {hover[-1]}"],
        "marker": {"size": 11, "color": ["tok:--surface", "tok:--down"], "symbol": ["circle", "x"],
                   "line": {"width": 2, "color": "tok:--down"}},
    }  # fmt: skip
    return [line, ends]


def _span(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)] if values else [0.0, 1.0]


def _few(along: Along) -> list[int]:
    step = max(1, math.ceil(len(along) / TABLE))
    return list(range(0, len(along), step))


def _label(grid: Grid, title: str, path: tuple[Numbers, Numbers] | None, unit: str, write: Write) -> str:
    heights = [(value, row, column) for row, line in enumerate(grid.values) for column, value in enumerate(line)
               if math.isfinite(value)]  # fmt: skip
    if not heights:
        return _("{title}: no values.").format(title=title)
    value, row, column = min(heights)
    said = _("{title}: lowest, {value}, at {x} across and {y} up.").format(
        title=title, value=write(value, unit), x=grid.across.names[column], y=grid.up.names[row]
    )
    if path and len(path[0]):
        way = _("The way leads from {x0}, {y0} to {x1}, {y1} in {steps}.")
        ends = [(write(path[0][at], grid.across.unit), write(path[1][at], grid.up.unit)) for at in (0, -1)]
        (x0, y0), (x1, y1) = ends
        said += " " + way.format(x0=x0, y0=y0, x1=x1, y1=y1, steps=write(len(path[0]) - 1, "steps"))
    return said
