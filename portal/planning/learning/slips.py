"""Wrong formulas that are often taken for a loss, each with what it gives.

A learner who got one of these numbers can see which slip made it. ``text`` is a sentence, ``formula`` what was
calculated, in symbols: n samples, K classes, labels y, probabilities p.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from portal.planning.learning.losses import BASES, NATURAL, Array, Predictions, cross_entropy, squared_error

CLIPS = {"1e-7": 1e-7, "1e-15": 1e-15}  # what Keras clips by, and what scikit-learn did before version 1.2

RIGHT_ENTROPY = "The mean cross-entropy."
RIGHT_SQUARES = "The mean squared error."
ONLY_ONES = "Label 0 lost: only y·log p."
ALWAYS_P = "log p always, 1 − p nowhere."
SWAPPED = {
    "1e-7": "y and p swapped, clip 1e-7.",
    "1e-15": "y and p swapped, clip 1e-15.",
}
OTHER_BASE = {
    NATURAL: "Natural logarithm instead.",
    "2": "Logarithm to base 2 instead.",
    "10": "Logarithm to base 10 instead.",
}
ENTROPY_SUM = "Cross-entropy not averaged."
NO_MINUS = "Cross-entropy, minus lost."
ENTROPY_BY_CLASS = "Cross-entropy ÷ classes too."
OF_DECISIONS = "Squared error of decisions."
OF_WINNERS = "Squared error of top class."
ABSOLUTE = "Absolute, not squared error."
SQUARES_SUM = "Squared error not averaged."
SQUARES_HALVED = "Half of the squared error."
SQUARES_BY_CLASS = "Squared error ÷ classes too."
ROOT = "Root of the squared error."

SLIP_TEXTS = (
    RIGHT_ENTROPY, RIGHT_SQUARES, ONLY_ONES, ALWAYS_P, *SWAPPED.values(), *OTHER_BASE.values(), ENTROPY_SUM, NO_MINUS,
    ENTROPY_BY_CLASS, OF_DECISIONS, OF_WINNERS, ABSOLUTE, SQUARES_SUM, SQUARES_HALVED, SQUARES_BY_CLASS, ROOT,
)  # fmt: skip

LOG = {NATURAL: "ln", "2": "log₂", "10": "log₁₀"}


@dataclass(frozen=True, slots=True)
class Slip:
    """``value`` takes the predictions and the threshold; what is not finite means infinite or undefined."""

    text: str
    formula: str
    value: Callable[[Predictions, float], float]
    of_entropy: bool = True


def slips(binary: bool, base: str) -> list[Slip]:
    """The wrong formulas for this kind of prediction and this logarithm, cross-entropy first."""
    return [*_of_entropy(binary, base), *_of_squares(binary)]


def _of_entropy(binary: bool, base: str) -> list[Slip]:
    log, unit = LOG[base], BASES[base]

    def mean(predictions: Predictions) -> float:
        return float(cross_entropy(predictions.happened, base).mean())

    def swapped(clip: float) -> Callable[[Predictions, float], float]:
        def value(predictions: Predictions, threshold: float) -> float:
            labels = np.clip(predictions.outcomes, clip, 1 - clip)
            return float(-(predictions.probabilities * np.log(labels)).sum(axis=1).mean() / unit)

        return value

    def in_base(other: str) -> Callable[[Predictions, float], float]:
        return lambda predictions, threshold: float(cross_entropy(predictions.happened, other).mean())

    found = []
    if binary:
        found += [
            Slip(ONLY_ONES, f"−Σ y·{log} p ÷ n", lambda p, threshold: _only_ones(p) / unit),
            Slip(ALWAYS_P, f"−Σ {log} p ÷ n", lambda p, t: float(cross_entropy(p.probabilities[:, 1], base).mean())),
        ]
    found += [Slip(SWAPPED[name], f"−Σ p·{log} y ÷ n", swapped(clip)) for name, clip in CLIPS.items()]
    found += [Slip(OTHER_BASE[other], f"−Σ {LOG[other]} p ÷ n", in_base(other)) for other in BASES if other != base]
    found += [
        Slip(ENTROPY_SUM, f"−Σ {log} p", lambda p, threshold: mean(p) * len(p.labels)),
        Slip(NO_MINUS, f"Σ {log} p ÷ n", lambda p, threshold: -mean(p)),
    ]
    if not binary:
        found.append(Slip(ENTROPY_BY_CLASS, f"−Σ {log} p ÷ (n·K)", lambda p, t: mean(p) / p.probabilities.shape[1]))
    return found


def _of_squares(binary: bool) -> list[Slip]:
    def mean(predictions: Predictions) -> float:
        return float(squared_error(predictions).mean())

    found = [
        Slip(OF_DECISIONS, "Σ ([p ≥ t] − y)² ÷ n", _of_decisions, of_entropy=False)
        if binary
        else Slip(OF_WINNERS, "Σ ([p = max] − y)² ÷ n", _of_winners, of_entropy=False),
        Slip(ABSOLUTE, "Σ |p − y| ÷ n", _absolute, of_entropy=False),
        Slip(SQUARES_SUM, "Σ (p − y)²", lambda p, threshold: mean(p) * len(p.labels), of_entropy=False),
        Slip(SQUARES_HALVED, "Σ (p − y)² ÷ 2n", lambda p, threshold: mean(p) / 2, of_entropy=False),
        Slip(ROOT, "√(Σ (p − y)² ÷ n)", lambda p, threshold: float(np.sqrt(mean(p))), of_entropy=False),
    ]
    if not binary:
        found.append(
            Slip(SQUARES_BY_CLASS, "Σ (p − y)² ÷ (n·K)", lambda p, t: mean(p) / p.probabilities.shape[1], False)
        )
    return found


def _only_ones(predictions: Predictions) -> float:
    return float(-xlogy(predictions.labels, predictions.probabilities[:, 1]).mean() + 0.0)


def _of_decisions(predictions: Predictions, threshold: float) -> float:
    decided = predictions.probabilities[:, 1] >= threshold
    return float((decided != predictions.labels).mean())


def _of_winners(predictions: Predictions, threshold: float) -> float:
    winners: Array = np.eye(predictions.probabilities.shape[1])[predictions.probabilities.argmax(axis=1)]
    return float(((winners - predictions.outcomes) ** 2).sum(axis=1).mean())


def _absolute(predictions: Predictions, threshold: float) -> float:
    errors = np.abs(predictions.probabilities - predictions.outcomes)
    return float((errors[:, 1] if predictions.binary else errors.sum(axis=1)).mean())
