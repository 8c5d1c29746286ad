"""The exit waterfall: published cases, the game, breakpoints, and the float path against the exact one."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity.exits import at_exit
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.option_pricing import option_values
from portal.planning.equity.payoffs import breakpoints, payoffs
from portal.planning.equity.rounding import Rounding, whole
from portal.planning.equity.seniority import ranks
from portal.planning.equity.table import treasury_method
from portal.planning.equity.waterfall import (
    CARVE_OUT,
    COSTS,
    Common,
    Debt,
    Preferred,
    Waterfall,
    by_rank,
    distribute,
    solve,
)
from tests.planning.equity.golden_waterfall import (
    EXITS,
    GAME,
    GAME_BREAKPOINTS,
    GAME_EXITS,
    LENDERS,
    MATRIX_AT_60M,
    OPTION_PRICING,
    TIER,
    ExitCase,
    common,
    preferred,
)
from tests.planning.equity.rounds import CLOSING, safes_of, table_of
from tests.planning.equity.test_rounds import CAPPED


@pytest.mark.parametrize("case", EXITS, ids=lambda case: case.name)
def test_published_exits(case: ExitCase) -> None:
    payments = solve(Waterfall(classes=case.classes), Fraction(case.exit_value)).payments
    assert {name: payments[name] for name in case.expected} == {n: exact(v) for n, v in case.expected.items()}


def test_the_published_payoffs_of_every_choice() -> None:
    for converted, printed in MATRIX_AT_60M.items():
        paid = distribute(Waterfall(classes=GAME), Fraction(60_000_000), converted)
        assert (round(float(paid["A"]) / 1e6, 3), round(float(paid["B"]) / 1e6, 3)) == printed


def test_breakpoints_of_the_published_game() -> None:
    found = breakpoints(Waterfall(classes=GAME))
    assert [each.exit_value for each in found] == list(GAME_EXITS)
    causes = {cause: each.exit_value for each in found for cause in each.causes}
    assert {cause: causes[cause] for cause in GAME_BREAKPOINTS} == GAME_BREAKPOINTS


def test_claims_of_one_rank_share_by_claim() -> None:
    paid = by_rank([(str(n), Fraction(claim), 1) for n, claim in enumerate(TIER["claims"])], Fraction(TIER["money"]))
    assert tuple(round(float(each) / 1e6, 2) for each in paid.values()) == TIER["printed"]
    debts = tuple(Debt(name=str(n), claim=claim) for n, claim in enumerate(LENDERS["claims"]))
    outcome = solve(Waterfall(classes=(common("founders", 1),), debts=debts), Fraction(LENDERS["exit"]))
    assert tuple(outcome.payments[debt.name] for debt in debts) == LENDERS["paid"]
    assert outcome.payments["founders"] == 0


def test_costs_debts_and_carve_out_come_first() -> None:
    debts = (Debt(name="bank", claim=2_000_000), Debt(name="venture debt", claim=1_000_000, rank=2))
    waterfall = Waterfall(
        classes=(common("founders", 60), preferred("A", 40, 4_000_000, rank=1)), debts=debts, costs=100_000,
        cost_share="1%", carve_out="10%",
    )  # fmt: skip
    payments = solve(waterfall, Fraction(10_000_000)).payments
    # 10M − 0.2M of costs − 3M of debts = 6.8M, of which 0.68M is carved out and 6.12M is left for the classes.
    assert payments[COSTS] == 200_000
    assert payments[CARVE_OUT] == 680_000
    assert (payments["A"], payments["founders"]) == (4_000_000, 2_120_000)
    assert solve(waterfall, Fraction(50_000)).payments[COSTS] == 50_000


def test_indifference_keeps_the_preference_and_is_flagged() -> None:
    outcome = solve(Waterfall(classes=(common("common", 8_000_000), preferred("A", 2_000_000, 5_000_000, rank=1))),
                    Fraction(25_000_000))  # fmt: skip
    assert outcome.indifferent == {"A"}
    assert not outcome.converted


def test_dividends_count_with_the_preference_and_inside_the_cap() -> None:
    with_dividends = preferred("A", 50, 100, rank=1, participating=True, cap=2, dividends=20)
    paid = solve(Waterfall(classes=(common("c", 50), with_dividends)), Fraction(220)).payments
    assert paid["A"] == 170  # 120 and half of the 100 left
    assert solve(Waterfall(classes=(common("c", 50), with_dividends)), Fraction(300)).payments["A"] == 200


def test_everybody_with_a_strike() -> None:
    """By hand: 10 options at $3 beside 10 shares that get back 20 or convert. 45 pays 20, then 25 over 10 options."""
    waterfall = Waterfall(classes=(common("options", 10, 3), preferred("A", 10, 20, rank=1)))
    assert solve(waterfall, Fraction(15)).payments["A"] == 15
    # At a level of $3.75 both shares and options take part: 10 × 3.75 + 10 × 0.75 = 45.
    assert {name: solve(waterfall, Fraction(45)).payments[name] for name in ("options", "A")} == {
        "options": Fraction(15, 2), "A": Fraction(75, 2)
    }  # fmt: skip
    # Up to $3 a share the class that converts takes everything: 25 is $2.50 for each of its shares.
    assert solve(waterfall, Fraction(25)).payments["A"] == 25


def test_safes_in_a_sale() -> None:
    """By hand: 1M at a cap of 10M is a tenth of 9M shares and itself; the pool does not count."""
    table = table_of(common=9_000_000, reserved=1_000_000, promised=2_000_000)
    safes = safes_of([CAPPED, {"amount": 100_000, "mfn": "unamended"}])
    stack = (common("founders", 9_000_000), *at_exit(table, safes, on=CLOSING, rank=1).safes)
    assert stack[1].shares == 1_000_000
    for exit_value, paid in ((20_100_000, 2_000_000), (8_100_000, 1_000_000), (550_000, 500_000)):
        payments = solve(Waterfall(classes=stack), Fraction(exit_value)).payments
        assert payments["a"] == paid
        assert payments["b"] == paid / 10 if exit_value < 1_000_000 else payments["b"] == 100_000
    with pytest.raises(Refused, match="priced from the sale itself"):
        at_exit(table, safes_of([{"amount": 1, "discount": "20%"}]), on=CLOSING, rank=1)


def test_the_published_option_values() -> None:
    """OVF README 4.5: 60M of equity, 60% volatility, three years, 4%."""
    values = option_values(Waterfall(classes=GAME), **OPTION_PRICING["inputs"])
    assert {name: values[name] for name in OPTION_PRICING["printed"]} == pytest.approx(OPTION_PRICING["printed"],
                                                                                       rel=1e-7)  # fmt: skip
    assert sum(values.values()) == pytest.approx(60_000_000, rel=1e-12)
    for wrong in ({"volatility": 0}, {"years": -1}, {"equity_value": float("nan")}, {"risk_free": float("inf")}):
        with pytest.raises(Refused) as refused:
            option_values(Waterfall(classes=GAME), **OPTION_PRICING["inputs"] | wrong)
        assert refused.value.where in wrong


def test_the_published_treasury_method() -> None:
    """analystforum.com/t/diluted-eps-treasury-stock-method/90918, and analystnotes.com FSS22KQLL (230.54 as 231)."""
    assert float(treasury_method(Fraction(10_000), Fraction(10), Fraction(15))) == pytest.approx(3333.3333, rel=1e-7)
    assert whole(treasury_method(Fraction(999), Fraction(10), Fraction(13)), Rounding.NEAREST) == 231
    assert treasury_method(Fraction(999), Fraction(10), Fraction(9)) == 0


# Any stack


amounts = st.integers(0, 60).map(lambda n: Fraction(n))
counts = st.integers(1, 20)


@st.composite
def stacks(draw: Any) -> Waterfall:
    classes: list[Common | Preferred] = [
        common(f"c{n}", draw(counts), draw(st.sampled_from([0, 0, 1, 3]))) for n in range(draw(st.integers(1, 3)))
    ]
    for n in range(draw(st.integers(0, 4))):
        participating = draw(st.booleans())
        multiple = draw(st.sampled_from([Fraction(1), Fraction(3, 2)]))
        cap = draw(st.sampled_from([None, 2, 3])) if participating else None
        classes.append(preferred(
            f"p{n}", draw(counts), draw(counts), rank=draw(st.integers(1, 3)), participating=participating,
            multiple=multiple, cap=cap, convertible=draw(st.booleans()),
        ))  # fmt: skip
    debts = [
        Debt(name=f"d{n}", claim=draw(amounts), rank=draw(st.integers(1, 2))) for n in range(draw(st.integers(0, 2)))
    ]
    return Waterfall(
        classes=tuple(draw(st.permutations(classes))), debts=tuple(debts), costs=draw(amounts) / 10,
        cost_share=draw(st.sampled_from([0, "2%"])), carve_out=draw(st.sampled_from([0, "8%"])),
    )  # fmt: skip


@given(stacks(), amounts.map(lambda n: n * 5))
@settings(max_examples=60, deadline=None)
def test_payments_add_up_and_nobody_gains_by_choosing_otherwise(waterfall: Waterfall, exit_value: Fraction) -> None:
    outcome = solve(waterfall, exit_value)  # verifies the equilibrium itself
    assert sum(outcome.payments.values()) == exit_value
    assert min(outcome.payments.values()) >= 0


@given(stacks(), amounts.map(lambda n: n * 5))
@settings(max_examples=25, deadline=None)
def test_every_equilibrium_pays_the_same(waterfall: Waterfall, exit_value: Fraction) -> None:
    outcome = solve(waterfall, exit_value)
    equity = sum((outcome.payments[each.name] for each in waterfall.classes), Fraction(0))
    free = [each.name for each in waterfall.preferred if each.convertible]
    for chosen in chain.from_iterable(combinations(free, size) for size in range(len(free) + 1)):
        converted = frozenset(chosen)
        paid = distribute(waterfall, equity, converted)
        gains = any(distribute(waterfall, equity, converted ^ {name})[name] > paid[name] for name in free)
        if not gains and sum(paid.values()) == equity:
            assert all(paid[each.name] == outcome.payments[each.name] for each in waterfall.classes)


@given(stacks(), amounts, st.integers(2, 1000))
@settings(max_examples=30, deadline=None)
def test_units_of_money_do_not_matter(waterfall: Waterfall, exit_value: Fraction, factor: int) -> None:
    scaled = Waterfall(
        classes=tuple(
            Common(name=each.name, shares=each.shares, strike=each.strike * factor)
            if isinstance(each, Common)
            else preferred(each.name, each.shares, each.invested * factor, each.rank, multiple=each.multiple,
                           participating=each.participating, cap=each.cap, convertible=each.convertible)
            for each in waterfall.classes
        ),
        debts=tuple(Debt(name=each.name, claim=each.claim * factor, rank=each.rank) for each in waterfall.debts),
        costs=waterfall.costs * factor, cost_share=waterfall.cost_share, carve_out=waterfall.carve_out,
    )  # fmt: skip
    before, after = solve(waterfall, exit_value).payments, solve(scaled, exit_value * factor).payments
    assert after == {name: paid * factor for name, paid in before.items()}


@given(stacks(), st.lists(st.integers(0, 4000), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_floats_follow_the_exact_payments(waterfall: Waterfall, cents: list[int]) -> None:
    exits = [Fraction(cent, 10) for cent in cents]
    found = payoffs(waterfall)(np.array([float(each) for each in exits]))
    for place, exit_value in enumerate(exits):
        for name, paid in solve(waterfall, exit_value).payments.items():
            assert abs(found[name][place] - float(paid)) <= 1e-9 * max(1.0, float(exit_value))


@given(stacks())
@settings(max_examples=20, deadline=None)
def test_no_payment_bends_between_breakpoints(waterfall: Waterfall) -> None:
    exits = sorted({Fraction(0), *(each.exit_value for each in breakpoints(waterfall))})
    for low, high in pairwise(exits):
        ends = solve(waterfall, low).payments, solve(waterfall, high).payments
        middle = solve(waterfall, (low + high) / 2).payments
        assert middle == {name: (ends[0][name] + ends[1][name]) / 2 for name in middle}


# What is refused


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: preferred("A", 1, 1, rank=1, cap=2), "classes.A.cap"),
        (lambda: preferred("A", 1, 10, rank=1, participating=True, multiple=3, cap=2), "classes.A.cap"),
        (lambda: preferred("A", 0, 10, rank=1), "classes.A.shares"),
        (lambda: common("c", 10, -1), "classes.c.strike"),
        (lambda: Debt(name="bank", claim=-5), "debts.bank.claim"),
        (lambda: Waterfall(classes=(common("c", 1), common("c", 2))), "classes.c"),
        (lambda: Waterfall(classes=(common(COSTS, 1),)), "classes.costs"),
        (lambda: Waterfall(classes=(preferred("A", 1, 1, rank=1, convertible=False),)), "classes"),
        (lambda: Waterfall(classes=(common("c", 1),), carve_out=1), "waterfall.carve_out"),
        (lambda: solve(Waterfall(classes=(common("c", 1),)), Fraction(-1)), "exit_value"),
        (lambda: payoffs(Waterfall(classes=(common("c", 1),)))([1, -1]), "exit_values"),
        (lambda: payoffs(Waterfall(classes=(common("c", 1),)))(float("nan")), "exit_values"),
        (lambda: treasury_method(Fraction(1), Fraction(1), Fraction(0)), "price"),
        (lambda: preferred("A", 1, None, rank=1), "classes.A.invested"),
    ],
)
def test_impossible_stacks_are_refused(make: Any, where: str) -> None:
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.where == where
    assert "{" not in str(refused.value)


def test_seniority_by_pairs() -> None:
    assert ranks("ABCD", [("B", "A"), ("C", "B")]) == {"A": 3, "B": 2, "C": 1, "D": 1}
    assert ranks("AB", []) == {"A": 1, "B": 1}
    with pytest.raises(Refused, match="circle through A, B, C"):
        ranks("ABC", [("A", "B"), ("B", "C"), ("C", "A")])
    with pytest.raises(Refused, match="got X"):
        ranks("AB", [("A", "X")])
