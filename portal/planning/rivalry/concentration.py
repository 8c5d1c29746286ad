"""How concentrated a market is: the Herfindahl–Hirschman index, in points from near 0 to 10,000.

Shares are fractions. Firms that are not listed, the tail, add at least what as many equal firms would, share² ÷ number,
and at most what a single one would, share²: a sum of squares is least when its parts are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

POINTS = 10_000  # a single firm with 100%
MODERATE, HIGH = 1_000, 1_800
MUCH = 100  # points by which a merger raises the index
LARGE_SHARE = 0.3  # of a merged firm


@dataclass(frozen=True, slots=True)
class Concentration:
    """All ``(draws,)``: the listed firms' points, their ``share`` and that of the tail, the index, and its most."""

    listed: Array
    share: Array
    tail: Array
    index: Array
    most: Array


def within_whole(shares: Array) -> Array:
    """Shares (firms, draws), scaled to 100% in the draws in which ranges together pass it."""
    total: Array = shares / np.maximum(shares.sum(axis=0), 1.0)
    return total


def concentration(shares: Array, tail_firms: Any) -> Concentration:
    """Of shares (firms, draws) that together are at most 1; what is missing belongs to ``tail_firms`` equal firms."""
    listed = POINTS * np.square(shares).sum(axis=0)
    share = np.minimum(shares.sum(axis=0), 1.0)
    tail = 1 - share
    most = listed + POINTS * tail**2
    return Concentration(listed, share, tail, listed + POINTS * tail**2 / tail_firms, most)


def merger_delta(one: Array, other: Array) -> Array:
    """Points by which a merger of two shares raises the index: (a + b)² − a² − b² = 2ab."""
    delta: Array = 2 * POINTS * one * other
    return delta


def presumed_unlawful(after: Array, delta: Array, merged_share: Array) -> NDArray[np.bool_]:
    """Guideline 1 of the US Merger Guidelines of December 2023."""
    return (delta > MUCH) & ((after > HIGH) | (merged_share > LARGE_SHARE))
