"""Losses of predicted probabilities: cross-entropy and squared error, for two classes and for more.

Shapes: n samples, K classes. Binary predictions are two columns, the probabilities of 0 and of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.intp]

NATURAL = "e"
BASES = {NATURAL: 1.0, "2": float(np.log(2)), "10": float(np.log(10))}
"""Names of the logarithms, with the natural logarithm of their base."""


@dataclass(frozen=True)
class Predictions:
    """``labels`` (n,) are classes counted from 0, ``probabilities`` (n, K) what was predicted of each class.

    ``binary`` predictions have one free number, so that their squared error counts once and not for both classes.
    """

    labels: Whole
    probabilities: Array
    binary: bool

    @classmethod
    def of_two(cls, labels: Whole, ones: Array) -> Predictions:
        """From labels 0 and 1, and the predicted probabilities of 1, both (n,)."""
        return cls(labels, np.stack([1 - ones, ones], axis=1), binary=True)

    @cached_property
    def outcomes(self) -> Array:
        """1 for the class that happened and 0 for the others, (n, K)."""
        return np.eye(self.probabilities.shape[1])[self.labels]

    @cached_property
    def happened(self) -> Array:
        """The probability that was given to what happened, (n,)."""
        return self.probabilities[np.arange(len(self.labels)), self.labels]


def cross_entropy(happened: Array, base: str = NATURAL) -> Array:
    """−log of the probability that was given to what happened; ``inf`` where that was 0.

    Of −Σ yₖ log pₖ this one term is left: the others have yₖ = 0, and 0 · log 0 counts as 0, its limit.
    """
    with np.errstate(divide="ignore"):
        return -np.log(happened) / BASES[base] + 0.0  # −log 1 is −0


def squared_error(predictions: Predictions) -> Array:
    """(p − y)² of each sample, (n,); with more than two classes summed over them.

    The sum over classes is the score of G. W. Brier, Monthly Weather Review 78(1), 1950; of two classes it is twice
    what is returned here, as is usual today.
    """
    errors = (predictions.probabilities - predictions.outcomes) ** 2
    return errors[:, 1] if predictions.binary else errors.sum(axis=1)


def base_rate_entropy(labels: Whole, base: str = NATURAL) -> float:
    """The mean cross-entropy of always predicting how often each class happens among these samples."""
    shares = np.bincount(labels) / len(labels)
    return float(cross_entropy(shares[labels], base).mean())
