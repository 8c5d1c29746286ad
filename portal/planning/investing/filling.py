"""Whether a list of investors fills the round: the distribution of the sum of cheques that come or do not come.

Each investor comes or not, independently of the others, with the chance of its stage. The sum is then the convolution
of as many two-point distributions, computed over whole multiples of a unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_UNITS = 400  # into which a round is cut
BLOCK = 1024  # draws computed together: the table then stays in a core's cache


def in_units(round_size: float, cheques: Sequence[float]) -> tuple[int, list[int]]:
    """The round and each cheque in whole units: the largest that divides them all, where that cuts the round into at
    most 400; else a 400th of the round, cheques rounded down, so that the chance to fill it is never overstated."""
    bounded = [min(cheque, round_size) for cheque in cheques]
    if all(float(amount).is_integer() for amount in (round_size, *bounded)):
        unit = math.gcd(*(int(amount) for amount in (round_size, *bounded)))
        if round_size <= MOST_UNITS * unit:
            return int(round_size) // unit, [int(cheque) // unit for cheque in bounded]
    return MOST_UNITS, [math.floor(cheque / round_size * MOST_UNITS + 1e-9) for cheque in bounded]


def is_exact(round_size: float, cheques: Sequence[float]) -> bool:
    """Whether no cheque had to be rounded down."""
    units, parts = in_units(round_size, cheques)
    given = [min(cheque, round_size) for cheque in cheques]
    return all(part * round_size == cheque * units for part, cheque in zip(parts, given, strict=True))


def distribution(units: int, parts: Sequence[int], chances: Array) -> Array:
    """The probability ``(units + 1, draws)`` that so many units come together, the last for all that is as much or
    more; ``chances`` of the ``parts`` are ``(parts, draws)``."""
    draws = chances.shape[-1]
    found = np.zeros((units + 1, draws))
    for start in range(0, draws, BLOCK):
        block = slice(start, start + BLOCK)
        _convolve(found[:, block], parts, chances[:, block])
    return found


def _convolve(found: Array, parts: Sequence[int], chances: Array) -> None:
    found[0] = 1.0
    last, reached = len(found) - 1, 0
    for part, chance in zip(parts, chances, strict=True):
        if part == 0:
            continue
        moved = found[: reached + 1] * chance
        found[: reached + 1] -= moved
        inside = max(0, min(reached + 1, last - part))
        found[part : part + inside] += moved[:inside]
        found[last] += moved[inside:].sum(axis=0)
        reached = min(last, reached + part)


def at_least(spread: Array, shares: Sequence[float]) -> Array:
    """The probability ``(shares, draws)`` that at least these shares of the round come together."""
    units = len(spread) - 1
    from_above = np.cumsum(spread[::-1], axis=0)[::-1]
    rows = [math.ceil(share * units - 1e-9) for share in shares]
    return np.clip(from_above[rows], 0.0, 1.0)
