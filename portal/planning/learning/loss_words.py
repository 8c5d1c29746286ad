"""What the loss explorer says: the answer, notices, tables, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence, Table
from portal.planning.learning.losses import BASES, Predictions
from portal.planning.learning.slips import RIGHT_ENTROPY, RIGHT_SQUARES, SLIP_TEXTS, slips

BINARY = "binary"
TOLERANCE = 0.001  # of a sum of probabilities: 0.333 three times is meant as thirds
NEAR, NEAR_ZERO = 0.01, 0.0005  # a typed number is a value when this near, as a share of it or in all

LOSSES = (
    "The mean cross-entropy of {count} predictions is *{loss}*, their mean squared error {squares}. At a threshold of "
    "{threshold}, *{accuracy}* of the decisions are right."
)
INFINITE_LOSS = (
    "The mean cross-entropy of {count} predictions is *infinite*; their mean squared error is {squares}. At a "
    "threshold of {threshold}, *{accuracy}* of the decisions are right."
)

RULED_OUT = (
    "“{sample}” gave probability 0 to what happened: its loss, and with it the mean, is infinite. No model should "
    "be that sure."
)
ZERO_TIMES_LOG = (
    "{count} of the terms y·log p are 0 · log 0: a class that was given probability 0 and did not happen. It counts "
    "as 0, the limit of y·log y."
)
NOTHING_SAID = "No sample reaches the threshold: precision is 0 ÷ 0, undefined, rather than 0 or 1."
NO_POSITIVE = "No sample of the positive class is among these: recall is 0 ÷ 0, undefined, and so is the ROC curve."
NO_NEGATIVE = "Every sample is of the positive class: the ROC curve has no false positives to count and is undefined."
WORSE_THAN_SHARES = (
    "Always predicting how often each class happens would give {baseline}, less than {loss}: these predictions know "
    "less than that."
)
ONE_DOMINATES = (
    "“{sample}” alone makes {share} of the summed cross-entropy: what is sure and wrong outweighs much that is right."
)
GOT_RIGHT = "{what} You got {given}, which is right."
GOT_SLIP = "{what} This slip gives {given}, which you got."
GOT_UNKNOWN = (
    "{what} With {value} it is nearest to the {given} that you got, but not near enough: no slip known here gives that."
)

NO_SAMPLES = "Wanted at least one sample, got none. Add a row."
TOO_FEW_CLASSES = "Wanted the probabilities of at least 2 classes, got {given}."
OTHER_CLASSES = "Wanted {wanted} probabilities, as in the first row, got {given}."
WRONG_SUM = "Wanted probabilities that sum to 1, within 0.001; these sum to {total}."
NO_SUCH_CLASS = "Wanted a class from 0 to {last}, one of the {count} that have a probability, got {given}."

SENTENCES = (
    LOSSES, INFINITE_LOSS, RULED_OUT, ZERO_TIMES_LOG, NOTHING_SAID, NO_POSITIVE, NO_NEGATIVE, WORSE_THAN_SHARES,
    ONE_DOMINATES, GOT_RIGHT, GOT_SLIP, GOT_UNKNOWN, NO_SAMPLES, TOO_FEW_CLASSES, OTHER_CLASSES, WRONG_SUM,
    NO_SUCH_CLASS, *SLIP_TEXTS,
)  # fmt: skip

DOMINATES, ENOUGH = 0.5, 4  # share of the loss that one of at least so many samples has


# Inputs that two kinds of tables give


def is_binary(x: Any) -> bool:
    return str(x.task) == BINARY


def active_rows(x: Any) -> Any:
    """The table that is looked at; the other keeps what was typed into it."""
    return x.samples if is_binary(x) else x.classified


def predictions(x: Any) -> Predictions:
    """What the active table says; ``refuse`` has seen to it that there is something."""
    labels = np.array([row.label for row in active_rows(x)], dtype=np.intp)
    if is_binary(x):
        return Predictions.of_two(labels, np.array([row.probability for row in x.samples], dtype=np.float64))
    rows = np.array([row.probabilities for row in x.classified], dtype=np.float64)
    return Predictions(labels, rows, binary=False)


def names(x: Any) -> list[str]:
    """What each sample is called, its number where it has no name."""
    return [row.name or str(at) for at, row in enumerate(active_rows(x), 1)]


# Refusals


def refuse(x: Any) -> dict[str, Sentence]:
    table = "samples" if is_binary(x) else "classified"
    if not active_rows(x):
        return {table: Sentence(NO_SAMPLES)}
    return {} if is_binary(x) else dict(_wrong_classes(x))


def _wrong_classes(x: Any) -> Iterator[tuple[str, Sentence]]:
    count = len(x.classified[0].probabilities)
    if count < 2:
        yield "classified.0.probabilities", _whole(TOO_FEW_CLASSES, given=count)
        return
    for at, row in enumerate(x.classified):
        if len(row.probabilities) != count:
            yield f"classified.{at}.probabilities", _whole(OTHER_CLASSES, wanted=count, given=len(row.probabilities))
        elif abs(sum(row.probabilities) - 1) > TOLERANCE * (1 + 1e-9):
            yield f"classified.{at}.probabilities", Sentence(WRONG_SUM, {"total": (_plain(sum(row.probabilities)), "")})
        if row.label >= count:
            yield f"classified.{at}.label", _whole(NO_SUCH_CLASS, last=count - 1, count=count, given=row.label)
    if x.positive >= count:
        yield "positive", _whole(NO_SUCH_CLASS, last=count - 1, count=count, given=x.positive)


def _whole(text: str, **whole: int) -> Sentence:
    return Sentence(text, {name: (str(value), "") for name, value in whole.items()})


def _plain(value: float) -> str:
    # Three digits would show a sum of 1.0012 as 1.
    return f"{value:.6g}"


# The answer and what is remarkable


def answer(outcome: Any) -> Sentence:
    x, outputs = outcome.case.resolved, outcome.case.outputs
    figures = {
        "count": (outputs["count"], ""),
        "squares": (outputs["squared_error"], ""),
        "threshold": (x.threshold, ""),
        "accuracy": (outputs["accuracy"], "%"),
    }
    if np.isinf(outputs["cross_entropy"]):
        return Sentence(INFINITE_LOSS, figures)
    return Sentence(LOSSES, {**figures, "loss": (outputs["cross_entropy"], "")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    return [*_about_the_number(x, outputs), *_about_loss(x, outputs), *_about_rates(outputs)]


def _about_loss(x: Any, outputs: Mapping[str, Any]) -> Iterator[Sentence]:
    called, losses = names(x), outputs["loss_by_sample"]
    yield from (
        Sentence(RULED_OUT, {"sample": (name, "")}) for name, loss in zip(called, losses, strict=True) if np.isinf(loss)
    )
    made = predictions(x)
    if zeros := int(((made.probabilities == 0) & (made.outcomes == 0)).sum()):
        yield Sentence(ZERO_TIMES_LOG, {"count": (zeros, "")})
    mean, baseline = outputs["cross_entropy"], outputs["baseline"]
    if np.isinf(mean):
        return
    if mean > baseline > 0:
        yield Sentence(WORSE_THAN_SHARES, {"baseline": (baseline, ""), "loss": (mean, "")})
    worst = max(losses)
    if len(losses) >= ENOUGH and worst > DOMINATES * sum(losses):
        share = worst / sum(losses)
        yield Sentence(ONE_DOMINATES, {"sample": (called[losses.index(worst)], ""), "share": (share, "%")})


def _about_rates(outputs: Mapping[str, Any]) -> Iterator[Sentence]:
    if np.isinf(outputs["precision"]):
        yield Sentence(NOTHING_SAID)
    if np.isinf(outputs["recall"]):
        yield Sentence(NO_POSITIVE)
    elif np.isinf(outputs["area"]):
        yield Sentence(NO_NEGATIVE)


def _about_the_number(x: Any, outputs: Mapping[str, Any]) -> Iterator[Sentence]:
    """Which right value or slip each of the numbers that were got is."""
    right = [(RIGHT_ENTROPY, outputs["cross_entropy"]), (RIGHT_SQUARES, outputs["squared_error"])]
    wrong = [
        (slip.text, value)
        for slip, value in zip(slips(is_binary(x), x.base), outputs["slip_results"], strict=True)
        if np.isfinite(value)
    ]
    for given in x.got:
        # Where a slip gives the right value, min takes the right one, which stands first.
        text, value = min([*right, *wrong], key=lambda known: abs(known[1] - given))
        figures = {"given": (_plain(given), ""), "what": (text, "")}
        if abs(value - given) > max(NEAR * abs(value), NEAR_ZERO):
            yield Sentence(GOT_UNKNOWN, {**figures, "value": (value, "")})
        else:
            yield Sentence(GOT_RIGHT if text in (RIGHT_ENTROPY, RIGHT_SQUARES) else GOT_SLIP, figures)


# Tables

SAMPLES_TITLE = "Each sample"
SAMPLES_NOTE = "The cross-entropy looks only at the probability of what happened. ∞ is infinite."
SAMPLES_COLUMNS = (
    ("Prediction", ""), ("Class that happened", ""), ("Probability given to it", ""), ("Cross-entropy", ""),
    ("Squared error", ""), ("Decided rightly", ""),
)  # fmt: skip
SLIPS_TITLE = "Slips, and the number that each gives"
SLIPS_NOTE = (
    "What comes out when one thing is done wrongly, beside the right value. ∞ is infinite or undefined. Swapped, p·log "
    "y is infinite: it has a value only because programs clip labels away from 0."
)
SLIPS_COLUMNS = (("Slip", ""), ("What was calculated", ""), ("Gives", ""), ("Right", ""))

BASE_NAMES = {"e": "Natural logarithm (nats)", "2": "Base 2 (bits)", "10": "Base 10 (dits)"}
assert BASE_NAMES.keys() == BASES.keys()


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    made = predictions(x)
    decided = made.probabilities[:, 1 if is_binary(x) else x.positive] >= x.threshold
    right = decided == (made.labels == (1 if is_binary(x) else x.positive))
    per_sample = zip(
        names(x), made.labels.tolist(), outputs["happened"], map(_cell, outputs["loss_by_sample"]),
        outputs["squared_by_sample"], right.tolist(), strict=True,
    )  # fmt: skip
    per_slip = (
        (slip.text, slip.formula, _cell(value), _cell(outputs["cross_entropy" if slip.of_entropy else "squared_error"]))
        for slip, value in zip(slips(is_binary(x), x.base), outputs["slip_results"], strict=True)
    )
    return [
        Table(title=SLIPS_TITLE, note=SLIPS_NOTE, columns=SLIPS_COLUMNS, rows=tuple(per_slip)),
        Table(title=SAMPLES_TITLE, note=SAMPLES_NOTE, columns=SAMPLES_COLUMNS, rows=tuple(per_sample)),
    ]


def _cell(value: float) -> float | str:
    return "∞" if np.isinf(value) else value
