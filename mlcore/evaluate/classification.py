"""How well classes are told apart: measures with 95 % intervals, and whether the stated probabilities can be believed.

Labels are (N,) integers from 0, probabilities (N, C) with rows that add up to one. With two classes precision, recall
and F1 are those of the second class; with more they are means over the classes (macro).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

_DRAWS = 2_000  # of the bootstrap; its ends then move by some hundredth of the interval between seeds
_BINS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of similar confidence; a calibrated model is right as often as it is confident."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    accuracy: Estimate
    """Wilson interval."""
    precision: Estimate
    recall: Estimate
    f1: Estimate
    """The intervals of these three are percentiles over resampled examples (bootstrap)."""
    brier: float
    """0 is perfect, 1 is certain of the wrong class each time."""
    calibration_error: float
    """Expected calibration error over ten bins."""
    bins: tuple[Bin, ...]
    """The bins that have predictions, by rising confidence."""
    confusion: np.ndarray
    """(C, C) counts: rows are the true classes, columns the predicted ones."""


def measure(labels: np.ndarray, probabilities: np.ndarray, *, seed: int = 0) -> Measures:
    """All measures of one model on one set of examples.

    Raises:
        ValueError: no examples, shapes that do not fit, or rows that are no probabilities.
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities, dtype=float)
    _check(labels, probabilities)
    table = confusion(labels, probabilities.argmax(axis=1), classes=probabilities.shape[1])
    bins = reliability(labels, probabilities)
    precision, recall, f1 = _bootstrapped(table, seed)
    return Measures(
        accuracy=wilson(int(np.trace(table)), len(labels)),
        precision=precision,
        recall=recall,
        f1=f1,
        brier=brier(labels, probabilities),
        calibration_error=sum(each.count * abs(each.accuracy - each.confidence) for each in bins) / len(labels),
        bins=bins,
        confusion=table,
    )


def confusion(labels: np.ndarray, predicted: np.ndarray, *, classes: int) -> np.ndarray:
    """(classes, classes) counts: row the true class, column the predicted one."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def wilson(successes: int, trials: int) -> Estimate:
    """A share with its score interval (Wilson 1927), which stays inside 0 to 1 also near its ends."""
    interval = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    return Estimate(successes / trials, float(interval.low), float(interval.high))


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Half the score of Brier (1950), equation 2, so that it runs from 0 to 1; with two classes it is the mean squared
    error of the second one's probability."""
    truth = np.eye(probabilities.shape[1])[labels]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean() / 2)


def reliability(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = _BINS) -> tuple[Bin, ...]:
    """Accuracy by confidence in bins of equal width (Guo et al. 2017, section 2); confidence is the probability of the
    predicted class. Bins without predictions are left out."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    found = []
    for index in np.unique(place):
        inside = place == index
        found.append(Bin(float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum())))
    return tuple(found)


def precision_recall_f1(table: np.ndarray) -> np.ndarray:
    """(…, 3) from confusion counts (…, C, C). A class that is never predicted, or never there, counts as 0."""
    table = np.asarray(table, dtype=float)
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    predicted, there = table.sum(axis=-2), table.sum(axis=-1)
    each = np.stack([_share(hits, predicted), _share(hits, there), _share(2 * hits, predicted + there)], axis=-1)
    return each[..., 1, :] if table.shape[-1] == 2 else each.mean(axis=-2)


def _bootstrapped(table: np.ndarray, seed: int) -> tuple[Estimate, Estimate, Estimate]:
    # The measures depend on the examples only through the table, and resampling examples resamples its cells: one
    # multinomial draw in place of N draws of examples.
    count = int(table.sum())
    cells = np.random.default_rng(seed).multinomial(count, table.ravel() / count, size=_DRAWS)
    drawn = precision_recall_f1(cells.reshape(_DRAWS, *table.shape))
    low, high = np.quantile(drawn, 0.025, axis=0), np.quantile(drawn, 0.975, axis=0)
    values = precision_recall_f1(table)
    first, second, third = (Estimate(float(values[at]), float(low[at]), float(high[at])) for at in range(3))
    return first, second, third


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _check(labels: np.ndarray, probabilities: np.ndarray) -> None:
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not len(labels):
        raise ValueError(
            f"wanted labels (N,) and probabilities (N, C) of at least one example, got {labels.shape} and "
            f"{probabilities.shape}"
        )
    if not 0 <= labels.min() <= labels.max() < probabilities.shape[1]:
        raise ValueError(f"wanted labels from 0 to {probabilities.shape[1] - 1}, got {labels.min()} to {labels.max()}")
    if not ((probabilities >= 0).all() and np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)):
        raise ValueError("wanted probabilities of 0 or more that add up to one in each row")
