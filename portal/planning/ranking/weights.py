"""Weights of criteria: typed, or from comparing them two by two.

The second is Saaty's analytic hierarchy process (T. L. Saaty, “How to make a decision: the analytic hierarchy process”,
European Journal of Operational Research 48, 1990): weights are the principal eigenvector of the matrix of comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The mean consistency index of random reciprocal matrices, by their size; Saaty 1990, table of random consistency.
RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
TOLERATED = 0.1  # the consistency ratio above which Saaty asks for better comparisons


@dataclass(frozen=True, slots=True)
class Misfit:
    """The comparison that fits the others least: of criterion ``one`` with ``other``, counted from 0.

    ``typed`` is what was said, ``implied`` the ratio of their weights.
    """

    one: int
    other: int
    typed: float
    implied: float


def shares(weights: Array) -> Array:
    """Weights ``(criteria, ...)`` scaled to sum to 1."""
    # By the largest first, so that very small weights do not lose digits or underflow.
    scaled = weights / weights.max(axis=0)
    total: Array = scaled / scaled.sum(axis=0)
    return total


def comparison_count(criteria: int) -> int:
    return criteria * (criteria - 1) // 2


def comparison_matrix(upper: Sequence[float], criteria: int) -> Array:
    """The reciprocal matrix ``(criteria, criteria)`` of an upper triangle, row by row.

    Raises:
        ValueError: it does not hold one number above zero for each pair.
    """
    if len(upper) != comparison_count(criteria) or not all(ratio > 0 for ratio in upper):
        raise ValueError(f"wanted {comparison_count(criteria)} ratios above zero, got {upper}")
    matrix = np.eye(criteria)
    for (one, other), ratio in zip(combinations(range(criteria), 2), upper, strict=True):
        matrix[one, other] = ratio
        matrix[other, one] = 1 / ratio
    return matrix


def principal(matrix: Array) -> tuple[Array, Array]:
    """Weights ``(..., criteria)`` that sum to 1 and the largest eigenvalue ``(...)`` of reciprocal matrices
    ``(..., criteria, criteria)``.

    A matrix of positive numbers has one largest eigenvalue, which is real, and a positive vector to it (Perron).
    """
    values, vectors = np.linalg.eig(matrix)
    largest = np.argmax(values.real, axis=-1)[..., np.newaxis]
    vector = np.abs(np.take_along_axis(vectors.real, largest[..., np.newaxis], axis=-1)[..., 0])
    return vector / vector.sum(axis=-1, keepdims=True), np.take_along_axis(values.real, largest, axis=-1)[..., 0]


def consistency_ratio(largest: float, criteria: int) -> float:
    """(λ − n) ÷ (n − 1), over what random comparisons give; 0 for one or two criteria, which cannot contradict."""
    if criteria not in RANDOM_INDEX:
        return 0.0
    return max(0.0, (largest - criteria) / (criteria - 1) / RANDOM_INDEX[criteria])


def misfit(matrix: Array, weights: Array) -> Misfit:
    """The comparison furthest, as a ratio, from the weights ``(criteria,)`` that came of all of them."""
    implied = weights[:, np.newaxis] / weights
    gaps = np.abs(np.log(np.triu(matrix / implied, k=1) + np.tri(len(matrix))))
    one, other = (int(at) for at in np.unravel_index(np.argmax(gaps), gaps.shape))
    return Misfit(one, other, float(matrix[one, other]), float(implied[one, other]))
