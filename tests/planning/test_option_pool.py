"""The option pool calculator: against the engine, plain loops and textbooks, in its identities, and in words."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.option_pool import CALCULATOR
from portal.planning.engine import evaluate, simulate
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.option_pricing import call_value
from portal.planning.equity.round import solve_round
from portal.planning.equity.table import CapTable, Position
from portal.planning.equity.terms import Investor, PoolIncrease, Pricing, RoundTerms
from portal.planning.equity.vesting import Allocation, Schedule
from portal.planning.granting import words
from portal.planning.granting.examples import PLAIN
from portal.planning.granting.inputs import GONE
from portal.planning.granting.schedule import course, from_month, monthly_rate, refreshed, vested_part
from portal.planning.granting.sizing import shared_total, size
from portal.planning.wording import say


def read(**given: Any) -> Any:
    plain = {"founders_shares": 8_000_000, "pre_money": 16e6, "new_money": 4e6, "asked": 0.1, "hires": []}
    return read_inputs(CALCULATOR.inputs, {**PLAIN, **plain, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def warned(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        evaluate(CALCULATOR, read(**given))
    return {path: problems[0].template for path, problems in found.value.problems.items()}


# The size of the pool


def exact_round(shares: float, pool_now: float, increase: float, pre: float, new: float, *, inside: bool = True) -> Any:
    table = CapTable(
        positions=(Position(holder="all", security="all", quantity=exact(shares)),), reserved=exact(pool_now)
    )
    return solve_round(table, RoundTerms(
        series="A", closing=date(2027, 1, 1), pre_money=exact(pre), pricing=Pricing.PERCENTAGE_OWNERSHIP,
        investors=(Investor(name="new", amount=exact(new)),),
        pool=PoolIncrease(shares=exact(increase), inside_pre_money=inside),
    ))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 0.3), st.floats(-1e6, 1e6)), min_size=1, max_size=4), st.floats(2e6, 1e8),
    st.floats(0, 1e6), st.floats(1e6, 1e9), st.floats(0.01, 0.6),
)  # fmt: skip
def test_the_pool_is_the_smallest_that_is_never_short_in_the_round_of_the_engine(
    uses: list[tuple[float, float]], held: float, pool_now: float, pre: float, sold: float
) -> None:
    part, fixed = (np.array([use[at] for use in uses])[:, np.newaxis] for at in (0, 1))
    new = pre * sold / (1 - sold)
    found = size(part, fixed, held, pool_now, np.array([sold]))
    total, pool = float(found.total[0]), float(found.pool[0])
    exactly = exact_round(held, pool_now, pool - pool_now, pre, new)
    assert float(exactly.total) == pytest.approx(total, rel=1e-9)
    assert float(exactly.price) == pytest.approx((pre + new) / total, rel=1e-9)
    use = (part * total + fixed).max()
    assert pool == pytest.approx(max(use, pool_now), rel=1e-9, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 0.5), st.floats(1e5, 1e8), st.floats(0, 1e6), st.floats(1e6, 1e9), st.floats(1e5, 1e9))
def test_a_pool_that_everybody_bears_is_one_outside_the_pre_money_in_the_engine(
    share: float, held: float, pool_now: float, pre: float, new: float
) -> None:
    total = float(shared_total(np.array(share), held, pool_now, np.array(new / pre)))
    increase = max(share * total - pool_now, 0.0)
    assert float(exact_round(held, pool_now, increase, pre, new, inside=False).total) == pytest.approx(total, rel=1e-9)


def test_a_point_of_pool_costs_what_two_rounds_of_the_engine_differ_by() -> None:
    given = {"founders_shares": 6_000_000, "other_shares": 1_500_000, "granted": 500_000}
    one, two = (outputs(**given, asked=asked) for asked in (0.12, 0.13))
    assert one["founders_asked"] - two["founders_asked"] == pytest.approx(one["point_founders"] / 100)
    assert one["price_asked"] - two["price_asked"] == pytest.approx(one["point_price"])
    assert one["point_pre_money"] == pytest.approx(20e6 / 100)  # no pool before: a hundredth of the post-money


def test_plan_and_new_money_that_take_the_whole_company_are_refused() -> None:
    hires = [{"role": "All", "people": 4, "part": 0.2}]
    assert list(refused(hires=hires)) == ["hires"]
    assert list(refused(asked=0.85)) == ["asked"]
    with pytest.raises(Refused) as found:
        size(np.array([[0.3, 0.6]]), np.zeros((1, 2)), 1e6, 0.0, np.array([0.5, 0.5]))
    assert found.value.problem.values == {"undetermined": 1, "draws": 2}


def test_targets_without_a_round_are_said_to_have_none() -> None:
    found = outputs(new_money=16e6 * 4, asked=0)  # four fifths are sold
    assert np.isfinite(found["founders_by_target"]).tolist() == [True] * 7 + [False] * 4
    assert found["founders_by_target"][0] == pytest.approx(0.2)


# What becomes of grants


def test_vesting_is_that_of_the_engine() -> None:
    """Open Cap Format, vesting example 3: 480 shares over 48 months from 30 January 2021, a cliff of 12."""
    schedule = Schedule(start=date(2021, 1, 30), months=48, cliff_months=12, allocation=Allocation.FRACTIONAL)
    vested = vested_part(48, 12, 60)[:, 0] * 480
    for month, day in ((0, date(2021, 1, 30)), (11, date(2021, 12, 30)), (12, date(2022, 1, 30)),
                       (13, date(2022, 2, 28)), (47, date(2024, 12, 30)), (48, date(2025, 1, 30)),
                       (60, date(2026, 1, 30))):  # fmt: skip
        assert vested[month] == pytest.approx(float(schedule.vested(480, day)))
    assert (vested[12], vested[13] - vested[12]) == pytest.approx((120, 10))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.floats(0, 0.9), st.floats(0, 1), st.floats(0, 1))
def test_every_option_is_held_lost_or_exercised(
    vesting: int, cliff: int, attrition: float, exercised: float, part: float
) -> None:
    leaving, vested = monthly_rate(attrition), vested_part(vesting, cliff, 30)
    one = course(vested, vested_part(vesting, 0, 30), leaving, exercised)
    here = (1 - leaving) ** np.arange(31)[:, np.newaxis]
    bought = one.vested - here * vested
    np.testing.assert_allclose(here + one.forfeited + one.lapsed + bought, 1.0, rtol=1e-12)
    again = refreshed(one, one, leaving, np.array([part]))
    assert again.granted[-1, 0] == pytest.approx(1 + part * (here[12, 0] + here[24, 0]))
    for name in ("forfeited", "lapsed", "vested", "earned"):
        assert np.all(getattr(again, name) >= getattr(one, name) - 1e-12)


def test_a_plan_against_a_plain_loop() -> None:
    found = outputs(
        horizon=30, attrition=0.12, refresh=0.3, exercised=0.4,
        hires=[{"people": 5, "part": 0.01, "month": 4, "vesting": 36, "cliff": 6}],
    )  # fmt: skip
    size_of, here = 0.05 * found["total"], 1.0
    grants = [(size_of, 6, 0)]  # options for all who joined, cliff, months since
    granted, forfeited, lapsed, bought = [0.0] * 3, [0.0] * 3, [0.0] * 3, 0.0
    for month in range(4, 31):
        grants = [(options, cliff, passed + 1) for options, cliff, passed in grants]
        left = here * (1 - 0.88 ** (1 / 12))
        lost = gone = 0.0
        for options, cliff, passed in grants:
            vested = min(passed / 36, 1) if passed >= cliff else 0
            lost += left * options * (1 - vested)
            gone += left * options * vested * 0.6
            bought += left * options * vested * 0.4
        here -= left
        granted.append(granted[-1] or size_of)
        if month in (4 + 11, 4 + 23):
            grants.append((0.3 * size_of, 0, 0))
            granted[-1] += 0.3 * size_of * here
        forfeited.append(forfeited[-1] + lost)
        lapsed.append(lapsed[-1] + gone)
    assert found["granted_by_month"] == pytest.approx(granted)
    assert found["forfeited_by_month"] == pytest.approx(forfeited)
    assert found["lapsed_by_month"] == pytest.approx(lapsed)
    held = sum(here * options * (min(passed / 36, 1) if passed >= cliff else 0) for options, cliff, passed in grants)
    assert found["vested_by_month"][-1] == pytest.approx(held + bought)


def test_months_drawn_together_are_months_one_by_one() -> None:
    table = course(vested_part(24, 6, 12), vested_part(24, 0, 12), monthly_rate([0.1, 0.2, 0.3]), 0.5).forfeited
    together = from_month(table, np.array([1.0, 5.0, 40.0]), 12)
    for at, month in enumerate((1, 5, 40)):
        np.testing.assert_array_equal(together[:, at], from_month(table[:, [at]], month, 12)[:, 0])
    assert not together[:, 2].any()
    assert not together[:4, 1].any()


def test_options_that_do_not_come_back_need_a_larger_pool() -> None:
    given = {"attrition": 0.3, "granted": 2_000_000, "hires": [{"people": 10, "part": 0.005, "month": 12}]}
    back, gone = outputs(**given), outputs(**given, returns=GONE)
    assert gone["come_back"] == 0 < back["come_back"]
    assert gone["pool_needed"] > back["pool_needed"]
    assert gone["forfeited_by_month"][-1] > 0


def test_the_buffer_is_what_is_left_at_the_lowest() -> None:
    hires = [{"people": 4, "part": 0.01, "month": 3}, {"part": 0.02, "month": 9}]
    found = outputs(hires=hires, buffer=0.25, promised=100_000)
    assert min(found["available_by_month"]) == pytest.approx(found["kept_free"])
    assert found["kept_free"] == pytest.approx(0.25 * (0.06 * found["total"] + 100_000))
    assert found["pool_share"] == pytest.approx(1.25 * (0.06 + 100_000 / found["total"]))


# The expense


def test_calls_are_worth_what_textbooks_print() -> None:
    """Hull, Options, Futures, and Other Derivatives, example 15.6: 42, 40, 10%, 20%, half a year: 4.76."""
    assert float(call_value(42, 40, 0.2, 0.5, 0.1)) == pytest.approx(4.76, abs=5e-3)
    assert float(call_value(7.0, 0, 0.2, 0.5, 0.1)) == 7.0
    many = call_value(42, np.array([40.0, 0.0]), 0.2, np.array([0.5, 0.5]), 0.1)
    assert many.tolist() == [float(call_value(42, 40, 0.2, 0.5, 0.1)), 42.0]


def test_all_that_vests_is_expensed_and_forfeits_are_not() -> None:
    given = {"horizon": 24, "hires": [{"part": 0.1, "vesting": 24}]}
    found = outputs(**given)
    assert sum(found["expense_by_month"]) == pytest.approx(found["grant_value"])
    assert found["expense_year"] == pytest.approx(found["grant_value"] / 2)
    leavers = outputs(**given, attrition=0.5)
    kept = 1 - leavers["forfeited_by_month"][-1] / (0.1 * leavers["total"])
    assert sum(leavers["expense_by_month"]) == pytest.approx(leavers["grant_value"] * kept)


# Words


def test_what_it_says_of_the_pool_that_is_asked_for() -> None:
    hires = [{"people": 10, "part": 0.01, "month": 6}]
    assert words.ASKED_MORE in warned(hires=hires, asked=0.15)
    case = evaluate(CALCULATOR, read(hires=hires, asked=0.05))
    notice = next(one for one in case.notices if one.text == words.ASKED_LESS)
    assert "it ends in Jun 2027" in say(notice)
    quiet = warned(hires=hires, asked=0.1)
    assert words.ASKED_MORE not in quiet
    assert words.ASKED_LESS not in quiet


def test_answers() -> None:
    def said(**given: Any) -> str:
        return CALCULATOR.answer(simulate(CALCULATOR, read(**given), draws=200, seed=1)).text

    hires = [{"people": 2, "part": 0.01}]
    assert said(hires=hires) == words.NEEDS
    assert said(hires=[{"people": 2, "part": "0.5% to 2%"}]) == words.NEEDS_BETWEEN
    assert said(hires=hires, pool_now=5_000_000) == words.HAS


def test_rows_that_count_nothing_are_told_of() -> None:
    hires = [{"month": 20}, {"by": "value", "value": 0}, {"part": 0.01}]
    assert warned(hires=hires)[-2:] == [words.LATE, words.NOTHING]
    assert words.PROMISED_BEYOND in warned(promised=1)


def test_a_cliff_after_the_vesting_is_refused_beside_its_field() -> None:
    assert refused(hires=[{"vesting": 12, "cliff": 13}]) == {"hires.0.cliff": words.CLIFF_TOO_LATE}


def test_the_shuffle_is_told_four_times() -> None:
    """Venture Hacks: 6M shares and 8M before the money are worth 6M when a fifth is for the pool."""
    case = evaluate(CALCULATOR, read(founders_shares=6_000_000, pre_money=8e6, new_money=2e6, asked=0.2))
    shuffle = case.tables[0]
    assert [row[0] for row in shuffle.rows] == list(words.POOLS)
    no_pool, _, _, asked = (row[1:] for row in shuffle.rows)
    assert no_pool == pytest.approx((0, 4 / 3, 0.8, 8e6))
    assert asked == pytest.approx((0.2, 1.0, 0.6, 6e6))
    assert Fraction(case.outputs["pool_asked"]).limit_denominator(1) == 2_000_000
