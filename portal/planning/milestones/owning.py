"""What rounds leave to whom, by the engine's draws, and what a round must be worth for founders to keep their part."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.reading import Problem
from portal.planning.equity.capitalization import POST_MONEY_SAFE
from portal.planning.equity.draws import many_rounds
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.safes import Safe
from portal.planning.equity.table import CapTable, Position
from portal.planning.equity.terms import Basis, Counting, Investor, PoolTarget, Pricing, RoundTerms
from portal.planning.finance import Array

WHOLE = 10_000_000  # shares before a round; only parts of them matter
SAFES, BRIDGE = "safes", "bridge"


@dataclass(frozen=True, slots=True)
class Parts:
    """Of all shares after a round; each (draws,). Where nothing is raised there is no round, and all is kept."""

    kept: Array  # by all shares of before together
    sold: Array
    converted: Array
    converts: NDArray[np.bool_]  # whether SAFEs convert in it


def safes_of(x: Any) -> tuple[Safe, ...]:
    return (_safe(SAFES, x.safes, x.safes_cap, 0.0),) if x.safes else ()


def bridge_of(x: Any) -> tuple[Safe, ...]:
    return (*safes_of(x), _safe(BRIDGE, x.bridge, x.bridge_cap, x.bridge_discount))


def _safe(name: str, amount: float, cap: float, discount: float) -> Safe:
    return Safe(
        name=name, holder=name, amount=exact(float(amount)), cap=exact(float(cap)) if cap else None,
        discount=exact(float(discount)), rules=POST_MONEY_SAFE,
    )  # fmt: skip


def after_round(
    x: Any, value: Array, amount: Array, pool: float, safes: tuple[Safe, ...], waiting: NDArray[np.bool_]
) -> Parts:
    """A round at a pre-money ``value`` with a new pool inside it, priced by percentage ownership.

    The ``safes`` convert where they are ``waiting``. The pool of before counts as used up.

    Raises:
        Refused: the new money, the pool and what converts take the whole company in some draws.
    """
    value, money, waiting, held = np.broadcast_arrays(value, np.maximum(amount, 1.0), waiting, amount > 0)
    taken = money / (value + money) + pool
    if np.any(taken >= 1):
        problem = Problem(
            "A round and its pool take the whole company in {undetermined} of {draws} draws: plan for less money, a "
            "higher valuation or a smaller pool.",
            {"undetermined": int(np.count_nonzero(taken >= 1)), "draws": taken.size},
        )
        raise Refused(problem, "rounds")
    plain = _solved(x, value, money, pool, ()) if not waiting.all() else None
    with_safes = _solved(x, value, money, pool, safes) if waiting.any() else plain
    assert with_safes is not None
    total, new, converted = (
        one if plain is None else np.where(waiting, one, other)
        for one, other in zip(with_safes, plain or with_safes, strict=True)
    )
    return Parts(
        kept=np.where(held, WHOLE / total, 1.0),
        sold=np.where(held, new / total, 0.0),
        converted=np.where(held, converted / total, 0.0),
        converts=waiting & held,
    )


def _solved(x: Any, value: Array, money: Array, pool: float, safes: tuple[Safe, ...]) -> tuple[Array, Array, Array]:
    """All shares after the round, those of the new money and those that SAFEs convert into."""
    table = CapTable(positions=(Position(holder="all", security="all", quantity=Fraction(WHOLE)),))
    terms = RoundTerms(
        series="round", closing=x.first_month, pre_money=exact(float(value[0])),
        investors=(Investor(name="new", amount=exact(float(money[0]))),), pricing=Pricing.PERCENTAGE_OWNERSHIP,
        pool=PoolTarget(share=exact(pool), counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY), safes=safes,
    )  # fmt: skip
    found = many_rounds(table, terms, value, money)
    return found.total, found.new, sum(found.conversions.values(), np.zeros_like(found.total))


def as_if_converted(safes: tuple[Safe, ...], value: Array) -> Array:
    """What is kept beside SAFEs that no round has converted, at a ``value`` before any new money.

    A post-money SAFE then is amount ÷ cap of the company, or amount ÷ value less the discount where that is more.
    """
    kept = np.ones_like(value)
    for safe in safes:
        at_price = float(safe.amount) / (1 - float(safe.discount)) / value
        kept = kept - (at_price if safe.cap is None else np.maximum(at_price, float(safe.amount / safe.cap)))
    return np.maximum(kept, 0.0)


def needed_value(amount: Array, kept: Array, pool: float, safe: Array, cap: float) -> Array:
    """The pre-money valuation at which the holders of before a round keep the part ``kept`` of the company after it.

    ``safe`` converts by a post-money ``cap``, or at the round price where that gives more shares: holders keep
    (1 − safe ÷ cap) × (1 − pool − q), or 1 − pool − q − safe ÷ (value + amount), with q = amount ÷ (value + amount).
    Each is solved for the value; the larger one gives what is wanted in both. Infinite where none is enough.
    """
    capped = safe / cap if cap else np.zeros_like(safe)
    at_cap = _inverse(amount, 1 - pool - kept / (1 - capped)) - amount
    at_price = _inverse(amount + safe, 1 - pool - kept) - amount
    return np.where(amount > 0, np.maximum(np.maximum(at_cap, at_price), 0.0), 0.0)


def _inverse(amount: Array, part: Array) -> Array:
    """The post-money of which ``amount`` is the ``part``."""
    amount, part = np.broadcast_arrays(amount, part)
    return np.divide(amount, part, out=np.full(part.shape, np.inf), where=part > 0)
