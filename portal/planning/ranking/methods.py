"""Two ways to rank: the weighted sum, and TOPSIS. Rows are the first axis, criteria the second, draws the last.

TOPSIS (C.-L. Hwang and K. Yoon, Multiple Attribute Decision Making, Springer 1981) ranks by how near a row is to the
best and how far from the worst value of each criterion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIGITS = 12  # of a result: what differs by less is rounding, and counts as a tie
MIDDLE = 0.5  # closeness where no row is nearer to the best than another


def weighted_sum(scores: Array, weights: Array, more_is_better: NDArray[np.bool_], top: float) -> Array:
    """``(rows, draws)`` of scores ``(rows, criteria, draws)`` from 0 to ``top`` and weights ``(criteria, draws)``.

    Of a criterion of which less is better, what is left to ``top`` counts; ``more_is_better`` is ``(criteria,)``.
    """
    signed = np.where(more_is_better[:, np.newaxis], weights, -weights)
    left = top * weights[~more_is_better].sum(axis=0)
    return np.round(np.einsum("rcd,cd->rd", scores, signed) + left, DIGITS)


def closeness(scores: Array, weights: Array, more_is_better: NDArray[np.bool_]) -> Array:
    """TOPSIS's relative closeness ``(rows, draws)``, from 0, the worst of every criterion, to 1, the best of each.

    Scores ``(rows, criteria, draws)`` are divided by the length of their column and weighted by ``(criteria, draws)``;
    ``more_is_better`` is ``(criteria,)``. A column of zeros tells no row from another and counts as none.
    """
    rows, _, draws = scores.shape
    from_best, from_worst = np.zeros((rows, draws)), np.zeros((rows, draws))  # squared
    # One criterion at a time: its scores stay in a core's cache, where those of all would not.
    for at, more in enumerate(more_is_better):
        column = scores[:, at]
        length = np.sqrt(np.square(column).sum(axis=0))
        weighted = column * np.divide(weights[at], length, out=np.zeros_like(length), where=length > 0)
        high, low = weighted.max(axis=0), weighted.min(axis=0)
        best, worst = (high, low) if more else (low, high)
        from_best += np.square(weighted - best)
        from_worst += np.square(weighted - worst)
    best_gap, worst_gap = np.sqrt(from_best), np.sqrt(from_worst)
    both: Array = best_gap + worst_gap
    near: Array = np.divide(worst_gap, both, out=np.full_like(both, MIDDLE), where=both > 0)
    return near.round(DIGITS)


def ranks(values: Array) -> Array:
    """The place of each row ``(rows, draws)``, 1 being the largest; rows that tie share the better place."""
    better = np.stack([(values > row).sum(axis=0, dtype=np.int16) for row in values])
    places: Array = 1 + better.astype(np.float64)
    return places


def lead(values: Array) -> Array:
    """How far the largest of ``(rows, draws)`` is ahead of the next, ``(draws,)``; at least two rows."""
    ordered = np.sort(values, axis=0)
    difference: Array = ordered[-1] - ordered[-2]
    return difference
