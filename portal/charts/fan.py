"""A median line with its bands, or several lines that are compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.along import Along
from portal.charts.shapes import Chart, Numbers, Write, colour_of, drawn, extent, five_digits, nice_ticks, plain

BANDS = ("P5", "P25", "P50", "P75", "P95")


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a fan. ``bands`` has five rows, 5th to 95th percentile, or one where nothing is uncertain."""

    label: str
    bands: Sequence[Numbers]

    @property
    def median(self) -> Numbers:
        return self.bands[len(self.bands) // 2]


def fan(series: Sequence[Series], *, unit: str, along: Along, title: str, write: Write) -> Chart:
    """Median lines place by place; the first series shows its bands too.

    Args:
        series: one, or several to be compared, each with a value for every place.
    """
    first = series[0]
    data = _bands(list(along.values), first.bands) + [
        _line(along, each, unit, write, colour_of(at)) for at, each in enumerate(series)
    ]
    return Chart(
        drawing={
            "data": data,
            "layout": {
                "hovermode": "x",
                "margin": {"t": 8, "r": 44, "b": 28, "l": 8},
                "xaxis": along.layout,
                "yaxis": {"zeroline": True},
                "annotations": _end_labels(along, series),
            },
            "ticks": {**along.drawn_ticks, "y": {"values": nice_ticks(*_extent(series)), "unit": unit}},
        },
        label=_fan_label(title, first, along, unit, write),
        columns=_columns(along, series),
        rows=tuple(_row(along.names[at], at, series, unit, write) for at in range(len(along))),
        height=280,
    )


def _bands(x: list[Any], bands: Sequence[Numbers]) -> list[dict[str, Any]]:
    """Filled areas, each a lower edge and an upper one filled down to it."""
    traces = []
    for low, high, alpha in ((0, -1, 0.1), (1, -2, 0.2)) if len(bands) == len(BANDS) else ():
        edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
        traces.append({**edge, "y": drawn(bands[low])})
        traces.append({**edge, "y": drawn(bands[high]), "fill": "tonexty", "fillcolor": f"tok:--s1/{alpha}"})
    return traces


def _line(along: Along, series: Series, unit: str, write: Write, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(along) > 1 else "markers",
        "name": plain(series.label),
        "x": list(along.values),
        "y": drawn(series.median),
        "line": {"width": 2, "color": colour},
        "hoverinfo": "text",
        "hovertext": [
            f"{plain(series.label)}, {plain(name)}: {write(value, unit)}"
            for name, value in zip(along.names, series.median, strict=True)
        ],
    }


def _end_labels(along: Along, series: Sequence[Series]) -> list[dict[str, Any]]:
    """Names at the right end: of the percentiles of a single fan, of the lines where there are several."""
    if not len(along):
        return []
    if len(series) > 1:
        ends = [(each.label, each.median[-1]) for each in series]
    elif len(series[0].bands) == len(BANDS):
        ends = [(name, series[0].bands[at][-1]) for name, at in (("P95", -1), ("P50", 2), ("P5", 0))]
    else:
        return []
    font = {"size": 11, "color": "tok:--ink-2"}
    place = {"xanchor": "left", "xshift": 4, "showarrow": False, "font": font}
    return [
        {"x": along.values[-1], "y": five_digits(value), "text": plain(name), **place}
        for name, value in ends
        if math.isfinite(value)
    ]


def _extent(series: Sequence[Series]) -> tuple[float, float]:
    values = [value for each in series[:1] for band in each.bands for value in band]
    values += [value for each in series[1:] for value in each.median]
    return extent(values, with_zero=True)


def _fan_label(title: str, series: Series, along: Along, unit: str, write: Write) -> str:
    if not len(along):
        return _("{title}: no values.").format(title=title)
    first, last = series.median[0], series.median[-1]
    monthly = along.label == _("Month")
    said = (
        _("{title} goes from {first} in {start} to {last} in {end}.")
        if monthly
        else _("{title} goes from {first} ({axis}: {start}) to {last} ({axis}: {end}).")
    ).format(
        title=title, axis=along.label, first=write(first, unit), start=along.names[0], last=write(last, unit),
        end=along.names[-1],
    )  # fmt: skip
    if len(series.bands) == len(BANDS):
        band = _("Nine times in ten it ends between {low} and {high}.")
        said += " " + band.format(low=write(series.bands[0][-1], unit), high=write(series.bands[-1][-1], unit))
    crossing = next((at for at, value in enumerate(series.median) if value < 0), None)
    if first >= 0 and crossing is not None:
        said += " " + _("It falls below zero in {month}.").format(month=along.names[crossing])
    return said


def _columns(along: Along, series: Sequence[Series]) -> tuple[str, ...]:
    if len(series) > 1:
        return (along.label, *(each.label for each in series))
    return (along.label, *(BANDS if len(series[0].bands) == len(BANDS) else (series[0].label,)))


def _row(name: str, at: int, series: Sequence[Series], unit: str, write: Write) -> tuple[str, ...]:
    values = [each.median[at] for each in series] if len(series) > 1 else [band[at] for band in series[0].bands]
    return (name, *(write(value, unit) for value in values))
