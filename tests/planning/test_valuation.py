"""The valuation calculator against published sheets and sums by hand, in its identities, and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.valuation import CALCULATOR, SURE
from portal.planning.engine import Outcome, evaluate, simulate
from portal.planning.valuing import words
from portal.planning.valuing.inputs import EARLY, GROWING, IDEA, STAGES
from portal.planning.valuing.methods import END, MIDDLE, discounted, place_among, priced
from portal.planning.wording import say


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, given)


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def outcome(**given: Any) -> Outcome:
    return simulate(CALCULATOR, read(**given), draws=500, seed=1)


def warned(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        evaluate(CALCULATOR, read(**given))
    return {path: problems[0].template for path, problems in found.value.problems.items()}


# Worked cases


def test_the_three_rounds_of_the_venture_capital_sheet() -> None:
    """vcmethod.com, “Venture Capital Method (w/ Dilution)”: every figure that it prints, to its 0.16%."""
    rounds = [(1.5e6, 0, 0.5), (1e6, 2, 0.4), (1e6, 4, 0.25)]
    found = priced(rounds, 37.5e6, 5)
    near = {"rel": 1.6e-3}
    assert [float(one.final) for one in found] == pytest.approx([0.30375, 0.0731733, 0.0333333], **near)
    assert [float(one.final) * 37.5e6 for one in found] == pytest.approx([11_390_625, 2_744_000, 1_250_000], **near)
    assert [float(one.retention) for one in found] == pytest.approx([0.8935, 0.9667, 1], **near)
    assert [float(one.sold) for one in found] == pytest.approx([0.34, 0.0757, 0.0333], **near)
    assert [float(one.post) for one in found] == pytest.approx([4_412_312.76, 13_210_641.4, 3e7], **near)
    shares, issued, prices = 1e6, [], []
    for one, (amount, _, _) in zip(found, rounds, strict=True):
        issued.append(shares * float(one.sold) / (1 - float(one.sold)))
        prices.append(amount / issued[-1])
        shares += issued[-1]
    assert issued == pytest.approx([515_055, 124_077, 56_522], **near)
    assert prices == pytest.approx([2.91, 8.06, 17.69], **near)
    assert (shares, 37.5e6 / shares) == pytest.approx((1_695_653, 22.12), **near)


def test_typed_dilution_as_oconnell_works_it_out() -> None:
    """5M for 10.76% at the exit, of which 30% is diluted until then: 15.37% now."""
    (now,) = priced([(5e6, 0, 0.0)], 46.48e6, 1, 0.7)
    assert (float(now.final), float(now.sold)) == pytest.approx((0.1076, 0.1537), rel=1e-3)


def test_first_chicago_by_hand() -> None:
    """10% of 100M, 40% of 20M, half of nothing: 18M, of which 80% is kept, at 25% over two years."""
    rows = [{"probability": p, "exit_value": v} for p, v in ((0.1, 1e8), (0.4, 2e7), (0.5, 0))]
    found = outputs(**{**SURE, "further_dilution": 0.2}, scenarios=rows, chicago_return=0.25, exit_years=2,
                    investment=1e6)  # fmt: skip
    assert found["expected_exit"] == pytest.approx(1.8e7)
    assert found["chicago"] == pytest.approx(1.8e7 * 0.8 / 1.5625 - 1e6)
    assert found["scenario_value"] == pytest.approx([1e8 * 0.512, 2e7 * 0.512, 0])


@pytest.mark.parametrize("timing", [END, MIDDLE])
def test_growth_for_ever_is_what_a_long_forecast_comes_to(timing: str) -> None:
    short = discounted([100.0, 110], 0.12, timing, growth=0.03)
    long = discounted(np.concatenate([[100, 110], 110 * 1.03 ** np.arange(1, 600)]), 0.12, timing, exit_value=0.0)
    assert short.explicit + short.terminal == pytest.approx(float(long.explicit))


def test_an_exit_value_is_discounted_from_the_end_of_the_last_year() -> None:
    for timing in (END, MIDDLE):
        assert discounted([0.0, 0], 0.1, timing, exit_value=121.0).terminal == pytest.approx(100)


def test_growth_at_the_rate_has_no_finite_worth() -> None:
    found = discounted([1.0], np.array([0.05, 0.03, 0.04]), END, growth=np.array([0.03, 0.03, 0.05]))
    assert np.isfinite(found.terminal).tolist() == [True, False, False]


# Identities


@settings(max_examples=100, deadline=None)
@given(
    st.floats(1e4, 1e7), st.floats(0, 2), st.floats(1e8, 1e10), st.integers(3, 10),
    st.lists(st.tuples(st.floats(1e4, 1e7), st.sampled_from([1, 2]), st.floats(0, 0.6)), max_size=3), st.floats(0.1, 1),
)  # fmt: skip
def test_investors_get_the_return_that_they_need(
    amount: float, required: float, exit_value: float, years: int, later: list[Any], kept: float
) -> None:
    found = priced([(amount, 0, required), *sorted(later, key=lambda one: one[1])], exit_value, years, kept)
    now = found[0]
    if now.retention <= 0:
        return
    back = float(now.sold * now.retention) * exit_value
    assert back == pytest.approx(amount * (1 + required) ** years, rel=1e-9)
    assert float(now.post) == pytest.approx(amount / float(now.sold), rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=9), st.floats(0, 1))
def test_a_place_among_multiples_is_a_quantile(multiples: list[float], share: float) -> None:
    assert place_among(multiples, share) == pytest.approx(np.quantile(multiples, share), rel=1e-9, abs=1e-9)
    both = place_among(np.array([multiples, multiples]).T, np.array([share, 1.0]))
    assert both == pytest.approx([np.quantile(multiples, share), max(multiples)], rel=1e-9, abs=1e-9)


def test_later_rounds_stand_in_the_order_of_their_rows() -> None:
    early = {"name": "A", "year": 2, "amount": 6e6, "required": 0.4}
    late = {"name": "B", "year": 4, "amount": 9e6, "required": 0.3}
    one, other = outputs(later_rounds=[early, late]), outputs(later_rounds=[late, early])
    assert one["vc"] == other["vc"]
    assert one["later_pre"] == other["later_pre"][::-1]


def test_every_method_is_a_range_at_the_start() -> None:
    for preset in CALCULATOR.presets:
        low, high = outcome(**preset.inputs).fan("value_by_method", (0.05, 0.95))
        assert (high > low).all(), preset.slug


# What applies


@pytest.mark.parametrize(
    ("stage", "methods"),
    [
        (IDEA, ["vc", "chicago", "scorecard", "berkus"]),
        (EARLY, ["vc", "chicago", "comparables"]),
        (GROWING, ["vc", "chicago", "comparables", "dcf"]),
    ],
)
def test_methods_of_a_stage(stage: str, methods: list[str]) -> None:
    case = evaluate(CALCULATOR, read(stage=stage))
    assert words.applying(case.inputs) == methods
    assert case.outputs["value_by_method"] == [case.outputs[name] for name in methods]
    assert case.outputs["lowest"] == min(case.outputs[name] for name in methods)
    (table,) = case.tables
    said = {name: row[2] for name, row in zip(words.METHODS, table.rows, strict=True)}
    assert {name for name, why in said.items() if why == words.APPLIES[name]} == set(methods)
    assert all(said[name] == words.DOES_NOT_APPLY[name] for name in set(said) - set(methods))
    assert all(text in CALCULATOR.sentences for row in table.rows for text in row[2:])


def test_nobody_to_compare_with() -> None:
    case = evaluate(CALCULATOR, read(stage=EARLY, compared=[]))
    assert "comparables" not in words.applying(case.inputs)
    assert math.isinf(case.outputs["multiple_median"])
    assert words.NOBODY_COMPARED in [row[2] for row in case.tables[0].rows]


def test_the_list_of_stages_is_the_one_that_methods_know() -> None:
    assert {stage for stages in words.STAGES_OF.values() for stage in stages} == set(STAGES)
    assert set(words.METHODS) == set(words.STAGES_OF) == set(words.RESTS_ON) == set(words.APPLIES)


# In words


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"exit_years": 4}, "later_rounds.1.year", words.LATER_THAN_EXIT),
        ({"scenarios": [{"probability": 0.5}, {"probability": 0.4}]}, "scenarios", words.NOT_CERTAIN),
        ({"scenarios": []}, "scenarios", words.NOT_CERTAIN),
        ({"factors": [{"weight": 0.5}, {"weight": 0.6}]}, "factors", words.NOT_WHOLE),
        ({"prototype": "100k to 600k"}, "prototype", words.ABOVE_MOST),
        ({"berkus_most": 400_000, "team": 100_000, "relationships": 0}, "sound_idea", words.ABOVE_MOST),
        ({"stage": EARLY, "figure_now": 0}, "figure_now", words.NO_FIGURE),
        ({"forecast": []}, "forecast", words.NO_FORECAST),
        ({"wacc": 0.05, "terminal_growth": 0.05}, "terminal_growth", words.GROWS_AS_RATE),
        ({"wacc": "10% to 20%", "terminal_growth": "2% to 12%"}, "terminal_growth", words.GROWS_AS_RATE),
        ({"forecast": [{"cash_flow": 5}, {"cash_flow": -1}]}, "forecast.1.cash_flow", words.LAST_NEGATIVE),
    ],
)
def test_contradictions_are_refused_by_name(given: dict[str, Any], path: str, text: str) -> None:
    found = refused(**given)
    assert found[path] == text
    assert set(found) <= {path, "prototype"}  # 400,000 is above the most for another element too


def test_a_refused_growth_says_what_would_work() -> None:
    with pytest.raises(Invalid, match="Type at most 3%, which is what an economy may grow by"):
        evaluate(CALCULATOR, read(wacc=0.12, terminal_growth=0.15))
    with pytest.raises(Invalid, match="Type at most 1%"):
        evaluate(CALCULATOR, read(wacc=0.02, terminal_growth=0.02))
    multiple = outputs(stage=GROWING, wacc=0.02, terminal="multiple", terminal_growth=0.5)
    assert math.isfinite(multiple["dcf"])


@pytest.mark.parametrize(
    "name", ["investment", "exit_figure", "exit_multiple", "required_return", "figure_now", "team"]
)
def test_what_is_below_zero_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="Wanted at least"):
        read(**{name: -1})


def test_warnings() -> None:
    calm = {"stage": EARLY, "compared": [{"multiple": 10}] * 5, "figure_now": 1e6, "net_cash": 0, "discount": 0,
            "exit_figure": 2e7, "exit_multiple": 8, "required_return": 0.45, "investment": 2e6}  # fmt: skip
    assert warned(**calm) == []
    assert warned(**{**calm, "compared": [{"multiple": 10}] * 4}) == [words.FEW_COMPARED]
    assert words.APART in warned(**{**calm, "figure_now": 1e7})
    assert words.MUCH_SOLD in warned(**{**calm, "investment": 5e6})
    assert words.NO_PRICE in warned(**{**calm, "investment": 5e7})
    assert words.TAKEN_WHOLE in warned(**{**calm, "exit_figure": 1e5})
    cheap = [{"year": 1, "amount": 1e5, "required": 1.5}]
    assert words.DOWN_ROUND in warned(**{**calm, "later_rounds": cheap})
    assert words.MOSTLY_AFTER in warned(stage=GROWING)


def test_answers() -> None:
    said = say(CALCULATOR.answer(outcome()))
    assert said.startswith("The 4 methods that apply at this stage put the company between $1.23M (Berkus) and ")
    rows = [{"probability": 1, "exit_value": 1e7}]
    alike = {**SURE, "exit_years": 1, "exit_figure": 1e7, "exit_multiple": 1, "required_return": 0.2,
             "chicago_return": 0.2, "scenarios": rows, "stage": EARLY, "compared": []}  # fmt: skip
    assert CALCULATOR.answer(outcome(**alike)).text == words.ALIKE
