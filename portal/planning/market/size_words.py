"""What the market size calculator says: the answer, warnings, what it refuses, and the tables beside the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from portal.planning.calculator import Sentence, Table, row_names
from portal.planning.market.sizing import EVENLY

NO_SEGMENTS = "Wanted at least one segment, got none. Add a row for each group of customers."
SAME_NAME = "Wanted a name of its own for each segment; {name} stands there twice."

GIVES = "In *{years}* this market can give *{som}*, out of {sam} within reach and {tam} in all today."
GIVES_BETWEEN = (
    "In *{years}* this market can give *{som}*: nine times in ten between {low} and {high}, out of {sam} within reach "
    "and {tam} in all today."
)
GIVES_NOTHING = "These segments hold no market: with these figures there is nothing to sell in *{years}*."

COUNTS_NOTHING = "Segment {row} counts nothing: its accounts, adoption, units, price or a share of it is 0."
FAR_APART = (
    "Bottom-up and top-down differ by a factor of {times} in the whole market. One of them counts something else: look "
    "at what each leaves out before you show either."
)
OBTAINABLE_APART = (
    "What is obtainable differs by a factor of {times} between bottom-up and top-down: look at the two shares."
)
LEANS = "{share} of what can be obtained hangs on segment {row} alone."
DOMINATES = "At the horizon this plan holds {share} of the whole market. Few companies ever do: look at the shares."
GROWS_FAR = "Segment {row} grows to {times} its size within the horizon. Few markets keep that up: try a lower rate."
TOO_LATE = "The obtainable share is reached only after the horizon: by then it is {share} of it."

SENTENCES = (
    NO_SEGMENTS, SAME_NAME, GIVES, GIVES_BETWEEN, GIVES_NOTHING, COUNTS_NOTHING, FAR_APART, OBTAINABLE_APART, LEANS,
    DOMINATES, GROWS_FAR, TOO_LATE,
)  # fmt: skip

APART = 3  # times that two honest estimates may differ
LEANING = 0.8  # of the obtainable market in one segment
DOMINANT = 0.3  # of the whole market
FAR = 20  # times today's size

COMPARED_TITLE = "Bottom-up and top-down"
COMPARED_NOTE = "Two ways to the same figures, today, at the full obtainable share. They should be within 3 times."
COMPARED_COLUMNS = (("Market", ""), ("Bottom-up", "USD/year"), ("Top-down", "USD/year"), ("Ratio", "×"))
SOURCES_TITLE = "Where the figures come from"
SOURCES_NOTE = "As the rows say. A figure without a source is an assumption."
SOURCES_COLUMNS = (("Segment", ""), ("Source", ""))


def refuse(inputs: Any) -> dict[str, Sentence]:
    if not inputs.segments:
        return {"segments": Sentence(NO_SEGMENTS)}
    # Bars with one name would be drawn on top of each other.
    names = row_names(inputs.segments)
    return {
        f"segments.{at}.name": Sentence(SAME_NAME, {"name": (name, "")})
        for at, name in enumerate(names)
        if name in names[:at]
    }


def answer(outcome: Any) -> Sentence:
    case = outcome.case
    low, middle, high = outcome.quantiles("som_at_horizon", (0.05, 0.5, 0.95))
    years = {"years": (case.inputs.horizon, "years")}
    if high == 0:
        return Sentence(GIVES_NOTHING, years)
    figures = {
        **years,
        "som": (middle, "USD/year"),
        "sam": (outcome.quantile("sam", 0.5), "USD/year"),
        "tam": (outcome.quantile("tam", 0.5), "USD/year"),
    }
    if low == high:
        return Sentence(GIVES, figures)
    return Sentence(GIVES_BETWEEN, {**figures, "low": (low, "USD/year"), "high": (high, "USD/year")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = [
        Sentence(COUNTS_NOTHING, {"row": (row, "")}) for row, som in enumerate(outputs["som_by_segment"], 1) if som == 0
    ]
    for text, name in ((FAR_APART, "tam_ratio"), (OBTAINABLE_APART, "som_ratio")):
        times = _times_apart(outputs[name])
        if times > APART:
            found.append(Sentence(text, {"times": (times, "")}))
    return found + _shape_notices(x, outputs) + _growth_notices(x)


def _times_apart(ratio: float) -> float:
    """How many times the larger is the smaller; 1 where one of them is nothing, which is told otherwise."""
    return max(ratio, 1 / ratio) if ratio > 0 and math.isfinite(ratio) else 1.0


def _shape_notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    share = outputs["largest_share"]
    if len(x.segments) > 1 and math.isfinite(share) and share > LEANING:
        largest = outputs["som_by_segment"].index(max(outputs["som_by_segment"]))
        found.append(Sentence(LEANS, {"share": (share, "%"), "row": (largest + 1, "")}))
    held, reached = outputs["share_of_market"], outputs["reached"]
    if math.isfinite(held) and held > DOMINANT:
        found.append(Sentence(DOMINATES, {"share": (held, "%")}))
    if x.ramp == EVENLY and reached < 1:
        found.append(Sentence(TOO_LATE, {"share": (reached, "%")}))
    return found


def _growth_notices(x: Any) -> list[Sentence]:
    found = []
    for row, segment in enumerate(x.segments, 1):
        times = (1 + segment.growth) ** x.horizon
        if times > FAR:
            found.append(Sentence(GROWS_FAR, {"row": (row, ""), "times": (times, "×")}))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    compared = []
    for label, below, above in (("TAM", "tam", "top_tam"), ("SAM", "sam", "top_sam"), ("SOM", "som", "top_som")):
        ratio = outputs[below] / outputs[above] if outputs[above] > 0 else ""
        compared.append((label, outputs[below], outputs[above], ratio))
    sources = [(segment.name or str(row), segment.source) for row, segment in enumerate(x.segments, 1)]
    return [
        Table(title=COMPARED_TITLE, note=COMPARED_NOTE, columns=COMPARED_COLUMNS, rows=tuple(compared)),
        Table(title=SOURCES_TITLE, note=SOURCES_NOTE, columns=SOURCES_COLUMNS, rows=tuple(sources)),
    ]
