"""What the data budget says: the answer in one sentence, warnings, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

import numpy as np

from mlcore.spec import Range
from portal.planning.calculator import Sentence
from portal.planning.datacost.inputs import labelled
from portal.planning.datacost.voting import fewest, vote_accuracies
from portal.planning.ranking.words import names
from portal.planning.uncertainty import median

NO_SETS = "Wanted at least one data set. Add a row."
NOT_REACHED = (
    "Wanted an accuracy that a vote can reach: where one annotator is right in {single} of the cases, a vote of "
    "{count} reaches {best} at best. Lower it, or train the annotators."
)

COSTS = "The data cost *{total}*: {usable} usable items at {each} each."
COSTS_BETWEEN = (
    "The data cost *{total}*, nine times in ten between {low} and {high}: {usable} usable items at {each} each."
)
FREE = "At these prices the data cost nothing."

TOO_FEW = "{name}: asking {count} for each label makes {accuracy} of them right; asking {needed} reaches {wanted}."
TOO_MANY = "{name}: asking {needed} for each label reaches {wanted}; asking {count} costs {saved} more than needed."
EVEN = (
    "{name}: with two classes {count} annotators are no better than {fewer}, as a tie is broken by chance. Take an odd "
    "number."
)
GUESSING = "One annotator is no better than guessing among the classes, so asking more does not help."
DISAGREE = (
    "Annotators this accurate agree with a kappa of {kappa}, below the {least} that Landis and Koch (1977) call "
    "substantial. Clearer instructions may cost less than more annotators."
)

SENTENCES = (NO_SETS, NOT_REACHED, COSTS, COSTS_BETWEEN, FREE, TOO_FEW, TOO_MANY, EVEN, GUESSING, DISAGREE)

SUBSTANTIAL = 0.61  # Landis and Koch, Biometrics 33, 1977


def refuse(inputs: Any) -> dict[str, Sentence]:
    if not inputs.data_sets:
        return {"data_sets": Sentence(NO_SETS)}
    if not any(labelled(row) for row in inputs.data_sets):
        return {}
    single = median(inputs.accuracy, 0, 1) if isinstance(inputs.accuracy, Range) else inputs.accuracy
    votes = vote_accuracies(single, inputs.classes)
    if np.isfinite(fewest(votes, inputs.wanted_accuracy)[0]):
        return {}
    best = int(votes[:, 0].argmax())
    # Rounded down, so that what is said to be reached is not what was refused.
    reached = floor(votes[best, 0] * 1_000) / 1_000
    figures = {"single": (single, "%"), "count": (best + 1, ""), "best": (reached, "%")}
    return {"wanted_accuracy": Sentence(NOT_REACHED, figures)}


def answer(outcome: Any) -> Sentence:
    low, total, high = outcome.quantiles("total", (0.05, 0.5, 0.95))
    if total == 0:
        return Sentence(FREE)
    figures = {
        "total": (total, "USD"),
        "usable": (outcome.quantile("usable", 0.5), ""),
        "each": (outcome.quantile("cost_per_usable", 0.5), "USD"),
    }
    if low == high:
        return Sentence(COSTS, figures)
    return Sentence(COSTS_BETWEEN, {**figures, "low": (low, "USD"), "high": (high, "USD")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    """Of data sets only the one where it matters most is named: the most labels, or the most money."""
    sets = [(name, row) for name, row in zip(names(x.data_sets), x.data_sets, strict=True) if row.labels > 0]
    if not sets:
        return []
    found = []
    if x.accuracy <= 1 / x.classes:
        found.append(Sentence(GUESSING))
    elif outputs["kappa"] < SUBSTANTIAL:
        found.append(Sentence(DISAGREE, {"kappa": (outputs["kappa"], ""), "least": (SUBSTANTIAL, "")}))
    if x.classes == 2 and (even := [each for each in sets if each[1].annotators % 2 == 0]):
        name, row = even[0]
        figures = {"name": (name, ""), "count": (row.annotators, ""), "fewer": (row.annotators - 1, "")}
        found.append(Sentence(EVEN, figures))
    return found + _numbers(x, outputs, sets)


def _numbers(x: Any, outputs: Mapping[str, Any], sets: list[tuple[str, Any]]) -> list[Sentence]:
    """Of the numbers of annotators: which data set falls short, and which asks more than are needed."""
    needed, wanted = outputs["annotators_needed"], x.wanted_accuracy
    if not np.isfinite(needed):
        return []
    votes = vote_accuracies(x.accuracy, x.classes)[:, 0]
    common = {"needed": (needed, ""), "wanted": (wanted, "%")}
    found = []
    few = [each for each in sets if votes[each[1].annotators - 1] < min(wanted, votes[int(needed) - 1])]
    if few:
        name, row = max(few, key=lambda each: each[1].wanted * each[1].labels)
        accuracy = votes[row.annotators - 1]
        found.append(
            Sentence(TOO_FEW, common | {"name": (name, ""), "count": (row.annotators, ""), "accuracy": (accuracy, "%")})
        )
    name, row = max(sets, key=lambda each: _beyond(each[1], needed))
    if (saved := _beyond(row, needed)) > 0:
        found.append(
            Sentence(TOO_MANY, common | {"name": (name, ""), "count": (row.annotators, ""), "saved": (saved, "USD")})
        )
    return found


def _beyond(row: Any, needed: float) -> float:
    """What the annotators of a data set beyond those needed cost."""
    return float((row.annotators - needed) * row.wanted * row.labels * row.label_price)
