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

from portal.charts import (
    BANDS,
    Bar,
    Chart,
    Cluster,
    Dots,
    Grid,
    Line,
    Point,
    Series,
    against,
    areas,
    bars,
    fan,
    histogram,
    lines,
    months,
    nice_ticks,
    parts,
    places,
    scatter,
    surface,
    tornado,
)  # fmt: skip
from portal.charts.bars import MOST_PLACES
from portal.charts.shapes import log_ticks
from portal.derive.wording import figure
from portal.planning.calendar import to_month

CASH = Series("Cash", [[100 + 40 * band - 90 * month for month in range(30)] for band in range(5)])


def checked(chart: Chart) -> Chart:
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

    def coloured(value: Any) -> Any:
        return [coloured(each) for each in value] if isinstance(value, list) else colour(value)

    return {name: coloured(value) for name, value in found.items()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_a_fan_shows_bands_and_says_when_it_falls_below_zero() -> None:
    chart = checked(fan([CASH], unit="USD", along=months(date(2027, 11, 1), 30, figure), title="Cash", write=figure))
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
    chart = checked(fan([CASH, other], unit="USD", along=months(None, 30, figure), title="Cash", write=figure))
    assert len(chart.drawing["data"]) == 6
    assert chart.columns == ("Month", "Cash", "Lean <b>")
    assert chart.rows[0] == ("1", "$180", "$5")
    assert not any("<b>" in text for text in _strings(chart.drawing))


def test_a_certain_fan_is_one_line() -> None:
    chart = checked(
        fan([Series("Cash", [[3.0, 2.0]])], unit="USD", along=months(None, 2, figure), title="Cash", write=figure)
    )
    assert len(chart.drawing["data"]) == 1
    assert chart.columns == ("Month", "Cash")
    assert "Nine times" not in chart.label


def test_a_tornado_shows_the_strongest_and_lists_all() -> None:
    bars = [Bar(f"Input {i}", (0.9 - i / 10) * (-1) ** i, f"f_{i}") for i in range(10)]
    chart = checked(tornado(bars, write=figure))
    trace = chart.drawing["data"][0]
    assert trace["x"] == [0.9, -0.8, 0.7, -0.6, 0.5, -0.4, 0.3, -0.2]
    assert trace["text"][:2] == ["+0.9", "−0.8"]
    assert trace["marker"]["color"][:2] == ["tok:--up", "tok:--down"]
    assert len(chart.rows) == len(chart.targets) == 10
    assert chart.label == "Input 0 moves it most, with a rank correlation of +0.9."


def test_what_chance_alone_would_give_is_listed_not_drawn() -> None:
    chart = checked(tornado([Bar("A", 0.6), Bar("B", 0.02), Bar("C", -0.01)], least=0.026, write=figure))
    assert chart.drawing["data"][0]["x"] == [0.6]
    assert [row[0] for row in chart.rows] == ["A", "B", "C"]


def test_a_tornado_breaks_long_names_and_keeps_them_apart() -> None:
    long = [Bar(f"A table of rows that has a long name <b>: Field {at}", 0.5 - at / 10) for at in range(2)]
    chart = checked(tornado(long, write=figure))
    first, second = chart.drawing["data"][0]["y"]
    assert first == "A table of rows that<br>has a long name &lt;b>:<br>Field 0"
    assert first != second
    assert chart.rows[0][0] == long[0].label


def test_a_tornado_of_nothing() -> None:
    assert checked(tornado([], write=figure)).label == "Nothing is uncertain here."
    assert checked(tornado([Bar("A", 0.0)], write=figure)).rows == (("A", "0"),)


def test_a_histogram_has_the_colour_of_a_loss_below_zero() -> None:
    chart = checked(
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
    chart = checked(
        histogram([start, start + 6, start + 12], [1, 1], total=2, unit="month", title="End",
                  quantiles=[start, start + 6, start + 12], write=figure)
    )  # fmt: skip
    assert chart.drawing["data"][0]["x"] == ["2028-04-01", "2028-10-01"]


def test_a_histogram_without_finite_draws() -> None:
    chart = checked(
        histogram([], [], total=5, unit="months", title="Runway", quantiles=[math.inf] * 3, write=figure,
                  besides=[("Never", 5)])
    )  # fmt: skip
    assert chart.rows == (("Never", "100%"),)


def test_parts_add_up_and_meet_their_limit() -> None:
    bars = [Bar("Weights", 14.0), Bar("Optimizer", 56.0), Bar("Activations", 20.0)]
    chart = checked(parts(bars, unit="GiB", title="Memory", limit=Bar("Memory of a device", 80.0), write=figure))
    trace = chart.drawing["data"][0]
    assert trace["base"] == [0, 14, 70, 0]
    assert trace["x"] == [14, 56, 20, 90]
    assert trace["marker"]["color"][-1] == "tok:--down"
    assert chart.rows[-2:] == (("Together", "90 GiB"), ("Memory of a device", "80 GiB"))
    assert chart.label.startswith("Memory: 90 GiB together; the largest part is Optimizer, 56 GiB. More than")
    assert "Within" in parts(bars, unit="GiB", title="M", limit=Bar("Limit", 91.0), write=figure).label
    checked(parts([Bar("Nothing", 0.0)], unit="USD", title="M", limit=None, write=figure))


YEARS = places("Year", [2027, 2028], "year", figure)
NAMES = places("Attribute", ["Price", "Speed & ease"], "", figure)


def test_numbers_that_stand_close_are_not_all_written() -> None:
    axis = places("Requests at once", [1, 4, 16, 64, 256], "", figure)
    assert axis.ticks == (1.0, 64.0, 256.0)
    assert axis.values == (1.0, 4.0, 16.0, 64.0, 256.0)


def test_places_are_numbers_or_names() -> None:
    assert (YEARS.kind, YEARS.names, YEARS.layout) == ("linear", ("2027", "2028"), {})
    assert (NAMES.kind, NAMES.names, NAMES.drawn_ticks) == ("category", ("Price", "Speed & ease"), {})
    assert NAMES.values == ("Price", "Speed &amp; ease")
    # Rows of one name are two places, also where only the cut names are the same.
    assert len(set(places("Row", ["A", "A", "x" * 50, "x" * 60], "", figure).values)) == 4


def test_bars_are_ordered_and_end_with_their_figures() -> None:
    shown = [
        Bar("Low", -2.0, low=-3.0, high=-1.0),
        Bar("High", 5.0, low=4.0, high=8.0),
        Bar("Sure", 1.0, low=1.0, high=1.0),
    ]
    chart = checked(bars(shown, unit="USD", title="Gain", along="Segments", write=figure, ordered=True))
    drawn, words = chart.drawing["data"]
    assert drawn["x"] == [5, 1, -2]
    assert drawn["error_x"]["array"] == [3, 0, 1]
    assert drawn["error_x"]["arrayminus"] == [1, 0, 1]
    assert words["x"] == [8, 1, -3]
    assert words["textposition"][2] == "middle left"
    assert chart.columns == ("Segments", "Gain", "P5", "P95")
    assert chart.rows[2] == ("Low", "−$2", "−$3", "−$1")
    assert chart.label == "Gain: High has the most, $5; Low the least, −$2."
    plain = checked(bars([Bar("A", 1.0)], unit="", title="T", along="Rows", write=figure))
    assert "error_x" not in plain.drawing["data"][0]
    assert checked(bars([], unit="", title="T", along="Rows", write=figure)).label == "T: no values."


def test_bars_that_are_too_many_are_in_the_table() -> None:
    chart = checked(bars([Bar(f"Row {i}", i) for i in range(50)], unit="", title="T", along="R", write=figure))
    assert len(chart.drawing["data"][0]["x"]) == MOST_PLACES
    assert len(chart.rows) == 50


def test_bars_of_what_never_comes_leave_a_gap() -> None:
    chart = checked(bars([Bar("A", math.inf, low=2.0, high=math.inf)], unit="", title="T", along="R", write=figure))
    assert chart.drawing["data"][0]["x"] == [None]
    assert chart.rows[0][1] == "never"


def test_lines_are_told_apart_without_colour_and_named_in_a_legend() -> None:
    shown = [Line(f"Line {i}", [1.0 + i, 10.0 + i]) for i in range(6)]
    dots = [Dots("Points", [2027.2, 2027.8], [3.0, 4.0])]
    chart = checked(lines(shown, unit="USD", along=YEARS, title="Cost", write=figure, dots=dots, log=True))
    *drawn, points = chart.drawing["data"]
    assert len({(trace["line"]["color"], trace["line"]["dash"]) for trace in drawn}) == 6
    assert drawn[5]["line"]["color"] == "tok:--ink-2"
    assert (points["mode"], points["x"]) == ("markers", [2027.2, 2027.8])
    assert chart.drawing["layout"]["showlegend"] is True
    assert chart.drawing["layout"]["yaxis"] == {"type": "log"}
    assert chart.columns == ("Year", *(line.label for line in shown))
    assert chart.label.startswith("Cost. Line 0: from $1 to $10. Line 1:")


def test_areas_stand_upon_one_another_up_to_the_whole() -> None:
    shown = [Line(f"Layer {i}", [1.0 + i, 2.0]) for i in range(7)]
    chart = checked(areas(shown, unit="USD", along=YEARS, title="Parts", write=figure))
    traces = chart.drawing["data"]
    assert {trace["stackgroup"] for trace in traces} == {"all"}
    assert len({trace["fillcolor"] for trace in traces}) == 7
    assert chart.drawing["layout"]["yaxis"] == {"range": [0, 28]}
    assert chart.drawing["layout"]["legend"]["traceorder"] == "normal"  # from left to right as from below upwards
    assert chart.drawing["ticks"]["y"]["values"][-1] <= 28
    assert chart.rows[1] == ("2028", *["$2"] * 7)
    assert chart.label.startswith("Parts. Layer 0: from $1 to $2.")
    single = checked(areas([Line("All", [3.0])], unit="", along=places("Day", [24_300.0], "month", figure), title="T",
                           write=figure))  # fmt: skip
    assert single.drawing["data"][0]["marker"]["size"] == 6
    assert checked(areas([], unit="", along=YEARS, title="T", write=figure)).label == "T: no values."


def test_days_of_an_axis_stand_on_a_calendar() -> None:
    ends = [to_month(date(2026, month, 28)) for month in range(1, 8)]
    axis = places("End of month", ends, "month", figure)
    assert (axis.kind, axis.values[0], axis.names[0]) == ("date", "2026-01-28", "Jan 2026")
    assert axis.ticks == tuple(f"2026-{month:02}-01" for month in range(2, 8))
    assert places("Day", ends[:1], "month", figure).ticks == ("2026-01-28",)


def test_a_logarithm_needs_values_above_zero() -> None:
    chart = checked(lines([Line("A", [0.0, 1.0])], unit="", along=YEARS, title="T", write=figure, log=True))
    assert "type" not in chart.drawing["layout"]["yaxis"]


def test_a_value_curve_has_names_below() -> None:
    chart = checked(lines([Line("Us", [3.0, 5.0])], unit="points", along=NAMES, title="Curve", write=figure))
    assert chart.drawing["data"][0]["mode"] == "lines+markers"
    assert chart.drawing["layout"]["xaxis"] == {"type": "category"}
    assert "x" not in chart.drawing["ticks"]
    assert chart.label == "Curve. Us: highest at Speed & ease, 5 points."


def _map(points: list[Point], **rest: Any) -> Chart:
    given = {"axes": ("First", "Second"), "units": ("", ""), "along": "Firms", "title": "Map", "write": figure, **rest}
    return checked(scatter(points, **given))


def test_a_map_has_one_scale_and_arrows_that_fit() -> None:
    arrows = [Point("Price", 0.01, 0.0), Point("Speed", 0.0, -0.005)]
    chart = _map([Point("Us", 3.0, 4.0), Point("Them <b>", -1.0, 0.0)], arrows=arrows, arrows_along="Attributes")
    layout = chart.drawing["layout"]
    assert layout["yaxis"]["scaleanchor"] == "x"
    assert [(note["x"], note["y"]) for note in layout["annotations"]] == [(4.5, 0), (0, -2.25)]
    assert chart.rows[2] == ("Price", "0.01", "0")
    assert chart.columns == ("Firms, Attributes", "First", "Second")
    assert not any("<b>" in text for text in _strings(chart.drawing))
    assert "Us is farthest to the right" in chart.label


def test_a_map_of_two_units_has_a_scale_for_each() -> None:
    chart = _map([Point("A", 5.0, 0.2), Point("B", 6.0, 0.4)], units=("points", "%"))
    assert "scaleanchor" not in chart.drawing["layout"]["yaxis"]
    assert chart.drawing["ticks"]["y"]["unit"] == "%"
    assert chart.drawing["layout"]["xaxis"]["range"][0] > 4
    assert _map([]).rows == ()


def test_names_on_a_map_keep_apart_where_they_can() -> None:
    chart = _map([Point("Neighbour", 1.0, 1.0), Point("Neighbour", 1.02, 1.0), Point("Far", -1.0, -1.0)])
    sides = chart.drawing["data"][0]["textposition"]
    assert sides[0] != sides[1]


def test_a_surface_shows_its_heights_and_a_way() -> None:
    ticks = [-1.0, 0.0, 1.0]
    axis = places("Weight", ticks, "", figure)
    grid = Grid(axis, axis, [[x * x + y * y for x in ticks] for y in ticks])
    chart = checked(surface(grid, unit="", title="Loss", write=figure, path=([0.9, 5.0, 0.1], [0.9, 0.0, 0.1])))
    contour, way, ends = chart.drawing["data"]
    assert contour["z"][0] == [2, 1, 2]
    assert way["x"] == [0.9, 5, 0.1]
    assert chart.drawing["layout"]["xaxis"]["range"] == [-1, 1]  # what leaves the grid does not shrink it
    assert ends["x"] == [0.9, 0.1]
    assert chart.columns == ("Weight ↓ Weight →", "−1", "0", "1")
    assert chart.rows[1] == ("0", "1", "0", "1")
    assert chart.label == ("Loss: lowest, 0, at 0 across and 0 up. The way leads from 0.9, 0.9 to 0.1, 0.1 in 2 steps.")


def test_a_steep_surface_is_told_apart_by_its_logarithm() -> None:
    axis = places("Weight", [0.0, 1.0], "", figure)
    chart = checked(surface(Grid(axis, axis, [[1.0, 1e6], [10.0, math.inf]]), unit="", title="Loss", write=figure))
    assert chart.drawing["data"][0]["z"] == [[0, 6], [1, None]]
    assert chart.rows[0] == ("0", "1", "1M")


@settings(deadline=None)
@given(st.floats(1e-12, 1e12), st.floats(1.0001, 1e12))
def test_logarithmic_ticks_are_within_and_rise(low: float, factor: float) -> None:
    ticks = log_ticks(low, low * factor)
    assert 1 <= len(ticks) <= 12
    assert ticks == sorted(ticks)
    assert all(low * 0.999 <= tick <= low * factor * 1.001 for tick in ticks)


@settings(deadline=None)
@given(st.floats(-1e15, 1e15), st.floats(1e-3, 1e15))
def test_ticks_are_few_even_steps_within_the_span(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert 1 <= len(ticks) <= 8
    if len(ticks) > 2 and span > abs(low) * 1e-3:
        steps = [b - a for a, b in pairwise(ticks)]
        assert max(steps) == pytest.approx(min(steps), rel=1e-2)


def test_predictions_stand_about_a_diagonal_on_logarithmic_scales() -> None:
    clusters = [
        Cluster("H100", [Point("Small <b>", 1.0, 1.1), Point("Large", 100.0, 300.0)]),
        Cluster("A100", [Point("Middle", 10.0, 8.0)]),
    ]
    chart = checked(
        against(
            clusters, axes=("Measured", "Predicted"), unit="seconds", unit_name="s", along="Run", title="Steps",
            share=0.25, write=figure,
        )
    )  # fmt: skip
    band, diagonal, first, _second = chart.drawing["data"]
    assert [y / x for x, y in zip(band["x"], band["y"], strict=True)] == pytest.approx(
        [0.75, 0.75, 1.25, 1.25], rel=1e-4
    )
    assert diagonal["x"] == diagonal["y"]
    assert first["hovertext"][0].startswith("Small &lt;b><br>Measured: 1 second")
    assert first["hovertext"][1].endswith("(+200%)")
    assert chart.drawing["layout"]["xaxis"]["type"] == "log"
    assert chart.drawing["layout"]["xaxis"]["title"]["text"] == "Measured (s)"
    assert len(chart.rows) == 3
    assert chart.label == (
        "Steps: 66.7% of 3 lie within 25% of what was measured. Large lies farthest off: 300 seconds predicted, "
        "100 seconds measured."
    )
    assert checked(
        against([], axes=("x", "y"), unit="", unit_name="", along="", title="None", share=0.25, write=figure)
    ).label == "None: no values."  # fmt: skip
