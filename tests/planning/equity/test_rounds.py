"""Priced rounds: what must hold of every one, what each contract switch does, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.planning.equity.capitalization import (
    POST_MONEY_SAFE,
    PRE_MONEY_SAFE,
    SWITCHES,
    TYPICAL_NOTE,
    CapitalizationRules,
)
from portal.planning.equity.draws import many_rounds
from portal.planning.equity.legal import closed, legal_table
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.notes import Election
from portal.planning.equity.round import Solution, solve_round
from portal.planning.equity.rounding import LEGAL, YC_GUIDE, Rounding
from portal.planning.equity.safes import Mfn, Safe, converting
from portal.planning.equity.system import converted_at_caps
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.terms import (
    Basis,
    Counting,
    Investor,
    PoolIncrease,
    PoolTarget,
    Pricing,
    ProRata,
    ProRataSource,
    RoundTerms,
)
from tests.planning.equity.rounds import CLOSING, safe_of, safes_of, table_of, terms_of
from tests.planning.equity.test_notes import note

CAPPED = {"amount": 1_000_000, "post": 10_000_000}
TABLE = table_of(common=8_000_000, granted=300_000, reserved=500_000, promised=200_000)


def solved(*safes: dict[str, Any], table: CapTable = TABLE, **how: Any) -> Solution:
    how = {"pre_money": 12_000_000, "new_money": (3_000_000,), **how}
    return solve_round(table, terms_of(safes=safes, **how))


# Any round

bools = st.booleans()
millions = st.integers(1, 60).map(lambda n: n * 250_000)


@st.composite
def instruments(draw: Any, most: int = 4) -> list[Safe]:
    safes = []
    for n in range(draw(st.integers(0, most))):
        rules = CapitalizationRules(**{name: draw(bools) for name in SWITCHES} | {"include_outstanding_shares": True})
        cap = draw(st.none() | st.integers(20, 120).map(lambda n: n * 250_000))
        safes.append(Safe(
            name=f"s{n}", holder=f"h{n}", amount=Fraction(draw(st.integers(1, 20)) * 50_000),
            cap=None if cap is None else Fraction(cap), discount=draw(st.sampled_from([Fraction(0), Fraction(1, 5)])),
            rules=rules, pro_rata=draw(bools),
        ))  # fmt: skip
    return safes


@st.composite
def tables(draw: Any) -> CapTable:
    thousands = st.integers(0, 900).map(lambda n: n * 1000)
    return table_of(common=draw(st.integers(2, 12)) * 1_000_000, granted=draw(thousands), reserved=draw(thousands),
                    promised=draw(thousands))  # fmt: skip


@st.composite
def pools(draw: Any) -> PoolIncrease | PoolTarget:
    inside = draw(bools)
    if draw(bools):
        return PoolIncrease(shares=Fraction(draw(st.integers(0, 900)) * 1000), inside_pre_money=inside)
    return PoolTarget(
        share=draw(st.sampled_from([Fraction(1, 100), Fraction(1, 10), Fraction(1, 5)])),
        counting=draw(st.sampled_from(Counting)), basis=draw(st.sampled_from(Basis)), inside_pre_money=inside,
    )  # fmt: skip


@st.composite
def rounds(draw: Any) -> RoundTerms:
    return RoundTerms(
        series="A", closing=CLOSING, pre_money=Fraction(draw(millions)), pool=draw(pools()),
        investors=tuple(Investor(name=f"i{n}", amount=draw(millions)) for n in range(draw(st.integers(1, 3)))),
        pricing=draw(st.sampled_from(Pricing)), safes=tuple(draw(instruments())), shadow_series=draw(bools),
    )  # fmt: skip


def solve_or_skip(table: CapTable, terms: RoundTerms) -> Solution:
    try:
        return solve_round(table, terms)
    except Refused:
        assume(False)
        raise


@given(tables(), rounds())
@settings(max_examples=80, deadline=None)
def test_a_solution_satisfies_every_term_exactly(table: CapTable, terms: RoundTerms) -> None:
    """Each equation of the round, said the plain way, on the numbers of the solution."""
    result = solve_or_skip(table, terms)
    price, new = result.price, sum(each.shares for each in result.purchases)
    converted = sum(each.shares for each in result.conversions)
    assert result.margin > 0
    assert result.total == table.fully_diluted + result.increase + converted + new
    assert new * price == terms.new_money

    outside = 0 if terms.pool.inside_pre_money else result.increase
    before = result.total - new - outside  # the shares that the pre-money is for
    worth = {
        Pricing.PERCENTAGE_OWNERSHIP: price * before,
        Pricing.DOLLARS_INVESTED: price * before - sum(each.amount for each in result.conversions),
        Pricing.PRE_MONEY_METHOD: price * (before - converted),
    }
    assert worth[terms.pricing] == terms.pre_money

    for safe, each in zip(terms.safes, result.conversions, strict=True):
        rules = safe.rules
        counted = (
            table.shares
            + rules.include_outstanding_options * table.granted
            + rules.include_outstanding_unissued_options * table.reserved
            + rules.include_option_pool_topup_for_promised_options * table.topup
            + rules.include_additional_option_pool_topup * result.increase
            + rules.include_new_money * new
            + rules.include_this_security * each.shares
            + rules.include_other_converting_securities * (converted - each.shares)
        )
        ways = [price * (1 - safe.discount)] + ([safe.cap / counted] if safe.cap else [])
        assert each.price == min(ways)
        assert each.shares == safe.amount / each.price
        assert each.capitalization in (None, counted)
        assert each.preference == (safe.amount if terms.shadow_series else each.shares * price)

    pool = terms.pool
    if isinstance(pool, PoolTarget):
        with_grants = pool.counting is Counting.WITH_GRANTS
        counts = table.granted + result.reserved if with_grants else result.reserved - table.promised
        share = counts / (result.total if pool.basis is Basis.POST_MONEY else result.total - new)
        assert share == pool.share or (not result.increase and share > pool.share)
    else:
        assert result.increase == pool.shares


@given(tables(), rounds(), st.permutations(range(4)))
@settings(max_examples=40, deadline=None)
def test_the_order_of_safes_does_not_matter(table: CapTable, terms: RoundTerms, order: list[int]) -> None:
    result = solve_or_skip(table, terms)
    shuffled = tuple(terms.safes[k] for k in order if k < len(terms.safes))
    again = solve_round(table, replace(terms, safes=shuffled))
    assert (again.total, again.price) == (result.total, result.price)
    assert {c.name: c.shares for c in again.conversions} == {c.name: c.shares for c in result.conversions}


@given(rounds(), st.integers(2, 1000), st.integers(2, 1000))
@settings(max_examples=40, deadline=None)
def test_units_of_shares_and_money_do_not_matter(terms: RoundTerms, shares: int, money: int) -> None:
    result = solve_or_skip(TABLE, terms)
    pool = terms.pool
    scaled = replace(
        terms, pre_money=terms.pre_money * money,
        investors=tuple(Investor(name=i.name, amount=i.amount * money) for i in terms.investors),
        safes=tuple(replace(s, amount=s.amount * money, cap=s.cap and s.cap * money) for s in terms.safes),
        pool=replace(pool, shares=pool.shares * shares) if isinstance(pool, PoolIncrease) else pool,
    )  # fmt: skip
    table = CapTable(
        positions=tuple(replace(p, quantity=p.quantity * shares) for p in TABLE.positions),
        reserved=TABLE.reserved * shares, promised=TABLE.promised * shares,
    )  # fmt: skip
    again = solve_round(table, scaled)
    assert again.total == result.total * shares
    assert again.price == result.price * money / shares
    assert again.margin == result.margin


def test_a_lower_cap_and_a_higher_discount_never_give_fewer_shares() -> None:
    """Of one instrument, all else equal; ownership, since the total moves too."""
    for table in (TABLE, table_of(common=3_000_000)):
        for rules in ("pre", "post"):
            caps = range(2_000_000, 30_000_000, 1_000_000)
            capped = [solved({"amount": 500_000, rules: cap}, CAPPED, table=table) for cap in caps]
            owned = [each.conversions[0].shares / each.total for each in capped]
            assert owned == sorted(owned, reverse=True)
            assert owned[0] > owned[5]
        discounts = [solved({"amount": 500_000, "discount": f"{d}%"}, CAPPED, table=table) for d in range(0, 90, 5)]
        owned = [each.conversions[0].shares / each.total for each in discounts]
        assert owned == sorted(owned)
        assert owned[0] < owned[-1]


@given(tables(), rounds(), bools)
@settings(max_examples=50, deadline=None)
def test_whole_shares_are_what_the_rounding_rules_say(table: CapTable, terms: RoundTerms, legal: bool) -> None:
    solve_or_skip(table, terms)
    rules = LEGAL if legal else YC_GUIDE
    result = legal_table(table, terms, rules)
    counts = [*result.positions, *result.conversions, *result.purchases]
    shares = [each.quantity if isinstance(each, Position) else each.shares for each in counts]
    assert all(count.denominator == 1 for count in shares)
    assert result.total == sum(shares) + result.reserved
    assert result.identity == (result.implied_price == result.price)
    assert result.price * 10**rules.price_places == int(result.price * 10**rules.price_places)
    if legal:
        for each in result.purchases:  # floored: one share more would cost more than was paid
            assert each.shares * result.price <= each.amount < (each.shares + 1) * result.price
        for each in result.conversions:
            assert each.shares * each.price <= each.amount < (each.shares + 1) * each.price
    rows = result.rows()
    assert [row.whole for row in rows[-2:]] == [result.reserved, result.total]
    assert [row.exact for row in rows[-2:]] == [result.solution.reserved, result.solution.total]
    assert abs(rows[-1].difference) < Fraction(1, 100) * result.total
    assert len(result.steps) >= len(counts)
    assert all("{" not in str(step) for step in (*result.steps, *result.solution.steps))


@given(tables(), rounds(), st.lists(st.tuples(millions, millions), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_floats_follow_the_exact_rounds(table: CapTable, terms: RoundTerms, draws: list[tuple[int, int]]) -> None:
    exact_ones = [
        solve_or_skip(table, replace(terms, pre_money=pre, investors=(Investor(name="i", amount=new),)))
        for pre, new in draws
    ]
    found = many_rounds(table, terms, *np.array(draws, dtype=float).T)
    for place, one in enumerate(exact_ones):
        expected = {"total": one.total, "price": one.price, "reserved": one.reserved, "new": one.purchases[0].shares}
        if any(safe.pro_rata for safe in terms.safes):
            expected["new"] = sum(each.shares for each in one.purchases)
        for name, value in expected.items():
            assert getattr(found, name)[place] == pytest.approx(float(value), rel=1e-9)
        for each in one.conversions:
            assert found.conversions[each.name][place] == pytest.approx(float(each.shares), rel=1e-9)


def test_draws_without_one_solution_are_counted() -> None:
    terms = terms_of(pre_money=12_000_000, new_money=(3_000_000,), safes=[{"amount": 3_000_000, "discount": "20%"}])
    with pytest.raises(Refused, match="in 2 of 3 draws"):
        many_rounds(TABLE, terms, [12_000_000, 2_000_000, 3_000_000], 3_000_000)
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(Refused, match="above zero in every draw"):
            many_rounds(TABLE, terms, [12_000_000, wrong], 3_000_000)


def test_a_rounding_without_an_identity_says_so() -> None:
    """At whole dollars the price is 1 from the exact $0.53, and the shares that it buys give $0 again and again."""
    rules = replace(LEGAL, price_places=0, price=Rounding.DOWN, conversion_places=2)
    table = table_of(common=1_814_374)
    result = legal_table(table, terms_of(pre_money=1_000_000, new_money=(2_000_000,), pool="10%"), rules)
    assert not result.identity
    assert (result.price, result.implied_price) == (1, 0)
    assert result.total == sum(each.shares for each in result.purchases) + 1_814_374 + result.reserved
    assert "At none of 20 prices" in str(result.steps[0])


def test_prices_may_stay_unrounded() -> None:
    rules = replace(LEGAL, price_places=None, conversion_places=None)
    result = legal_table(TABLE, terms_of(pre_money=12_000_000, new_money=(3_000_000,), safes=[CAPPED]), rules)
    assert result.identity
    assert all(abs(row.difference) < 4 for row in result.rows())
    assert [row.name for row in result.rows()] == ["a", "x", "pool", "total"]


def test_closing_gives_the_table_of_the_next_round() -> None:
    terms = terms_of(pre_money=12_000_000, new_money=(3_000_000,), safes=[CAPPED], pool="10%")
    for result in (solve_round(TABLE, terms), legal_table(TABLE, terms, LEGAL)):
        after = closed(TABLE, terms, result)
        assert after.fully_diluted == result.total
        assert sum(after.ownership(diluted=True).values()) == 1 - after.reserved / after.fully_diluted
        assert sum(after.ownership(diluted=False).values()) == 1
        assert after.holders()["founders"] == 8_000_000
        assert {p.security for p in after.positions} == {"common", "options", "Series A (a)", "Series A"}
    at_price = closed(TABLE, terms, solved({"amount": 100_000, "post": 90_000_000}))
    assert "Series A (a)" not in {p.security for p in at_price.positions}


# Each switch and choice


def test_every_switch_of_the_capitalization_moves_shares() -> None:
    """From YC's post-money SAFE, one switch at a time; each adds shares to the capitalization or takes some away."""
    table = table_of(common=8_000_000, granted=300_000, reserved=100_000, promised=200_000)
    terms = terms_of(pre_money=16_000_000, new_money=(3_000_000,), safes=[CAPPED, CAPPED], pool="10%")
    base = solve_round(table, terms).conversions[0].shares
    for name in SWITCHES:
        flipped = replace(POST_MONEY_SAFE, **{name: not getattr(POST_MONEY_SAFE, name)})
        safes = (replace(terms.safes[0], rules=flipped), terms.safes[1])
        other = solve_round(table, replace(terms, safes=safes)).conversions[0].shares
        assert (other < base) if getattr(POST_MONEY_SAFE, name) else (other > base)


def test_what_the_usual_forms_count() -> None:
    """The eight switches in the order of the Open Cap Format; YC's guide compares its two forms in a table."""
    forms = {"post-money": POST_MONEY_SAFE, "pre-money": PRE_MONEY_SAFE, "note": TYPICAL_NOTE}
    bits = {name: "".join("01"[getattr(rules, switch)] for switch in SWITCHES) for name, rules in forms.items()}
    assert bits == {"post-money": "11111100", "pre-money": "11100110", "note": "11100000"}
    assert list(SWITCHES) == [
        "include_outstanding_shares", "include_outstanding_options", "include_outstanding_unissued_options",
        "include_this_security", "include_other_converting_securities",
        "include_option_pool_topup_for_promised_options", "include_additional_option_pool_topup", "include_new_money",
    ]  # fmt: skip


def test_promised_options_beyond_the_pool_count_before_the_rest_of_its_increase() -> None:
    within = table_of(common=9_000_000, reserved=1_000_000, promised=400_000)
    beyond = table_of(common=9_000_000, reserved=1_000_000, promised=1_400_000)
    assert (within.topup, within.unallocated, within.fully_diluted) == (0, 600_000, 10_000_000)
    assert (beyond.topup, beyond.unallocated, beyond.fully_diluted) == (400_000, 0, 10_400_000)
    for table, counted in ((within, 10_000_000), (beyond, 10_400_000)):
        one = solved(CAPPED, table=table, pool=500_000, pre_money=30_000_000).conversions[0]
        assert one.capitalization == Fraction(counted) * 10 / 9


def test_a_pool_created_after_the_closing_dilutes_the_new_investor_too() -> None:
    table = table_of(common=8_000_000)
    how = {"counting": Counting.UNALLOCATED, "basis": Basis.POST_MONEY, "share": "20%"}
    inside = solved(table=table, pool=PoolTarget(**how))
    outside = solved(table=table, pool=PoolTarget(**how, inside_pre_money=False))
    assert inside.purchases[0].shares / inside.total == Fraction(1, 5)
    assert outside.purchases[0].shares / outside.total == Fraction(1, 5) * Fraction(4, 5)
    assert outside.price == Fraction(12_000_000, 8_000_000)
    assert inside.price == outside.price * Fraction(3, 4)  # the pool is a quarter of the shares before the money


def test_a_pool_that_is_large_enough_stays() -> None:
    result = solved(CAPPED, pool="1%")
    assert result.increase == 0
    assert any("is enough" in str(step) for step in result.steps)


def test_pro_rata_rights_displace_or_enlarge() -> None:
    right = ProRata(holder="angel", share="20%")
    how = {"new_money": (2_000_000, 1_000_000), "pro_rata": (right,)}
    displaced = solved(CAPPED, **how)
    assert [each.amount for each in displaced.purchases] == [1_600_000, 800_000, 600_000]
    enlarged = solved(CAPPED, pro_rata_source=ProRataSource.ENLARGES, **how)
    assert [each.amount for each in enlarged.purchases] == [2_000_000, 1_000_000, 750_000]
    for result in (displaced, enlarged):
        bought = [each.shares for each in result.purchases]
        assert bought[-1] == sum(bought) / 5


def test_best_price_takes_whatever_later_safe_gives_most() -> None:
    later = [CAPPED, {"amount": 1_000_000, "discount": "20%"}]
    mfn = {"amount": 500_000, "mfn": "best price"}
    low = solved(mfn, *later, pre_money=12_000_000).conversions[0]
    high = solved(mfn, *later, pre_money=48_000_000, new_money=(12_000_000,)).conversions[0]
    assert (low.origin, low.basis) == ("c", "discount")
    assert (high.origin, high.basis) == ("b", "cap")
    for pre_money, new_money in ((12_000_000, 3_000_000), (48_000_000, 12_000_000)):
        how = {"pre_money": pre_money, "new_money": (new_money,)}
        stated = [solved(mfn | {"mfn": "stated election", "elects": e}, *later, **how) for e in "bc"]
        owned = [each.conversions[0].shares / each.total for each in stated]
        best = solved(mfn, *later, **how)
        assert best.conversions[0].shares / best.total == max(owned)


def test_at_caps_without_a_round() -> None:
    """1984vc/cap-table (MIT), pre-round.test.ts: 7.727% for the pre-money SAFE. YC's guide, Quick Starts 1 and 2."""
    table = table_of(common=9_400_000, reserved=600_000)
    safes = converting(safes_of([
        {"amount": 1_000_000, "post": 10_000_000}, {"amount": 1_000_000, "post": 20_000_000},
        {"amount": 1_000_000, "pre": 10_000_000},
    ]))  # fmt: skip
    shares = converted_at_caps(table, safes)
    total = table.fully_diluted + sum(shares.values())
    assert [round(float(each / total), 5) for each in shares.values()] == [0.1, 0.05, 0.07727]
    for raised, printed in ((500_000, 7.5), (800_000, 12), (1_000_000, 15)):
        found = converted_at_caps(table, converting([safe_of("a", {"amount": raised, "post": 6_700_000})]))["a"]
        assert found / (table.fully_diluted + found) == Fraction(raised, 6_700_000)
        assert float(found / (table.fully_diluted + found)) * 100 == pytest.approx(printed, rel=0.01)
    two = [{"amount": 500_000, "post": 5_500_000}, {"amount": 500_000, "post": 8_300_000}]
    found = converted_at_caps(table, converting(safes_of(two)))
    owned = [float(each / (table.fully_diluted + sum(found.values()))) for each in found.values()]
    assert owned == pytest.approx([0.09, 0.06], rel=0.012)


def test_notes_convert_with_their_interest_beside_safes() -> None:
    loan = note(principal=500_000, issued=date(2025, 3, 31), cap=8_000_000)
    result = solved(CAPPED, notes=(loan,))
    assert [each.amount for each in result.conversions] == [1_000_000, 530_000]
    assert any("530,000 converts = 500,000 principal + 30,000 interest" in str(step) for step in result.steps)
    kept = replace(loan, threshold=Fraction(9_000_000), below_threshold=Election.KEEP)
    assert [each.name for each in solved(CAPPED, notes=(kept,)).conversions] == ["a"]


def test_numbers_may_be_written_as_people_write_them() -> None:
    plain = Safe(name="a", holder="a", amount=exact("1,000,000"), cap=exact("1e7"), rules=POST_MONEY_SAFE)
    assert (plain.amount, plain.cap) == (1_000_000, 10_000_000)
    assert Position(holder="h", security="s", kind=Kind.PREFERRED, quantity="100", ratio="1.5").as_converted == 150
    assert Mfn("best price") is Mfn.BEST_PRICE
