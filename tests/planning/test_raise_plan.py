"""The raise plan: against the engine, against a plain loop, in what it says must be true, and in words."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.option_pool import CALCULATOR as POOL
from portal.planning.calculators.raise_plan import CALCULATOR
from portal.planning.calculators.runway import CALCULATOR as RUNWAY
from portal.planning.calculators.valuation import CALCULATOR as VALUATION
from portal.planning.calculators.venture_debt import CALCULATOR as DEBT
from portal.planning.engine import Outcome, evaluate, simulate
from portal.planning.equity.money import exact
from portal.planning.equity.round import solve_round
from portal.planning.equity.table import CapTable, Position
from portal.planning.equity.terms import Basis, Counting, Investor, PoolTarget, Pricing, RoundTerms
from portal.planning.milestones import words
from portal.planning.milestones.examples import PLAIN
from portal.planning.milestones.inputs import TYPED
from portal.planning.milestones.owning import WHOLE, after_round, as_if_converted, bridge_of, needed_value
from portal.planning.wording import say
from portal.plans.join import accepts

ONE = {"name": "One", "months": 8, "slip": 0, "cost": 0, "reached": 1, "value": 12_000_000}
TWO = {"name": "Two", "months": 6, "slip": 0, "cost": 0, "reached": 1, "value": 30_000_000}
NOW, LATER = {"name": "Seed", "after": 0, "pool": 0.1}, {"name": "A", "after": 1, "pool": 0.08}


def read(**given: Any) -> Any:
    plain = {"cash": 600_000, "costs": 100_000, "milestones": [ONE, TWO], "rounds": [NOW, LATER]}
    return read_inputs(CALCULATOR.inputs, {**PLAIN, **plain, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def outcome(**given: Any) -> Outcome:
    return simulate(CALCULATOR, read(**given), draws=500, seed=1)


def warned(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


def conditions(**given: Any) -> dict[str, bool]:
    return {row[0].text: row[1] for row in evaluate(CALCULATOR, read(**given)).tables[1].rows}


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        evaluate(CALCULATOR, read(**given))
    return {path: problems[0].template for path, problems in found.value.problems.items()}


# Money and time


def test_months_and_amounts_against_a_plain_loop() -> None:
    given = {
        "cash": 700_000, "costs": 90_000, "costs_growth": 0.02, "revenue": 20_000, "growth": 0.04, "gross_margin": 0.8,
        "starts_in": 1, "months_to_raise": 4, "reserve": 2, "keep": 5,
        "milestones": [{**ONE, "slip": 0.25, "cost": 300_000}, {**TWO, "cost": 120_000}],
    }  # fmt: skip
    found = outputs(**given)
    # Work from month 5: ten months, then six. The second round closes in 19, the first pays until 21.
    cash, alone = 700_000.0, []
    for month in range(48):
        revenue = 20_000 * 1.04**month
        cash += revenue * 0.8 - 90_000 * 1.02**month
        cash -= (30_000 if 5 <= month < 15 else 0) + (20_000 if 15 <= month < 21 else 0)
        alone.append(cash)
    first, second = -min(alone[:21]), -min(alone[:26])
    assert found["round_amount"] == pytest.approx([first, second - first])
    assert found["round_closes"] == [2027 * 12 + 5, 2027 * 12 + 19]
    assert found["done_by"] == [2027 * 12 + 15, 2027 * 12 + 21]
    assert found["plan_months"] == 26
    funded = [left + (month >= 4) * first + (month >= 18) * (second - first) for month, left in enumerate(alone)]
    assert found["cash_by_month"] == pytest.approx(funded)


@settings(max_examples=12, deadline=None)
@given(st.floats(5e5, 3e6), st.floats(1e4, 3e5), st.floats(-0.02, 0.05), st.floats(0.5, 12), st.floats(0, 2))
def test_the_amounts_are_the_smallest_that_are_enough(
    cash: float, costs: float, growth: float, months: float, slip: float
) -> None:
    given = {
        "cash": cash, "costs": costs, "costs_growth": growth, "months_to_raise": months, "value_now": 1e9,
        "milestones": [{**ONE, "slip": slip, "value": 1e9}, {**TWO, "value": 1e9}], "horizon": 100,
    }  # fmt: skip
    found = outputs(**given)
    assert found["lasts"] is found["in_time"]
    assume(found["amount"] > 1_000 and found["in_time"])
    until = math.ceil(found["round_closes"][1] - 2027 * 12 + 3)
    assert min(found["cash_by_month"][math.ceil(found["closes"] - 2027 * 12) - 1 : until]) > -1
    less = outputs(**given, size_by=TYPED, amount_typed=found["amount"] * 0.99)
    # Whole months are paid for, so that the slack is less than one.
    assert less["lasts_until"] < 2027 * 12 + until <= found["lasts_until"] + 1e-6
    assert -1e-6 < found["may_slip"] < 1 + 1e-6
    assert less["round_amount"][0] < found["amount"]
    assert sum(less["round_amount"]) == pytest.approx(sum(found["round_amount"]))


def test_when_to_begin() -> None:
    found = outputs(cash=1_200_000, reserve=3, months_to_raise=5)
    assert (found["runway_alone"], found["zero_cash"], found["start_by"]) == (12, 2028 * 12, 2027 * 12 + 4)
    assert outputs(costs=0)["start_by"] == math.inf


def test_a_typed_amount_is_carried_by_later_rounds() -> None:
    needed = outputs()
    found = outputs(size_by=TYPED, amount_typed=needed["amount"] + 250_000)
    assert found["amount_needed"] == needed["amount_needed"] == needed["amount"]
    assert found["round_amount"][1] == pytest.approx(needed["round_amount"][1] - 250_000)
    assert found["may_slip"] == pytest.approx(2.5)


def test_a_milestone_that_is_not_reached_leaves_the_valuation_as_it_was() -> None:
    missed = {**ONE, "reached": 0.4}
    assert outputs(milestones=[missed, TWO])["round_value"] == [5_600_000, 5_600_000]
    assert outputs(milestones=[missed, TWO])["supported"] == [5_600_000, 30_000_000]
    share = np.mean(outcome(milestones=[missed, TWO]).samples["round_value"][1] == 12_000_000)
    assert share == pytest.approx(0.4, abs=0.01)


def test_the_three_ways_pay_for_the_same_months() -> None:
    found = outputs(keep=9, bridge=900_000)
    assert found["raised_by_way"] == pytest.approx([found["raised"]] * 3)
    ends = [found[f"cash_{name}by_month"][int(found["plan_months"]) - 1] for name in ("", "whole_", "bridge_")]
    assert ends == pytest.approx([0, 0, 0], abs=1e-6)


# Ownership


def exact_round(value: float, amount: float, pool: float, safes: Any) -> Any:
    table = CapTable(positions=(Position(holder="all", security="all", quantity=Fraction(WHOLE)),))
    return solve_round(table, RoundTerms(
        series="A", closing=date(2027, 1, 1), pre_money=exact(value), pricing=Pricing.PERCENTAGE_OWNERSHIP,
        investors=(Investor(name="new", amount=exact(amount)),), safes=safes,
        pool=PoolTarget(share=exact(pool), counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY),
    ))  # fmt: skip


AMOUNTS, VALUES = st.floats(1e5, 1e7), st.floats(2e6, 1e8)


@settings(max_examples=50, deadline=None)
@given(VALUES, AMOUNTS, st.floats(0, 0.2), st.floats(1e7, 5e7), st.floats(0, 0.4))
def test_a_round_is_that_of_the_exact_engine(
    value: float, amount: float, pool: float, cap: float, discount: float
) -> None:
    x = read(safes=700_000, safes_cap=cap, bridge=300_000, bridge_cap=0, bridge_discount=discount)
    assume(amount / (value + amount) + pool + 0.07 + 1e6 / (1 - discount) / (value + amount) < 0.95)
    safes = bridge_of(x)
    solution = exact_round(value, amount, pool, safes)
    found = after_round(x, np.array([value]), np.array([amount]), pool, safes, np.array([True]))
    assert found.kept[0] == pytest.approx(float(WHOLE / solution.total), rel=1e-9)
    assert found.sold[0] == pytest.approx(float(solution.purchases[0].shares / solution.total), rel=1e-9)
    converted = sum(each.shares for each in solution.conversions)
    assert found.converted[0] == pytest.approx(float(converted / solution.total), rel=1e-9)
    plain = after_round(x, np.array([value]), np.array([amount]), pool, safes, np.array([False]))
    assert plain.kept[0] == pytest.approx(1 - pool - amount / (value + amount), rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(AMOUNTS, st.floats(0.2, 0.95), st.floats(0, 0.2), st.sampled_from([0.0, 5e5]), st.sampled_from([0.0, 6e6]))
def test_at_the_valuation_that_is_needed_holders_keep_what_they_want(
    amount: float, kept: float, pool: float, safe: float, cap: float
) -> None:
    needed = needed_value(np.array([amount]), np.array([kept]), pool, np.array([safe]), cap)
    x = read(safes=safe, safes_cap=cap)
    safes = bridge_of(x)[:1] if safe else ()
    if np.isfinite(needed[0]):
        found = after_round(x, needed, np.array([amount]), pool, safes, np.array([bool(safe)]))
        assert found.kept[0] == pytest.approx(kept, rel=1e-9)
    else:
        found = after_round(x, np.array([1e17]), np.array([amount]), pool, safes, np.array([bool(safe)]))
        assert found.kept[0] <= kept * (1 + 1e-9)


def test_safes_that_no_round_converts_count_as_if_it_did() -> None:
    x = read(safes=600_000, safes_cap=6e6, bridge=500_000, bridge_cap=20e6, bridge_discount=0.2)
    for value in (4e6, 8e6, 50e6):
        nothing_new = exact_round(value, 1e-6, 0, bridge_of(x))
        kept = as_if_converted(bridge_of(x), np.array([value]))
        assert kept[0] == pytest.approx(float(WHOLE / nothing_new.total), rel=1e-9)
    never = outputs(costs=0, safes=600_000, safes_cap=6e6)
    assert (never["amount"], never["founders_first"]) == (0, 1)
    assert never["founders_end"] == pytest.approx(0.9)


def test_safes_convert_in_the_first_round_in_which_money_is_raised() -> None:
    """By hand: nothing is needed before the second round, whose money the 600,000 at 6M take their tenth of."""
    given = {"cash": 2_000_000, "safes": 600_000, "safes_cap": 6e6, "reserve": 0, "keep": 12}
    found = outputs(**given)
    assert found["round_amount"] == pytest.approx([0, 1_000_000])
    assert found["round_converted"] == pytest.approx([0, 0.1 * (1 - 0.08 - 1 / 13)])
    assert found["founders_end"] == pytest.approx(0.9 * (1 - 0.08 - 1 / 13))


def test_what_is_needed_gives_founders_what_they_want() -> None:
    given = {"safes": 400_000, "safes_cap": 5e6, "wanted": 0.65}
    found = outputs(**given)
    assert found["founders_end"] < 0.65
    assert outputs(**given, value_now=found["needed_now"])["founders_end"] == pytest.approx(0.65)
    grown = 12 * 10_000 * (1 + outputs(**given, revenue=10_000)["growth_needed"]) ** 16
    assert grown == pytest.approx(outputs(**given, revenue=10_000)["revenue_needed"])


# Words


def test_what_must_be_true() -> None:
    holds = conditions(wanted=0.5, revenue=1_000)
    assert holds[words.UNTIL_CLOSING] is True
    assert holds[words.HOLD] is (outputs(revenue=1_000)["founders_end"] >= 0.5)
    assert conditions(cash=100_000)[words.UNTIL_CLOSING] is False
    assert conditions(wanted=0.9)[words.NOT_WORTH] is False
    assert conditions(wanted=0.9)[words.NO_GROWTH] is False
    assert conditions(size_by=TYPED, amount_typed=100_000)[words.SHORT] is False
    assert words.UNTIL_CLOSING not in conditions(costs=0)


def test_warnings() -> None:
    assert words.TOO_LATE in warned(cash=100_000)
    assert words.THIN in warned(cash=500_000)
    assert words.GIVES_TOO_MUCH in warned(wanted=0.7)
    assert words.BEYOND in warned(horizon=12)
    assert words.BRIDGE_SHORT in warned(bridge=100_000)
    assert words.LOWER in warned(milestones=[{**ONE, "value": 3_000_000}, TWO])
    assert warned(cash=900_000, wanted=0.1, bridge=2_000_000) == []


def test_answers() -> None:
    def said(**given: Any) -> str:
        found = outcome(**given)
        assert "None" not in say(CALCULATOR.answer(found))
        return CALCULATOR.answer(found).text

    assert said() == words.RAISE_SURE
    assert said(cash=1_500_000, costs="90k to 110k", keep=24) == words.RAISE
    assert said(costs="90k to 110k") == words.RAISE_AT_ONCE
    assert said(size_by=TYPED) == words.GOES_FAR
    assert said(costs=0) == words.NO_MONEY
    grows = {"revenue": 20_000, "growth": "4% to 6%", "costs": 30_000, "cash": 900_000}
    costly = [{**ONE, "cost": 4_000_000}, TWO]
    assert said(**grows, milestones=costly) == words.RAISE_ANY


def test_a_typed_amount_is_judged_by_how_often_it_is_enough() -> None:
    found = outcome(costs="80k to 125k", size_by=TYPED, amount_typed=1_500_000)
    enough = np.mean(found.samples["amount_needed"] <= 1_500_000)
    assert 0.05 < enough < 0.95
    assert CALCULATOR.answer(found).figures["share"] == (pytest.approx(enough), "%")


# Refused


def test_rounds_that_are_no_plan_are_refused_beside_their_fields() -> None:
    assert refused(milestones=[], rounds=[NOW]) == {"milestones": words.NO_MILESTONE}
    assert refused(rounds=[]) == {"rounds": words.NO_ROUND}
    assert refused(rounds=[LATER]) == {"rounds.0.after": words.FIRST_NOW}
    assert refused(rounds=[NOW, LATER, LATER]) == {"rounds.2.after": words.NOT_RISING}
    assert refused(rounds=[NOW, {**LATER, "after": 3}]) == {"rounds.1.after": words.NO_SUCH}


def test_safes_and_rounds_that_take_the_whole_company_are_refused() -> None:
    assert refused(safes=6_000_000, safes_cap=6_000_000) == {"safes_cap": words.SAFES_TAKE_ALL}
    assert refused(safes=3e6, safes_cap=6e6, bridge=4e6, bridge_cap=8e6) == {"bridge_cap": words.SAFES_TAKE_ALL}
    assert list(refused(value_now=1, rounds=[NOW])) == ["rounds"]
    assert list(refused(safes=1e7, safes_cap=0, value_now=1e6)) == ["value_now"]


# Joined


def test_runway_and_raise_plan_send_what_the_others_take() -> None:
    def sent(calculator: Any) -> dict[str, str]:
        return {output.quantity: name for name, output in calculator.outputs.items() if output.quantity}

    assert accepts(CALCULATOR.inputs, sent(RUNWAY)) == ("cash", "costs", "revenue", "growth")
    assert set(accepts(DEBT.inputs, sent(RUNWAY))) == {"cash", "revenue", "growth"}
    assert set(accepts(VALUATION.inputs, sent(RUNWAY))) == {"net_cash", "figure_now"}
    assert accepts(POOL.inputs, sent(CALCULATOR)) == ("new_money",)
    assert accepts(VALUATION.inputs, sent(CALCULATOR)) == ("investment",)
