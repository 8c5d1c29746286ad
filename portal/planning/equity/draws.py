"""The same round at many valuations and sizes at once, in floats: for simulation.

``many_rounds`` follows ``system`` term by term; a property test holds it to the exact solution to 1e-9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.reading import Problem
from portal.planning.equity.capitalization import CapitalizationRules
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.safes import Converting, Terms
from portal.planning.equity.table import CapTable
from portal.planning.equity.terms import Basis, Counting, PoolIncrease, PoolTarget, Pricing, RoundTerms

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Shares and price of each draw; all arrays have the shape of the draws. What does not convert gets none."""

    total: Array
    price: Array
    new: Array  # shares that the new money buys
    reserved: Array
    conversions: dict[str, Array]


def many_rounds(table: CapTable, terms: RoundTerms, pre_money: ArrayLike, new_money: ArrayLike) -> Draws:
    """``terms`` at other pre-money valuations and amounts of new money, arrays of one shape or that broadcast.

    Whether a note converts is decided by the new money of each draw.

    Raises:
        Refused: amounts that are not above zero, draws that determine no single round, or a note whose holder
            decides in some draws and has not.
    """
    valuations, amounts = np.broadcast_arrays(np.asarray(pre_money, float), np.asarray(new_money, float))
    if not all(np.all((given > 0) & np.isfinite(given)) for given in (valuations, amounts)):
        raise Refused(Problem("Wanted valuations and amounts of new money above zero in every draw.", {}), "draws")
    thresholds = sorted({float(note.threshold) for note in terms.notes})
    tiers = np.searchsorted(thresholds, amounts, side="right")
    found: dict[int, tuple[Any, Draws]] = {}
    for tier in np.unique(tiers).tolist():
        mine = tiers == tier
        brought = terms.converting(_smallest(amounts[mine], terms))
        found[tier] = mine, _rounds(table, terms, brought, valuations[mine], amounts[mine])
    if len(found) == 1:
        return _shaped(next(iter(found.values()))[1], amounts.shape)
    return _together(terms, amounts.shape, found.values())


def _smallest(amounts: Array, terms: RoundTerms) -> Fraction:
    """Draws of the sum that is typed are it exactly, not its float."""
    least = float(amounts.min())
    return terms.new_money if least == float(terms.new_money) else exact(least)


def _shaped(draws: Draws, shape: tuple[int, ...]) -> Draws:
    return Draws(
        total=draws.total.reshape(shape), price=draws.price.reshape(shape), new=draws.new.reshape(shape),
        reserved=draws.reserved.reshape(shape),
        conversions={name: shares.reshape(shape) for name, shares in draws.conversions.items()},
    )  # fmt: skip


def _together(terms: RoundTerms, shape: tuple[int, ...], parts: Any) -> Draws:
    """Draws of which different notes convert, each at its place."""

    def scattered(values: Sequence[tuple[Any, Array]]) -> Array:
        whole = np.zeros(shape)
        for where, value in values:
            whole[where] = value
        return whole

    def field(name: str) -> Array:
        return scattered([(where, getattr(draws, name)) for where, draws in parts])

    names = [safe.name for safe in terms.safes] + [note.name for note in terms.notes]
    return Draws(
        total=field("total"), price=field("price"), new=field("new"), reserved=field("reserved"),
        conversions={
            name: scattered([(where, draws.conversions[name]) for where, draws in parts if name in draws.conversions])
            for name in names
            if any(name in draws.conversions for _, draws in parts)
        },
    )  # fmt: skip


def _rounds(
    table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], valuations: Array, amounts: Array
) -> Draws:
    """With the pool's target met by an increase, and without where it is large enough."""
    with_increase = _solved(table, terms, brought, valuations, amounts, with_increase=True)
    enlarged = with_increase.reserved >= float(table.reserved + table.topup)
    if np.all(enlarged):
        return with_increase
    without = _solved(table, terms, brought, valuations, amounts, with_increase=False)

    def chosen(name: str) -> Array:
        return np.where(enlarged, getattr(with_increase, name), getattr(without, name))

    return Draws(
        total=chosen("total"), price=chosen("price"), new=chosen("new"), reserved=chosen("reserved"),
        conversions={
            name: np.where(enlarged, shares, without.conversions[name])
            for name, shares in with_increase.conversions.items()
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """``start + slope × total`` in each draw."""

    start: Any
    slope: Any

    def __add__(self, other: _Line) -> _Line:
        return _Line(self.start + other.start, self.slope + other.slope)

    def __mul__(self, factor: Any) -> _Line:
        return _Line(self.start * factor, self.slope * factor)

    def at(self, total: Array) -> Array:
        return np.asarray(self.start + self.slope * total)


def _solved(
    table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], valuations: Array, amounts: Array, *,
    with_increase: bool,
) -> Draws:  # fmt: skip
    """Newton's method on the concave left-over, in all draws at once: as many steps as there are pieces at most.

    Every way to convert is a number times a line that all of its kind share: the shares for a dollar, or the
    capitalization that a cap is divided by. So a step works on these few lines and not on each instrument's own.
    """
    increase, per_dollar = _pool_and_price(table, terms, brought, valuations, amounts, with_increase=with_increase)
    new = per_dollar * amounts
    left = _Line(-float(table.fully_diluted), 1.0) + increase * -1.0 + new * -1.0
    lines, ways = [per_dollar], []
    places: dict[CapitalizationRules, int] = {}
    for each in brought:
        mine = []
        for one in each.terms:
            if one.cap is not None:
                if one.rules not in places:
                    places[one.rules] = len(lines)
                    lines.append(_capitalization(table, one.rules, increase, new, left))
                mine.append((places[one.rules], _ratio(each, one)))
            mine.append((0, float(each.amount) / (1 - float(one.discount))))
        ways.append(mine)
    zero = np.zeros(valuations.shape)
    taken = _weights(ways, [zero + line.slope for line in lines])
    undetermined = np.count_nonzero(_less(left, lines, taken).slope <= zero)
    if undetermined:
        problem = Problem("The terms determine no single round in {undetermined} of {draws} draws.",
                          {"undetermined": int(undetermined), "draws": valuations.size})  # fmt: skip
        raise Refused(problem, "draws")
    for _ in range(1 + sum(len(each) - 1 for each in ways)):
        rest = _less(left, lines, taken)
        total = zero - rest.start / rest.slope
        better = _weights(ways, [zero + line.at(total) for line in lines])
        if all(np.array_equal(one, other) for one, other in zip(taken, better, strict=True)):
            break
        taken = better
    found = [zero + line.at(total) for line in lines]
    dollar = found[0]
    return Draws(
        total=total, price=1 / dollar, new=amounts * dollar,
        reserved=float(table.reserved + table.topup) + increase.at(total) + zero,
        conversions={
            each.name: np.max([factor * found[place] for place, factor in mine], axis=0)
            for each, mine in zip(brought, ways, strict=True)
        },
    )  # fmt: skip


def _weights(ways: Sequence[Sequence[tuple[int, float]]], values: Sequence[Array]) -> list[Array]:
    """How much of each line is taken when each conversion takes the way that is worth most."""
    taken = [np.zeros(values[0].shape) for _ in values]
    for mine in ways:
        if len(mine) == 1:
            place, factor = mine[0]
            taken[place] += factor
            continue
        worth = [factor * values[place] for place, factor in mine]
        open_to = np.ones(values[0].shape, dtype=bool)
        for at, (place, factor) in enumerate(mine[:-1]):
            best = open_to & np.logical_and.reduce([worth[at] >= other for other in worth[at + 1 :]])
            taken[place] += factor * best
            open_to &= ~best
        taken[mine[-1][0]] += mine[-1][1] * open_to
    return taken


def _less(left: _Line, lines: Sequence[_Line], taken: Sequence[Array]) -> _Line:
    for line, weight in zip(lines, taken, strict=True):
        left = left + line * -weight
    return left


def _ratio(each: Converting, one: Terms) -> float:
    """Of the capitalization but for the instrument itself, as ``system.cap_branch`` has it."""
    assert one.cap is not None
    ratio = float(each.amount) / float(one.cap)
    this, others = one.rules.include_this_security, one.rules.include_other_converting_securities
    if this == others:
        return ratio
    return ratio / (1 - ratio) if this else ratio / (1 + ratio)


def _capitalization(table: CapTable, rules: CapitalizationRules, increase: _Line, new: _Line, left: _Line) -> _Line:
    fixed = (
        rules.include_outstanding_shares * float(table.shares)
        + rules.include_outstanding_options * float(table.granted)
        + rules.include_outstanding_unissued_options * float(table.reserved)
        + rules.include_option_pool_topup_for_promised_options * float(table.topup)
    )
    line = _Line(fixed, 0.0)
    line = line + increase if rules.include_additional_option_pool_topup else line
    line = line + new if rules.include_new_money else line
    return line + left if rules.include_other_converting_securities else line


def _pool_and_price(
    table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], valuations: Array, amounts: Array, *,
    with_increase: bool,
) -> tuple[_Line, _Line]:  # fmt: skip
    inside = terms.pool.inside_pre_money
    if terms.pricing is Pricing.PRE_MONEY_METHOD:
        a, b = _Line(float(table.fully_diluted) / valuations, 0.0), inside / valuations
    else:
        extra = float(sum(each.amount for each in brought)) if terms.pricing is Pricing.DOLLARS_INVESTED else 0.0
        value = valuations + amounts + extra
        a, b = _Line(0.0, 1 / value), (inside - 1) / value
    c, e = _Line(0.0, 0.0), np.zeros(())
    if isinstance(terms.pool, PoolIncrease):
        c = _Line(float(terms.pool.shares), 0.0)
    elif with_increase:
        c = _Line(-_counted_pool(table, terms.pool), float(terms.pool.share))
        e = -float(terms.pool.share) * amounts if terms.pool.basis is Basis.PRE_MONEY else e
    increase = (c + a * e) * (1 / (1 - e * b))
    return increase, a + increase * b


def _counted_pool(table: CapTable, pool: PoolTarget) -> float:
    with_grants = pool.counting is Counting.WITH_GRANTS
    return float(table.granted + table.reserved + table.topup if with_grants else table.unallocated)
