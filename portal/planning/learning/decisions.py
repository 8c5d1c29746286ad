"""What a threshold makes of predicted probabilities: counts of right and wrong decisions, and rates from them.

A sample is decided to be positive when its probability is at least the threshold. A rate of 0 ÷ 0 is ``inf``:
undefined, rather than a number that nobody counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.planning.finance import quotient
from portal.planning.learning.losses import Array
from portal.planning.sensitivity import average_ranks

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Decisions:
    """How many samples of each kind there are, one number for each threshold."""

    true_positives: Array
    false_positives: Array
    false_negatives: Array
    true_negatives: Array

    @property
    def accuracy(self) -> Array:
        right = self.true_positives + self.true_negatives
        return quotient(right, right + self.false_positives + self.false_negatives)

    @property
    def precision(self) -> Array:
        return quotient(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Array:
        return quotient(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> Array:
        """The harmonic mean of precision and recall, written so that it is defined wherever anything is positive."""
        twice = 2 * self.true_positives
        return quotient(twice, twice + self.false_positives + self.false_negatives)

    @property
    def false_alarms(self) -> Array:
        return quotient(self.false_positives, self.false_positives + self.true_negatives)


def decide(positive: Truths, probability: Array, thresholds: Array) -> Decisions:
    """Counts for each threshold (t,), of samples (n,) that are positive or not, and the probability given to it."""
    said = probability >= thresholds[:, None]
    return Decisions(
        true_positives=(said & positive).sum(axis=1, dtype=np.float64),
        false_positives=(said & ~positive).sum(axis=1, dtype=np.float64),
        false_negatives=(~said & positive).sum(axis=1, dtype=np.float64),
        true_negatives=(~said & ~positive).sum(axis=1, dtype=np.float64),
    )


def area_under_roc(positive: Truths, probability: Array) -> float:
    """How often a positive sample has a higher probability than a negative one, a tie counting half.

    By ranks, after Hanley and McNeil, Radiology 143(1), 1982; ``inf`` where all samples are of one kind.
    """
    num_positive = int(positive.sum())
    pairs = num_positive * (len(positive) - num_positive)
    if not pairs:
        return float("inf")
    above_least = average_ranks(probability)[positive].sum() - num_positive * (num_positive - 1) / 2
    return float(above_least / pairs)
