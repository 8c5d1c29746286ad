"""A priced round with any mix of SAFEs and notes, solved exactly; ``legal`` then makes whole shares of it.

``solve_round`` gives every share count as a rational number with the steps that lead to it, or refuses a round whose
terms do not determine it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity import trace
from portal.planning.equity.lines import constant
from portal.planning.equity.money import Refused, percent, shown
from portal.planning.equity.safes import Converting
from portal.planning.equity.solver import Branch
from portal.planning.equity.system import System, base_line, prepared
from portal.planning.equity.table import CapTable, Position
from portal.planning.equity.terms import Pricing, ProRataSource, RoundTerms
from portal.planning.equity.trace import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a SAFE or note became. ``capitalization`` is None where the cap does not bind."""

    name: str
    holder: str
    amount: Fraction
    shares: Fraction
    price: Fraction
    basis: str  # "cap", "discount" or "round price"
    origin: str
    capitalization: Fraction | None
    preference: Fraction  # what its shares are paid before common ones, at one times


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    name: str
    amount: Fraction
    shares: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A solved round; every number exact. ``margin`` above zero proves that there is no other solution."""

    total: Fraction
    price: Fraction
    increase: Fraction  # of the pool, beyond the top-up for promised options
    reserved: Fraction  # in the pool and not granted, after the round
    conversions: tuple[Conversion, ...]
    purchases: tuple[Purchase, ...]
    margin: Fraction
    steps: tuple[Step, ...]


def solve_round(table: CapTable, terms: RoundTerms) -> Solution:
    """The one exact solution of a round.

    Raises:
        Refused: conversions, pool and new money together leave nothing, an instrument's election is missing, or a
            protected class would adjust its conversion price, which makes price and adjustment circular.
    """
    return solution_of(table, terms, prepared(table, terms))


def solution_of(table: CapTable, terms: RoundTerms, system: System) -> Solution:
    """What the solved lines of a round mean; refuses as ``solve_round``."""
    total, taken, brought = system.total, system.taken, system.brought
    price = 1 / system.per_dollar(total)
    increase = system.increase(total)
    new = terms.new_money / price
    others = sum((branch.shares(total) for branch in taken), Fraction(0))
    conversions = tuple(
        _conversion(
            each, branch, branch.shares(total), price=price, shadow=terms.shadow_series,
            counted=base_line(table, branch.terms, system.increase, constant(new))(total), others=others,
        )
        for each, branch in zip(brought, taken, strict=True)
    )  # fmt: skip
    _check_protection(terms, price, conversions)
    purchases = tuple(
        Purchase(name=name, amount=amount, shares=amount / price)
        for name, amount in allocations(terms, conversions, table.fully_diluted + others)
    )
    return Solution(
        total=total, price=price, increase=increase, reserved=table.reserved + table.topup + increase,
        conversions=conversions, purchases=purchases, margin=system.margin,
        steps=_steps(table, terms, brought, conversions, purchases, total, price, increase, system.margin),
    )  # fmt: skip


# What came of it


def _conversion(
    each: Converting, branch: Branch, shares: Fraction, *, price: Fraction, shadow: bool, counted: Fraction,
    others: Fraction,
) -> Conversion:  # fmt: skip
    capitalization = None
    if branch.at_cap:
        rules = branch.terms.rules
        own, rest = rules.include_this_security, rules.include_other_converting_securities
        capitalization = counted + own * shares + rest * (others - shares)
    basis = "cap" if branch.at_cap else "discount" if branch.terms.discount else "round price"
    return Conversion(
        name=each.name, holder=each.holder, amount=each.amount, shares=shares, price=each.amount / shares, basis=basis,
        origin=branch.terms.origin, capitalization=capitalization,
        preference=each.amount if shadow else shares * price,
    )  # fmt: skip


def allocations(
    terms: RoundTerms, conversions: Sequence[Conversion], capitalization: Fraction
) -> list[tuple[str, Fraction]]:
    """Who buys for how much, pro-rata rights first; a side letter's share is its SAFE's part of the capitalization.

    Raises:
        Refused: the rights together take the whole round.
    """
    letters = {safe.name for safe in terms.safes if safe.pro_rata}
    rights = [(each.holder, each.share) for each in terms.pro_rata]
    rights += [(each.holder, each.shares / capitalization) for each in conversions if each.name in letters]
    taken = sum((share for _, share in rights), Fraction(0))
    if taken >= 1:
        problem = Problem("The pro-rata rights take {stated} of the round: wanted less than all of it.",
                          {"stated": percent(taken)})  # fmt: skip
        raise Refused(problem, "pro_rata")
    kept = 1 - taken if terms.pro_rata_source is ProRataSource.DISPLACES else Fraction(1)
    bought = [(each.name, each.amount * kept) for each in terms.investors]
    return bought + [(holder, share * terms.new_money) for holder, share in rights if share]


def _check_protection(terms: RoundTerms, price: Fraction, conversions: Sequence[Conversion]) -> None:
    lowest = min((price, *(each.price for each in conversions)))
    for each in terms.protected:
        if lowest < each.conversion_price:
            problem = Problem(
                "The round issues shares at {price}, below the conversion price {protected} of {security}: its "
                "adjustment changes the share count that the price is computed with, and the term sheet must say "
                "how. Agree a waiver, or adjust {security} first.",
                {"price": shown(lowest), "protected": shown(each.conversion_price), "security": each.security},
            )
            raise Refused(problem, f"protected.{each.security}")


def _steps(
    table: CapTable, terms: RoundTerms, brought: Sequence[Converting], conversions: Sequence[Conversion],
    purchases: Sequence[Purchase], total: Fraction, price: Fraction, increase: Fraction, last: Fraction,
) -> tuple[Step, ...]:  # fmt: skip
    steps = [
        Step(terms.series, trace.TOTAL, {"total": shown(total)}),
        Step(terms.series, trace.MARGIN, {"margin": shown(last)}),
        price_step(table, terms, brought, total, price, increase),
        pool_step(increase, table.reserved + table.topup + increase),
    ]
    for each, what in zip(brought, conversions, strict=True):
        steps.extend(conversion_steps(each, what, price, terms))
    steps += [purchase_step(each, price) for each in purchases]
    return (*steps, *(kept_step(each) for each in table.positions))


def pool_step(increase: Fraction, reserved: Fraction) -> Step:
    if not increase:
        return Step("pool", trace.POOL_ENOUGH, {"reserved": shown(reserved)})
    return Step("pool", trace.POOL, {"increase": shown(increase), "reserved": shown(reserved)})


def purchase_step(purchase: Purchase, price: Fraction) -> Step:
    values = {"shares": shown(purchase.shares), "amount": shown(purchase.amount, 2), "price": shown(price)}
    return Step(purchase.name, trace.PURCHASE, values)


def kept_step(position: Position) -> Step:
    return Step(position.security, trace.KEPT, {"shares": shown(position.as_converted)})


def price_step(
    table: CapTable, terms: RoundTerms, brought: Sequence[Converting], total: Fraction, price: Fraction,
    increase: Fraction,
) -> Step:  # fmt: skip
    outside = Fraction(0) if terms.pool.inside_pre_money else increase
    values = {"price": shown(price), "pre_money": shown(terms.pre_money, 2), "new_money": shown(terms.new_money, 2)}
    if terms.pricing is Pricing.PRE_MONEY_METHOD:
        counted = table.fully_diluted + increase - outside
        return Step(terms.series, trace.PRICE_PRE_MONEY, values | {"shares": shown(counted)})
    values["shares"] = shown(total - outside)
    if terms.pricing is Pricing.PERCENTAGE_OWNERSHIP:
        return Step(terms.series, trace.PRICE_PERCENTAGE, values)
    converting = sum((each.amount for each in brought), Fraction(0))
    return Step(terms.series, trace.PRICE_DOLLARS, values | {"converting": shown(converting, 2)})


def conversion_steps(each: Converting, what: Conversion, price: Fraction, terms: RoundTerms) -> list[Step]:
    steps = []
    if each.amount != each.principal:
        steps.append(Step(each.name, trace.INTEREST, {
            "amount": shown(each.amount, 2), "principal": shown(each.principal, 2),
            "interest": shown(each.amount - each.principal, 2), "day": str(terms.closing),
        }))  # fmt: skip
    if what.origin != each.name:
        steps.append(Step(each.name, trace.ELECTED, {"origin": what.origin}))
    values = {"shares": shown(what.shares), "amount": shown(what.amount, 2), "price": shown(what.price)}
    origin = next(one for one in each.terms if one.origin == what.origin)
    if what.basis == "cap":
        assert origin.cap is not None
        assert what.capitalization is not None
        values |= {"cap": shown(origin.cap, 2), "capitalization": shown(what.capitalization)}
        return [*steps, Step(each.name, trace.AT_CAP, values)]
    if what.basis == "discount":
        values |= {"round_price": shown(price), "discount": percent(origin.discount)}
        return [*steps, Step(each.name, trace.AT_DISCOUNT, values)]
    return [*steps, Step(each.name, trace.AT_ROUND_PRICE, values)]
