"""What the positioning calculator says: the answer, warnings, what it refuses, and who is nearest to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlcore.spec import Range, params
from portal.planning.calculator import Sentence, Table
from portal.planning.rivalry.concentration import HIGH, MODERATE
from portal.planning.rivalry.maps import standardise
from portal.planning.uncertainty import median

UNCONCENTRATED = "Nearest to us is *{rival}*, at {index} the mean distance. The market is *not concentrated*: {hhi}."
MODERATE_MARKET = (
    "Nearest to us is *{rival}*, at {index} the mean distance. The market is *moderately concentrated*: {hhi}."
)
HIGH_MARKET = "Nearest to us is *{rival}*, at {index} the mean distance. The market is *highly concentrated*: {hhi}."
PERHAPS_HIGH = (
    "Nearest to us is *{rival}*, at {index} the mean distance. The market is highly concentrated in *{share}* of the "
    "cases."
)

LEFT_OUT = "“{attribute}” is the same for all rows and is left out of map and distances."
CROWDED = "We are hard to tell from {rival}: less than half the mean distance lies between us."
POOR_MAP = (
    "The map shows {explained} of the differences and bends distances by {stress}. Trust the distances in the table "
    "more than the picture."
)
TAIL_DECIDES = (
    "Whether the market counts as highly concentrated hangs on firms that are not listed: {hhi} if they are alike, "
    "{most} if they are one. Find the largest of them and list it."
)
NO_SHARES = "No share was given, so the concentration is that of the unlisted firms alone."
PRESUMED = (
    "{one} and {other} together would raise the index by {delta} to {after}. The US Merger Guidelines of 2023 presume "
    "that such a merger lessens competition."
)

FEW_ATTRIBUTES = "Wanted at least 3 attributes, got {count}. Add what customers compare you by."
FEW_RIVALS = "Wanted us and at least 2 rivals, got {count} rows. Add a rival."
WRONG_LENGTH = "Wanted {wanted} scores, one for each attribute, got {count}."
NO_DIFFERENCE = "Wanted at least 2 attributes in which the rows differ, got {count}. Give other scores."
NO_WEIGHT = "Wanted a weight above zero for an attribute in which the rows differ, got none."
ABOVE_ALL = "Wanted shares that add up to at most 100%, got {sum}."
NO_SUCH_ROW = "Wanted the number of a row from 1 to {rows}, or 0 for no merger, got {row}."
ONE_FIRM = "Wanted two different rows that merge, or 0 in both fields, got {one} and {other}."

SENTENCES = (
    UNCONCENTRATED, MODERATE_MARKET, HIGH_MARKET, PERHAPS_HIGH, LEFT_OUT, CROWDED, POOR_MAP, TAIL_DECIDES, NO_SHARES,
    PRESUMED, FEW_ATTRIBUTES, FEW_RIVALS, WRONG_LENGTH, NO_DIFFERENCE, NO_WEIGHT, ABOVE_ALL, NO_SUCH_ROW, ONE_FIRM,
)  # fmt: skip

NEAREST_TITLE = "Who is nearest to whom"
NEAREST_NOTE = (
    "Distances count all attributes by their weights, not only what the map shows. 1× is the mean of all pairs."
)
NEAREST_COLUMNS = (("Firm", ""), ("Nearest", ""), ("Distance", "×"))

HARD_TO_TELL = 0.5  # of the mean distance
LEAST_SHOWN = 0.6  # of the variance, below which two axes mislead
MOST_STRESS = 0.2  # which Kruskal (1964) calls poor

_MARKS = str.maketrans("", "", "{}*")  # emphasis and places of a sentence


def names(rows: Any) -> list[str]:
    """What rows are called within a sentence."""
    return [row.name.translate(_MARKS).strip() or str(at) for at, row in enumerate(rows, 1)]


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = _too_few(inputs)
    wanted = len(inputs.attributes)
    for at, row in enumerate(inputs.competitors):
        if len(row.scores) != wanted:
            figures = {"wanted": (wanted, ""), "count": (len(row.scores), "")}
            found[f"competitors.{at}.scores"] = Sentence(WRONG_LENGTH, figures)
    if not found:
        found = _no_difference(inputs)
    total = sum(_middle(row) for row in inputs.competitors)
    if total > 1 + 1e-9:
        found.setdefault("competitors", Sentence(ABOVE_ALL, {"sum": (total, "%")}))
    return found | _merging(inputs)


def answer(outcome: Any) -> Sentence:
    outputs = outcome.case.outputs
    nearest = names(outcome.inputs.competitors)[int(outputs["nearest_row"][0]) - 1]
    figures = {"rival": (nearest, ""), "index": (outputs["differentiation"], "×")}
    often, hhi = outcome.share("highly_concentrated"), outcome.quantile("hhi", 0.5)
    if 0 < often < 1:
        return Sentence(PERHAPS_HIGH, {**figures, "share": (often, "%")})
    text = HIGH_MARKET if often else MODERATE_MARKET if hhi >= MODERATE else UNCONCENTRATED
    return Sentence(text, {**figures, "hhi": (hhi, "points")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    called = names(x.competitors)
    differs = standardise(np.array([row.scores for row in x.competitors], dtype=np.float64)).differs
    found = [
        Sentence(LEFT_OUT, {"attribute": (name, "")})
        for name, kept in zip(names(x.attributes), differs, strict=True)
        if not kept
    ]
    if outputs["differentiation"] < HARD_TO_TELL:
        found.append(Sentence(CROWDED, {"rival": (called[int(outputs["nearest_row"][0]) - 1], "")}))
    if outputs["explained"] < LEAST_SHOWN or outputs["stress"] > MOST_STRESS:
        shown = {"explained": (outputs["explained"], "%"), "stress": (outputs["stress"], "%")}
        found.append(Sentence(POOR_MAP, shown))
    return found + _market_notices(x, outputs, called)


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    called = [row.name or str(at) for at, row in enumerate(x.competitors, 1)]
    nearest = [called[int(row) - 1] for row in outputs["nearest_row"]]
    rows = tuple(zip(called, nearest, outputs["differentiation_of"], strict=True))
    return [Table(title=NEAREST_TITLE, note=NEAREST_NOTE, columns=NEAREST_COLUMNS, rows=rows)]


def _market_notices(x: Any, outputs: Mapping[str, Any], called: list[str]) -> list[Sentence]:
    found = []
    hhi, most = outputs["hhi"], outputs["hhi_most"]
    if not outputs["listed_share"]:
        found.append(Sentence(NO_SHARES))
    elif hhi <= HIGH < most:
        found.append(Sentence(TAIL_DECIDES, {"hhi": (hhi, "points"), "most": (most, "points")}))
    if outputs["presumed_unlawful"]:
        figures = {"one": (called[x.merging - 1], ""), "other": (called[x.merging_with - 1], "")}
        points = {"delta": (outputs["delta"], "points"), "after": (outputs["hhi_after"], "points")}
        found.append(Sentence(PRESUMED, figures | points))
    return found


def _too_few(inputs: Any) -> dict[str, Sentence]:
    found = {}
    if len(inputs.attributes) < 3:
        found["attributes"] = Sentence(FEW_ATTRIBUTES, {"count": (len(inputs.attributes), "")})
    if len(inputs.competitors) < 3:
        found["competitors"] = Sentence(FEW_RIVALS, {"count": (len(inputs.competitors), "")})
    return found


def _no_difference(inputs: Any) -> dict[str, Sentence]:
    differs = standardise(np.array([row.scores for row in inputs.competitors], dtype=np.float64)).differs
    if (count := int(differs.sum())) < 2:
        return {"competitors": Sentence(NO_DIFFERENCE, {"count": (count, "")})}
    if not any(row.weight for row, kept in zip(inputs.attributes, differs, strict=True) if kept):
        return {"attributes": Sentence(NO_WEIGHT)}
    return {}


def _merging(inputs: Any) -> dict[str, Sentence]:
    rows, pair = len(inputs.competitors), (inputs.merging, inputs.merging_with)
    for field, row in zip(("merging", "merging_with"), pair, strict=True):
        if row > rows:
            return {field: Sentence(NO_SUCH_ROW, {"rows": (rows, ""), "row": (row, "")})}
    if any(pair) and (pair[0] == pair[1] or not all(pair)):
        return {"merging_with": Sentence(ONE_FIRM, {"one": (pair[0], ""), "other": (pair[1], "")})}
    return {}


def _middle(row: Any) -> float:
    if not isinstance(row.share, Range):
        return float(row.share)
    param = next(param for name, param, _ in params(type(row)) if name == "share")
    return median(row.share, param.low, param.high)
