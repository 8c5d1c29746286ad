"""How large a pool has to be when grants are parts of the company after the very round that makes the pool.

The pool is inside the pre-money and priced by percentage ownership, with nothing that converts: the plain case of
``equity.round``, to which a property test holds it. What differs by draw here is the pool, which the engine takes as
one number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.reading import Problem
from portal.planning.equity.money import Refused
from portal.planning.finance import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A round whose pool lasts; each of shape (draws,) and in shares."""

    total: Array  # all shares after the round
    needed: Array  # what the plan takes at most
    pool: Array  # after the round


def size(part: Array, fixed: Array, held: float, pool_now: float, sold: Array) -> Sized:
    """The smallest pool that is never short.

    Args:
        part: of all shares after the round, what the plan has used by each month, (months, draws).
        fixed: what it has used besides in shares, of the same shape; below zero where old options come back.
        held: shares and granted options before the round.
        pool_now: shares not granted before the round.
        sold: what new money buys, of all shares after the round.

    With T shares in all, T = held + max(pool now, part × T + fixed of each month) + sold × T. Each of these is a line
    in T with a slope below 1, so the one T is the largest of those that the lines give one by one.

    Raises:
        Refused: plan and new money together take the whole company.
    """
    left = 1 - part - sold
    if np.any(left <= 0):
        draws = left.shape[1]
        problem = Problem(
            "New money and the planned grants take the whole company in {undetermined} of {draws} draws. Plan smaller "
            "grants or fewer hires.",
            {"undetermined": int(np.count_nonzero((left <= 0).any(axis=0))), "draws": draws},
        )
        raise Refused(problem, "hires")
    by_plan = ((held + fixed) / left).max(axis=0)
    total = np.maximum(by_plan, (held + pool_now) / (1 - sold))
    needed = np.maximum((part * total + fixed).max(axis=0), 0.0)
    return Sized(total=total, needed=needed, pool=np.maximum(needed, pool_now))


def shared_total(share: Array, held: float, pool_now: float, sold_for_one: Array) -> Array:
    """All shares after a round whose new pool everybody bears: the price counts the shares of before alone.

    ``share`` is the pool's part after the round; ``sold_for_one`` what new money buys for each share of before,
    new money ÷ pre-money.
    """
    before = held + pool_now
    new = before * sold_for_one
    return np.maximum((held + new) / (1 - share), before + new)
