"""The market size calculator against worked cases, against itself, and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import Range
from portal.planning.calculators.market_size import CALCULATOR, NOBODY, ONE
from portal.planning.engine import Outcome, evaluate, report, simulate
from portal.planning.market import size_words as words
from portal.planning.market.sizing import bass
from portal.planning.wording import say

# Bass (1969), Management Science 15(5): p and q of eleven durables, with the years to the peak of sales that he prints
# to one decimal for nine of them.
BASS_1969 = {
    "refrigerators": (0.0026167, 0.21566, None), "home freezers": (0.018119, 0.1711, None),
    "black-and-white television": (0.027877, 0.25105, 7.8), "water softeners": (0.017703, 0.29695, 8.9),
    "room air conditioners": (0.010399, 0.41861, 8.6), "clothes dryers": (0.017206, 0.35688, 8.1),
    "power lawnmowers": (0.0091837, 0.3379, 10.3), "electric bed coverings": (0.005876, 0.24387, 14.9),
    "coffee makers": (0.017135, 0.30145, 9.0), "steam irons": (0.028632, 0.32791, 6.8),
    "record players": (0.024796, 0.6541, 4.8),
}  # fmt: skip


# A plan of which only what a case states is not nothing, at once.
PLAIN = {**NOBODY, "ramp": "at_once", "ramp_years": 1, "total_spending": 0, "relevant_share": 0}


def segment(**given: Any) -> dict[str, Any]:
    return {**ONE, "accounts": 1_000, "price": 100, **given}


def read(*segments: dict[str, Any], **given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, {**PLAIN, "horizon": 4, "segments": list(segments), **given})


def outputs(*segments: dict[str, Any], **given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(*segments, **given)).outputs)


def outcome(*segments: dict[str, Any], **given: Any) -> Outcome:
    return simulate(CALCULATOR, read(*segments, **given), draws=2_000, seed=1)


def warnings(*segments: dict[str, Any], **given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(*segments, **given)).notices]


# Bottom-up


def test_three_markets_are_accounts_times_adoption_times_units_times_price_then_two_shares() -> None:
    found = outputs(
        segment(accounts=200, adoption="50%", units=10, price=1_000, reachable="40%", obtainable="25%"),
        segment(accounts=5_000, adoption="20%", units=2, price=300, reachable="100%", obtainable="1%"),
    )
    assert found["tam_by_segment"] == pytest.approx([1e6, 600_000])
    assert found["sam_by_segment"] == pytest.approx([400_000, 600_000])
    assert found["som_by_segment"] == pytest.approx([100_000, 6_000])
    assert (found["tam"], found["sam"], found["som"]) == pytest.approx((1.6e6, 1e6, 106_000))
    assert found["accounts_to_win"] == pytest.approx(200 * 0.5 * 0.4 * 0.25 + 5_000 * 0.2 * 0.01)
    assert found["largest_share"] == pytest.approx(100 / 106)


def test_each_segment_grows_at_its_own_rate() -> None:
    found = outputs(segment(growth="20%"), segment(growth="-10%"), horizon=3)
    path = [100_000 * (1.2**year + 0.9**year) for year in range(4)]
    assert found["tam_by_year"] == pytest.approx(path)
    assert found["som_by_segment_and_year"] == [
        pytest.approx([100_000 * 1.2**year for year in range(4)]),
        pytest.approx([100_000 * 0.9**year for year in range(4)]),
    ]
    assert found["market_growth"] == pytest.approx((path[-1] / path[0]) ** (1 / 3) - 1)


amounts = st.floats(0, 1e6)
shares = st.floats(0, 1)
segments = st.fixed_dictionaries(
    {
        "accounts": amounts, "adoption": shares, "units": st.floats(0, 1e3), "price": st.floats(0, 1e5),
        "growth": st.floats(-0.9, 2), "reachable": shares, "obtainable": shares,
    }
)  # fmt: skip
ramps = st.fixed_dictionaries(
    {
        "ramp": st.sampled_from(["at_once", "evenly", "bass"]), "ramp_years": st.floats(0.1, 50),
        "innovation": st.floats(0.0001, 1), "imitation": st.floats(0, 5), "horizon": st.integers(1, 15),
    }
)  # fmt: skip


@given(rows=st.lists(segments, min_size=1, max_size=4), ramp=ramps)
@settings(max_examples=60, deadline=None)
def test_each_market_is_within_the_one_around_it_in_every_year_and_segments_add_up(rows: Any, ramp: Any) -> None:
    found = outputs(*rows, **ramp)
    for around, within in (("tam", "sam"), ("sam", "som")):
        for place in ("by_year", "by_segment"):
            outer, inner = np.array(found[f"{around}_{place}"]), np.array(found[f"{within}_{place}"])
            assert (inner <= outer * (1 + 1e-9)).all()
    assert sum(found["som_by_segment"]) == pytest.approx(found["som"])
    assert np.sum(found["som_by_segment_and_year"], axis=0) == pytest.approx(np.array(found["som_by_year"]))
    assert (np.array(found["som_by_year"]) <= np.array(found["full_som_by_year"]) * (1 + 1e-9)).all()
    assert found["full_som_by_year"][0] == pytest.approx(found["som"])
    assert len(found["som_by_year"]) == ramp["horizon"] + 1
    assert 0 <= found["reached"] <= 1 + 1e-12


@given(rows=st.lists(segments, min_size=1, max_size=3), times=st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_a_price_that_is_some_times_higher_makes_every_market_so_many_times_larger(rows: Any, times: float) -> None:
    dearer = [{**row, "price": row["price"] * times} for row in rows]
    before, after = outputs(*rows), outputs(*dearer)
    for name in ("tam", "sam", "som", "som_at_horizon", "tam_at_horizon"):
        assert after[name] == pytest.approx(before[name] * times)
    assert after["accounts_to_win"] == pytest.approx(before["accounts_to_win"])


# Reaching the share


def test_at_once_evenly_and_as_an_innovation_spreads() -> None:
    at_once = outputs(segment(), ramp="at_once")["som_by_year"]
    evenly = outputs(segment(), ramp="evenly", ramp_years=2.5)["som_by_year"]
    assert at_once == pytest.approx([100_000] * 5)
    assert evenly == pytest.approx([0, 40_000, 80_000, 100_000, 100_000])
    spread = outputs(segment(), ramp="bass", innovation=0.03, imitation=0.38, horizon=15)["som_by_year"]
    assert spread[0] == 0
    assert np.diff(spread).argmax() == 6  # the peak of those who come in a year is after ln(q/p) ÷ (p + q) = 6.19
    assert spread[-1] > 90_000


@pytest.mark.parametrize("product", BASS_1969)
def test_bass_solves_his_differential_equation(product: str) -> None:
    p, q, _ = BASS_1969[product]
    years = np.arange(26.0)
    solved = solve_ivp(lambda t, f: (p + q * f) * (1 - f), (0, 25), [0.0], t_eval=years, rtol=1e-10, atol=1e-12)
    assert bass(np.array([p]), np.array([q]), years[:, None])[:, 0] == pytest.approx(solved.y[0], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("product", [name for name, (_, _, peak) in BASS_1969.items() if peak])
def test_bass_peaks_where_he_prints_it(product: str) -> None:
    p, q, printed = BASS_1969[product]
    assert printed is not None
    years = np.linspace(0, 30, 300_001)
    rate = np.diff(bass(np.array([p]), np.array([q]), years[:, None])[:, 0])
    peak = years[rate.argmax()]
    assert math.floor(peak * 10) / 10 == printed  # he cuts off the second decimal
    assert bass(np.array([p]), np.array([q]), np.array([[peak]]))[0, 0] == pytest.approx((1 - p / q) / 2, abs=1e-4)


def test_without_imitation_innovation_is_a_constant_rate() -> None:
    found = bass(np.array([0.2]), np.array([0.0]), np.arange(5.0)[:, None])[:, 0]
    assert found == pytest.approx(1 - np.exp(-0.2 * np.arange(5)))


# Top-down


def test_from_spending_and_from_people() -> None:
    spending = outputs(
        segment(), top_down="spending", total_spending="4B", relevant_share="5%", top_reachable="50%",
        top_obtainable="2%",
    )  # fmt: skip
    assert [spending[name] for name in ("top_tam", "top_sam", "top_som")] == pytest.approx([200e6, 100e6, 2e6])
    people = outputs(segment(), top_down="people", population="2M", penetration="30%", yearly_price=150)
    assert people["top_tam"] == pytest.approx(90e6)
    assert people["tam_ratio"] == pytest.approx(100_000 / 90e6)


@pytest.mark.parametrize(
    ("above", "warned"), [(33_000, True), (34_000, False), (100_000, False), (299_000, False), (301_000, True)]
)
def test_two_estimates_more_than_three_times_apart_are_warned_of(above: float, warned: bool) -> None:
    given = {"top_down": "spending", "total_spending": above, "relevant_share": 1}
    assert (words.FAR_APART in warnings(segment(), **given)) is warned
    assert (words.OBTAINABLE_APART in warnings(segment(), **given)) is warned


def test_the_factor_is_said_whichever_way_round() -> None:
    for above in (20_000, 500_000):
        case = evaluate(CALCULATOR, read(segment(), top_down="spending", total_spending=above, relevant_share=1))
        assert "by a factor of 5 " in say(case.notices[0])


def test_without_a_market_from_above_there_is_no_ratio() -> None:
    found = outputs(segment(), population=0)
    assert found["tam_ratio"] == found["som_ratio"] == math.inf
    assert not {words.FAR_APART, words.OBTAINABLE_APART} & set(warnings(segment(), population=0))
    assert report(evaluate(CALCULATOR, read(segment())))["outputs"]["tam_ratio"]["never"] is True


def test_the_table_sets_both_side_by_side_and_the_other_names_the_sources() -> None:
    given = {"top_down": "spending", "total_spending": 400_000, "relevant_share": "50%", "top_obtainable": "25%"}
    compared, sources = evaluate(CALCULATOR, read(segment(name="A", source="Census, 2024"), **given)).tables
    assert compared.rows == (
        ("TAM", 100_000, 200_000, 0.5), ("SAM", 100_000, 200_000, 0.5), ("SOM", 100_000, 50_000, 2.0),
    )  # fmt: skip
    assert sources.rows == (("A", "Census, 2024"),)


# Ranges


def test_ranges_reach_every_output_and_the_answer() -> None:
    found = outcome(segment(accounts="900 to 1100", obtainable="2% to 8%"), ramp="evenly", ramp_years="2 to 5")
    low, middle, high = found.quantiles("som_at_horizon", (0.05, 0.5, 0.95))
    assert 0 < low < middle < high
    bands = found.fan("som_by_year", (0.05, 0.5, 0.95))
    assert bands[:, -1] == pytest.approx([low, middle, high])
    assert {bar.path for bar in found.tornado()} == {"segments.0.accounts", "segments.0.obtainable", "ramp_years"}
    assert found.tornado()[0].path == "segments.0.obtainable"
    text = say(CALCULATOR.answer(found))
    assert text.startswith("In 4 years this market can give $")
    assert "nine times in ten between" in text


def test_one_uncertain_segment_leaves_the_other_as_it_is() -> None:
    found = outcome(segment(accounts="900 to 1100"), segment(accounts=7))
    first, second = found.fan("som_by_segment", (0.05, 0.95)).T
    assert first[0] < first[1]
    assert second.tolist() == [700, 700]


def test_certain_inputs_are_answered_without_a_range() -> None:
    assert CALCULATOR.answer(outcome(segment())).text == words.GIVES


# Bad and odd input


def test_a_market_without_segments_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read())
    assert list(refused.value.problems) == ["segments"]
    assert "Add a row" in str(refused.value)


@pytest.mark.parametrize(("first", "second"), [("A", "A"), ("2", "")])
def test_two_segments_of_one_name_are_refused(first: str, second: str) -> None:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read(segment(name=first), segment(name=second)))
    assert list(refused.value.problems) == ["segments.1.name"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"adoption": "140%"}, "segments.0.adoption"), ({"obtainable": 5}, "segments.0.obtainable"),
        ({"reachable": -0.1}, "segments.0.reachable"), ({"accounts": -1}, "segments.0.accounts"),
        ({"accounts": "many"}, "segments.0.accounts"), ({"price": float("nan")}, "segments.0.price"),
        ({"growth": "-95%"}, "segments.0.growth"), ({"price": "3 to 2"}, "segments.0.price"),
        ({"seats": 3}, "segments.0.seats"),
    ],
)  # fmt: skip
def test_what_no_segment_can_be_is_refused_by_its_path(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(segment(**wrong))
    assert list(refused.value.problems) == [path]


@pytest.mark.parametrize("name", ["accounts", "adoption", "units", "price", "reachable", "obtainable"])
def test_a_segment_that_counts_nothing_is_computed_and_named(name: str) -> None:
    rows = (segment(), segment(**{name: 0}))
    assert words.COUNTS_NOTHING in warnings(*rows)
    assert outputs(*rows)["som"] == 100_000


def test_segments_of_nothing_at_all_are_computed_and_said() -> None:
    found = outcome(segment(accounts=0), segment(price=0))
    assert found.case.outputs["som_at_horizon"] == 0
    for name in ("market_growth", "largest_share", "share_of_market"):
        assert found.case.outputs[name] == math.inf, name
    assert CALCULATOR.answer(found).text == words.GIVES_NOTHING


def test_what_is_out_of_the_ordinary_is_said() -> None:
    assert words.LEANS in warnings(segment(accounts=10_000), segment())
    assert words.LEANS not in warnings(segment(), segment(price=101))
    assert words.DOMINATES in warnings(segment(obtainable="31%"))
    assert words.DOMINATES not in warnings(segment(obtainable="30%"))
    assert words.GROWS_FAR in warnings(segment(growth="150%"))
    assert words.TOO_LATE in warnings(segment(), ramp="evenly", ramp_years=9)


# What the page starts with


@pytest.mark.parametrize("preset", CALCULATOR.presets, ids=lambda preset: preset.slug)
def test_starting_points_are_ranges_with_sources_whose_two_ways_agree_within_three_times(preset: Any) -> None:
    inputs: Any = read_inputs(CALCULATOR.inputs, preset.inputs)
    for row in inputs.segments:
        assert row.name
        assert "put in your own" in row.source or any(year in row.source for year in ("2024", "2025", "2026"))
        assert any(isinstance(getattr(row, name), Range) for name in ("accounts", "adoption", "price"))
    found = simulate(CALCULATOR, inputs, draws=500, seed=1)
    assert 1 / 3 < found.quantile("tam_ratio", 0.5) < 3
    assert words.FAR_APART not in [notice.text for notice in found.case.notices]
