"""Rows and events of a ledger hold the same, and what one side cannot hold is refused by its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid
from portal.planning.equity import events as of
from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE, TYPICAL_NOTE, CapitalizationRules
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.notes import Election, Note
from portal.planning.equity.rounding import LEGAL, YC_GUIDE, Rounding
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.equity.table import Kind
from portal.planning.equity.terms import (
    Basis,
    Counting,
    Investor,
    PoolIncrease,
    PoolTarget,
    Pricing,
    ProRata,
    ProRataSource,
    Protected,
    RoundTerms,
)
from portal.planning.equity.vesting import Allocation, Schedule
from portal.planning.holding import columns as col
from portal.planning.holding.rows import Rows, events_of, rows_of

FIRST = date(2024, 1, 1)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
names = st.text(st.sampled_from("Aa1.-:é王 "), min_size=1, max_size=12).filter(lambda name: name == name.strip() != "")
counts = st.integers(1, 10**12)
money = st.decimals(min_value="0.01", max_value=10**9, places=2).map(Fraction)
parts = st.integers(0, 9_000).map(lambda count: Fraction(count, 10_000))
rules = st.sampled_from([POST_MONEY_SAFE, PRE_MONEY_SAFE, TYPICAL_NOTE]) | st.builds(
    CapitalizationRules, **{name: st.booleans() for name in CapitalizationRules.__dataclass_fields__}
)


@st.composite
def schedules(draw: Any) -> Schedule:
    cliff, every = draw(st.integers(0, 12)), draw(st.sampled_from([1, 3]))
    months = cliff + every * draw(st.integers(1, 16))
    portion = draw(st.none() | parts.filter(bool)) if cliff else None
    return Schedule(
        start=draw(days), months=months, every=every, cliff_months=cliff, cliff_portion=portion,
        day=draw(st.none() | st.integers(1, 31)), allocation=draw(st.sampled_from(Allocation)),
    )  # fmt: skip


@st.composite
def safes(draw: Any) -> Safe:
    facts: dict[str, Any] = {"name": draw(names), "holder": draw(names), "amount": draw(money), "rules": draw(rules)}
    if draw(st.booleans()):
        return Safe(**facts, cap=draw(st.none() | money), discount=draw(parts), pro_rata=draw(st.booleans()))
    mfn = draw(st.sampled_from(Mfn))
    return Safe(**facts, mfn=mfn, elects=draw(names) if mfn is Mfn.STATED else None)


@st.composite
def notes(draw: Any) -> Note:
    issued = draw(days)
    return Note(
        name=draw(names), holder=draw(names), principal=draw(money), rate=draw(parts), issued=issued,
        maturity=issued + timedelta(days=draw(st.integers(1, 4_000))), day_count=draw(st.sampled_from(DayCount)),
        compounding=draw(st.sampled_from(Compounding)), partial_period=draw(st.sampled_from(PartialPeriod)),
        cap=draw(st.none() | money), discount=draw(parts), rules=draw(rules), threshold=draw(money),
        below_threshold=draw(st.none() | st.sampled_from(Election)),
        past_maturity=draw(st.none() | st.sampled_from(Election)),
    )  # fmt: skip


@st.composite
def rounds(draw: Any) -> of.PricedRound:
    inside = draw(st.booleans())
    pools = st.builds(PoolIncrease, shares=st.integers(0, 10**9), inside_pre_money=st.just(inside)) | st.builds(
        PoolTarget, share=parts, counting=st.sampled_from(Counting), basis=st.sampled_from(Basis),
        inside_pre_money=st.just(inside),
    )  # fmt: skip
    some = st.lists(names, min_size=1, max_size=3, unique=True)
    terms = RoundTerms(
        series=draw(names), closing=draw(days), pre_money=draw(money) + 1, pricing=draw(st.sampled_from(Pricing)),
        investors=tuple(Investor(name=name, amount=draw(money)) for name in draw(some)), pool=draw(pools),
        pro_rata=tuple(ProRata(holder=name, share=Fraction(1, 8)) for name in draw(some)),
        pro_rata_source=draw(st.sampled_from(ProRataSource)),
        protected=tuple(Protected(security=name, conversion_price=draw(money)) for name in draw(some)),
        shadow_series=draw(st.booleans()),
    )  # fmt: skip
    return of.PricedRound(terms=terms, rounding=draw(st.sampled_from([LEGAL, YC_GUIDE])))


ratios = st.builds(Fraction, st.integers(1, 40), st.integers(1, 40))
vesting = st.none() | schedules()
events = st.one_of(
    st.builds(of.Issue, on=days, security=names, holder=names, stock_class=names, shares=counts, price=money,
              kind=st.sampled_from([Kind.COMMON, Kind.PREFERRED]), ratio=ratios, schedule=vesting),
    st.builds(of.Transfer, on=days, security=names, to=names, into=names, shares=counts),
    st.builds(of.Cancel, on=days, security=names, shares=counts, to_pool=st.booleans()),
    st.builds(of.PoolChange, on=days, shares=counts | counts.map(lambda count: -count)),
    st.builds(of.PromiseChange, on=days, options=counts | counts.map(lambda count: -count)),
    st.builds(of.Grant, on=days, security=names, holder=names, options=counts, strike=money, schedule=vesting,
              from_pool=st.booleans()),
    st.builds(of.Vest, on=days, security=names, options=counts),
    st.builds(of.Exercise, on=days, security=names, options=counts, into=names, stock_class=names),
    st.builds(of.SafeSigned, on=days, safe=safes()),
    st.builds(of.NoteSigned, note=notes()),
    st.builds(of.Settled, on=days, name=names),
    st.builds(of.Split, on=days, new=st.integers(1, 99), old=st.integers(1, 99), rounding=st.sampled_from(Rounding)),
    rounds(),
)  # fmt: skip
histories = st.lists(
    events, max_size=6, unique_by=lambda event: event.terms.series if isinstance(event, of.PricedRound) else id(event)
)


@given(histories)
@settings(max_examples=50, deadline=None)
def test_events_survive_as_rows(history: list[of.Event]) -> None:
    """Whether or not they make sense together, which the ledger decides."""
    rows = rows_of(history)
    assert events_of(rows) == history
    assert rows_of(events_of(rows)) == rows


def test_equal_terms_are_one_row() -> None:
    signed = [of.SafeSigned(on=FIRST, safe=Safe(name=name, holder="x", amount=1, cap=9, rules=POST_MONEY_SAFE))
              for name in ("a", "b")]  # fmt: skip
    rows = rows_of(signed)
    assert (len(rows.safes), [event.terms for event in rows.events]) == (1, ["SAFE terms 1", "SAFE terms 1"])


PLAIN = of.Issue(on=FIRST, security="CS-1", holder="Ana", stock_class="Common", shares=5)
A_ROUND = of.PricedRound(
    terms=RoundTerms(series="A", closing=FIRST, pre_money=9, investors=(Investor(name="Lead", amount=1),),
                     pricing=Pricing.DOLLARS_INVESTED, pool=PoolIncrease(shares=0)), rounding=LEGAL,
)  # fmt: skip

B_TERMS = replace(A_ROUND.terms, series="B")


@pytest.mark.parametrize(
    ("event", "cell", "says"),
    [
        (replace(PLAIN, price=Fraction(1, 3)), "price", "1/3 is no decimal number"),
        (replace(PLAIN, holder=" Ana"), "holder", "without spaces at its ends"),
        (replace(PLAIN, holder=""), "holder", "needs this"),
        (replace(PLAIN, security="x" * 121), "security", "at most 120 characters"),
        (replace(PLAIN, shares=10**16), "shares", "at most"),
        (replace(PLAIN, on=date(1899, 12, 31)), "on", "1900-01-01"),
        (replace(A_ROUND, terms=B_TERMS, rounding=replace(LEGAL, price_places=3)), "terms", "rules of its own"),
        (replace(A_ROUND, terms=replace(B_TERMS, pool=PoolIncrease(shares=Fraction(1, 2)))), "terms",
         "no whole number"),
        (replace(A_ROUND, terms=replace(
            A_ROUND.terms, safes=(Safe(name="a", holder="a", amount=1, rules=POST_MONEY_SAFE),))), "terms",
         "signed before it"),
        (A_ROUND, "terms", "Two rounds have the series A"),
    ],
)  # fmt: skip
def test_what_no_row_holds_is_refused_by_its_event(event: of.Event, cell: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        rows_of([A_ROUND, event])
    assert set(refused.value.problems) == {f"events.1.{cell}"}
    assert says in str(refused.value)


def row(kind: str, **cells: Any) -> col.LedgerEvent:
    return col.LedgerEvent(on=FIRST, kind=kind, **cells)


GRANT = {"security": "ES-1", "holder": "Eve", "shares": 5}


@pytest.mark.parametrize(
    ("event", "cell", "says"),
    [
        (row("pool", shares=5, holder="Ana"), "holder", "“Change the pool” does not use this column"),
        (row("pool"), "shares", "“Change the pool” needs this"),
        (row("grant", **GRANT, ratio="2"), "ratio", "Leave it empty"),
        (row("grant", **GRANT, terms="nope"), "terms", "No row is called nope here. Wanted one of: Usual."),
        (row("grant", **GRANT, starts="2024-01-01"), "terms", "needs this"),
        (row("grant", **GRANT, terms="Usual", starts="1 May"), "starts", "YYYY-MM-DD, got 1 May"),
        (row("grant", **GRANT, terms="Usual", starts="2024-02-30"), "starts", "got 2024-02-30"),
        (row("grant", **GRANT, terms="Usual", starts="9999-01-01"), "starts", "got 9999-01-01"),
        (row("split", ratio="3:0"), "ratio", "whole numbers, such as 3:2, got 3:0"),
        (row("split", ratio="1.5"), "ratio", "got 1.5"),
        (row("split", ratio="x:1"), "ratio", "got x:1"),
        (row("split"), "ratio", "needs this"),
        (row("preferred", **GRANT, stock_class="A", ratio="0"), "ratio", "3:2 or 1.5, got 0"),
        (row("safe", security="S", holder="h", price=5), "terms", "needs this"),
        (row("safe", security="S", holder="h", price=5, terms="x"), "terms", "Wanted one of: Own."),
        (row("round", terms="B"), "terms", "Wanted one of: A"),
    ],
)  # fmt: skip
def test_cells_are_refused_by_row_and_column(event: col.LedgerEvent, cell: str, says: str) -> None:
    rows = Rows(
        events=(row("common", security="CS-1", holder="Ana", shares=5, stock_class="Common"), event),
        vestings=(col.LedgerVesting(name="Usual"),), safes=(col.LedgerSafe(name="Own"),),
        rounds=(col.LedgerRound(name="A"),), buyers=(col.LedgerBuyer(series="A", amount=5),),
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        events_of(rows)
    assert set(refused.value.problems) == {f"events.1.{cell}"}
    assert says in str(refused.value)


SIGN = row("safe", security="S", holder="h", price=5, terms="Own")
CLOSE = row("round", terms="A")


@pytest.mark.parametrize(
    ("tables", "path", "says"),
    [
        ({"vestings": (col.LedgerVesting(name="a"), col.LedgerVesting(name="a"))}, "vestings.1.name", "Two rows"),
        ({"safes": (col.LedgerSafe(name=" "),)}, "safes.0.name", "Wanted a name"),
        ({"events": (SIGN,), "safes": (col.LedgerSafe(name="Own", form="own", definition="x"),)},
         "safes.0.definition", "No row is called x"),
        ({"events": (SIGN,), "safes": (col.LedgerSafe(name="Own", cap=9, mfn="unamended"),)}, "safes.0.mfn",
         "no cap and no discount"),
        ({"events": (SIGN,), "safes": (col.LedgerSafe(name="Own", elects="T"),)}, "safes.0.elects", "elected SAFE"),
        ({"events": (row("note", security="N", holder="h", price=5, terms="N"),),
          "notes": (col.LedgerNote(name="N", maturity=FIRST),)}, "notes.0.maturity", "after the issue"),
        ({"events": (row("grant", **GRANT, terms="V"),), "vestings": (col.LedgerVesting(name="V", every=7),)},
         "vestings.0.every", "do not divide"),
        ({"buyers": (col.LedgerBuyer(series="Z", amount=1),)}, "buyers.0.series", "No row of the rounds"),
        ({"events": (CLOSE,), "rounds": (col.LedgerRound(name="A"),)}, "rounds.0.name", "at least one investor"),
        ({"events": (CLOSE,), "rounds": (col.LedgerRound(name="A"),), "buyers": (col.LedgerBuyer(),)},
         "buyers.0.series", "Series A"),
        ({"events": (CLOSE,), "rounds": (col.LedgerRound(name="A"),),
          "buyers": (col.LedgerBuyer(series="A", amount=1, pro_rata=0.1),)}, "buyers.0.amount", "one of them"),
        ({"events": (CLOSE,), "rounds": (col.LedgerRound(name="A"),),
          "buyers": (col.LedgerBuyer(series="A", amount=1), col.LedgerBuyer(series="A", amount=2))}, "buyers.1.name",
         "Two entries have the name Lead"),
        ({"events": (CLOSE, CLOSE), "rounds": (col.LedgerRound(name="A"),),
          "buyers": (col.LedgerBuyer(series="A", amount=1),)}, "events.1.terms", "closed already"),
    ],
)  # fmt: skip
def test_terms_are_refused_by_row_and_column(tables: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        events_of(Rows(**tables))
    assert path in refused.value.problems
    assert says in str(refused.value)
