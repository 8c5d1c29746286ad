"""What the segments calculator says: the answer, warnings, what it refuses, and the figures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence, Table
from portal.planning.ranking.criteria import LABELS, NAMES
from portal.planning.ranking.weights import (
    TOLERATED,
    comparison_count,
    comparison_matrix,
    misfit,
    principal,
)

TYPED, COMPARED = "typed", "compared"

FIRST = "*{segment}* comes first with {score} of 10 points; {second} follows with {second_score}."
TIED = "*{segment}* and {second} share the first place with {score} of 10 points."
FIRST_OFTEN = "*{segment}* comes first in *{share}* of the cases; {second}, the next, in {second_share}."
FIRST_ALWAYS = "*{segment}* comes first in every case that was drawn."

METHODS_DIFFER = (
    "TOPSIS puts {other} first, not {segment}: it counts how near a segment is to the best and how far from the worst "
    "of each criterion. Where two methods differ, the choice is close."
)
INCONSISTENT = (
    "The comparisons contradict one another: their consistency ratio is {ratio}, above {most}. The one that fits the "
    "others least is “{one}” against “{other}”: {typed} was said, the others imply {implied}."
)
ALIKE = "All segments have the same scores, so nothing ranks them. Change a score."

TOO_FEW = "Wanted at least 2 segments, got {count}. Add a row."
NO_WEIGHT = "Wanted a weight above zero for at least one criterion, got none."
WRONG_COUNT = "Wanted {wanted} comparisons, one for each two of the 8 criteria, got {count}."

SENTENCES = (
    FIRST, TIED, FIRST_OFTEN, FIRST_ALWAYS, METHODS_DIFFER, INCONSISTENT, ALIKE, TOO_FEW, NO_WEIGHT, WRONG_COUNT,
)  # fmt: skip

FACTS_TITLE = "Figures that bear on the scores"
FACTS_NOTE = (
    "As published. They measure different things in different places: compare them with your scores, not with one "
    "another."
)
FACT_COLUMNS = (("Segment", ""), ("Figure", ""), ("Source", ""))

_MARKS = str.maketrans("", "", "{}*")  # emphasis and places of a sentence


def names(segments: Any) -> list[str]:
    """What the segments are called within a sentence."""
    return [row.name.translate(_MARKS).strip() or str(at) for at, row in enumerate(segments, 1)]


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = {}
    if len(inputs.segments) < 2:
        found["segments"] = Sentence(TOO_FEW, {"count": (len(inputs.segments), "")})
    if inputs.weighting == TYPED:
        if not any(getattr(inputs, f"weight_{name}") for name in NAMES):
            found[f"weight_{NAMES[0]}"] = Sentence(NO_WEIGHT)
    elif len(inputs.comparisons) != comparison_count(len(NAMES)):
        figures = {"wanted": (comparison_count(len(NAMES)), ""), "count": (len(inputs.comparisons), "")}
        found["comparisons"] = Sentence(WRONG_COUNT, figures)
    return found


def answer(outcome: Any) -> Sentence:
    called = names(outcome.inputs.segments)
    often = outcome.shares("first_by_score")
    scores = np.asarray(outcome.case.outputs["score"])
    # Where two are first equally often, the one with the better score at the medians is told of first.
    first, second = np.lexsort((-scores, -often))[:2]
    segments = {"segment": (called[first], ""), "second": (called[second], "")}
    if outcome.uncertain:
        if often[first] == 1 and often[second] == 0:
            return Sentence(FIRST_ALWAYS, {"segment": segments["segment"]})
        shares = {"share": (float(often[first]), "%"), "second_share": (float(often[second]), "%")}
        return Sentence(FIRST_OFTEN, segments | shares)
    score = {"score": (float(scores[first]), "")}
    if scores[first] == scores[second]:
        return Sentence(TIED, segments | score)
    return Sentence(FIRST, segments | score | {"second_score": (float(scores[second]), "")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    called = names(x.segments)
    if len(set(outputs["score"])) == len(set(outputs["closeness"])) == 1:
        found.append(Sentence(ALIKE))
    elif not outputs["methods_agree"]:
        first, other = (int(np.argmax(outputs[name])) for name in ("score", "closeness"))
        found.append(Sentence(METHODS_DIFFER, {"segment": (called[first], ""), "other": (called[other], "")}))
    if TOLERATED < outputs["consistency_ratio"] < np.inf:
        found.append(_inconsistent(x, outputs["consistency_ratio"]))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    rows = tuple((row.name or str(at), row.fact, row.source) for at, row in enumerate(x.segments, 1) if row.fact)
    return [Table(title=FACTS_TITLE, note=FACTS_NOTE, columns=FACT_COLUMNS, rows=rows)] if rows else []


def _inconsistent(x: Any, ratio: float) -> Sentence:
    matrix = comparison_matrix(x.comparisons, len(NAMES))
    worst = misfit(matrix, principal(matrix)[0])
    return Sentence(
        INCONSISTENT,
        {
            "ratio": (ratio, ""), "most": (TOLERATED, ""), "one": (LABELS[worst.one], ""),
            "other": (LABELS[worst.other], ""), "typed": (worst.typed, ""), "implied": (worst.implied, ""),
        },
    )  # fmt: skip
