"""The ledger: ownership on any day, and every contradiction refused by the number of its event."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
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
    PromiseChange,
    SafeSigned,
    Split,
    Transfer,
    Vest,
)
from portal.planning.equity.ledger import as_of
from portal.planning.equity.legal import legal_table
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import Election
from portal.planning.equity.rounding import LEGAL, Rounding
from portal.planning.equity.table import Kind
from portal.planning.equity.vesting import Allocation, Schedule
from tests.planning.equity.rounds import safe_of, table_of, terms_of
from tests.planning.equity.test_notes import note

FOUNDED = date(2024, 1, 1)
LATER = date(2030, 1, 1)
D = date(2024, 6, 1)  # after everything in START
VESTING = Schedule(start=FOUNDED, months=48, cliff_months=12, allocation=Allocation.CUMULATIVE_ROUNDING)


def issue(
    security: str = "cs-1", holder: str = "ana", shares: Any = 6_000_000, on: date = FOUNDED, **how: Any
) -> Issue:
    return Issue(on=on, security=security, holder=holder, stock_class="common", shares=shares, **how)


def grant(options: Any = 48_000, on: date = date(2024, 2, 1), **how: Any) -> Grant:
    return Grant(on=on, security="es-1", holder="eve", options=options, strike="0.10", schedule=VESTING, **how)


START: list[Event] = [
    issue(),
    issue("cs-2", "bo", 4_000_000),
    PoolChange(on=date(2024, 1, 15), shares=1_000_000),
    grant(),
]


def held(history: list[Event], day: date = LATER) -> dict[str, Fraction]:
    return as_of(history, day).table().holders()


def test_outstanding_and_fully_diluted_on_a_day() -> None:
    table = as_of(START, date(2024, 1, 31)).table()
    assert (table.shares, table.granted, table.reserved) == (10_000_000, 0, 1_000_000)
    table = as_of(START, LATER).table()
    assert (table.shares, table.granted, table.reserved) == (10_000_000, 48_000, 952_000)
    assert table.fully_diluted == 11_000_000
    assert table.ownership(diluted=False) == {"ana": Fraction(3, 5), "bo": Fraction(2, 5)}
    assert table.ownership(diluted=True)["eve"] == Fraction(48, 11_000)


def test_transfers_and_cancellations() -> None:
    history = [
        *START,
        Transfer(on=date(2024, 3, 1), security="cs-1", to="cy", into="cs-3", shares=1_000_000),
        Cancel(on=date(2024, 4, 1), security="cs-2", shares=500_000),
        Cancel(on=date(2024, 5, 1), security="es-1", shares=8_000, to_pool=True),
    ]
    assert held(history) == {"ana": 5_000_000, "bo": 3_500_000, "cy": 1_000_000, "eve": 40_000}
    assert as_of(history, LATER).reserved == 960_000
    assert held(history, date(2024, 3, 1)) == {"ana": 5_000_000, "bo": 4_000_000, "cy": 1_000_000, "eve": 48_000}


def test_vesting_exercise_and_milestones() -> None:
    cliff = date(2025, 1, 1)
    assert as_of(START, cliff).vested(date(2024, 12, 31)) == {"es-1": 0}
    assert as_of(START, cliff).vested(cliff) == {"es-1": 12_000}
    exercised = [*START, Exercise(on=cliff, security="es-1", options=10_000, into="cs-9", stock_class="common")]
    state = as_of(exercised, LATER)
    assert state.vested(cliff) == {"es-1": 2_000}
    assert state.vested(LATER) == {"es-1": 38_000}
    assert state.holdings["cs-9"].holder == "eve"
    assert state.table().fully_diluted == 11_000_000
    milestone = Grant(on=date(2024, 2, 1), security="es-2", holder="flo", options=100, strike=1)
    history = [*START, milestone, Vest(on=date(2024, 6, 1), security="es-2", options=60)]
    assert as_of(history, LATER).vested(LATER)["es-2"] == 60


def test_a_round_converts_what_is_outstanding_in_the_order_of_signing() -> None:
    mfn = {"amount": 500_000, "mfn": "best price"}
    facts = [mfn, {"amount": 1_000_000, "post": 10_000_000}]
    lent = note(holder="dee", threshold=Fraction(10**8), below_threshold=Election.KEEP)
    closing = date(2026, 3, 31)
    terms = terms_of(pre_money=12_000_000, new_money=(3_000_000,), pool="10%", closing=closing)
    history = [
        *START,
        SafeSigned(on=date(2025, 1, 1), safe=safe_of("a", facts[0])),
        SafeSigned(on=date(2025, 2, 1), safe=safe_of("b", facts[1])),
        NoteSigned(note=lent),
        PricedRound(terms=terms, rounding=LEGAL),
    ]
    before, after = as_of(history, date(2026, 3, 30)), as_of(history, closing)
    assert [safe.name for safe in before.safes] == ["a", "b"]
    assert (after.safes, [each.name for each in after.notes]) == ([], ["note"])
    alone = legal_table(
        table_of(common=10_000_000, granted=48_000, reserved=952_000),
        terms_of(pre_money=12_000_000, new_money=(3_000_000,), pool="10%", safes=facts), LEGAL,
    )  # fmt: skip
    table = after.table()
    assert alone.identity
    assert table.fully_diluted == alone.total
    holders = table.holders()
    assert holders["a"] == alone.conversions[0].shares
    assert holders["x"] == alone.purchases[0].shares
    classes = {each.stock_class for each in after.holdings.values() if each.kind is Kind.PREFERRED}
    assert classes == {"Series A (a)", "Series A (b)", "Series A"}
    assert after.rounds[0].steps


def test_promised_options_count_from_their_day() -> None:
    promises = [PromiseChange(on=date(2024, 3, 1), options=1_000_000), PromiseChange(on=D, options=-8_000)]
    table = as_of([*START, *promises], LATER).table()
    assert (table.promised, table.topup, table.fully_diluted) == (992_000, 40_000, 11_040_000)
    split = Split(on=D, new=2, old=1, rounding=Rounding.DOWN)
    assert as_of([*START, *promises, split], LATER).promised == 1_984_000
    assert as_of([*START, PromiseChange(on=D, options=5), PromiseChange(on=D, options=-5)], LATER).promised == 0


def test_splits_keep_ownership() -> None:
    split = [*START, Split(on=date(2024, 6, 1), new=3, old=2, rounding=Rounding.DOWN)]
    before, after = as_of(START, LATER).table(), as_of(split, LATER).table()
    assert after.fully_diluted == before.fully_diluted * Fraction(3, 2)
    assert after.ownership(diluted=True) == before.ownership(diluted=True)
    state = as_of(split, LATER)
    assert state.holdings["es-1"].strike == Fraction(1, 15)
    assert state.vested(date(2025, 1, 1)) == {"es-1": 18_000}


@given(st.lists(st.tuples(st.sampled_from("ticgx"), st.integers(1, 9_000), st.integers(0, 3)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_shares_are_neither_made_nor_lost(moves: list[tuple[str, int, int]]) -> None:
    """Whatever is accepted: what was issued and reserved, less what was cancelled for good, is what there is."""
    history: list[Event] = [issue(shares=20_000), PoolChange(on=FOUNDED, shares=20_000)]
    there = 40_000
    for n, (kind, count, which) in enumerate(moves):
        names = sorted(as_of(history, LATER).holdings)
        security = names[which % len(names)]
        event = {
            "t": Transfer(on=FOUNDED, security=security, to=f"h{n}", into=f"t{n}", shares=count),
            "i": issue(f"i{n}", f"h{n}", count),
            "c": Cancel(on=FOUNDED, security=security, shares=count),
            "g": Grant(on=FOUNDED, security=f"g{n}", holder=f"h{n}", options=count, strike=1),
            "x": Cancel(on=FOUNDED, security=security, shares=count, to_pool=True),
        }[kind]
        try:
            as_of([*history, event], LATER)
        except Refused:
            continue
        history.append(event)
        there += {"i": count, "c": -count}.get(kind, 0)
    state = as_of(history, LATER)
    assert sum(each.quantity for each in state.holdings.values()) + state.reserved == there
    assert min([state.reserved, *(each.quantity for each in state.holdings.values())]) >= 0


def test_everything_may_go_to_the_last_share() -> None:
    cliff = date(2025, 1, 1)
    history = [
        *START,
        Grant(on=date(2024, 3, 1), security="es-2", holder="flo", options=2_000, strike=1),
        Vest(on=date(2024, 4, 1), security="es-2", options=2_000),
        PoolChange(on=date(2024, 5, 1), shares=-950_000),
        Transfer(on=date(2024, 6, 1), security="cs-1", to="cy", into="cs-3", shares=6_000_000),
        Exercise(on=cliff, security="es-1", options=12_000, into="cs-9", stock_class="common"),
        Cancel(on=cliff, security="es-1", shares=36_000),
    ]
    state = as_of(history, LATER)
    assert state.table().holders() == {"bo": 4_000_000, "flo": 2_000, "cy": 6_000_000, "eve": 12_000}
    assert (state.reserved, state.vested(LATER)) == (0, {"es-1": 0, "es-2": 2_000})
    assert state.day == cliff


@pytest.mark.parametrize(
    ("event", "place", "says"),
    [
        (issue(on=date(2023, 1, 1)), "on", "2023-01-01 after 2024-02-01"),
        (issue(on=D), "security", "Two securities have the name cs-1"),
        (issue("n", on=D, shares=0), "", "above zero"),
        (issue("n", on=D, shares=-5), "", "above zero"),
        (issue("n", on=D, shares=1.5), "", "whole number"),
        (issue("n", on=D, shares=True), "", "whole number"),
        (issue("n", on=D, shares=10**16), "", "whole number"),
        (issue("n", on=D, kind=Kind.OPTION), "kind", "granted"),
        (Transfer(on=D, security="nope", to="x", into="n", shares=1), "security", "no security nope"),
        (Transfer(on=D, security="cs-1", to="x", into="n", shares=6_000_001), "shares", "6,000,000 left"),
        (Transfer(on=D, security="cs-1", to="x", into="cs-2", shares=1), "security", "Two securities"),
        (Transfer(on=D, security="es-1", to="x", into="n", shares=1), "security", "not transferred"),
        (Cancel(on=D, security="cs-1", shares=1, to_pool=True), "to_pool", "Only options"),
        (Cancel(on=D, security="es-1", shares=48_001), "shares", "48,000 left"),
        (PoolChange(on=D, shares=-952_001), "shares", "952,000"),
        (PromiseChange(on=D, options=-1), "options", "0 options are promised"),
        (Grant(on=D, security="n", holder="x", options=952_001, strike=1), "options", "952,000"),
        (Vest(on=D, security="es-1", options=48_001), "options", "not vested"),
        (Vest(on=D, security="cs-1", options=1), "security", "are shares"),
        (Exercise(on=D, security="es-1", options=1, into="n", stock_class="common"), "options", "Only 0 options"),
        (Exercise(on=D, security="cs-1", options=1, into="n", stock_class="common"), "security", "are shares"),
        (Split(on=D, new=0, old=1, rounding=Rounding.DOWN), "", "above zero"),
        (PricedRound(terms=terms_of(pre_money=1, new_money=(1,), safes=[{"amount": 1, "post": 9}]), rounding=LEGAL),
         "terms", "sign SAFEs"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_by_event(event: Event, place: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        as_of([*START, event], LATER)
    assert refused.value.where == f"events.4.{place}".rstrip(".")
    assert says in str(refused.value)


def test_an_instrument_is_signed_once() -> None:
    safe = SafeSigned(on=D, safe=safe_of("a", {"amount": 1, "post": 9}))
    with pytest.raises(Refused, match="Two entries have the name a"):
        as_of([*START, safe, safe], LATER)


def test_events_after_the_day_count_only_for_their_order() -> None:
    future = Cancel(on=D, security="nope", shares=1)
    assert held([*START, future], date(2024, 5, 31)) == held(START)
    with pytest.raises(Refused, match="order"):
        as_of([*START, future, issue("n")], FOUNDED)
    with pytest.raises(TypeError, match="no such event"):
        as_of([*START, safe_like()], LATER)


def safe_like() -> Any:
    class Unknown:
        on = D

    return Unknown()
