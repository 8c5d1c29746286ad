"""What the page on training steps says: whether a fit underfits, fits, overfits or diverges, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.learning.fitting import Fit, Points
from portal.planning.learning.optimizers import ADAM

ABOVE_FLOOR, OF_VARIANCE = 1.5, 0.02
RISEN = 1.1  # times its lowest from which the held-out loss has risen


class Verdict(StrEnum):
    DIVERGES = "diverges"
    UNDERFITS = "underfits"
    OVERFITS = "overfits"
    FITS = "fits"


def limit(points: Points) -> float:
    """Up to which mean squared error a fit counts as good: half as much again as the true function's own, and 2% of the
    variance of the points, which is all that there is without noise."""
    return float(ABOVE_FLOOR * points.noise_floor + OF_VARIANCE * points.y.var())


def judge(made: Fit) -> Verdict:
    if made.diverged:
        return Verdict.DIVERGES
    if made.train_losses[made.kept_step] > limit(made.train):
        return Verdict.UNDERFITS
    if made.held_out_losses[made.kept_step] > limit(made.held_out):
        return Verdict.OVERFITS
    return Verdict.FITS


DIVERGES = "The training *diverges*: the loss has grown instead of falling. Try a lower rate than {rate}."
UNDERFITS = (
    "It *underfits*: the training loss is {train}, where the true function itself has {floor}. Take a higher degree, "
    "more steps, a higher rate or a weaker penalty."
)
OVERFITS = (
    "It *overfits*: the training loss is {train}, but on points that were held out it is {held_out}. Take more points, "
    "a lower degree, a penalty or early stopping."
)
FITS = "It *fits*: the training loss is {train}, and {held_out} on points that were held out."

ABOVE_CRITICAL = "The rate {rate} is above the critical {critical} of this loss: every step overshoots."
CUT = "The weights left all bounds after {steps}; the run was stopped and is shown up to there."
STOPPED = "Early stopping ended it after {steps}: the held-out loss was lowest after {best}, whose weights are kept."
ROSE = (
    "The held-out loss was lowest after {best}, at {lowest}, and has risen to {last} since: early stopping would have "
    "kept those weights."
)
ZEROS = "The L1 penalty has set {zeros} of {weights} weights to exactly 0."
NOT_THERE_YET = (
    "The exact minimum has a training loss of {exact}; these steps reached {train}. Stopping short of it is a penalty "
    "of its own kind."
)
MORE_WEIGHTS = "{weights} weights can pass through all {points} points, noise included."
BATCH_BOUND = "With batches of {batch} the critical rate is only a guide: each batch has curvatures of its own."
COUPLED = "With Adam the L2 penalty is a part of the gradient that is rescaled, as in Adam, not decoupled as in AdamW."

SENTENCES = (
    DIVERGES, UNDERFITS, OVERFITS, FITS, ABOVE_CRITICAL, CUT, STOPPED, ROSE, ZEROS, NOT_THERE_YET, MORE_WEIGHTS,
    BATCH_BOUND, COUPLED,
)  # fmt: skip
SHORT_OF_IT = 2.0  # times the loss of the exact minimum from which the steps fell short of it

_VERDICTS = {
    Verdict.DIVERGES: DIVERGES, Verdict.UNDERFITS: UNDERFITS, Verdict.OVERFITS: OVERFITS, Verdict.FITS: FITS,
}  # fmt: skip


def answer_of(verdict: Verdict, x: Any, outputs: Mapping[str, Any]) -> Sentence:
    known = {
        "rate": (x.rate, ""),
        "train": (outputs["train_loss"], ""),
        "held_out": (outputs["held_out_loss"], ""),
        "floor": (outputs["train_floor"], ""),
    }
    text = _VERDICTS[verdict]
    return Sentence(text, {name: value for name, value in known.items() if f"{{{name}}}" in text})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    return [*_about_the_rate(x, outputs), *_about_the_end(x, outputs), *_about_the_weights(x, outputs)]


def _about_the_rate(x: Any, outputs: Mapping[str, Any]) -> Iterator[Sentence]:
    batches = 0 < x.batch < x.points
    if x.rate > outputs["critical_rate"]:
        yield Sentence(ABOVE_CRITICAL, {"rate": (x.rate, ""), "critical": (outputs["critical_rate"], "")})
    elif batches and np.isfinite(outputs["critical_rate"]):
        yield Sentence(BATCH_BOUND, {"batch": (x.batch, "")})
    if outputs["steps_taken"] < x.steps and not outputs["stopped_early"]:
        yield Sentence(CUT, {"steps": (outputs["steps_taken"], "steps")})


def _about_the_end(x: Any, outputs: Mapping[str, Any]) -> Iterator[Sentence]:
    best = (outputs["best_step"], "steps")
    if outputs["stopped_early"]:
        yield Sentence(STOPPED, {"steps": (outputs["steps_taken"], "steps"), "best": best})
    lowest, last = outputs["best_held_out_loss"], outputs["held_out_by_step"][-1]
    if not x.patience and not outputs["diverges"] and last > RISEN * lowest:
        yield Sentence(ROSE, {"best": best, "lowest": (lowest, ""), "last": (last, "")})


def _about_the_weights(x: Any, outputs: Mapping[str, Any]) -> Iterator[Sentence]:
    weights, train, exact = x.degree + 1, outputs["train_loss"], outputs["exact_train_loss"]
    if x.l1 and outputs["zero_weights"]:
        yield Sentence(ZEROS, {"zeros": (outputs["zero_weights"], ""), "weights": (weights, "")})
    if not x.l1 and not outputs["diverges"] and train > SHORT_OF_IT * exact + OF_VARIANCE * outputs["train_floor"]:
        yield Sentence(NOT_THERE_YET, {"exact": (exact, ""), "train": (train, "")})
    if weights >= x.points and not (x.l1 or x.l2):
        yield Sentence(MORE_WEIGHTS, {"weights": (weights, ""), "points": (x.points, "")})
    if x.method == ADAM and x.l2:
        yield Sentence(COUPLED)
