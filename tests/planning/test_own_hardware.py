"""The own hardware calculator against annuities, sums by hand, identities that must hold, and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.own_hardware import CALCULATOR, PLAIN
from portal.planning.calculators.training_run import CALCULATOR as TRAINING_RUN
from portal.planning.catalog.prices import market
from portal.planning.engine import evaluate, simulate
from portal.planning.hardware import words
from portal.planning.hardware.comparison import ahead_after, last_rise
from portal.planning.hardware.outputs import COST_PARTS
from portal.planning.hardware.owning import annuity
from portal.plans.join import fill

NEVER = math.inf
HOURS = 730.5  # of a month

BUSY = {
    "devices": 8, "price": 30_000, "surcharge": 0.6, "residual": 0.2, "life": 60, "delay": 3, "device_power": 1_200,
    "idle_share": 0.25, "pue": 1.2, "electricity": 0.12, "colocation": 150, "staff": 0.1, "staff_cost": 150_000,
    "maintenance": 0.04, "failures": 0.05, "usd_per_device_hour": 3, "rent_decline": 0.1, "reserved_share": 0.4,
    "reserved_price": 0.7, "spot_price": 0.5, "spot_overhead": 0.1, "discount": 0.1, "utilisation": 0.6,
}  # fmt: skip


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, {**PLAIN, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def refusal(**given: Any) -> dict[str, Any]:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read(**given))
    return dict(refused.value.problems)


# Credits that come back


def test_credits_that_come_back_by_hand() -> None:
    month = HOURS
    plan = {"usd_per_device_hour": 1, "utilisation": 1, "horizon": 18}
    # Of a month of $730.50 money pays 1 ÷ 1.25, as each dollar brings another quarter; or 75% where all spending earns.
    only_money = np.diff(outputs(**plan, credits_returned=0.25)["on_demand_by_month"], prepend=0)
    assert only_money == pytest.approx(np.full(18, month / 1.25))
    all_spending = np.diff(outputs(**plan, credits_returned=0.25, credits_earn=True)["on_demand_by_month"], prepend=0)
    assert all_spending == pytest.approx(np.full(18, month * 0.75))


@given(share=st.floats(0, 0.95))
def test_the_sum_is_that_of_credits_spent_again_and_again(share: float) -> None:
    """A dollar of money spends 1 + r + r² + … where credits earn credits, and 1 + r where they do not."""
    rounds = np.sum(share ** np.arange(2_000))
    found = [
        outputs(usd_per_device_hour=1, horizon=18, credits_returned=share, credits_earn=earn)["on_demand_total"]
        for earn in (True, False)
    ]
    whole = 18 * HOURS
    assert found == pytest.approx([whole / rounds, whole / (1 + share)])


def test_given_credits_pay_what_those_that_come_back_leave() -> None:
    plan = {"usd_per_device_hour": 1, "horizon": 18, "credits_returned": 0.5}
    given_ = {"credits": [{"amount": 100, "first": 1, "last": 1}]}
    whole = 18 * HOURS
    assert outputs(**plan, **given_)["on_demand_total"] == pytest.approx((whole - 100) / 1.5)
    assert outputs(**plan, **given_, credits_earn=True)["on_demand_total"] == pytest.approx(whole / 2 - 100)


@pytest.mark.parametrize("share", [1, 1.5, 10])
def test_circular_credits_are_refused_with_what_would_work(share: float) -> None:
    told = str(refusal(credits_returned=share, credits_earn=True)["credits_returned"][0])
    assert "circular" in told
    assert f"{100 / (1 + share):.3g}%" in told
    assert outputs(usd_per_device_hour=1, credits_returned=share)["on_demand_total"] == pytest.approx(
        36 * HOURS / (1 + share)
    )


def test_more_credits_than_spending_are_told() -> None:
    plan = {"usd_per_device_hour": 1, "horizon": 18, "credits_returned": 0.5, "credits_earn": True}
    case = evaluate(CALCULATOR, read(**plan, credits=[{"amount": 1e6, "first": 1, "last": 18}]))
    figures = next(notice.figures for notice in case.notices if notice.text == words.UNUSED_CREDITS)
    assert (figures["given"][0], figures["used"][0]) == (1e6, pytest.approx(18 * HOURS / 2))
    assert next(n.figures["money"][0] for n in case.notices if n.text == words.RETURNED) == 0.5


# Buying


@pytest.mark.parametrize(
    ("rate", "term", "borrowed", "payment"),
    [
        (0.075, 180, 200_000, 1854.0247200054619),  # numpy-financial, pmt
        (0.12, 12, 100_000, 8884.878867834166),  # 1,000 ÷ (1 − 1.01^−12)
        (0.0, 40, 100_000, 2_500),
    ],
)
def test_a_loan_is_paid_in_level_payments(rate: float, term: int, borrowed: float, payment: float) -> None:
    found = outputs(paying="loan", price=borrowed, down_payment=0, loan_rate=rate, loan_term=term)
    assert found["loan_payment"] == pytest.approx(payment, rel=1e-12)
    assert found["up_front"] == 0


@given(rate=st.floats(0, 0.08), term=st.integers(1, 360), paid=st.integers(0, 360))
def test_what_is_owed_is_what_was_borrowed_with_interest_less_what_was_paid(rate: float, term: int, paid: int) -> None:
    payment = 1 / float(annuity(rate, term))
    left = 1.0
    for _ in range(min(paid, term)):
        left = left * (1 + rate) - payment
    assert payment * float(annuity(rate, max(term - paid, 0))) == pytest.approx(left, abs=1e-7 * (1 + rate) ** term)


def test_an_annuity_keeps_its_digits_where_interest_is_tiny() -> None:
    assert float(annuity(1e-13, 12)) == pytest.approx(12, rel=1e-12)


def test_at_the_discount_rate_a_loan_costs_what_cash_costs() -> None:
    monthly = 1.1 ** (1 / 12) - 1
    cash = outputs(**BUSY)
    for term in (12, 36, 120):
        loan = outputs(**BUSY, paying="loan", loan_rate=12 * monthly, loan_term=term, down_payment=0.3)
        assert loan["own_total"] == pytest.approx(cash["own_total"], rel=1e-9)
        assert loan["up_front"] == pytest.approx(0.3 * cash["bought"])


def test_the_loan_is_settled_at_the_horizon_and_owed_before() -> None:
    found = outputs(price=48_000, paying="loan", down_payment=0, loan_rate=0, loan_term=48)
    assert found["owed_by_month"][:2] == pytest.approx([47_000, 46_000])
    assert found["owed_at_horizon"] == pytest.approx(12_000)
    assert found["own_total"] == pytest.approx(48_000)


def test_hardware_keeps_the_same_share_of_its_worth_every_month() -> None:
    value = np.array(outputs(price=10_000, residual=0.2, life=60, horizon=60)["value_by_month"])
    assert value[-1] == pytest.approx(2_000)
    assert value[29] == pytest.approx(10_000 * math.sqrt(0.2))
    np.testing.assert_allclose(value[1:] / value[:-1], 0.2 ** (1 / 60))


def test_until_delivery_the_hours_are_rented_and_nothing_runs() -> None:
    found = outputs(price=1_000, delay=4, usd_per_device_hour=1, utilisation=0.5, residual=1, staff=1, staff_cost=1_200)
    assert found["waiting_total"] == pytest.approx(4 * HOURS / 2)
    assert found["staff_total"] == pytest.approx(32 * 100)
    assert found["value_by_month"][:5] == [0, 0, 0, 0, 1_000]
    assert found["own_by_month"][4] == pytest.approx(4 * HOURS / 2 + 1_000 + 100)


def test_parts_of_owning_by_hand() -> None:
    found = outputs(
        devices=10, price=20_000, surcharge=0.5, horizon=24, maintenance=0.04, failures=0.06, device_power=1_000,
        idle_share=0.2, utilisation=0.5, pue=1.25, electricity=0.1, colocation=200,
    )  # fmt: skip
    assert found["bought"] == 300_000
    assert found["maintenance_total"] == pytest.approx(2 * 12_000)
    assert found["replacement_total"] == pytest.approx(2 * 12_000)
    assert found["electricity_cost"] == pytest.approx(24 * 10 * 0.6 * HOURS * 1.25 * 0.1)
    assert found["colocation_total"] == pytest.approx(24 * 10 * 200)
    assert found["own_total"] == pytest.approx(sum(found[part] for part in COST_PARTS))


def test_colocation_is_paid_for_full_power_and_electricity_for_the_draw() -> None:
    """DGX H100: 10.2 kW for eight devices of 700 W."""
    found = outputs(
        accelerator="h100-sxm", devices=8, server_factor=10.2 / 5.6, power_share=0.75, electricity=0.1, colocation=100,
        horizon=18,
    )  # fmt: skip
    assert found["design_power"] == pytest.approx(1_275)
    assert found["colocation_total"] == pytest.approx(18 * 10.2 * 100)
    assert found["electricity_cost"] == pytest.approx(18 * 10.2 * 0.75 * HOURS * 0.1)


# Renting


def test_rents_fall_and_contracts_are_renewed() -> None:
    found = outputs(usd_per_device_hour=1, rent_decline=0.5, reserved_share=1, contract=12, utilisation=0)
    spent = np.diff(found["reserved_by_month"], prepend=0) / HOURS
    np.testing.assert_allclose(spent, np.repeat([1, 0.5, 0.25], 12))
    assert found["on_demand_total"] == 0
    used = outputs(usd_per_device_hour=1, rent_decline=0.5)
    assert used["on_demand_by_month"][12] - used["on_demand_by_month"][11] == pytest.approx(HOURS / 2)


def test_a_commitment_is_paid_when_idle_and_hours_beyond_it_on_demand() -> None:
    plan = {"usd_per_device_hour": 2, "reserved_share": 0.5, "reserved_price": 0.5, "horizon": 18}
    assert outputs(**plan, utilisation=0.1)["reserved_total"] == pytest.approx(18 * HOURS * 0.5)
    assert outputs(**plan, utilisation=0.7)["reserved_total"] == pytest.approx(18 * HOURS * (0.5 + 0.2 * 2))


def test_credits_pay_first_what_expires_first_and_never_more_than_is_due() -> None:
    month = HOURS  # a device at $1
    credits = [{"amount": 3 * month, "first": 1, "last": 36}, {"amount": 1.5 * month, "first": 2, "last": 4}]
    spent = np.diff(outputs(usd_per_device_hour=1, credits=credits)["on_demand_by_month"], prepend=0) / month
    # Months 2 and half of 3 by the second; months 1, half of 3, 4 and half of 5 by the first.
    np.testing.assert_allclose(spent[:6], [0, 0, 0, 0, 0.5, 1], atol=1e-12)
    lost = outputs(usd_per_device_hour=1, credits=[{"amount": 1e9, "first": 3, "last": 5}])
    assert lost["on_demand_total"] == pytest.approx(33 * month)


def test_the_catalogue_gives_the_middle_offer() -> None:
    prices = [price.usd_per_hour for price in market("h100-sxm", "on_demand")]
    found = outputs(accelerator="h100-sxm", price_basis="on_demand", market_position=0.5)
    assert found["rent"] == pytest.approx(np.median(prices))


# Where they meet


@pytest.mark.parametrize("against", ["on_demand", "reserved", "spot"])
@pytest.mark.parametrize("credits", [[], [{"amount": 40_000, "first": 1, "last": 20}]])
@pytest.mark.parametrize("growth", [0, 0.02, -0.01])
def test_at_the_break_even_use_both_cost_the_same(against: str, credits: Any, growth: float) -> None:
    plan = {**BUSY, "price": 9_000, "against": against, "credits": credits, "use_growth": growth, "staff": 0}
    use = outputs(**plan)["break_even_use"]
    assert 0 < use < 1
    found = outputs(**{**plan, "utilisation": use})
    assert found["own_total"] == pytest.approx(found["rival_total"], rel=1e-6)
    more, less = (outputs(**{**plan, "utilisation": use * factor}) for factor in (1.02, 0.98))
    assert more["saving"] > 0 > less["saving"]


@settings(max_examples=40, deadline=None)
@given(
    price=st.floats(1_000, 80_000), rent=st.floats(0.2, 10), growth=st.floats(-0.05, 0.05), delay=st.integers(0, 12),
    against=st.sampled_from(["on_demand", "reserved", "spot"]),
)  # fmt: skip
def test_break_even_use_is_an_identity_or_one_side_always_wins(
    price: float, rent: float, growth: float, delay: int, against: str
) -> None:
    plan = {**BUSY, "price": price, "usd_per_device_hour": rent, "use_growth": growth, "delay": delay,
            "against": against}  # fmt: skip
    use = outputs(**plan)["break_even_use"]
    if use == 0:
        assert all(outputs(**{**plan, "utilisation": u})["saving"] >= -1e-6 for u in (0, 0.5, 1))
    elif use == NEVER:
        assert outputs(**{**plan, "utilisation": 1})["saving"] < 0
    else:
        found = outputs(**{**plan, "utilisation": use})
        assert found["own_total"] == pytest.approx(found["rival_total"], rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 1), st.floats(0.05, 1))
def test_an_hour_of_own_hardware_is_cheaper_the_more_it_is_used(first: float, second: float) -> None:
    low, high = sorted((first, second))
    cost = [outputs(**{**BUSY, "utilisation": use})["own_per_hour"] for use in (low, high)]
    assert cost[0] >= cost[1] * (1 - 1e-12)


def test_an_hour_of_own_hardware_prices_a_training_run() -> None:
    quantity = CALCULATOR.outputs["own_per_hour"].quantity
    filled = fill(TRAINING_RUN.inputs, {}, {quantity: outputs(**BUSY)["own_per_hour"]})
    assert filled.names == ("usd_per_device_hour", "price_basis")
    assert filled.inputs["price_basis"] == "typed"


def test_break_even_comes_where_spending_crosses() -> None:
    found = outputs(price=36_000, usd_per_device_hour=2)
    lead = np.array(found["lead_by_month"])
    np.testing.assert_allclose(lead, np.arange(1, 37) * 1_461 - 36_000)
    assert found["break_even_after"] == 25
    assert found["break_even_month"] == 2027 * 12 + 24
    assert outputs(price=60_000, usd_per_device_hour=2)["break_even_after"] == NEVER


def test_a_loan_brings_no_break_even_before_it_could_be_paid_back() -> None:
    loan = {"paying": "loan", "down_payment": 0, "loan_rate": 0, "loan_term": 36}
    assert outputs(price=36_000, usd_per_device_hour=2, **loan)["break_even_after"] == 25


def test_months_ahead_are_those_that_last() -> None:
    lead = np.array([[0, 0, -1, -1], [-1, 1, 1, -1], [1, -1, 1, -1], [1, 1, 1, -1.0]])
    assert ahead_after(lead, np.zeros(1)).tolist() == [3, 4, 2, NEVER]
    assert ahead_after(np.zeros((4, 1)), np.full(1, 2)).tolist() == [3]


def test_the_last_rise_is_found_behind_a_dip() -> None:
    def bent(point: Any) -> Any:
        return np.array([1, 0, -5, 0]) + np.maximum(point - np.array([0.5, 0.6, 0, 0]), 0) * 10 - 4 * point

    # 1 − 4u rises through zero again where 10 (u − 0.5) = 4u − 1; the last is 0 at 0 and below from there on.
    assert last_rise(bent).tolist() == pytest.approx([2 / 3, 1, 5 / 6, 0])
    assert last_rise(lambda point: np.array([-1.0]) * (1 + point)).tolist() == [NEVER]


def test_the_cheapest_way_is_told_by_share_of_the_draws() -> None:
    outcome = simulate(CALCULATOR, read(price="10k to 60k", usd_per_device_hour=1, spot_price=0.9), draws=500, seed=3)
    own, demand, reserved, spot = outcome.shares("cheapest")
    assert 0.1 < own < 0.9
    assert own + spot == pytest.approx(1)
    assert (demand, reserved) == (0, 0)


# Refusals and words


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"life": 30, "horizon": 36}, "life", "at least the horizon, 36 months, got 30 months"),
        ({"credits": [{}, {"amount": 5, "first": 9, "last": 8}]}, "credits.1.last", "not before the first, 9, got 8"),
        ({"price_basis": "on_demand"}, "price_basis", "no price for a custom device"),
        ({"accelerator": "gaudi-3", "price_basis": "on_demand"}, "price_basis", "no such price for Intel Gaudi 3"),
        ({"first_month": "1999-12-01"}, "first_month", "Wanted a first month from 2000"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(given: dict[str, Any], field: str, says: str) -> None:
    assert says in str(refusal(**given)[field][0])


@pytest.mark.parametrize(
    ("given", "field"),
    [({"devices": 0}, "devices"), ({"life": 0}, "life"), ({"utilisation": 1.01}, "utilisation"),
     ({"residual": 1.5}, "residual"), ({"reserved_share": "120%"}, "reserved_share"), ({"horizon": 12}, "horizon"),
     ({"delay": 13}, "delay"), ({"failures": 2}, "failures")],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(**given)
    assert field in refused.value.problems


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"price": 36_000, "usd_per_device_hour": 2}, words.OWN_AHEAD),
        ({"price": 60_000, "residual": 0.5, "usd_per_device_hour": 2}, words.OWN_BY_SALE),
        ({"price": 30_000, "usd_per_device_hour": 2, "utilisation": 0.3}, words.RENT_AHEAD),
        ({"price": 90_000, "usd_per_device_hour": 2}, words.RENT_ALWAYS),
        ({"price": 90_000, "utilisation": 0}, words.NOTHING_USED),
        ({"price": "20k to 90k", "usd_per_device_hour": 2, "utilisation": 0.9}, words.OWN_IN_SHARE),
        ({"price": "40k to 90k", "usd_per_device_hour": 2}, words.OWN_IN_SHARE_ALWAYS),
    ],
)
def test_the_answer_says_which_side_wins(given: dict[str, Any], text: str) -> None:
    outcome = simulate(CALCULATOR, read(**given), draws=500, seed=1)
    assert CALCULATOR.answer(outcome).text == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"utilisation": 0.5, "use_growth": 0.1}, words.FULL),
        ({"price": 9_000, "paying": "loan", "loan_rate": 0.1, "loan_term": 60}, words.UNDER_WATER),
        ({"against": "reserved", "reserved_share": 0.9, "utilisation": 0.5}, words.UNUSED_COMMITMENT),
        ({"credits": [{"amount": 1, "first": 40, "last": 41}]}, words.LATE_CREDIT),
        ({"credits": [{"amount": 1e9}]}, words.UNUSED_CREDITS),
    ],
)
def test_notices(given: dict[str, Any], text: str) -> None:
    assert [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices] == [text]
    assert evaluate(CALCULATOR, read(price=100, usd_per_device_hour=1)).notices == []
