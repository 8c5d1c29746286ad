"""From the ledger to a package and back: the same events, but for what the reports list."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity import events
from portal.planning.equity.capitalization import POST_MONEY_SAFE, TYPICAL_NOTE
from portal.planning.equity.interest import Compounding, DayCount
from portal.planning.equity.ledger import as_of
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import Note
from portal.planning.equity.rounding import LEGAL, Rounding
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.equity.table import Kind
from portal.planning.equity.terms import Basis, Counting, Investor, PoolTarget, Pricing, RoundTerms
from portal.planning.equity.vesting import Allocation, Schedule
from portal.planning.interchange.numbers import carried, numeric
from portal.planning.interchange.package import Given
from portal.planning.interchange.reading import Imported, read
from portal.planning.interchange.schedules import schedule_of, terms_of
from portal.planning.interchange.writing import Exported, Issuer, packed, write

COMPANY = Issuer(name="Company", formed=date(2020, 1, 1), country="US")
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)


def there_and_back(history: list[events.Event], on: date = LAST) -> tuple[Exported, Imported]:
    made = write(history, COMPANY, on=on, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    files = {
        name: Given(json.loads(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
        for name, data in made.files.items()
    }
    return made, read(files)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule | None:
    if draw(st.booleans()):
        return None
    return Schedule(
        start=draw(st.dates(FIRST, date(2025, 1, 1))), months=draw(st.sampled_from([24, 36, 48])),
        cliff_months=draw(st.sampled_from([0, 6, 12])), day=draw(st.sampled_from([None, 1, 15, 28, 29, 30, 31])),
        allocation=draw(st.sampled_from(Allocation)),
    )  # fmt: skip


SHARES = st.integers(1, 30_000)
AMOUNTS = st.integers(1, 10**9).map(lambda cents: Fraction(cents, 100))
PARTS = st.integers(0, 900).map(lambda part: Fraction(part, 1000))
HOLDERS = st.sampled_from(["H0", "H1", "H2"])
MONTHLY = Schedule(start=FIRST, months=12, allocation=Allocation.CUMULATIVE_ROUNDING)
BEGINNING: list[events.Event] = [
    events.Issue(on=FIRST, security="C-0", holder="H0", stock_class="Common", shares=1_000_000, price=Fraction(1, 100)),
    events.PoolChange(on=FIRST, shares=200_000),
    events.Grant(on=FIRST, security="O-0", holder="H1", options=60_000, strike=Fraction(1, 2), schedule=MONTHLY),
    events.Grant(on=FIRST, security="O-1", holder="H2", options=60_000, strike=Fraction(1, 2), from_pool=False),
    events.Vest(on=FIRST, security="O-1", options=30_000),
    events.SafeSigned(on=FIRST, safe=Safe(name="S-0", holder="H3", amount=Fraction(5), rules=POST_MONEY_SAFE)),
]


def _issue(draw: st.DrawFn, on: date, name: str, of: str) -> events.Event:
    preferred = {"kind": Kind.PREFERRED, "stock_class": "Seed", "ratio": Fraction(3, 2)}
    what = draw(st.sampled_from([preferred, {"stock_class": "Common"}]))
    return events.Issue(on=on, security=name, holder=draw(HOLDERS), shares=draw(SHARES), price=draw(AMOUNTS),
                        schedule=draw(schedules()), **what)  # fmt: skip


def _safe(draw: st.DrawFn, on: date, name: str, of: str) -> events.Event:
    cap = draw(st.one_of(st.none(), AMOUNTS))
    return events.SafeSigned(on=on, safe=Safe(
        name=name, holder="H3", amount=draw(AMOUNTS), cap=cap, discount=draw(PARTS), rules=POST_MONEY_SAFE,
    ))  # fmt: skip


def _note(draw: st.DrawFn, on: date, name: str, of: str) -> events.Event:
    return events.NoteSigned(note=Note(
        name=name, holder="H3", principal=draw(AMOUNTS), rate=draw(PARTS), issued=on, threshold=Fraction(0),
        maturity=on + timedelta(days=700), discount=draw(PARTS), rules=TYPICAL_NOTE,
        day_count=draw(st.sampled_from([DayCount.ACTUAL_365_FIXED, DayCount.THIRTY_360_US])),
        compounding=draw(st.sampled_from(Compounding)),
    ))  # fmt: skip


STEPS = [
    _issue, _safe, _note,
    lambda draw, on, name, of: events.Transfer(on=on, security=of, to=draw(HOLDERS), into=name, shares=draw(SHARES)),
    lambda draw, on, name, of: events.Cancel(on=on, security=of, shares=draw(SHARES), to_pool=of.startswith("O")),
    lambda draw, on, name, of: events.PoolChange(on=on, shares=draw(st.sampled_from([-20_000, 7, 50_000]))),
    lambda draw, on, name, of: events.Grant(on=on, security=name, holder=draw(HOLDERS), options=draw(SHARES),
                                            strike=draw(AMOUNTS), schedule=draw(schedules()),
                                            from_pool=draw(st.booleans())),
    lambda draw, on, name, of: events.Vest(on=on, security=of, options=draw(SHARES)),
    lambda draw, on, name, of: events.Exercise(on=on, security=draw(st.sampled_from(["O-0", "O-1"])),
                                               options=draw(SHARES), into=name, stock_class="Common"),
    lambda draw, on, name, of: events.Split(on=on, new=draw(st.integers(1, 5)), old=draw(st.integers(1, 3)),
                                            rounding=Rounding.DOWN),
    lambda draw, on, name, of: events.Settled(on=on, name=draw(st.sampled_from(["S-0", "N-4", "N-5"]))),
]  # fmt: skip


@st.composite
def ledgers(draw: st.DrawFn) -> list[events.Event]:
    """Histories that the ledger takes: each step is tried, and left out where it contradicts what came before."""
    history, on = list(BEGINNING), FIRST
    for number, step in enumerate(draw(st.lists(st.sampled_from(STEPS), min_size=6, max_size=12))):
        on += timedelta(days=draw(st.sampled_from([0, 1, 31, 120])))
        name = f"N-{number}"
        event = step(draw, on, name, draw(st.sampled_from(["C-0", "O-0", "O-1", "N-0", "N-1"])))
        try:
            as_of([*history, event], LAST)
        except Refused:
            continue
        history.append(event)
    return history


@settings(max_examples=40, deadline=None)
@given(ledgers())
def test_what_is_written_and_read_again_is_the_same(history):
    made, found = there_and_back(history)
    assert list(found.history) == history
    left_out = [each for each in (*made.losses, *found.losses) if each.whole]
    assert not left_out


def test_a_round_comes_back_as_the_shares_that_it_made():
    terms = RoundTerms(
        series="A", closing=date(2025, 6, 1), pre_money=Fraction(12_000_000), pricing=Pricing.PERCENTAGE_OWNERSHIP,
        investors=(Investor(name="Lead", amount=Fraction(3_000_000)),),
        pool=PoolTarget(share=Fraction(1, 10), counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY),
    )  # fmt: skip
    safe = Safe(name="S", holder="Angel", amount=Fraction(500_000), cap=Fraction(6_000_000), rules=POST_MONEY_SAFE)
    history = [
        events.Issue(on=FIRST, security="C-1", holder="Ann", stock_class="Common", shares=8_000_000),
        events.SafeSigned(on=FIRST, safe=safe),
        events.PricedRound(terms=terms, rounding=LEGAL),
    ]
    made, found = there_and_back(history)
    before, after = as_of(history, LAST), as_of(found.history, LAST)
    assert after.table() == before.table()
    assert not after.safes
    assert [each.kind for each in made.losses if each.kind == "PricedRound"]


@pytest.mark.parametrize(
    ("event", "kind", "whole"),
    [
        (events.PromiseChange(on=FIRST, options=5), "PromiseChange", True),
        (events.SafeSigned(on=FIRST, safe=Safe(name="M", holder="A", amount=Fraction(1), rules=POST_MONEY_SAFE,
                                               mfn=Mfn.BEST_PRICE)), "SafeSigned", False),
        (events.SafeSigned(on=FIRST, safe=Safe(name="P", holder="A", amount=Fraction(1), rules=POST_MONEY_SAFE,
                                               pro_rata=True)), "SafeSigned", False),
        (events.SafeSigned(on=FIRST, safe=Safe(name="T", holder="A", amount=Fraction(1, 3), rules=POST_MONEY_SAFE)),
         "SafeSigned", False),
        (events.NoteSigned(note=Note(
            name="N", holder="A", principal=Fraction(1), rate=Fraction(0), issued=FIRST, maturity=LAST,
            day_count=DayCount.ACTUAL_360, compounding=Compounding.SIMPLE, rules=TYPICAL_NOTE, threshold=Fraction(0),
        )), "NoteSigned", True),
        (events.NoteSigned(note=Note(
            name="N", holder="A", principal=Fraction(1), rate=Fraction(0), issued=FIRST, maturity=LAST,
            day_count=DayCount.THIRTY_360_US, compounding=Compounding.SIMPLE, rules=TYPICAL_NOTE,
            threshold=Fraction(1_000_000),
        )), "NoteSigned", False),
        (events.Split(on=FIRST, new=2, old=1, rounding=Rounding.UP), "Split", False),
    ],
)  # fmt: skip
def test_what_the_format_cannot_say_is_told(event, kind, whole):
    issue = events.Issue(on=FIRST, security="C-1", holder="Ann", stock_class="Common", shares=8)
    made, _found = there_and_back([issue, event])
    assert [each.whole for each in made.losses if each.kind == kind] == [whole]


def test_events_after_the_day_of_the_package_are_left_out_and_told():
    history = [
        events.Issue(on=FIRST, security="C-1", holder="Ann", stock_class="Common", shares=8),
        events.Cancel(on=date(2026, 1, 1), security="C-1", shares=3),
    ]
    made, found = there_and_back(history, on=date(2025, 1, 1))
    assert list(found.history) == history[:1]
    assert [each.ids for each in made.losses if each.kind == "Cancel"] == [("2026-01-01",)]


def test_an_archive_holds_the_files_and_is_the_same_each_time():
    issue = events.Issue(on=FIRST, security="C-1", holder="=2+5", stock_class="Common", shares=8)
    made, _found = there_and_back([issue])
    data = packed(made.files)
    assert data == packed(made.files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == dict(made.files)


@pytest.mark.parametrize("months", [1, 12, 48])
def test_a_single_tranche_reads_as_a_cliff_that_vests_the_same(months):
    given_one = Schedule(start=FIRST, months=months, every=months, allocation=Allocation.CUMULATIVE_ROUNDING)
    found = schedule_of(terms_of(given_one, 1), FIRST)
    assert found is not None
    assert found.tranches(100) == given_one.tranches(100)


@given(st.fractions(min_value=-(10**12), max_value=10**12))
def test_numbers_are_written_in_the_formats_fixed_point(value):
    text = numeric(value)
    assert abs(Fraction(text) - value) <= Fraction(1, 2 * 10**10)
    assert carried(value) == (Fraction(text) == value)
    assert "e" not in text
