"""The closing in whole shares: prices rounded by a stated rule, shares floored per holder, and an identity found.

The price depends on the total, and the total on the shares that the rounded price buys. ``legal_table`` tries prices
from the exact one outwards until the shares that one buys add up to a total which, rounded, gives that price again;
and says so when it finds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity import trace
from portal.planning.equity.lines import constant
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.round import (
    Conversion,
    Purchase,
    Solution,
    allocations,
    conversion_steps,
    kept_step,
    pool_step,
    price_step,
    purchase_step,
    solution_of,
)
from portal.planning.equity.rounding import Rounding, RoundingRules, rounded, whole
from portal.planning.equity.safes import Converting, Terms
from portal.planning.equity.system import base_line, cap_branch, prepared
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.terms import PoolIncrease, RoundTerms
from portal.planning.equity.trace import Step

MOST_PRICES = 41  # prices tried before the absence of an identity is reported
MOST_TRIES = 600  # totals tried at all of them


POOL, TOTAL = "pool", "total"


@dataclass(frozen=True, slots=True)
class Row:
    """A share count before and after rounding."""

    name: str
    exact: Fraction
    whole: int

    @property
    def difference(self) -> Fraction:
        return self.whole - self.exact


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalTable:
    """A closing in whole shares beside the exact ``solution``.

    ``identity``: the total of all shares, rounded, gives the price that they were bought at. Otherwise the price is
    the exact one rounded, and ``implied_price`` the one that the total would give.
    """

    solution: Solution
    total: int
    identity: bool
    implied_price: Fraction
    price: Fraction
    increase: int
    reserved: int
    conversions: tuple[Conversion, ...]
    purchases: tuple[Purchase, ...]
    positions: tuple[Position, ...]  # those of before, as converted, each floored
    steps: tuple[Step, ...]

    def rows(self) -> tuple[Row, ...]:
        """Every share count, exact beside whole: conversions, purchases, the pool and the total."""
        exact = self.solution
        pairs = [
            *((one.name, two.shares, one.shares) for one, two in zip(self.conversions, exact.conversions, strict=True)),
            *((one.name, two.shares, one.shares) for one, two in zip(self.purchases, exact.purchases, strict=True)),
            (POOL, exact.reserved, Fraction(self.reserved)),
            (TOTAL, exact.total, Fraction(self.total)),
        ]
        return tuple(Row(name, before, int(after)) for name, before, after in pairs)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to convert, rounded."""

    shares: int
    price: Fraction
    terms: Terms
    capitalization: Fraction | None


@dataclass(frozen=True, slots=True)
class _Try:
    """What a price and a total to take parts of give when everything is rounded."""

    price: Fraction
    increase: int
    purchased: tuple[int, ...]
    converted: tuple[_Way, ...]
    total: int


def legal_table(table: CapTable, terms: RoundTerms, rules: RoundingRules) -> LegalTable:
    """The round in whole shares.

    Raises:
        Refused: as ``solve_round``; or a pool increase or a pool that is not in whole shares.
    """
    closing = _Closing(table, terms, rules)
    solution = closing.solution
    found, identity = closing.search()
    conversions = tuple(
        _conversion(each, way, found.price, terms) for each, way in zip(closing.brought, found.converted, strict=True)
    )
    purchases = tuple(
        Purchase(name=name, amount=amount, shares=Fraction(shares))
        for (name, amount), shares in zip(closing.bought, found.purchased, strict=True)
    )
    return LegalTable(
        solution=solution, total=found.total, identity=identity,
        implied_price=closing.price_of(found.total), price=found.price, increase=found.increase,
        reserved=closing.pool + found.increase, conversions=conversions, purchases=purchases,
        positions=closing.positions, steps=_steps(closing, found, identity, conversions, purchases),
    )  # fmt: skip


def series_of(terms: RoundTerms, each: Conversion, round_price: Fraction) -> str:
    """The class of what an instrument converted into: below the round price a shadow series, where those are made."""
    shadow = terms.shadow_series and each.price < round_price
    return f"{terms.series} ({each.name})" if shadow else terms.series


def closed(table: CapTable, terms: RoundTerms, result: Solution | LegalTable) -> CapTable:
    """The cap table after the round: what converted, the new series and the larger pool beside what there was."""
    added = [(each.holder, series_of(terms, each, result.price), each.shares) for each in result.conversions] + [
        (each.name, terms.series, each.shares) for each in result.purchases
    ]
    positions = [
        Position(holder=holder, security=series, kind=Kind.PREFERRED, quantity=shares)
        for holder, series, shares in added
    ]
    return CapTable(
        positions=(*table.positions, *positions), reserved=Fraction(result.reserved), promised=table.promised
    )


class _Closing:
    """A round's lines beside its rounding rules, to be evaluated at whole totals."""

    def __init__(self, table: CapTable, terms: RoundTerms, rules: RoundingRules) -> None:
        pool = table.reserved + table.topup
        fixed = [("pool", pool)]
        if isinstance(terms.pool, PoolIncrease):
            fixed.append(("pool.shares", terms.pool.shares))
        for where, shares in fixed:
            if shares.denominator != 1:
                problem = Problem("Wanted whole shares in the pool, got {given}.", {"given": shown(shares)})
                raise Refused(problem, where)
        self.table, self.terms, self.rules = table, terms, rules
        self.tries = self.prices = 0
        self.system = prepared(table, terms)
        self.solution = solution = solution_of(table, terms, self.system)
        self.pool = int(pool)
        self.positions = tuple(_floored(each) for each in table.positions)
        self.before = int(sum(each.quantity for each in self.positions)) + self.pool
        self.brought = self.system.brought
        converted = sum((each.shares for each in solution.conversions), Fraction(0))
        self.bought = allocations(terms, solution.conversions, table.fully_diluted + converted)

    def price_of(self, total: int) -> Fraction:
        return rounded(1 / self.system.per_dollar(total), self.rules.price_places, self.rules.price)

    def at(self, total: int, price: Fraction) -> _Try:
        rules = self.rules
        increase = whole(self.system.increase(total) + self.pool, rules.pool_shares) - self.pool
        purchased = tuple(whole(amount / price, rules.new_shares) for _, amount in self.bought)
        new, left = Fraction(sum(purchased)), Fraction(total - self.before - increase - sum(purchased))
        converted = tuple(
            max(
                (way for terms in each.terms
                 for way in self._ways(each.amount, terms, price, Fraction(increase), new, left)),
                key=lambda way: way.shares,
            )
            for each in self.brought
        )  # fmt: skip
        issued = increase + sum(purchased) + sum(way.shares for way in converted)
        return _Try(price, increase, purchased, converted, self.before + issued)

    def _ways(
        self, amount: Fraction, terms: Terms, price: Fraction, increase: Fraction, new: Fraction, left: Fraction
    ) -> Iterator[_Way]:
        if terms.cap is not None:
            base = base_line(self.table, terms, constant(increase), constant(new))
            shares = cap_branch(amount, terms, base, constant(left)).shares(0)
            if shares > 0:
                yield self._at_cap(amount, shares, terms)
        paid = self._price(price * (1 - terms.discount))
        yield _Way(whole(amount / paid, self.rules.conversion_shares), paid, terms, None)

    def _at_cap(self, amount: Fraction, shares: Fraction, terms: Terms) -> _Way:
        assert terms.cap is not None
        counted = terms.cap * shares / amount
        if self.rules.cap_as_fraction and terms.rules.include_this_security:
            return _Way(whole(shares, self.rules.conversion_shares), amount / shares, terms, counted)
        paid = self._price(amount / shares)
        return _Way(whole(amount / paid, self.rules.conversion_shares), paid, terms, counted)

    def _price(self, price: Fraction) -> Fraction:
        found = rounded(price, self.rules.conversion_places, self.rules.conversion)
        if not found:
            problem = Problem("A conversion price of {price} rounds to zero at {places} places.",
                              {"price": shown(price, 12), "places": self.rules.conversion_places})  # fmt: skip
            raise Refused(problem, "rounding.conversion_places")
        return found

    def search(self) -> tuple[_Try, bool]:
        """What an identity gives; or, and False, what the exact price rounded gives where none is found."""
        first: _Try | None = None
        for price in self._prices():
            found, settled = self._settle(price)
            self.prices += 1
            if settled and self.price_of(found.total) == found.price:
                return found, True
            first = first or found
            if self.tries >= MOST_TRIES:
                break
        assert first is not None
        return first, False

    def _prices(self) -> Iterator[Fraction | None]:
        """The exact price rounded, then those ever further from it; None where prices are not rounded."""
        if self.rules.price_places is None:
            yield None
            return
        nearest = rounded(self.solution.price, self.rules.price_places, self.rules.price)
        unit = Fraction(1, 10**self.rules.price_places)
        for step in range(MOST_PRICES):
            away = (step + 1) // 2 * (1 if step % 2 else -1)
            if nearest + away * unit > 0:
                yield nearest + away * unit

    def _settle(self, price: Fraction | None) -> tuple[_Try, bool]:
        """The total that this price leads to, and whether it leads back to itself before the tries run out.

        A larger total never gives fewer shares, so stepping to whatever comes out jumps over no such total.
        """
        total = whole(self.solution.total, Rounding.NEAREST)
        while True:
            found = self.at(total, self.price_of(total) if price is None else price)
            self.tries += 1
            if found.total == total or self.tries >= MOST_TRIES:
                return found, found.total == total
            total = found.total


def _floored(position: Position) -> Position:
    if position.ratio == 1 and position.quantity.denominator == 1:
        return position
    return replace(position, quantity=Fraction(whole(position.as_converted, Rounding.DOWN)), ratio=Fraction(1))


def _conversion(each: Converting, way: _Way, price: Fraction, terms: RoundTerms) -> Conversion:
    at_cap = way.capitalization is not None
    return Conversion(
        name=each.name, holder=each.holder, amount=each.amount, shares=Fraction(way.shares), price=way.price,
        basis="cap" if at_cap else "discount" if way.terms.discount else "round price", origin=way.terms.origin,
        capitalization=way.capitalization, preference=each.amount if terms.shadow_series else way.shares * price,
    )  # fmt: skip


def _steps(
    closing: _Closing, found: _Try, identity: bool, conversions: tuple[Conversion, ...],
    purchases: tuple[Purchase, ...],
) -> tuple[Step, ...]:  # fmt: skip
    terms = closing.terms
    values = {
        "total": shown(found.total),
        "price": shown(found.price),
        "implied": shown(closing.price_of(found.total)),
        "tried": str(closing.prices),
    }
    text = trace.IDENTITY_FOUND if identity else trace.IDENTITY_ABSENT
    steps = [
        Step(terms.series, text, values),
        price_step(closing.table, terms, closing.brought, Fraction(found.total), found.price, Fraction(found.increase)),
        pool_step(Fraction(found.increase), Fraction(closing.pool + found.increase)),
    ]
    for each, what in zip(closing.brought, conversions, strict=True):
        steps.extend(conversion_steps(each, what, found.price, terms))
    steps += [purchase_step(each, found.price) for each in purchases]
    return (*steps, *(kept_step(each) for each in closing.positions))
