"""The same round at many valuations and sizes at once, in floats: for simulation.

``many_rounds`` follows ``system`` term by term; a property test holds it to the exact solution to 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.reading import Problem
from portal.planning.equity.money import Refused
from portal.planning.equity.safes import Converting
from portal.planning.equity.table import CapTable
from portal.planning.equity.terms import Basis, Counting, PoolIncrease, PoolTarget, Pricing, RoundTerms

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Shares and price of each draw; all arrays have the shape of the draws."""

    total: Array
    price: Array
    new: Array  # shares that the new money buys
    reserved: Array
    conversions: dict[str, Array]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a total leads to, in arrays: what is left before conversions, and the shares of every way to convert."""

    increase: Array
    per_dollar: Array
    left: Array
    ways: list[list[Array]]


def many_rounds(table: CapTable, terms: RoundTerms, pre_money: ArrayLike, new_money: ArrayLike) -> Draws:
    """``terms`` at other pre-money valuations and amounts of new money, arrays of one shape or that broadcast.

    Which notes convert, and with how much, is as in ``terms``.

    Raises:
        Refused: amounts that are not above zero, or draws that determine no single round.
    """
    valuations, amounts = np.broadcast_arrays(np.asarray(pre_money, float), np.asarray(new_money, float))
    if not all(np.all((given > 0) & np.isfinite(given)) for given in (valuations, amounts)):
        raise Refused(Problem("Wanted valuations and amounts of new money above zero in every draw.", {}), "draws")
    brought = terms.converting()
    with_increase = _solved(table, terms, brought, valuations, amounts, with_increase=True)
    if np.all(with_increase.reserved >= float(table.reserved + table.topup)):
        return with_increase
    without = _solved(table, terms, brought, valuations, amounts, with_increase=False)
    enlarged = with_increase.reserved >= float(table.reserved + table.topup)
    return Draws(
        total=np.where(enlarged, with_increase.total, without.total),
        price=np.where(enlarged, with_increase.price, without.price),
        new=np.where(enlarged, with_increase.new, without.new),
        reserved=np.where(enlarged, with_increase.reserved, without.reserved),
        conversions={
            name: np.where(enlarged, shares, without.conversions[name])
            for name, shares in with_increase.conversions.items()
        },
    )


def _solved(
    table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], valuations: Array, amounts: Array, *,
    with_increase: bool,
) -> Draws:  # fmt: skip
    """Newton's method on the concave left-over, in all draws at once: as many steps as there are pieces at most."""

    def parts(total: Array) -> _Parts:
        return _parts(table, terms, brought, valuations, amounts, total, with_increase=with_increase)

    # Every part is a straight line in the total: two points far apart give it without cancellation.
    far = np.full(valuations.shape, 2 * float(table.fully_diluted))
    near, away = parts(np.zeros_like(far)), parts(far)
    left = _line(near.left, away.left, far)
    ways = [[_line(a, b, far) for a, b in zip(*each, strict=True)] for each in zip(near.ways, away.ways, strict=True)]
    steepest = [np.max([slope for _, slope in each], axis=0) for each in ways]
    undetermined = np.count_nonzero(left[1] - sum(steepest, np.zeros_like(far)) <= 0)
    if undetermined:
        problem = Problem("The terms determine no single round in {undetermined} of {draws} draws.",
                          {"undetermined": int(undetermined), "draws": valuations.size})  # fmt: skip
        raise Refused(problem, "draws")
    total = _root(left, ways, lambda lines: lines[1])
    for _ in range(1 + sum(len(each) - 1 for each in ways)):
        reached = total
        total = _root(left, ways, lambda lines, at=reached: lines[0] + lines[1] * at)  # type: ignore[misc]
        if np.array_equal(total, reached):
            break
    found = parts(total)
    return Draws(
        total=total, price=1 / found.per_dollar, new=amounts * found.per_dollar,
        reserved=float(table.reserved + table.topup) + found.increase,
        conversions={
            each.name: np.max(shares, axis=0) for each, shares in zip(brought, found.ways, strict=True)
        },
    )  # fmt: skip


def _line(near: Array, away: Array, far: Array) -> tuple[Array, Array]:
    """Start and slope."""
    return near, (away - near) / far


def _root(
    left: tuple[Array, Array],
    ways: list[list[tuple[Array, Array]]],
    rank: Callable[[tuple[Array, Array]], Array],
) -> Array:
    """Where the left-over vanishes when each conversion takes the way that ``rank`` puts first."""
    start, slope = left
    for each in ways:
        best = np.argmax([rank(lines) for lines in each], axis=0)
        start = start - np.choose(best, [lines[0] for lines in each])
        slope = slope - np.choose(best, [lines[1] for lines in each])
    return -start / slope


def _parts(
    table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], valuations: Array, amounts: Array,
    total: Array, *, with_increase: bool,
) -> _Parts:  # fmt: skip
    everything = float(table.fully_diluted)
    increase, per_dollar = _pool_and_price(table, terms, brought, valuations, amounts, total, with_increase)
    new = amounts * per_dollar
    left = total - everything - increase - new
    ways = []
    for each in brought:
        amount, found = float(each.amount), []
        for one in each.terms:
            if one.cap is not None:
                rules, ratio = one.rules, amount / float(one.cap)
                base = (
                    rules.include_outstanding_shares * float(table.shares)
                    + rules.include_outstanding_options * float(table.granted)
                    + rules.include_outstanding_unissued_options * float(table.reserved)
                    + rules.include_option_pool_topup_for_promised_options * float(table.topup)
                    + rules.include_additional_option_pool_topup * increase
                    + rules.include_new_money * new
                )
                this, others = rules.include_this_security, rules.include_other_converting_securities
                if this != others:
                    ratio = ratio / (1 - ratio) if this else ratio / (1 + ratio)
                found.append(ratio * (base + others * left))
            found.append(per_dollar * amount / (1 - float(one.discount)))
        ways.append(found)
    return _Parts(increase, per_dollar, left, ways)


def _pool_and_price(
    table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], valuations: Array, amounts: Array,
    total: Array, with_increase: bool,
) -> tuple[Array, Array]:  # fmt: skip
    everything, inside = float(table.fully_diluted), terms.pool.inside_pre_money
    zero = np.zeros_like(total)
    if terms.pricing is Pricing.PRE_MONEY_METHOD:
        a, b = everything / valuations, inside / valuations
    else:
        extra = float(sum(each.amount for each in brought)) if terms.pricing is Pricing.DOLLARS_INVESTED else 0.0
        value = valuations + amounts + extra
        a, b = total / value, (inside - 1) / value
    c, e = zero, zero
    if isinstance(terms.pool, PoolIncrease):
        c = zero + float(terms.pool.shares)
    elif with_increase:
        c = float(terms.pool.share) * total - _counted_pool(table, terms.pool)
        e = -float(terms.pool.share) * amounts if terms.pool.basis is Basis.PRE_MONEY else zero
    increase = (c + e * a) / (1 - e * b)
    return increase, a + increase * b


def _counted_pool(table: CapTable, pool: PoolTarget) -> float:
    with_grants = pool.counting is Counting.WITH_GRANTS
    return float(table.granted + table.reserved + table.topup if with_grants else table.unallocated)
