"""The unit economics calculator against worked cases, against sums by hand, and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaincinv

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.unit_economics import CALCULATOR, PLAIN
from portal.planning.company.words import BAD, SUSPECT
from portal.planning.engine import Outcome, evaluate, report, simulate
from portal.planning.market import unit_words as words
from portal.planning.market.retention import LARGEST_A, LARGEST_B, SMALLEST, BetaGeometric, Constant, fit, fit_survivors
from portal.planning.wording import say
from portal.plans.join import fill

NEVER = math.inf


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, {**PLAIN, "inference_cost": 0, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def outcome(**given: Any) -> Outcome:
    return simulate(CALCULATOR, read(**given), draws=2_000, seed=1)


def warnings(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


def curve(a: float, b: float) -> BetaGeometric:
    return BetaGeometric(np.array([a]), np.array([b]))


# Worked cases


def test_lifetime_value_as_datarekha_works_it_out() -> None:
    found = outputs(arpa=40, support_share="25%", churn="4%")
    assert (found["gross_profit"], found["lifetime"], found["ltv"]) == pytest.approx((30, 25, 750))


def test_quick_ratio_as_pitchkit_works_it_out() -> None:
    found = outputs(customers=1_000, arpa=100, new_customers=200, expansion="8%", churn="5%", contraction="3%")
    names = ("new_revenue", "expanded_revenue", "churned_revenue", "contracted_revenue")
    assert [found[name] for name in names] == pytest.approx([20_000, 8_000, 5_000, 3_000])
    assert found["quick_ratio"] == pytest.approx(3.5)


def test_retention_of_revenue_as_futureproof_works_it_out() -> None:
    found = outputs(customers=1_000, arpa=100, expansion="15%", contraction="5%", churn="8%")
    assert (found["nrr_month"], found["grr_month"]) == pytest.approx((1.02, 0.87))


def test_burn_multiple_as_sacks_tells_it() -> None:
    """$3M burned for $1M of new yearly revenue, in one month."""
    found = outputs(new_customers=1_000, arpa=1_000 / 12, net_burn=3e6)
    assert (found["net_new_arr"], found["burn_multiple"]) == pytest.approx((1e6, 3))


def test_rule_of_40_is_growth_and_the_margin_that_is_said() -> None:
    growth = {"revenue_growth": "25%", "customers": 100, "arpa": 100}
    typed = outputs(**growth, margin_kind="ebitda", ebitda_margin="15%", net_burn=9_000)
    assert typed["rule_of_40"] == pytest.approx(0.4)
    cash = outputs(**growth, margin_kind="cash", ebitda_margin="15%", net_burn=1_000)
    assert (cash["profit_margin"], cash["rule_of_40"]) == pytest.approx((-0.1, 0.15))


def test_a_request_as_calcaas_prices_it() -> None:
    found = outputs(
        cost_basis="tokens", calls=1, input_tokens=2_000, cached_share=0, output_tokens=500, input_price=0.5,
        output_price=1.5, extra_cost=0,
    )  # fmt: skip
    assert found["request_cost"] == pytest.approx(0.00175)


def test_a_support_ticket_as_jayporelabs_prices_it() -> None:
    """Each of two calls reads 2,000 tokens and writes 250; embedding and retrieval come on top."""
    found = outputs(
        cost_basis="tokens", calls=2, input_tokens=2_000, cached_share=0, output_tokens=250, input_price=3,
        output_price=15, extra_cost=0.0006, requests=500, arpa=79,
    )  # fmt: skip
    assert found["request_cost"] == pytest.approx(0.0201)
    assert found["inference"] == pytest.approx(10.05)
    assert found["inference"] / 79 == pytest.approx(0.1272, abs=5e-5)
    assert found["gross_margin"] == pytest.approx(1 - 0.1272, abs=5e-5)


def test_cached_input_has_its_own_price() -> None:
    found = outputs(
        cost_basis="tokens", calls=1.5, input_tokens=4_000, cached_share="75%", output_tokens=100, input_price=2,
        cached_price=0.2, output_price=10, extra_cost=0.001,
    )  # fmt: skip
    assert found["request_cost"] == pytest.approx(1.5 * (1_000 * 2 + 3_000 * 0.2 + 100 * 10) / 1e6 + 0.001)


# Winning and serving


def test_the_cost_of_winning_counts_the_people_too() -> None:
    found = outputs(programmes=20_000, sales_payroll=60_000, new_customers=40, arpa=200)
    assert (found["cac"], found["cac_programmes"], found["payback"]) == pytest.approx((2_000, 500, 10))


def test_what_a_customer_leaves_is_revenue_less_every_cost_of_serving_it() -> None:
    found = outputs(
        arpa=100, requests=1_000, free_requests=200, inference_cost=0.02, support_share="10%", fee_share="3%"
    )
    parts = [found[name] for name in ("inference", "free_inference", "support", "fees", "gross_profit")]
    assert parts == pytest.approx([20, 4, 10, 3, 63])
    assert found["gross_margin"] == pytest.approx(0.63)


def test_the_magic_number_is_four_times_the_rise_of_a_quarter_over_what_the_quarter_before_spent() -> None:
    given = {"customers": 500, "arpa": 100, "new_customers": 50, "churn": "2%", "sales_payroll": 30_000}
    found = outputs(**given)
    added = found["net_new_arr"] / 12
    months = found["mrr"] + added * np.arange(6)
    assert found["magic_number"] == pytest.approx((months[3:].sum() - months[:3].sum()) * 4 / (3 * 30_000))


# Lifetime value against the sums that the formulas are

RATES = st.floats(0.005, 1)


@given(churn=RATES, rise=st.floats(0, 0.2), discount=st.floats(0, 0.5))
@settings(max_examples=60, deadline=None)
def test_each_formula_is_the_sum_of_its_months(churn: float, rise: float, discount: float) -> None:
    found = outputs(arpa=10, churn=churn, expansion=rise, discount=discount)
    month = np.arange(6_000)
    stay = (1 - churn) ** month
    assert found["ltv_simple"] == pytest.approx(10 * stay.sum())
    assert found["ltv_discounted"] == pytest.approx(10 * (stay * (1 + discount) ** (-month / 12)).sum())
    assert found["ltv_expanding"] == pytest.approx(10 * (stay * (1 + rise * month)).sum())


def test_the_formula_with_expansion_is_skoks() -> None:
    a, c, m = 100.0, 0.03, 2.0
    found = outputs(arpa=a, churn=c, expansion=0.05, contraction=0.03)
    assert found["ltv_expanding"] == pytest.approx(a / c + m * (1 - c) / c**2)


@given(a=st.floats(2.3, 30), b=st.floats(0.1, 100), discount=st.floats(0.01, 1))
@settings(max_examples=10, deadline=None)
def test_each_formula_is_the_mean_over_customers_who_differ(a: float, b: float, discount: float) -> None:
    """Of one customer with churn θ the sums are 1/θ, (1 − θ)/θ² and (1 + d)/(d + θ)."""
    rate = (1 + discount) ** (1 / 12) - 1

    def mean(of: Any) -> float:
        return quad(lambda share: of(betaincinv(a, b, share)), 0, 1, limit=400, epsabs=0, epsrel=1e-8)[0]

    found = curve(a, b)
    assert found.lifetime()[0] == pytest.approx((a + b - 1) / (a - 1))
    assert found.lifetime()[0] == pytest.approx(mean(lambda churn: 1 / churn), rel=1e-4)
    expected = mean(lambda churn: (1 + rate) / (rate + churn))
    assert found.discounted_lifetime(np.array([rate]))[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("a", "b"), [(3.5, 2.0), (6.0, 40.0), (12.0, 7.5)])
def test_expansion_over_customers_who_differ_is_the_sum_over_their_curve(a: float, b: float) -> None:
    month = np.arange(200_000)
    survival = curve(a, b).survival(len(month) - 1)[:, 0]
    assert curve(a, b).growing_lifetime()[0] == pytest.approx((month * survival).sum(), rel=1e-4)


@pytest.mark.parametrize("choice", ["simple", "discounted", "expanding"])
@pytest.mark.parametrize("retention", ["constant", "beta_geometric"])
def test_the_chosen_formula_is_the_one_compared_and_the_curve_runs_towards_it(choice: str, retention: str) -> None:
    found = outputs(
        arpa=50, programmes=300, churn="20%", expansion="2%", discount="12%", formula=choice, retention=retention,
        sbg_a=20, sbg_b=40, horizon=120,
    )  # fmt: skip
    assert found["ltv"] == found[f"ltv_{choice}"]
    assert found["ltv_to_cac"] == pytest.approx(found["ltv"] / 300)
    path = found["cumulative_profit"]
    assert path[0] == -300
    assert path[1] == pytest.approx(-250)
    assert path[-1] == pytest.approx(found["ltv"] - 300, rel=1e-3)


def test_discounting_costs_and_expansion_adds() -> None:
    found = outputs(arpa=50, churn="3%", expansion="1%", discount="12%")
    assert found["ltv_discounted"] < found["ltv_simple"] < found["ltv_expanding"]


# Retention curves

HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)  # Fader and Hardie (2007), table 1, years 0 to 7
REGULAR = (1000, 631, 468, 382, 326)  # Fader and Hardie (2014), guide to the beta-geometric model, table 1
TRIANGLE = (  # jdmaturen/shifted_beta_geometric_py, test: four cohorts, the oldest followed for four periods
    (10_000, 8_000, 6_480, 5_307, 4_391), (10_000, 8_000, 6_480, 5_307), (10_000, 8_000, 6_480), (10_000, 8_000),
)  # fmt: skip


def test_the_fit_to_seven_years_of_the_high_end() -> None:
    assert fit_survivors(HIGH_END) == pytest.approx((0.668, 3.806), abs=1e-3)


def test_the_fit_follows_the_years_that_it_saw() -> None:
    survival = curve(*fit_survivors(HIGH_END)).survival(7)[:, 0]
    assert survival == pytest.approx(np.array(HIGH_END) / 1000, abs=0.02)


def test_several_cohorts_are_fitted_together() -> None:
    lost, kept = np.zeros(4), np.zeros(4)
    for cohort in TRIANGLE:
        left = -np.diff(cohort)
        lost[: len(left)] += left
        kept[len(left) - 1] += cohort[-1]
    assert fit(lost, kept) == pytest.approx((3.8, 15.19), rel=0.01)


def test_no_other_parameters_make_the_cohort_more_likely() -> None:
    counts = np.array(REGULAR, dtype=float)

    def likelihood(a: float, b: float) -> float:
        survival = curve(a, b).survival(len(counts) - 1)[:, 0]
        return float(-np.diff(counts) @ np.log(-np.diff(survival)) + counts[-1] * np.log(survival[-1]))

    a, b = fit_survivors(REGULAR)
    best = likelihood(a, b)
    assert all(likelihood(a * x, b * y) < best for x in (0.98, 1, 1.02) for y in (0.98, 1, 1.02) if (x, y) != (1, 1))


def test_a_fit_finds_the_parameters_that_made_the_cohort_whatever_its_size() -> None:
    for customers in (10, 1e7):
        survivors = tuple(float(left) for left in customers * curve(1.7, 9.0).survival(24)[:, 0])
        assert fit_survivors(survivors) == pytest.approx((1.7, 9.0), rel=1e-3)


def test_the_discounted_years_left_of_the_high_end() -> None:
    """Who has renewed seven times: (b + n) ÷ (a + b + n) of the discounted life of a new customer with b + n + 1."""
    a, b, n = 0.668, 3.806, 7
    life = curve(a, b + n + 1).discounted_lifetime(np.array([0.1]))[0]
    assert (b + n) / (a + b + n) * life == pytest.approx(7.530, abs=5e-4)


@given(a=st.floats(SMALLEST, LARGEST_A), b=st.floats(SMALLEST, LARGEST_B), discount=st.floats(0.001, 0.2))
@settings(max_examples=80, deadline=None)
def test_curves_fall_from_one_and_churn_falls_with_age(a: float, b: float, discount: float) -> None:
    survival = curve(a, b).survival(60)[:, 0]
    assert survival[0] == 1
    assert (np.diff(survival) < 0).all()
    churn = 1 - survival[1:] / survival[:-1]
    assert churn == pytest.approx(a / (a + b + np.arange(60)), rel=1e-6)
    life = curve(a, b).discounted_lifetime(np.array([discount]))[0]
    assert 1 <= life <= (1 + discount) / discount


@pytest.mark.parametrize(("a", "b"), [(1, 100), (2, 50), (30, 100), (30, SMALLEST), (SMALLEST, 100), (7, 3)])
@pytest.mark.parametrize("discount", [1e-6, 0.01, 3.0])
def test_the_discounted_life_holds_at_the_ends_of_what_is_permitted(a: float, b: float, discount: float) -> None:
    """Hypergeometric functions fail at large and at whole parameters, so each end is looked at: F satisfies
    E = 1 + v b/(a + b) E(b + 1), the life of those who stay a month."""
    now, next_month = (curve(a, start).discounted_lifetime(np.array([discount]))[0] for start in (b, b + 1))
    assert now == pytest.approx(1 + b / (a + b) / (1 + discount) * next_month, rel=1e-5)


def test_customers_who_are_alike_are_the_constant_curve() -> None:
    alike = BetaGeometric(np.array([3e5]), np.array([7e5])).survival(12)
    assert alike == pytest.approx(Constant(np.array([0.3])).survival(12), rel=1e-3)


def test_the_curve_of_the_calculator_is_shown_by_age_from_nought() -> None:
    body = report(evaluate(CALCULATOR, read(churn="10%", horizon=12)))["outputs"]
    assert body["survival"]["along"] == [{"axis": "age", "places": [float(month) for month in range(13)]}]
    assert body["survival"]["value"] == pytest.approx([0.9**month for month in range(13)])
    assert body["churn_by_age"]["value"] == pytest.approx([0.1] * 13)


def test_the_fitted_curve_is_the_typed_one_with_its_parameters() -> None:
    fitted = outputs(retention="fitted", survivors=list(HIGH_END), arpa=1)
    typed = outputs(retention="beta_geometric", sbg_a=fitted["shape_a"], sbg_b=fitted["shape_b"], arpa=1)
    assert fitted["survival"] == pytest.approx(typed["survival"])
    assert fitted["churn_by_age"][0] > fitted["churn_by_age"][-1]


# Payback


def test_a_cohort_pays_back_later_than_a_customer_who_stays() -> None:
    stays = outputs(arpa=100, programmes=450)
    assert (stays["payback"], stays["cohort_payback"]) == pytest.approx((4.5, 4.5))
    leaves = outputs(arpa=100, programmes=450, churn="10%")
    earned = np.cumsum(100 * 0.9 ** np.arange(6))  # 409.51 after 5 months, 468.56 after 6
    assert leaves["payback"] == pytest.approx(4.5)
    assert leaves["cohort_payback"] == pytest.approx(5 + (450 - earned[4]) / (earned[5] - earned[4]))


def test_a_cohort_that_leaves_too_fast_is_not_paid_back() -> None:
    given = {"arpa": 100, "programmes": 450, "churn": "25%"}
    assert outputs(**given)["cohort_payback"] == NEVER
    assert words.PAID_BY_FEW in warnings(**given)
    assert words.PAID_BY_FEW not in warnings(**{**given, "churn": "10%"})


# Where there is no number


def test_without_churn_a_lifetime_has_no_end_unless_it_is_discounted() -> None:
    found = outputs(arpa=50, programmes=100, discount="12%")
    for name in ("lifetime", "ltv_simple", "ltv_expanding", "ltv", "ltv_to_cac"):
        assert found[name] == NEVER, name
    rate = 1.12 ** (1 / 12) - 1
    assert found["ltv_discounted"] == pytest.approx(50 * (1 + rate) / rate)
    assert words.NOBODY_LEAVES in warnings(arpa=50)
    assert words.NOBODY_LEAVES not in warnings(arpa=50, discount="12%", formula="discounted")
    assert report(evaluate(CALCULATOR, read(arpa=50)))["outputs"]["ltv"]["never"] is True
    assert CALCULATOR.answer(outcome(arpa=50, programmes=100)).text == words.NO_END


@pytest.mark.parametrize(("a", "ends"), [(0.9, (False, False)), (1.5, (True, False)), (2.5, (True, True))])
def test_a_curve_with_a_long_tail_may_have_no_mean(a: float, ends: tuple[bool, bool]) -> None:
    found = outputs(arpa=10, retention="beta_geometric", sbg_a=a, sbg_b=4, expansion="1%", discount="5%")
    assert (math.isfinite(found["ltv_simple"]), math.isfinite(found["ltv_expanding"])) == ends
    assert math.isfinite(found["ltv_discounted"])


def test_a_margin_below_zero_is_a_loss_and_is_not_paid_back() -> None:
    given = {"arpa": 10, "requests": 1_000, "inference_cost": 0.02, "churn": "5%", "programmes": 100}
    found = outputs(**given)
    assert (found["gross_profit"], found["gross_margin"], found["ltv"]) == pytest.approx((-10, -1, -200))
    assert found["payback"] == found["cohort_payback"] == NEVER
    assert np.all(np.diff(found["cumulative_profit"]) < 0)
    assert words.COSTS_MORE in warnings(**given)
    assert say(CALCULATOR.answer(outcome(**given))).startswith("A customer leaves a loss of $10/month")


def test_a_margin_below_zero_without_churn_is_undefined_and_no_error() -> None:
    found = outputs(arpa=10, support_share="100%", fee_share="50%")
    assert found["ltv"] == NEVER
    assert found["gross_margin"] == pytest.approx(-0.5)


def test_a_customer_that_leaves_nothing() -> None:
    given = {"arpa": 10, "support_share": "100%", "programmes": 5}
    assert outputs(**given)["ltv_simple"] == NEVER
    assert outputs(**given, churn="4%")["ltv_simple"] == 0
    assert CALCULATOR.answer(outcome(**given)).text == words.BREAKS_EVEN


def test_contraction_that_outweighs_expansion_is_not_put_into_skoks_formula() -> None:
    given = {"arpa": 10, "churn": "5%", "contraction": "2%", "expansion": "1%"}
    assert outputs(**given)["ltv_expanding"] == NEVER
    assert outputs(**given)["ltv_simple"] == pytest.approx(200)
    assert words.CONTRACTS in warnings(**given, formula="expanding")
    path = outputs(**given, formula="expanding", horizon=120)["cumulative_profit"]
    assert path[-1] == path[101]  # revenue reaches nothing after 100 months and does not turn into a loss


def test_expansion_that_outweighs_churn_is_negative_churn() -> None:
    given = {"customers": 10, "arpa": 10, "churn": "2%", "contraction": "1%", "expansion": "5%"}
    found = outputs(**given)
    assert found["nrr"] == pytest.approx(1.02**12)
    assert found["grr"] == pytest.approx(0.97**12)
    assert words.GROWS_ALONE in warnings(**given)
    assert words.GROWS_ALONE not in warnings(**{**given, "expansion": "3%"})


@given(churn=st.floats(0, 1), contraction=st.floats(0, 1), expansion=st.floats(0, 10))
@settings(max_examples=60, deadline=None)
def test_gross_retention_is_a_share_and_at_most_the_net_one(churn: float, contraction: float, expansion: float) -> None:
    found = outputs(churn=churn, contraction=contraction, expansion=expansion)
    assert 0 <= found["grr"] <= 1
    assert found["grr"] <= found["nrr"] + 1e-12


def test_what_is_divided_by_nothing_is_said_to_be_undefined() -> None:
    found = outputs(arpa=0)
    for name in ("gross_margin", "payback", "quick_ratio", "burn_multiple", "rule_of_40", "magic_number", "ltv_to_cac"):
        assert found[name] == NEVER, name
        assert CALCULATOR.outputs[name].never
    assert words.NO_CUSTOMERS in warnings(arpa=10)


def test_revenue_that_shrinks_has_no_burn_multiple() -> None:
    found = outputs(customers=1_000, arpa=10, churn="10%", net_burn=1_000)
    assert found["net_new_arr"] < 0
    assert found["burn_multiple"] == NEVER
    assert words.LEAKS in warnings(customers=1_000, arpa=10, churn="10%", net_burn=1_000)


def test_cash_that_grows_has_a_burn_multiple_below_zero() -> None:
    assert outputs(arpa=100, net_burn=-600)["burn_multiple"] == pytest.approx(-0.5)


@pytest.mark.parametrize(("multiple", "text"), [(1.9, None), (2.1, SUSPECT), (3.1, BAD)])
def test_the_bands_of_the_burn_multiple_are_those_of_the_runway(multiple: float, text: str | None) -> None:
    found = [one for one in warnings(arpa=100, net_burn=multiple * 1_200) if one in (SUSPECT, BAD)]
    assert found == ([text] if text else [])


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"programmes": 700, "churn": "5%"}, words.LOW_RATIO), ({"programmes": 1_300, "churn": "1%"}, words.SLOW),
        ({"support_share": "45%", "churn": "1%"}, words.THIN),
    ],
)  # fmt: skip
def test_what_is_short_of_the_usual_aims_is_said(given: dict[str, Any], text: str) -> None:
    assert text in warnings(arpa=100, **given)
    assert text not in warnings(arpa=100, churn="1%", programmes=900, support_share="5%")


# Bad input


@pytest.mark.parametrize(
    ("survivors", "text"),
    [
        ([], words.TOO_FEW), ([100, 90], words.TOO_FEW), ([0, 0, 0], words.NOBODY), ([9, 8, 9], words.MORE_LATER),
        ([9, 9, 9], words.ALL_STAYED),
    ],
)  # fmt: skip
def test_a_cohort_that_tells_no_retention_is_refused(survivors: list[float], text: str) -> None:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read(retention="fitted", survivors=survivors))
    [problem] = refused.value.problems["survivors"]
    assert problem.template == text
    evaluate(CALCULATOR, read(retention="constant", survivors=survivors))  # not asked for, not refused


def test_the_number_that_is_too_large_is_named() -> None:
    with pytest.raises(Invalid, match="number 3 is larger than the one before"):
        evaluate(CALCULATOR, read(retention="fitted", survivors="100; 80; 90"))


@pytest.mark.parametrize("survivors", [(100, 90, 81, 72.9, 65.61), (100, 95, 80, 50), (10, 0, 0)])
def test_a_cohort_whose_churn_does_not_fall_is_fitted_at_the_end_of_what_is_permitted(survivors: Any) -> None:
    given = {"retention": "fitted", "survivors": list(survivors), "arpa": 1}
    assert words.ALIKE in warnings(**given)
    churn = outputs(**given)["churn_by_age"]
    assert churn[0] == pytest.approx(churn[len(survivors) - 1], rel=0.1)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"new_customers": 0}, "new_customers"), ({"churn": "120%"}, "churn"), ({"churn": -0.01}, "churn"),
        ({"support_share": 7}, "support_share"), ({"inference_cost": "cheap"}, "inference_cost"),
        ({"ebitda_margin": "101%"}, "ebitda_margin"), ({"sbg_a": 0}, "sbg_a"), ({"sbg_b": 1e4}, "sbg_b"),
        ({"formula": "best"}, "formula"), ({"requests": float("inf")}, "requests"),
        ({"survivors": [1, "x", 2]}, "survivors.1"), ({"arpa": "20 USD/year"}, "arpa"), ({"cac": 1}, "cac"),
    ],
)  # fmt: skip
def test_what_no_company_can_have_is_refused_by_its_name(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(**wrong)
    assert list(refused.value.problems) == [path]


# Ranges


def test_ranges_reach_the_answer_the_curve_and_the_tornado() -> None:
    found = outcome(
        arpa="80 to 120", churn="2% to 6%", programmes=500, inference_cost="0.01 to 0.03", requests=1_000, horizon=24
    )
    text = say(CALCULATOR.answer(found))
    assert "nine times in ten between" in text
    assert {bar.path for bar in found.tornado()} == {"arpa", "churn", "inference_cost"}
    low, high = found.fan("cumulative_profit", (0.05, 0.95))
    assert (low[1:] < high[1:]).all()
    assert found.fan("survival", (0.5,))[0][12] == pytest.approx((1 - 0.0346) ** 12, rel=0.02)


def test_a_churn_that_may_be_nothing_is_answered_with_its_lower_end() -> None:
    found = outcome(arpa=100, programmes=500, retention="beta_geometric", sbg_a="0.9 to 1.3", sbg_b=10)
    assert 0.05 < found.share_never("ltv_to_cac") < 0.5
    assert CALCULATOR.answer(found).text == words.WORTH_FROM


def test_certain_inputs_are_answered_without_a_range() -> None:
    assert CALCULATOR.answer(outcome(arpa=100, churn="5%", programmes=500)).text == words.WORTH
    assert CALCULATOR.answer(outcome(arpa=100, churn="5%")).text == words.FREE


def test_a_measured_cost_of_a_request_goes_to_the_inference_cost() -> None:
    filled = fill(CALCULATOR.inputs, {}, {"usd_per_request": 0.0123})
    assert filled.inputs["inference_cost"] == 0.0123
    found = evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, filled.inputs)).outputs
    assert found["request_cost"] == 0.0123
