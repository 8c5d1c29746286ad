"""What the ledger keeps for a cap table: shares that vest, warrants, ended instruments, the last price, many days."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.equity.events import (
    Cancel,
    Event,
    Exercise,
    Grant,
    Issue,
    NoteSigned,
    PoolChange,
    PricedRound,
    SafeSigned,
    Settled,
    Split,
    Transfer,
    Vest,
)
from portal.planning.equity.ledger import as_of, states
from portal.planning.equity.money import Refused
from portal.planning.equity.rounding import LEGAL, Rounding
from portal.planning.equity.table import Kind
from portal.planning.equity.vesting import Allocation, Schedule
from tests.planning.equity.rounds import safe_of, terms_of
from tests.planning.equity.test_notes import note

FOUNDED, CLIFF, LATER = date(2024, 1, 1), date(2025, 1, 1), date(2030, 1, 1)
MONTHLY = Schedule(start=FOUNDED, months=48, cliff_months=12, allocation=Allocation.CUMULATIVE_ROUND_DOWN)


def shares(security: str = "CS-1", count: int = 48_000, **how: object) -> Issue:
    facts = {"on": FOUNDED, "holder": "Ana", "stock_class": "Common", "schedule": MONTHLY, **how}
    return Issue(security=security, shares=count, **facts)  # type: ignore[arg-type]


def refused(history: list[Event], place: str) -> str:
    with pytest.raises(Refused) as found:
        as_of(history, LATER)
    assert found.value.where == f"events.{len(history) - 1}.{place}"
    return str(found.value)


def test_founders_shares_vest_and_only_then_are_transferred() -> None:
    sold = Transfer(on=CLIFF, security="CS-1", to="Bo", into="CS-2", shares=12_000)
    state = as_of([shares(), sold], LATER)
    assert as_of([shares()], LATER).holdings["CS-1"].free(CLIFF - timedelta(days=1)) == 0
    assert (state.holdings["CS-1"].free(CLIFF), state.holdings["CS-1"].free(date(2025, 2, 1))) == (0, 1_000)
    assert (state.holdings["CS-2"].free(FOUNDED), state.holdings["CS-2"].vests) == (12_000, False)
    more = Transfer(on=CLIFF, security="CS-1", to="Bo", into="CS-2", shares=12_001)
    assert "Only 12,000 shares of CS-1 have vested by 2025-01-01" in refused([shares(), more], "shares")


def test_what_a_founder_who_leaves_has_not_vested_is_bought_back() -> None:
    left = [shares(), Cancel(on=CLIFF, security="CS-1", shares=36_000)]
    held = as_of(left, LATER).holdings["CS-1"]
    assert (held.quantity, held.free(CLIFF), held.free(LATER)) == (12_000, 12_000, 12_000)
    accelerated = [shares(), Vest(on=FOUNDED, security="CS-1", options=48_000)]
    assert as_of(accelerated, LATER).holdings["CS-1"].free(FOUNDED) == 48_000
    assert "without a schedule" in refused([shares(schedule=None), Vest(on=CLIFF, security="CS-1", options=1)],
                                           "security")  # fmt: skip


def test_a_warrant_does_not_come_out_of_the_pool_and_does_not_go_back() -> None:
    warrant = Grant(on=FOUNDED, security="W-1", holder="Bank", options=100, strike=1, from_pool=False)
    state = as_of([shares(), warrant], LATER)
    assert (state.reserved, state.holdings["W-1"].stock_class, state.table().granted) == (0, "Warrants", 100)
    returned = Cancel(on=CLIFF, security="W-1", shares=100, to_pool=True)
    assert "out of the pool" in refused([shares(), warrant, returned], "to_pool")


def test_an_instrument_that_has_ended_does_not_convert() -> None:
    signed: list[Event] = [
        shares(), SafeSigned(on=FOUNDED, safe=safe_of("a", {"amount": 100, "post": 9_000})), NoteSigned(note=note()),
    ]  # fmt: skip
    ended = [*signed, Settled(on=date(2026, 1, 1), name="a"), Settled(on=date(2026, 1, 1), name="note")]
    assert (as_of(ended, LATER).safes, as_of(ended, LATER).notes) == ([], [])
    assert "no SAFE and no note a at this point" in refused([*ended, Settled(on=LATER, name="a")], "name")


def test_the_last_price_follows_splits() -> None:
    sold = shares("PS-1", 10, kind=Kind.PREFERRED, price=3, schedule=None)
    history: list[Event] = [shares(price=1), sold, Split(on=CLIFF, new=3, old=2, rounding=Rounding.DOWN)]
    assert as_of([shares(price=1)], LATER).price is None
    assert as_of(history, FOUNDED).price == 3
    assert as_of(history, LATER).price == 2
    closing = PricedRound(terms=terms_of(pre_money=72_015, new_money=(72_015,)), rounding=LEGAL)
    assert as_of([*history, closing], LATER).price == 1


def test_what_a_round_is_refused_for_has_the_number_of_its_event() -> None:
    sold_out = SafeSigned(on=FOUNDED, safe=safe_of("a", {"amount": 9_000, "post": 9_000}))
    closing = PricedRound(terms=terms_of(pre_money=10_000_000, new_money=(1,)), rounding=LEGAL)
    assert "wanted less than 100%" in refused([shares(), sold_out, closing], "safes")


@given(st.lists(st.integers(-40, 900), min_size=1, max_size=8))
def test_one_replay_gives_the_state_of_every_day(after: list[int]) -> None:
    history: list[Event] = [
        shares(), PoolChange(on=date(2024, 3, 1), shares=9_000),
        Grant(on=date(2024, 5, 1), security="ES-1", holder="Eve", options=4_800, strike=1, schedule=MONTHLY),
        SafeSigned(on=date(2024, 7, 1), safe=safe_of("a", {"amount": 100, "post": 9_000})),
        Exercise(on=date(2025, 2, 1), security="ES-1", options=1_200, into="CS-2", stock_class="Common"),
        Split(on=date(2025, 6, 1), new=2, old=1, rounding=Rounding.DOWN),
    ]  # fmt: skip
    days = sorted(FOUNDED + timedelta(days=count) for count in after)
    assert states(history, days) == [as_of(history, day) for day in days]


def test_fractions_that_vest_count_whole_shares() -> None:
    thirds = Schedule(start=FOUNDED, months=3, allocation=Allocation.FRACTIONAL)
    held = as_of([shares(count=100, schedule=thirds)], LATER).holdings["CS-1"]
    assert [held.free(date(2024, month, 1)) for month in (1, 2, 3, 4)] == [0, 33, 66, 100]
    assert thirds.vested(100, date(2024, 3, 1)) == Fraction(200, 3)
