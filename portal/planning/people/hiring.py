"""Headcount of one role month by month, over draws, and the steady growth that a payroll amounts to.

Months are counted from 0 and are the first axis, draws the last. People are expected numbers, so they may be
fractions: someone who joins in the middle of a month counts half in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.finance import Array

YEAR = 12  # months
CLOSE = 1e-12  # a step of Newton's method below which a rate no longer moves; relative where the rate is above 1
NEXT_TO_NOTHING = 1e-12  # of the total: a first month from which no growth is worth telling


@dataclass(frozen=True, slots=True)
class Crew:
    """People of one role, each of shape ``(months, draws)``."""

    paid: Array  # who is paid, in each month
    placed: Array  # joined a new place
    replaced: Array  # joined in the place of someone who had left
    left: Array  # left at the end of the month


def crew(role: Any, attrition: Any, months: int, draws: int) -> Crew:
    """Follow one role.

    Those with ``role.start`` 0 are here from the first month. Others join ``role.fill`` months after the beginning of
    month ``role.start``. Of those paid in a month, 1 − (1 − ``attrition``)^(1/12) leave at its end, so that over a
    year the share ``attrition`` of a team does; each is replaced ``role.fill`` months later.
    """
    count, start, fill = (
        np.broadcast_to(np.asarray(value, float), draws) for value in (role.count, role.start, role.fill)
    )
    placed, replaced = np.zeros((2, months + 1, draws))
    paid, left = np.empty((2, months, draws))
    here = np.where(start == 0, count, 0.0)
    _join(placed, np.where(start == 0, 0.0, count), start - 1 + fill)
    leaving = 1 - (1 - np.broadcast_to(attrition, draws)) ** (1 / YEAR)
    for month in range(months):
        here = here + placed[month] + replaced[month]
        paid[month] = here
        np.multiply(here, leaving, out=left[month])
        here = here - left[month]
        if left[month].any():
            _join(replaced, left[month], month + 1 + fill)
    return Crew(paid=paid, placed=placed[:months], replaced=replaced[:months], left=left)


def _join(table: Array, people: Array, when: Array) -> None:
    """Add people who join at the time ``when``, in months: the part of a month that has passed joins in the next.

    The last row of ``table`` takes those who join after the horizon.
    """
    whole = np.floor(when)
    late = people * (when - whole)
    last, columns = len(table) - 1, np.arange(table.shape[1])
    for month, part in ((whole, people - late), (whole + 1, late)):
        table[np.clip(month, 0, last).astype(np.intp), columns] += part


def steady_growth(first: Array, total: Array, months: int) -> Array:
    """The growth a month with which ``first`` sums to ``total`` over the months.

    Shape ``(draws,)``, as a fraction; ``inf`` where ``first`` is (next to) 0, and 0 where ``total`` is 0. It solves
    1 + r + r² + … + r^(months − 1) = total ÷ first for r = 1 + growth by Newton's method. The sum is convex and at
    least its last term, so that from the root of the last term the steps go down to the solution without passing it.
    """
    paid = first > NEXT_TO_NOTHING * total
    wanted = np.divide(total, first, out=np.full_like(total, float(months)), where=paid)
    rate = np.maximum(wanted, 1.0) ** (1 / (months - 1))
    while True:
        value, slope = np.ones_like(rate), np.zeros_like(rate)
        for _ in range(months - 1):
            slope = slope * rate + value
            value = value * rate + 1
        step = (value - wanted) / slope
        # A rate that has settled stays, so that each draw ends where it would alone.
        moves = step > CLOSE * np.maximum(rate, 1)
        if not moves.any():
            break
        rate = np.where(moves, rate - step, rate)
    # Rounded so that a payroll that stays as it is grows by nothing, not by the last bit of a float.
    return np.where(paid, np.round(rate - 1, 12), np.where(total > 0, np.inf, 0.0))
