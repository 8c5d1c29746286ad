"""What was predicted against what was measured, on logarithmic scales: the nearer to the diagonal, the better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.lines import LEGEND
from portal.charts.scatter import Point
from portal.charts.shapes import Chart, Write, colour_of, five_digits, log_ticks, plain, shortened

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "circle-open")  # beside colour, to tell groups apart
ROOM = 1.25  # by which the scales reach beyond the farthest point


@dataclass(frozen=True, slots=True)
class Cluster:
    """Points of one group; ``x`` is what was measured and ``y`` what was predicted, both above zero."""

    label: str
    points: Sequence[Point]


def against(
    clusters: Sequence[Cluster], *, axes: tuple[str, str], unit: str, unit_name: str, along: str, title: str,
    share: float, write: Write,
) -> Chart:  # fmt: skip
    """Points about a diagonal, with a band in which they are within ``share`` of it.

    Args:
        axes: what is across (measured) and what is up (predicted).
        unit_name: what stands behind the names of the axes, or nothing.
        along: what the points are called together.
    """
    points = [point for cluster in clusters for point in cluster.points]
    values = [value for point in points for value in (point.x, point.y)]
    low, high = (min(values) / ROOM, max(values) * ROOM) if values else (1.0, 10.0)
    ticks = {"values": log_ticks(low, high), "unit": unit}
    named = {"type": "log", "range": [five_digits(math.log10(low)), five_digits(math.log10(high))], "zeroline": False}
    return Chart(
        drawing={
            "data": [_band(low, high, share), _diagonal(low, high)]
            + [_cluster(cluster, at, unit, axes, write) for at, cluster in enumerate(clusters)],
            "layout": {
                "hovermode": "closest",
                "margin": {"t": 8, "r": 12, "b": 44, "l": 52},
                "xaxis": {**named, **_named(axes[0], unit_name), "showgrid": True},
                "yaxis": {**named, **_named(axes[1], unit_name)},
                **(LEGEND if len(clusters) > 1 else {}),
            },
            "ticks": {"x": ticks, "y": ticks},
        },
        label=_label(title, points, unit, share, write),
        columns=(along, *axes),
        rows=tuple((point.name, write(point.x, unit), write(point.y, unit)) for point in points),
        height=420,
    )


def _band(low: float, high: float, share: float) -> dict[str, Any]:
    edges = [(low, low * (1 - share)), (high, high * (1 - share)), (high, high * (1 + share)), (low, low * (1 + share))]
    return {
        "type": "scatter", "mode": "lines", "fill": "toself", "fillcolor": "tok:--ink-2/0.12", "line": {"width": 0},
        "x": [five_digits(x) for x, _y in edges], "y": [five_digits(y) for _x, y in edges], "hoverinfo": "skip",
        "showlegend": False,
    }  # fmt: skip


def _diagonal(low: float, high: float) -> dict[str, Any]:
    ends = [five_digits(low), five_digits(high)]
    return {
        "type": "scatter", "mode": "lines", "x": ends, "y": ends, "line": {"width": 1, "color": "tok:--ink-2"},
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _cluster(cluster: Cluster, at: int, unit: str, axes: tuple[str, str], write: Write) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": shortened(cluster.label),
        "x": [five_digits(point.x) for point in cluster.points],
        "y": [five_digits(point.y) for point in cluster.points],
        "marker": {"size": 7, "color": colour_of(at), "opacity": 0.8, "symbol": SYMBOLS[min(at, len(SYMBOLS) - 1)]},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(point.name)}<br>{plain(axes[0])}: {write(point.x, unit)}<br>{plain(axes[1])}: "
            f"{write(point.y, unit)} ({_off(point, write)})"
            for point in cluster.points
        ],
    }


def _off(point: Point, write: Write) -> str:
    off = point.y / point.x - 1
    return f"{'+' if off > 0 else ''}{write(round(off, 3), '%')}"


def _named(label: str, unit_name: str) -> dict[str, Any]:
    text = f"{label} ({unit_name})" if unit_name else label
    return {"title": {"text": plain(text), "font": {"size": 12, "color": "tok:--ink-2"}}}


def _label(title: str, points: Sequence[Point], unit: str, share: float, write: Write) -> str:
    if not points:
        return _("{title}: no values.").format(title=title)
    within = sum(abs(point.y / point.x - 1) <= share for point in points) / len(points)
    worst = max(points, key=lambda point: abs(math.log(point.y / point.x)))
    said = _(
        "{title}: {within} of {count} lie within {share} of what was measured. {name} lies farthest off: {predicted} "
        "predicted, {measured} measured."
    )
    return said.format(title=title, within=write(within, "%"), count=len(points), share=write(share, "%"),
                       name=worst.name, predicted=write(worst.y, unit), measured=write(worst.x, unit))  # fmt: skip
