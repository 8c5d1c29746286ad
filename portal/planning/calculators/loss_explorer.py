"""What a loss makes of predicted probabilities, sample by sample, and what the usual slips give instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.spec import choice, integer, number, rows, series, text
from portal.planning.calculator import Axis, Bars, Calculator, Example, Lines, Preset
from portal.planning.learning.decisions import Decisions, area_under_roc, decide
from portal.planning.learning.loss_outputs import BRIER, GOOD, HANLEY, OUTPUTS
from portal.planning.learning.loss_words import (
    BASE_NAMES,
    BINARY,
    SENTENCES,
    active_rows,
    answer,
    is_binary,
    names,
    notices,
    predictions,
    refuse,
    tables,
)  # fmt: skip
from portal.planning.learning.losses import Array, base_rate_entropy, cross_entropy, squared_error
from portal.planning.learning.slips import slips

TASKS = {BINARY: "Two classes, 0 and 1", "classes": "More than two classes"}
_TWO = ("task", (BINARY,))
_MORE = ("task", ("classes",))

CURVE = np.arange(1, 100) / 100  # open at both ends, where the loss of one label is infinite
THRESHOLDS = np.arange(101) / 100
ENTROPY_CURVES = ("Cross-entropy if 1 happens", "Cross-entropy if 0 happens")
SQUARED_CURVES = ("Squared error if 1 happens", "Squared error if 0 happens")
ONE_CURVE = ("Cross-entropy",)


# Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryPrediction:
    name: str = text("Name", default="", help="A name; its number where there is none.", max_length=60)
    label: int = integer("Label", default=1, low=0, high=1, fixed=True, help="What happened: 0 or 1.")
    probability: float = number(
        "Probability of 1", default=0.5, low=0, high=1, fixed=True, help="What was predicted, from 0 to 1."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPrediction:
    name: str = text("Name", default="", help="A name; its number where there is none.", max_length=60)
    label: int = integer("Class", default=0, low=0, high=99, fixed=True, help="Which class happened, counted from 0.")
    probabilities: tuple[float, ...] = series(
        "Probabilities", default=(0.5, 0.5), low=0, high=1, max_items=100,
        help="What was predicted of each class, in order; they sum to 1.",
    )  # fmt: skip


SIX = tuple(
    BinaryPrediction(label=label, probability=probability)
    for label, probability in ((0, 0.2), (1, 0.8), (0, 0.1), (1, 0.9), (0, 0.3), (1, 0.7))
)
FOUR = (
    ClassPrediction(label=0, probabilities=(0.7, 0.2, 0.1)),
    ClassPrediction(label=1, probabilities=(0.1, 0.8, 0.1)),
    ClassPrediction(label=2, probabilities=(0.2, 0.2, 0.6)),
    ClassPrediction(label=0, probabilities=(0.3, 0.5, 0.2)),
)


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    task: str = choice(
        "Kind of prediction", default=BINARY, choices=TASKS, group="Predictions",
        help="Whether a probability of 1 was predicted, or one of each class.")
    samples: tuple[BinaryPrediction, ...] = rows(
        BinaryPrediction, "Samples", default=SIX, group="Predictions", when=_TWO,
        help="What happened, and with which probability a 1 was predicted.")
    classified: tuple[ClassPrediction, ...] = rows(
        ClassPrediction, "Samples with classes", default=FOUR, group="Predictions", when=_MORE,
        help="Which class happened, and the predicted probability of each.")
    base: str = choice(
        "Logarithm", default="e", choices=BASE_NAMES, group="Loss",
        help="Another base only scales the loss. Machine learning takes the natural logarithm.")
    threshold: float = number(
        "Decision threshold", default=0.5, low=0, high=1, fixed=True, group="Decision",
        help="A sample is decided to be positive when its probability is at least this.")
    positive: int = integer(
        "Positive class", default=0, low=0, high=99, fixed=True, group="Decision", when=_MORE,
        help="The class, counted from 0, that is told from all others by the threshold.")
    got: tuple[float, ...] = series(
        "Numbers that I got", low=-1e6, high=1e6, max_items=5, group="Check",
        help="Your own results, if any: each is said to be right or traced to the slip that gives it.")
# fmt: on


# Calculation


def compute(x: Any) -> dict[str, Any]:
    made = predictions(x)
    loss, squares = cross_entropy(made.happened, x.base), squared_error(made)
    chosen = 1 if is_binary(x) else x.positive
    positive, probability = made.labels == chosen, made.probabilities[:, chosen]
    others = np.where(made.outcomes == 1, -1.0, made.probabilities).max(axis=1)
    slipped = np.array([slip.value(made, float(x.threshold)) for slip in slips(is_binary(x), x.base)])
    return {
        "count": len(loss),
        "cross_entropy": loss.mean(),
        "cross_entropy_sum": loss.sum(),
        "squared_error": squares.mean(),
        "squared_error_sum": squares.sum(),
        "baseline": base_rate_entropy(made.labels, x.base),
        "top_accuracy": (made.happened > others).mean(),
        "area": area_under_roc(positive, probability),
        **_at_threshold(decide(positive, probability, np.array([x.threshold]))),
        "happened": made.happened,
        "predicted": probability if is_binary(x) else made.happened,
        "loss_by_sample": loss,
        "squared_by_sample": squares,
        "slip_results": np.where(np.isfinite(slipped), slipped, np.inf),
        "curves": _curves(x),
        **_by_threshold(decide(positive, probability, THRESHOLDS)),
        "chance": THRESHOLDS,
    }


def _at_threshold(one: Decisions) -> dict[str, Any]:
    return {
        "true_positives": one.true_positives[0],
        "false_positives": one.false_positives[0],
        "false_negatives": one.false_negatives[0],
        "true_negatives": one.true_negatives[0],
        "accuracy": one.accuracy[0],
        "precision": one.precision[0],
        "recall": one.recall[0],
        "f1": one.f1[0],
    }


def _by_threshold(many: Decisions) -> dict[str, Array]:
    return {
        "accuracy_by_threshold": many.accuracy,
        "precision_by_threshold": many.precision,
        "recall_by_threshold": many.recall,
        "f1_by_threshold": many.f1,
        "hits": many.recall,
        "false_alarms": many.false_alarms,
    }


def _curves(x: Any) -> Array:
    """Losses by the probability that is predicted, (curves, probabilities); squared ones for two classes only, since
    with more they depend on all probabilities."""
    happens = cross_entropy(CURVE, x.base)
    if not is_binary(x):
        return happens[None]
    return np.stack([happens, cross_entropy(1 - CURVE, x.base), (1 - CURVE) ** 2, CURVE**2])


def _curve_names(x: Any) -> tuple[str, ...]:
    return (*ENTROPY_CURVES, *SQUARED_CURVES) if is_binary(x) else ONE_CURVE


def _numbers_or_names(x: Any) -> list[int] | list[str]:
    return names(x) if any(row.name for row in active_rows(x)) else list(range(1, len(active_rows(x)) + 1))


AXES = {
    "sample": Axis(label="Prediction", places=_numbers_or_names),
    "slip": Axis(label="Slip", places=lambda x: [slip.text for slip in slips(is_binary(x), x.base)]),
    "curve": Axis(label="Loss", places=_curve_names),
    "probability": Axis(label="Predicted probability", places=lambda x: CURVE.tolist()),
    "threshold_place": Axis(label="Threshold", places=lambda x: THRESHOLDS.tolist()),
    "rate": Axis(label="False positive rate", places=lambda x: THRESHOLDS.tolist()),
}


# Declaration

ALL_SIX = {"true_positives": 3, "true_negatives": 3, "false_positives": 0, "false_negatives": 0, "f1": 1, "area": 1}

EXAMPLES = (
    Example(
        inputs={},
        expected={"cross_entropy": 0.228392952, "squared_error": 0.28 / 6, "baseline": 0.693147181, **ALL_SIX},
        source="By hand: −2(ln 0.8 + ln 0.9 + ln 0.7) ÷ 6, and 2(0.04 + 0.01 + 0.09) ÷ 6.",
    ),
    Example(
        inputs={
            "samples": [
                {"label": 1, "probability": 0.5}, {"label": 0, "probability": 0.5}, {"label": 1, "probability": 0.25},
            ],
            "base": "2",
        },
        expected={"cross_entropy": 4 / 3, "squared_error": (0.25 + 0.25 + 0.5625) / 3, "recall": 0.5, "precision": 0.5},
        source="By hand: 1, 1 and 2 bits; at 0.5 the first is found, the second is a false alarm, the third missed.",
    ),
    Example(
        inputs={"task": "classes"},
        expected={"cross_entropy": 0.573654231, "squared_error": 0.305, "top_accuracy": 0.75, "precision": 1},
        source="By hand: −(ln 0.7 + ln 0.8 + ln 0.6 + ln 0.3) ÷ 4, and (0.14 + 0.06 + 0.24 + 0.78) ÷ 4.",
    ),
)  # fmt: skip


def _rows(*pairs: tuple[int, float]) -> list[dict[str, Any]]:
    return [{"label": label, "probability": probability} for label, probability in pairs]


PRESETS = (
    Preset(slug="six", label="Six predictions, all right", inputs={}),
    Preset(
        slug="sure-and-wrong", label="Sure and wrong once",
        inputs={"samples": _rows((0, 0.1), (1, 0.9), (0, 0.2), (1, 0.8), (1, 0.01), (0, 0.1))},
    ),
    Preset(
        slug="ruled-out", label="Probability 0 for what happened",
        inputs={"samples": _rows((0, 0.0), (1, 1.0), (1, 0.7), (1, 0.0))},
    ),
    Preset(
        slug="rare", label="A rare class: accuracy misleads",
        inputs={"samples": _rows(*((0, 0.05) for _ in range(18)), (1, 0.3), (1, 0.1))},
    ),
    Preset(
        slug="unsure", label="Always 50%: one bit each",
        inputs={"samples": _rows((0, 0.5), (1, 0.5), (0, 0.5), (1, 0.5)), "base": "2"},
    ),
    Preset(slug="classes", label="Three classes", inputs={"task": "classes"}),
    Preset(slug="which-slip", label="Which slip gave 1.37?", inputs={"got": [1.37, 0.1142]}),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="loss-explorer",
    version=1,
    title="Loss explorer",
    summary="Cross-entropy and squared error of predictions, sample by sample, beside what the usual slips give.",
    family="Learning",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="cross_entropy",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes=AXES,
    charts=(
        Lines(title="Loss by predicted probability", outputs=("curves",), dots=(("predicted", "loss_by_sample"),)),
        Bars(output="loss_by_sample", title="Cross-entropy of each sample", ordered=True),
        Bars(output="slip_results", title="What each slip gives"),
        Lines(
            title="Decisions by threshold",
            outputs=(
                "accuracy_by_threshold", "precision_by_threshold", "recall_by_threshold", "f1_by_threshold",
            ),
        ),
        Lines(title="ROC curve", outputs=("chance",), dots=(("false_alarms", "hits"),)),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(GOOD, BRIER, HANLEY),
)  # fmt: skip
