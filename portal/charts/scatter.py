"""A map: named points about an origin, and arrows for what the directions mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.shapes import Chart, Write, drawn, five_digits, nice_ticks, plain, shortened

WIDTH, HEIGHT = 380, 380  # pixels of a map on a narrow screen, where names have the least room
LETTER, WIDE_LETTER, LINE = 6.5, 12.0, 16.0  # pixels of a label
REACH = 0.9  # of the farthest point, to which the longest arrow is drawn
SIDES = (
    ("middle right", 0.5, 0.0), ("middle left", -0.5, 0.0), ("top center", 0.0, 0.5), ("bottom center", 0.0, -0.5),
    ("top right", 0.5, 0.5), ("bottom right", 0.5, -0.5), ("top left", -0.5, 0.5), ("bottom left", -0.5, -0.5),
)  # fmt: skip

_Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    x: float
    y: float


def scatter(
    points: Sequence[Point], *, axes: tuple[str, str], units: tuple[str, str], along: str, title: str, write: Write,
    arrows: Sequence[Point] = (), arrows_along: str = "",
) -> Chart:  # fmt: skip
    """Points by their names. Two directions of one unit have one scale and show the origin.

    Args:
        axes: what is across and what is up.
        along: what the points are called together.
        arrows: from the origin, all made longer or shorter alike, so that they fit the points; the table has their
            numbers as they are.
    """
    shown = [point for point in points if math.isfinite(point.x) and math.isfinite(point.y)]
    scaled = _fitted(arrows, shown)
    sides = _sides([*shown, *scaled], units)
    data = [_trace(shown, shown, sides[: len(shown)], units, write, "tok:--s1", marked=True)]
    if scaled:
        data.append(_trace(scaled, arrows, sides[len(shown) :], units, write, "tok:--ink-2", marked=False))
    return Chart(
        drawing={
            "data": data,
            "layout": _layout([*shown, *scaled], scaled, axes, units),
            "ticks": _ticks(shown, units),
        },
        label=_label(title, shown, axes, units, write),
        columns=(along if not arrows else f"{along}, {arrows_along}", *axes),
        rows=tuple((point.name, write(point.x, units[0]), write(point.y, units[1])) for point in [*points, *arrows]),
        height=420,
    )


def _trace(
    at: Sequence[Point], told: Sequence[Point], sides: Sequence[str], units: tuple[str, str], write: Write,
    colour: str, *, marked: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "type": "scatter",
        "mode": "markers+text" if marked else "text",
        "x": drawn([point.x for point in at]),
        "y": drawn([point.y for point in at]),
        "text": [shortened(point.name) for point in at],
        "textposition": list(sides),
        "textfont": {"size": 12, "color": "tok:--ink" if marked else colour},
        "marker": {"size": 9, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [f"{plain(p.name)}: {write(p.x, units[0])}, {write(p.y, units[1])}" for p in told],
    }


def _layout(
    everything: Sequence[Point], arrows: Sequence[Point], axes: tuple[str, str], units: tuple[str, str]
) -> dict[str, Any]:
    left, bottom, right, top = _bounds(everything, units)
    wide, tall = 0.14 * (right - left or 1.0), 0.1 * (top - bottom or 1.0)  # room for labels
    one_scale = units[0] == units[1]
    quiet = {"zeroline": one_scale, "showgrid": not one_scale, "showticklabels": not one_scale}
    return {
        "hovermode": "closest",
        "margin": {"t": 8, "r": 12, "b": 28, "l": 28},
        "xaxis": {**quiet, "range": [left - wide, right + wide], "title": {"text": plain(axes[0])}},
        "yaxis": {
            **quiet, "range": [bottom - tall, top + tall], "title": {"text": plain(axes[1])},
            **({"scaleanchor": "x"} if one_scale else {}),
        },
        "annotations": [_arrow(arrow) for arrow in arrows if arrow.x or arrow.y],
    }  # fmt: skip


def _arrow(tip: Point) -> dict[str, Any]:
    return {
        "x": five_digits(tip.x), "y": five_digits(tip.y), "ax": 0, "ay": 0, "xref": "x", "yref": "y", "axref": "x",
        "ayref": "y", "text": "", "showarrow": True, "arrowhead": 2, "arrowwidth": 1.2, "arrowcolor": "tok:--ink-2",
    }  # fmt: skip


def _ticks(points: Sequence[Point], units: tuple[str, str]) -> dict[str, Any]:
    """None where the origin is all that positions are read from."""
    if units[0] == units[1]:
        return {}
    left, bottom, right, top = _bounds(points, units)
    return {
        "x": {"values": nice_ticks(left, right), "unit": units[0]},
        "y": {"values": nice_ticks(bottom, top), "unit": units[1]},
    }


def _fitted(arrows: Sequence[Point], points: Sequence[Point]) -> list[Point]:
    longest = max((math.hypot(arrow.x, arrow.y) for arrow in arrows), default=0.0)
    farthest = max((math.hypot(point.x, point.y) for point in points), default=0.0)
    scale = REACH * farthest / longest if longest > 0 and farthest > 0 else 1.0
    return [Point(arrow.name, arrow.x * scale, arrow.y * scale) for arrow in arrows]


def _bounds(points: Sequence[Point], units: tuple[str, str]) -> _Box:
    origin = [0.0] if units[0] == units[1] or not points else []
    across, up = [*origin, *(point.x for point in points)], [*origin, *(point.y for point in points)]
    return min(across), min(up), max(across), max(up)


def _sides(points: Sequence[Point], units: tuple[str, str]) -> list[str]:
    """On which side of each point its name stands: where it covers least of the points and names before it."""
    left, bottom, right, top = _bounds(points, units)
    wide, tall = WIDTH / (right - left or 1.0), HEIGHT / (top - bottom or 1.0)
    if units[0] == units[1]:
        wide = tall = min(wide, tall)
    centres = [(point.x * wide, point.y * tall) for point in points]
    room = (
        left * wide - 0.14 * WIDTH,
        bottom * tall - 0.1 * HEIGHT,
        right * wide + 0.14 * WIDTH,
        top * tall + 0.1 * HEIGHT,
    )
    taken: list[_Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in centres]
    chosen = []
    for at, (x, y) in enumerate(centres):
        width = sum(LETTER if ord(letter) < 0x2E80 else WIDE_LETTER for letter in shortened(points[at].name))
        boxes = [(side, _box(x, y, width, across, up)) for side, across, up in SIDES]
        others = taken[:at] + taken[at + 1 :]
        side, box = min(boxes, key=lambda option: _covered(option[1], others, room))
        taken.append(box)
        chosen.append(side)
    return chosen


def _box(x: float, y: float, width: float, across: float, up: float) -> _Box:
    centre_x, centre_y = x + across * (width + 14), y + up * (LINE + 12)
    return centre_x - width / 2, centre_y - LINE / 2, centre_x + width / 2, centre_y + LINE / 2


def _covered(box: _Box, others: Sequence[_Box], room: _Box) -> float:
    """How much of a name would hide others, or be cut off at the edge, which is worse."""
    cut = (box[2] - box[0]) * (box[3] - box[1]) - _overlap(box, room)
    return 10 * cut + sum(_overlap(box, other) for other in others)


def _overlap(a: _Box, b: _Box) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _label(title: str, shown: Sequence[Point], axes: tuple[str, str], units: tuple[str, str], write: Write) -> str:
    if not shown:
        return _("{title}: no values.").format(title=title)
    right, top = max(shown, key=lambda point: point.x), max(shown, key=lambda point: point.y)
    said = _("{title}: {right} is farthest to the right ({across}: {x}), {top} highest ({up}: {y}).")
    return said.format(title=title, right=right.name, across=axes[0], x=write(right.x, units[0]), top=top.name,
                       up=axes[1], y=write(top.y, units[1]))  # fmt: skip
