"""Charts: plotly.py takes every figure, the table says the same as the picture, and the sentence is true."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.charts import BANDS, Bar, Chart, Series, fan, histogram, nice_ticks, parts, tornado
from portal.derive.wording import figure
from portal.planning.calendar import to_month

CASH = Series("Cash", [[100 + 40 * band - 90 * month for month in range(30)] for band in range(5)])


def _checked(chart: Chart) -> Chart:
    """``chart``, after plotly.py has validated its figure with colours in place of their names."""
    drawing = json.loads(json.dumps(chart.drawing, allow_nan=False), object_hook=_coloured)
    assert set(drawing) <= {"data", "layout", "ticks"}
    go.Figure({"data": drawing["data"], "layout": drawing["layout"]})
    for ticks in drawing["ticks"].values():
        assert set(ticks) == {"values", "unit"}
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert chart.label.endswith(".")
    return chart


def _coloured(found: dict[str, Any]) -> dict[str, Any]:
    def colour(value: Any) -> Any:
        return "#123456" if isinstance(value, str) and value.startswith("tok:--") else value

    return {k: [colour(v) for v in value] if isinstance(value, list) else colour(value) for k, value in found.items()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_a_fan_shows_bands_and_says_when_it_falls_below_zero() -> None:
    chart = _checked(fan([CASH], unit="USD", start=date(2027, 11, 1), title="Cash", write=figure))
    low, high, inner_low, inner_high, median = chart.drawing["data"]
    assert low["y"] == CASH.bands[0]
    assert high["y"] == CASH.bands[4]
    assert (inner_low["y"], inner_high["y"]) == (CASH.bands[1], CASH.bands[3])
    assert [high["fillcolor"], inner_high["fillcolor"]] == ["tok:--s1/0.1", "tok:--s1/0.2"]
    assert median["y"] == CASH.bands[2]
    assert median["line"] == {"width": 2, "color": "tok:--s1"}
    assert chart.columns == ("Month", *BANDS)
    assert chart.rows[0] == ("Nov 2027", "$100", "$140", "$180", "$220", "$260")
    assert chart.label == (
        "Cash goes from $180 in Nov 2027 to −$2.43K in Apr 2030. Nine times in ten it ends between −$2.51K and "
        "−$2.35K. It falls below zero in Feb 2028."
    )
    assert chart.drawing["ticks"]["x"]["values"][0] == "2028-01-01"
    assert [note["text"] for note in chart.drawing["layout"]["annotations"]] == ["P95", "P50", "P5"]


def test_several_fans_are_compared_by_their_medians() -> None:
    other = Series("Lean <b>", [[5.0] * 30])
    chart = _checked(fan([CASH, other], unit="USD", start=None, title="Cash", write=figure))
    assert len(chart.drawing["data"]) == 6
    assert chart.columns == ("Month", "Cash", "Lean <b>")
    assert chart.rows[0] == ("1", "$180", "$5")
    assert not any("<b>" in text for text in _strings(chart.drawing))


def test_a_certain_fan_is_one_line() -> None:
    chart = _checked(fan([Series("Cash", [[3.0, 2.0]])], unit="USD", start=None, title="Cash", write=figure))
    assert len(chart.drawing["data"]) == 1
    assert chart.columns == ("Month", "Cash")
    assert "Nine times" not in chart.label


def test_a_tornado_shows_the_strongest_and_lists_all() -> None:
    bars = [Bar(f"Input {i}", (0.9 - i / 10) * (-1) ** i, f"f_{i}") for i in range(10)]
    chart = _checked(tornado(bars, write=figure))
    trace = chart.drawing["data"][0]
    assert trace["x"] == [0.9, -0.8, 0.7, -0.6, 0.5, -0.4, 0.3, -0.2]
    assert trace["text"][:2] == ["+0.9", "−0.8"]
    assert trace["marker"]["color"][:2] == ["tok:--up", "tok:--down"]
    assert len(chart.rows) == len(chart.targets) == 10
    assert chart.label == "Input 0 moves it most, with a rank correlation of +0.9."


def test_a_tornado_of_nothing() -> None:
    assert _checked(tornado([], write=figure)).label == "Nothing is uncertain here."
    assert _checked(tornado([Bar("A", 0.0)], write=figure)).rows == (("A", "0"),)


def test_a_histogram_has_the_colour_of_a_loss_below_zero() -> None:
    chart = _checked(
        histogram([-20, -10, 0, 10], [2, 3, 4], total=10, unit="USD", title="Cash", quantiles=[-18, 1, 9],
                  besides=[("Above", 1), ("Below", 0)], write=figure)
    )  # fmt: skip
    trace = chart.drawing["data"][0]
    assert trace["x"] == [-15, -5, 5]
    assert trace["y"] == [0.2, 0.3, 0.4]
    assert trace["marker"]["color"] == ["tok:--down", "tok:--down", "tok:--up"]
    assert chart.rows == (("−$20 to −$10", "20%"), ("−$10 to $0", "30%"), ("$0 to $10", "40%"), ("Above", "10%"))
    assert chart.label == "Cash: nine times in ten between −$18 and $9, median $1."


def test_a_histogram_of_months_has_dates_below() -> None:
    start = to_month(date(2028, 1, 1))
    chart = _checked(
        histogram([start, start + 6, start + 12], [1, 1], total=2, unit="month", title="End",
                  quantiles=[start, start + 6, start + 12], write=figure)
    )  # fmt: skip
    assert chart.drawing["data"][0]["x"] == ["2028-04-01", "2028-10-01"]


def test_a_histogram_without_finite_draws() -> None:
    chart = _checked(
        histogram([], [], total=5, unit="months", title="Runway", quantiles=[math.inf] * 3, write=figure,
                  besides=[("Never", 5)])
    )  # fmt: skip
    assert chart.rows == (("Never", "100%"),)


def test_parts_add_up_and_meet_their_limit() -> None:
    bars = [Bar("Weights", 14.0), Bar("Optimizer", 56.0), Bar("Activations", 20.0)]
    chart = _checked(parts(bars, unit="GiB", title="Memory", limit=Bar("Memory of a device", 80.0), write=figure))
    trace = chart.drawing["data"][0]
    assert trace["base"] == [0, 14, 70, 0]
    assert trace["x"] == [14, 56, 20, 90]
    assert trace["marker"]["color"][-1] == "tok:--down"
    assert chart.rows[-2:] == (("Together", "90 GiB"), ("Memory of a device", "80 GiB"))
    assert chart.label.startswith("Memory: 90 GiB together; the largest part is Optimizer, 56 GiB. More than")
    assert "Within" in parts(bars, unit="GiB", title="M", limit=Bar("Limit", 91.0), write=figure).label
    _checked(parts([Bar("Nothing", 0.0)], unit="USD", title="M", limit=None, write=figure))


@settings(deadline=None)
@given(st.floats(-1e15, 1e15), st.floats(1e-3, 1e15))
def test_ticks_are_few_even_steps_within_the_span(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert 1 <= len(ticks) <= 8
    if len(ticks) > 2 and span > abs(low) * 1e-3:
        steps = [b - a for a, b in pairwise(ticks)]
        assert max(steps) == pytest.approx(min(steps), rel=1e-2)
