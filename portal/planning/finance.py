"""Monthly arithmetic that calculators share. Months are the first axis, draws the last.

Inside a calculator every value has an axis of draws, of length 1 where it is the same for all; ``settled`` drops
that axis again at the end. Loops run over months and work on rows ``(draws,)``: a row stays in a core's cache where
a whole table would not, which makes them several times faster than one operation on ``(months, draws)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def draw_count(inputs: SimpleNamespace) -> int | None:
    """How many draws the resolved inputs hold; None when every value is a single number."""
    for value in vars(inputs).values():
        if isinstance(value, np.ndarray) and value.ndim:
            return value.shape[-1]
        for row in value if isinstance(value, tuple) else ():
            if isinstance(row, SimpleNamespace) and (count := draw_count(row)) is not None:
                return count
    return None


def settled(value: Any, draws: int | None) -> Any:
    """``value`` without its axis of draws if it is the same for all of them."""
    return value[..., 0] if value.shape[-1] == 1 and draws != 1 else value


def scheduled(payments: Iterable[tuple[Any, Any]], months: int) -> dict[int, Array]:
    """Payments ``(month counted from 1, amount)`` summed by month counted from 0; later ones are left out.

    Months may be drawn too: each month that occurs then has the amount in the draws that pay in it, else 0.
    """
    rows: dict[int, Array] = {}
    for when, amount in payments:
        due = np.atleast_1d(when)
        if due.size == 1:
            if due[0] <= months:
                _add(rows, int(due[0]) - 1, np.atleast_1d(amount))
            continue
        table = np.zeros((months, due.size))
        inside = np.flatnonzero(due <= months)
        table[due[inside].astype(np.intp) - 1, inside] = np.broadcast_to(amount, due.shape)[inside]
        for month in np.unique(due[inside]).astype(np.intp) - 1:
            _add(rows, int(month), table[month])
    return rows


def _add(rows: dict[int, Array], month: int, amount: Array) -> None:
    rows[month] = rows[month] + amount if month in rows else amount


def compounded(start: Any, rate: Any, table: Array) -> Array:
    """Fill ``table`` (months, draws) with ``start × (1 + rate)^m`` for m = 0, 1, ..."""
    factor = 1 + np.asarray(rate)
    table[0] = start
    for month in range(1, len(table)):
        np.multiply(table[month - 1], factor, out=table[month])
    return table


def running_lows(opening: Any, left: Array) -> Array:
    """The lowest balance up to the end of each month, the opening one included; ``left`` is (months, draws)."""
    lows = np.empty_like(left)
    np.minimum(opening, left[0], out=lows[0])
    for month in range(1, len(left)):
        np.minimum(lows[month - 1], left[month], out=lows[month])
    return lows


def first_below_zero(opening: Any, left: Array, lows: Array) -> Array:
    """Months until the balance passes zero, falling evenly within the month; ``inf`` where it never does.

    ``left`` is the balance at the end of each month (months, draws), ``lows`` its ``running_lows``.
    """
    whole = months_while(lows >= 0)
    reached = whole < len(left)
    index, columns = np.where(reached, whole, 0), np.arange(left.shape[1])
    before = np.where(index > 0, left[index - 1, columns], opening)
    fall = before - left[index, columns]
    return np.where(reached, whole + np.divide(before, fall, out=np.zeros_like(fall), where=reached), np.inf)


def months_while(condition: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For how many months from the first on the ``condition`` (months, draws) holds without a gap."""
    still = np.ones(condition.shape[1], dtype=np.uint8)
    total = np.zeros(condition.shape[1], dtype=np.min_scalar_type(len(condition)))  # small integers add up fastest
    for row in condition.view(np.uint8):
        still &= row
        total += still
    return total.astype(np.intp)


def quotient(above: Any, below: Any) -> Array:
    """``above ÷ below``, and ``inf`` where there is nothing to divide by: ``below`` zero or negative."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(above.shape, np.inf), where=below > 0)
