"""Horizontal bars: what moves an output, parts of a sum, and one value for each place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.charts.shapes import (
    Bar,
    Chart,
    Write,
    drawn,
    extent,
    five_digits,
    height_of,
    in_lines,
    nice_ticks,
    plain,
    shortened,
    sign_colour,
)  # fmt: skip

BAR = 34  # pixels of a horizontal bar with its gap
MOST_BARS = 8  # of a tornado
NARROWEST, LETTER = 340, 7  # pixels of a chart on a telephone or in half a column, and of a letter
MOST_PLACES = 20  # bars of places that are drawn; the table has all


def tornado(bars: Sequence[Bar], *, least: float = 0.005, write: Write) -> Chart:
    """Rank correlations from −1 to 1, strongest first; those below ``least`` are in the table alone."""
    shown = [bar for bar in bars if abs(bar.value) >= least][:MOST_BARS] or list(bars)[:1]
    words = [f"{'+' if bar.value > 0 else ''}{write(round(bar.value, 2), '')}" for bar in bars]
    reach = max((abs(bar.value) for bar in shown), default=1.0) or 1.0
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [in_lines(bar.label) for bar in shown],
        "x": [five_digits(bar.value) for bar in shown],
        "width": 0.56,
        "text": words[: len(shown)],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "none",
        "customdata": [bar.target for bar in shown],
        "marker": {"color": [sign_colour(bar.value) for bar in shown]},
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
        height=height_of(BAR * len(shown) + 12),
        targets=tuple(bar.target for bar in bars),
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
        "y": [plain(bar.label) for bar in named],
        "x": [five_digits(bar.value) for bar in named],
        "base": [five_digits(start) for start in starts],
        "width": 0.56,
        "text": words,
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
        "marker": {"color": ["tok:--s1"] * len(bars) + ["tok:--down" if over else "tok:--ink"]},
    }
    reach = max(total, limit.value if limit else 0.0, 0.0)
    room = 1 + _room(words, [bar.label for bar in named])
    layout: dict[str, Any] = {
        "margin": {"t": 16 if limit else 4, "r": 12, "b": 28, "l": 8},
        "xaxis": {"range": [min(0.0, *starts), reach * room or 1.0]},
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
    ticks = {"x": {"values": nice_ticks(0.0, reach, 3), "unit": unit}}
    return Chart(
        drawing={"data": [trace], "layout": layout, "ticks": ticks},
        label=label,
        columns=(_("Part"), title),
        rows=tuple(rows),
        height=height_of(BAR * len(named) + 44),
    )


def _limit_line(limit: Bar) -> dict[str, Any]:
    at = {"x": five_digits(limit.value), "yref": "paper"}
    line = {"color": "tok:--ink", "width": 1, "dash": "dot"}
    return {
        "shapes": [{"type": "line", "x0": at["x"], "x1": at["x"], "y0": 0, "y1": 1, "yref": "paper", "line": line}],
        "annotations": [
            {**at, "y": 1, "xanchor": "right", "yanchor": "bottom", "text": plain(limit.label), "showarrow": False}
        ],
    }


def bars(places: Sequence[Bar], *, unit: str, title: str, along: str, write: Write, ordered: bool = False) -> Chart:
    """A bar for each place, with a whisker from the 5th to the 95th percentile where it has one.

    Args:
        along: what the places are called together, such as "Segments".
        ordered: the largest first.
    """
    named = sorted(places, key=lambda bar: -bar.value) if ordered else list(places)
    shown = named[:MOST_PLACES]
    ends = [value for bar in shown for value in (bar.value, bar.low, bar.high) if value is not None]
    low, high = extent(ends, with_zero=True)
    words, labels = [write(bar.value, unit) for bar in shown], [shortened(bar.label) for bar in shown]
    room = _room(words, labels) * (high - low or 1.0)
    layout = {
        "margin": {"t": 4, "r": 12, "b": 28, "l": 8},
        "xaxis": {"range": [low - (room if low < 0 else 0), high + room], "zeroline": True},
        "yaxis": {"autorange": "reversed", "showgrid": False, "zeroline": False, "tickmode": "array",
                  "tickvals": list(range(len(shown))), "ticktext": [shortened(bar.label) for bar in shown]},
        "hovermode": "closest",
    }  # fmt: skip
    return Chart(
        drawing={
            "data": [_place_bars(shown, unit, write), _figures(shown, unit, write)],
            "layout": layout,
            "ticks": {"x": {"values": nice_ticks(low, high, 4), "unit": unit}},
        },
        label=_bars_label(named, unit, title, write),
        columns=(along, title, *((_("P5"), _("P95")) if _has_spread(named) else ())),
        rows=tuple(_bars_row(bar, _has_spread(named), unit, write) for bar in named),
        height=height_of(BAR * len(shown) + 44),
    )


def _room(words: Sequence[str], labels: Sequence[str]) -> float:
    """What figures at the ends of bars need where a chart is narrowest, as a share of the longest bar."""
    figure = LETTER * max(map(len, words), default=0)
    beside_labels = NARROWEST - LETTER * max(map(len, labels), default=0)
    return max(0.2, figure / max(beside_labels - figure, figure))


def _place_bars(shown: Sequence[Bar], unit: str, write: Write) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(shown))),
        "x": drawn([bar.value for bar in shown]),
        "width": 0.56,
        "textposition": "none",
        "hoverinfo": "text",
        "hovertext": [_hover(bar, unit, write) for bar in shown],
        "marker": {"color": "tok:--s1"},
    }
    if not _has_spread(shown):
        return trace
    arms = {
        "array": [_arm(bar.high, bar.value) for bar in shown],
        "arrayminus": [_arm(bar.value, bar.low) for bar in shown],
    }
    whiskers = {"type": "data", "symmetric": False, **arms, "color": "tok:--ink", "thickness": 1.2, "width": 4}
    return {**trace, "marker": {"color": "tok:--s1/0.55"}, "error_x": whiskers}


def _figures(shown: Sequence[Bar], unit: str, write: Write) -> dict[str, Any]:
    """The figures, beyond bar and whisker."""
    down = [bar.value < 0 for bar in shown]
    ends = [_end(bar, below) for bar, below in zip(shown, down, strict=True)]
    return {
        "type": "scatter",
        "mode": "text",
        "y": list(range(len(shown))),
        "x": drawn(ends),
        "text": [f"\u00a0{plain(write(bar.value, unit))}\u00a0" for bar in shown],
        "textposition": ["middle left" if below else "middle right" for below in down],
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _end(bar: Bar, below: bool) -> float:
    end = bar.low if below else bar.high
    return bar.value if end is None or not math.isfinite(end) else end


def _arm(upper: float | None, lower: float | None) -> float:
    if upper is None or lower is None or not (math.isfinite(upper) and math.isfinite(lower)):
        return 0.0
    return five_digits(max(upper - lower, 0.0))


def _has_spread(places: Sequence[Bar]) -> bool:
    return any(bar.low is not None and bar.low != bar.high for bar in places)


def _hover(bar: Bar, unit: str, write: Write) -> str:
    said = f"{plain(bar.label)}: {write(bar.value, unit)}"
    if bar.low is None or bar.high is None or bar.low == bar.high:
        return said
    ends = _("{low} to {high}").format(low=write(bar.low, unit), high=write(bar.high, unit))
    return f"{said} ({ends})"


def _bars_row(bar: Bar, spread: bool, unit: str, write: Write) -> tuple[str, ...]:
    ends = (bar.value if bar.low is None else bar.low, bar.value if bar.high is None else bar.high)
    return (bar.label, write(bar.value, unit), *((write(end, unit) for end in ends) if spread else ()))


def _bars_label(named: Sequence[Bar], unit: str, title: str, write: Write) -> str:
    if not named:
        return _("{title}: no values.").format(title=title)
    most, least = max(named, key=lambda bar: bar.value), min(named, key=lambda bar: bar.value)
    said = _("{title}: {most} has the most, {high}; {least} the least, {low}.")
    return said.format(title=title, most=most.label, high=write(most.value, unit), least=least.label,
                       low=write(least.value, unit))  # fmt: skip
