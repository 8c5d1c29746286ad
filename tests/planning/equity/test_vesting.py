"""Vesting against the Open Cap Format's own examples, and what must hold of every schedule."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity.money import Refused
from portal.planning.equity.vesting import Allocation, Schedule, allocate

# Open Cap Format, schema/enums/AllocationType: 18 shares in 4 tranches.
ALLOCATED = {
    Allocation.CUMULATIVE_ROUNDING: [5, 4, 5, 4],
    Allocation.CUMULATIVE_ROUND_DOWN: [4, 5, 4, 5],
    Allocation.FRONT_LOADED: [5, 5, 4, 4],
    Allocation.BACK_LOADED: [4, 4, 5, 5],
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE: [6, 4, 4, 4],
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE: [4, 4, 4, 6],
    Allocation.FRACTIONAL: [4.5, 4.5, 4.5, 4.5],
}


def schedule(**facts: Any) -> Schedule:
    plain = {"start": date(2021, 1, 30), "months": 48, "cliff_months": 12, "allocation": Allocation.CUMULATIVE_ROUNDING}
    return Schedule(**(plain | facts))


@pytest.mark.parametrize("how", Allocation)
def test_published_allocations(how: Allocation) -> None:
    assert allocate(18, [Fraction(1, 4)] * 4, how) == ALLOCATED[how]


def test_the_published_schedule_with_a_cliff() -> None:
    """Open Cap Format, docs/explainers/VestingTerms.md, example 3, whose one cliff of 31 January is an erratum."""
    tranches = schedule().tranches(480)
    assert tranches[0] == (date(2022, 1, 30), 120)
    assert tranches[1] == (date(2022, 2, 28), 10)
    assert tranches[2] == (date(2022, 3, 30), 10)
    assert tranches[-1] == (date(2025, 1, 30), 10)
    assert len(tranches) == 37
    assert sum(count for _, count in tranches) == 480


def test_vested_by_a_day() -> None:
    plan = schedule()
    for day, vested in ((date(2022, 1, 29), 0), (date(2022, 1, 30), 120), (date(2022, 2, 28), 130),
                        (date(2030, 1, 1), 480)):  # fmt: skip
        assert plan.vested(480, day) == vested


def test_days_portions_and_quarters() -> None:
    quarterly = schedule(every=3, day=31, cliff_portion="10%", allocation=Allocation.FRACTIONAL).tranches(1000)
    assert quarterly[0] == (date(2022, 1, 31), 100)
    assert quarterly[1] == (date(2022, 4, 30), 75)
    assert len(quarterly) == 13
    without = schedule(cliff_months=0).tranches(480)
    assert without[0] == (date(2021, 2, 28), 10)
    assert len(without) == 48
    assert schedule(months=12).tranches(7) == [(date(2022, 1, 30), 7)]  # the cliff is all


@given(
    st.integers(1, 10**6), st.sampled_from(Allocation), st.integers(1, 6), st.integers(0, 12), st.integers(1, 16),
    st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.none() | st.integers(1, 31),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_tranches_add_up_in_order(
    shares: int, how: Allocation, every: int, cliff: int, count: int, start: date, day: int | None
) -> None:
    tranches = Schedule(
        start=start, months=cliff + every * count, every=every, cliff_months=cliff, allocation=how, day=day
    ).tranches(shares)
    days = [each for each, _ in tranches]
    counts = [each for _, each in tranches]
    assert sum(counts) == shares
    assert min(counts) >= 0
    assert days == sorted(set(days))
    assert how is Allocation.FRACTIONAL or all(each.denominator == 1 for each in counts)


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: schedule(months=0), "vesting.months"),
        (lambda: schedule(every=0), "vesting.every"),
        (lambda: schedule(every=7), "vesting.every"),
        (lambda: schedule(cliff_months=49), "vesting.cliff_months"),
        (lambda: schedule(day=32), "vesting.day"),
        (lambda: schedule(cliff_months=0, cliff_portion="25%"), "vesting.cliff_months"),
        (lambda: schedule(cliff_months=48, cliff_portion="25%"), "vesting.cliff_months"),
        (lambda: schedule(cliff_portion=1), "vesting.cliff_portion"),
        (lambda: schedule().tranches(0), "vesting.shares"),
        (lambda: schedule().tranches(Fraction(1, 2)), "shares"),
        (lambda: allocate(10, [Fraction(1, 2)], Allocation.FRACTIONAL), "portions"),
    ],
)
def test_impossible_schedules_are_refused(make: Any, where: str) -> None:
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.where == where
