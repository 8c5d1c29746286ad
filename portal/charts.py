"""Charts: the figure that plotly draws, the table that says the same, and the sentence that stands in for both.

Figures are plain JSON (``{"data", "layout", "ticks"}``) made without plotly.py, which would cost several
milliseconds each; a test builds every one of them with plotly.py, which validates it. Colours are names of CSS
variables (``tok:--s1/0.2``) and ticks are values with a unit: ``static/own/js/charts.js`` resolves both in the reader's
theme and language. ``write`` is ``portal.derive.wording.figure``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from portal.planning.calendar import from_month

Write = Callable[[Any, str], str]
Numbers = Sequence[float]

BANDS = ("P5", "P25", "P50", "P75", "P95")
PALETTE = ("--s1", "--s2", "--s3", "--s4", "--s5")
GREY = "--ink-2"
BAR = 34  # pixels of a horizontal bar with its gap
HEIGHTS = (120, 160, 220, 280, 340, 420)  # that the style sheet knows
MOST_BARS = 8


@dataclass(frozen=True, slots=True)
class Chart:
    """``drawing`` for the screen, ``columns`` and ``rows`` of words for the table, ``label`` for who cannot see it.

    ``targets`` are ids of elements of the page that the rows are about, or empty.
    """

    drawing: dict[str, Any]
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height: int
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a fan. ``bands`` has five rows, 5th to 95th percentile, or one where nothing is uncertain."""

    label: str
    bands: Sequence[Numbers]

    @property
    def median(self) -> Numbers:
        return self.bands[len(self.bands) // 2]


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    target: str = ""


def fan(series: Sequence[Series], *, unit: str, start: date | None, title: str, write: Write) -> Chart:
    """Median lines month by month; the first series shows its bands too.

    Args:
        series: one, or several to be compared, all of the same number of months.
        start: the first month, for a calendar below; None counts months from 1.
    """
    months = _months(start, len(series[0].median))
    x = [month.isoformat() if isinstance(month, date) else month for month in months]
    names = [write(month, "month") if isinstance(month, date) else str(month) for month in months]
    first = series[0]
    data = _bands(x, first.bands) + [
        _line(x, each, names, unit, write, PALETTE[at] if at < len(PALETTE) else GREY) for at, each in enumerate(series)
    ]
    return Chart(
        drawing={
            "data": data,
            "layout": {
                "hovermode": "x",
                "margin": {"t": 8, "r": 44, "b": 28, "l": 8},
                "xaxis": {"type": "date"} if start else {},
                "yaxis": {"zeroline": True},
                "annotations": _end_labels(x[-1], series),
            },
            "ticks": {
                "x": {"values": _month_ticks(months), "unit": "month" if start else ""},
                "y": {"values": nice_ticks(*_extent(series)), "unit": unit},
            },
        },
        label=_fan_label(title, first, names, unit, write),
        columns=_fan_columns(series),
        rows=tuple(_fan_row(names[at], at, series, unit, write) for at in range(len(names))),
        height=280,
    )


def tornado(bars: Sequence[Bar], *, write: Write) -> Chart:
    """Rank correlations from −1 to 1, strongest first."""
    shown = [bar for bar in bars if abs(bar.value) >= 0.005][:MOST_BARS] or list(bars)[:1]
    words = [f"{'+' if bar.value > 0 else ''}{write(round(bar.value, 2), '')}" for bar in bars]
    reach = max((abs(bar.value) for bar in shown), default=1.0) or 1.0
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [_plain(bar.label) for bar in shown],
        "x": [_short(bar.value) for bar in shown],
        "width": 0.56,
        "text": words[: len(shown)],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "none",
        "customdata": [bar.target for bar in shown],
        "marker": {"color": [_sign_colour(bar.value) for bar in shown]},
    }
    layout = {
        "margin": {"t": 4, "r": 12, "b": 8, "l": 8},
        "xaxis": {"range": [-1.6 * reach, 1.6 * reach], "showticklabels": False, "zeroline": True},
        "yaxis": {"autorange": "reversed", "showgrid": False},
    }
    first = bars[0] if bars else None
    return Chart(
        drawing={"data": [trace], "layout": layout, "ticks": {}},
        label=_("{input} moves it most, with a rank correlation of {value}.").format(input=first.label, value=words[0])
        if first
        else _("Nothing is uncertain here."),
        columns=(_("Input"), _("Rank correlation")),
        rows=tuple(zip((bar.label for bar in bars), words, strict=True)),
        height=_height(BAR * len(shown) + 12),
        targets=tuple(bar.target for bar in bars),
    )


def histogram(
    edges: Numbers, counts: Sequence[int], *, total: int, unit: str, title: str, quantiles: Numbers, write: Write,
    besides: Sequence[tuple[str, int]] = (),
) -> Chart:  # fmt: skip
    """How many of ``total`` draws fall into each bin; money below zero has the colour of a loss.

    Args:
        edges: of the bins, one more than ``counts``.
        quantiles: 5th, 50th and 95th percentile, for the sentence.
        besides: draws that no bin holds, such as outliers and "never", with what they are called.
    """
    bins = list(pairwise(edges))
    centres = [(low + high) / 2 for low, high in bins]
    money = unit.startswith("USD")
    spans = [_("{low} to {high}").format(low=write(a, unit), high=write(b, unit)) for a, b in bins]
    shares = [write(count / total, "%") for count in counts]
    trace = {
        "type": "bar",
        "x": [_place(centre, unit) for centre in centres],
        "y": [_short(count / total) for count in counts],
        **({} if unit == "month" else {"width": [_short((high - low) * 0.92) for low, high in bins]}),
        "hoverinfo": "text",
        "hovertext": [f"{span}: {share}" for span, share in zip(spans, shares, strict=True)],
        "textposition": "none",
        "marker": {"color": [_sign_colour(centre) if money else "tok:--s1" for centre in centres]},
    }
    low, high = (edges[0], edges[-1]) if edges else (0.0, 1.0)
    layout = {
        "hovermode": "closest",
        "margin": {"t": 4, "r": 12, "b": 28, "l": 8},
        "xaxis": {"zeroline": low < 0 < high},
        "yaxis": {"showticklabels": False, "showgrid": False, "zeroline": False},
    }
    ticks = [_place(value, unit) for value in nice_ticks(low, high, 4)]
    p5, p50, p95 = (write(value, unit) for value in quantiles)
    said = _("{title}: nine times in ten between {p5} and {p95}, median {p50}.")
    return Chart(
        drawing={"data": [trace], "layout": layout, "ticks": {"x": {"values": ticks, "unit": unit}}},
        label=said.format(title=title, p5=p5, p50=p50, p95=p95),
        columns=(title, _("Share of the draws")),
        rows=(
            *zip(spans, shares, strict=True),
            *((name, write(count / total, "%")) for name, count in besides if count),
        ),
        height=220,
    )


def parts(bars: Sequence[Bar], *, unit: str, title: str, limit: Bar | None, write: Write) -> Chart:
    """Bars that start where the one before ends, up to their sum, against an optional limit."""
    total = math.fsum(bar.value for bar in bars)
    named = [*bars, Bar(_("Together"), total)]
    starts = [math.fsum(bar.value for bar in bars[:at]) for at in range(len(bars))] + [0.0]
    words = [write(bar.value, unit) for bar in named]
    over = limit is not None and total > limit.value
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [_plain(bar.label) for bar in named],
        "x": [_short(bar.value) for bar in named],
        "base": [_short(start) for start in starts],
        "width": 0.56,
        "text": words,
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
        "marker": {"color": ["tok:--s1"] * len(bars) + ["tok:--down" if over else "tok:--ink"]},
    }
    reach = max(total, limit.value if limit else 0.0, 0.0)
    layout: dict[str, Any] = {
        "margin": {"t": 16 if limit else 4, "r": 12, "b": 28, "l": 8},
        "xaxis": {"range": [min(0.0, *starts), reach * 1.22 or 1.0]},
        "yaxis": {"autorange": "reversed", "showgrid": False},
    }
    rows = list(zip((bar.label for bar in named), words, strict=True))
    label = _("{title}: {total} together; the largest part is {part}, {value}.").format(
        title=title, total=words[-1], part=max(bars, key=lambda bar: bar.value).label,
        value=write(max(bar.value for bar in bars), unit),
    )  # fmt: skip
    if limit:
        layout |= _limit_line(limit)
        rows.append((limit.label, write(limit.value, unit)))
        verdict = _("More than {limit}, {value}.") if over else _("Within {limit}, {value}.")
        label = f"{label} {verdict.format(limit=limit.label, value=write(limit.value, unit))}"
    ticks = {"x": {"values": nice_ticks(0.0, reach, 4), "unit": unit}}
    return Chart(
        drawing={"data": [trace], "layout": layout, "ticks": ticks},
        label=label,
        columns=(_("Part"), title),
        rows=tuple(rows),
        height=_height(BAR * len(named) + 44),
    )


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from ``low`` to ``high``, ``about`` so many, at steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [_short(index * step) for index in range(first, last + 1)]


# Months


def _months(start: date | None, count: int) -> list[date | int]:
    if start is None:
        return list(range(1, count + 1))
    first = start.year * 12 + start.month - 1
    return [date((first + at) // 12, (first + at) % 12 + 1, 1) for at in range(count)]


def _month_ticks(months: Sequence[date | int]) -> list[str | int]:
    step = next((s for s in (1, 2, 3, 6, 12, 24) if len(months) <= 8 * s), 24)
    return [
        month.isoformat() if isinstance(month, date) else month
        for month in months
        if (month.year * 12 + month.month - 1 if isinstance(month, date) else month) % step == 0
    ]


# Parts of the fan


def _bands(x: list[Any], bands: Sequence[Numbers]) -> list[dict[str, Any]]:
    """Filled areas, each a lower edge and an upper one filled down to it."""
    traces = []
    for low, high, alpha in ((0, -1, 0.1), (1, -2, 0.2)) if len(bands) == len(BANDS) else ():
        edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
        traces.append({**edge, "y": _shorts(bands[low])})
        traces.append({**edge, "y": _shorts(bands[high]), "fill": "tonexty", "fillcolor": f"tok:--s1/{alpha}"})
    return traces


def _line(x: list[Any], series: Series, names: list[str], unit: str, write: Write, token: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _plain(series.label),
        "x": x,
        "y": _shorts(series.median),
        "line": {"width": 2, "color": f"tok:{token}"},
        "hoverinfo": "text",
        "hovertext": [
            f"{_plain(series.label)}, {name}: {write(v, unit)}" for name, v in zip(names, series.median, strict=True)
        ],
    }


def _end_labels(x: Any, series: Sequence[Series]) -> list[dict[str, Any]]:
    """Names at the right end: of the percentiles of a single fan, of the lines where there are several."""
    if len(series) > 1:
        ends = [(each.label, each.median[-1]) for each in series]
    elif len(series[0].bands) == len(BANDS):
        ends = [(name, series[0].bands[at][-1]) for name, at in (("P95", -1), ("P50", 2), ("P5", 0))]
    else:
        return []
    font = {"size": 11, "color": "tok:--ink-2"}
    place = {"xanchor": "left", "xshift": 4, "showarrow": False, "font": font}
    return [{"x": x, "y": _short(value), "text": _plain(name), **place} for name, value in ends]


def _extent(series: Sequence[Series]) -> tuple[float, float]:
    values = [value for each in series[:1] for band in each.bands for value in band]
    values += [value for each in series[1:] for value in each.median]
    return min(0.0, *values), max(0.0, *values)


def _fan_label(title: str, series: Series, names: list[str], unit: str, write: Write) -> str:
    first, last = series.median[0], series.median[-1]
    said = _("{title} goes from {first} in {start} to {last} in {end}.").format(
        title=title, first=write(first, unit), start=names[0], last=write(last, unit), end=names[-1]
    )
    if len(series.bands) == len(BANDS):
        band = _("Nine times in ten it ends between {low} and {high}.")
        said += " " + band.format(low=write(series.bands[0][-1], unit), high=write(series.bands[-1][-1], unit))
    crossing = next((at for at, value in enumerate(series.median) if value < 0), None)
    if first >= 0 and crossing is not None:
        said += " " + _("It falls below zero in {month}.").format(month=names[crossing])
    return said


def _fan_columns(series: Sequence[Series]) -> tuple[str, ...]:
    if len(series) > 1:
        return (_("Month"), *(each.label for each in series))
    return (_("Month"), *(BANDS if len(series[0].bands) == len(BANDS) else (series[0].label,)))


def _fan_row(name: str, at: int, series: Sequence[Series], unit: str, write: Write) -> tuple[str, ...]:
    values = [each.median[at] for each in series] if len(series) > 1 else [band[at] for band in series[0].bands]
    return (name, *(write(value, unit) for value in values))


# Small things


def _limit_line(limit: Bar) -> dict[str, Any]:
    at = {"x": _short(limit.value), "yref": "paper"}
    line = {"color": "tok:--ink", "width": 1, "dash": "dot"}
    return {
        "shapes": [{"type": "line", "x0": at["x"], "x1": at["x"], "y0": 0, "y1": 1, "yref": "paper", "line": line}],
        "annotations": [
            {**at, "y": 1, "xanchor": "right", "yanchor": "bottom", "text": _plain(limit.label), "showarrow": False}
        ],
    }


def _sign_colour(value: float) -> str:
    return "tok:--down" if value < 0 else "tok:--up"


def _plain(text: str) -> str:
    """Plotly reads some HTML in labels; a name is not meant as such."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _height(wanted: float) -> int:
    return next((height for height in HEIGHTS if height >= wanted), HEIGHTS[-1])


def _short(value: float) -> float:
    """Five digits are more than a screen shows."""
    return float(f"{value:.5g}")


def _place(value: float, unit: str) -> float | str:
    """Where a value stands on an axis: a calendar month on one of dates."""
    return from_month(value).isoformat() if unit == "month" else _short(value)


def _shorts(values: Numbers) -> list[float]:
    return [_short(value) for value in values]
