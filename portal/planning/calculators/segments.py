"""Which field of application or group of customers to serve first: two rankings, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.spec import choice, number, rows, series
from portal.planning.calculator import Axis, Bars, Calculator, Example, Output, Preset, Scatter
from portal.planning.finance import draw_count
from portal.planning.ranking.criteria import ASSUMED, LABELS, MORE_IS_BETTER, NAMES, SEGMENTS, TOP, Segment
from portal.planning.ranking.methods import closeness, lead, ranks, weighted_sum
from portal.planning.ranking.weights import comparison_matrix, consistency_ratio, principal, shares
from portal.planning.ranking.words import COMPARED, SENTENCES, TYPED, answer, notices, refuse, tables

SAATY = (
    "T. L. Saaty, “How to make a decision: the analytic hierarchy process”, European Journal of Operational Research "
    "48, 1990"
)
HWANG_YOON = "C.-L. Hwang and K. Yoon, Multiple Attribute Decision Making, Springer 1981"

# As the starting weights say, rounded to Saaty's scale: 2, 1 and 3 for pairs such as market and growth.
COMPARISONS = (
    1, 1, 1, 2, 2, 3, 1 / 2,
    1 / 2, 1 / 2, 1, 1, 2, 1 / 2,
    1, 2, 2, 3, 1,
    2, 2, 3, 1,
    1, 2, 1 / 2,
    2, 1 / 2,
    1 / 3,
)  # fmt: skip


def _weight(label: str, default: float) -> Any:
    return number(
        label, default=default, low=0, high=100, group="Weights", source=ASSUMED, when=("weighting", (TYPED,)),
        help="How much this criterion counts. Only the proportions of the weights matter.",
    )  # fmt: skip


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    segments: tuple[Segment, ...] = rows(
        Segment, "Segments", default=SEGMENTS, max_items=30, group="Segments", source=ASSUMED,
        help="Fields of application or groups of customers, scored from 0 to 10. A score that you are not sure of is a "
        "range.")
    weighting: str = choice(
        "Weights of the criteria", default=TYPED, group="Weights",
        choices={TYPED: "Typed", COMPARED: "From comparing them two by two"},
        help="Type weights, or say for each two criteria how much more the one counts (analytic hierarchy process).")
    weight_market: float = _weight("Weight of market size", 3)
    weight_growth: float = _weight("Weight of growth", 2)
    weight_pain: float = _weight("Weight of pain", 3)
    weight_pay: float = _weight("Weight of willingness to pay", 3)
    weight_reach: float = _weight("Weight of ease of reaching", 2)
    weight_competition: float = _weight("Weight of competition", 2)
    weight_regulation: float = _weight("Weight of regulation", 1)
    weight_fit: float = _weight("Weight of fit with us", 4)
    comparisons: tuple[float, ...] = series(
        "Comparisons", default=COMPARISONS, low=0.11, high=9, max_items=28, group="Weights", source=ASSUMED,
        when=("weighting", (COMPARED,)),
        help="28 numbers: the first criterion against each after it, the second against each after it, and so on, in "
        "the order of the weights. 1: they count alike; 3, 5, 7, 9: the first counts a little more, more, much more, "
        "extremely much more; 0.33, 0.2, 0.14, 0.11 the other way round.")
# fmt: on


# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    scores = _table(x.segments, draws or 1)
    weights, ratio = _weights(x, draws or 1)
    more = np.array(MORE_IS_BETTER)
    sums, near = weighted_sum(scores, weights, more, TOP), closeness(scores, weights, more)
    places, near_places = ranks(sums), ranks(near)
    results = {
        "lead": lead(sums),
        "best_score": sums.max(axis=0),
        "best_closeness": near.max(axis=0),
        "methods_agree": ((places == 1) & (near_places == 1)).any(axis=0),
        "score": sums,
        "closeness": near,
        "rank_by_score": places,
        "rank_by_closeness": near_places,
        "first_by_score": places == 1,
        "first_by_closeness": near_places == 1,
        "weights": weights,
        "consistency_ratio": np.array([ratio]),
    }
    return {name: value if draws and value.shape[-1] == draws else value[..., 0] for name, value in results.items()}


def _table(segments: Any, draws: int) -> np.ndarray:
    """Scores, shape (segments, criteria, draws)."""
    table = np.empty((len(segments), len(NAMES), draws))
    for row, segment in zip(table, segments, strict=True):
        for column, name in zip(row, NAMES, strict=True):
            column[:] = getattr(segment, name)
    return table


def _weights(x: Any, draws: int) -> tuple[np.ndarray, float]:
    """Weights (criteria, draws) that sum to 1, and the consistency ratio, infinite where there is none."""
    if x.weighting == COMPARED:
        vector, largest = principal(comparison_matrix(x.comparisons, len(NAMES)))
        return np.repeat(vector[:, np.newaxis], draws, axis=1), consistency_ratio(float(largest), len(NAMES))
    typed = [np.broadcast_to(getattr(x, f"weight_{name}"), draws) for name in NAMES]
    return shares(np.array(typed, dtype=np.float64)), np.inf


# Declaration

SUM_METHOD = "Scores, with {weights}, summed; of competition and regulation, where less is better, what is left to 10."
TOPSIS_METHOD = (
    "TOPSIS: each score divided by the length of its column (the root of the sum of squares) and weighted with "
    "{weights}; then the distance from the worst value of every criterion, divided by the sum of the distances from "
    "the worst and from the best."
)

OUTPUTS = {
    "lead": Output(
        label="Lead of the first", unit="", better="higher", headline=True,
        help="How far the first segment is ahead of the second, in points of 10. A small lead is none.",
        method="The largest of {score}, less the next.",
    ),
    "best_score": Output(
        label="Best score", unit="", better="higher", headline=True,
        help="The score of the first segment, from 0 to 10.", method="The largest of {score}.",
    ),
    "best_closeness": Output(
        label="Best closeness", unit="%", better="higher",
        help="The closeness of the first segment by TOPSIS.", method="The largest of {closeness}.",
    ),
    "methods_agree": Output(
        label="Both methods agree", unit="", boolean=True, headline=True,
        help="The weighted sum and TOPSIS put the same segment first.",
        method="Yes when a segment is first in {rank_by_score} and in {rank_by_closeness}.",
    ),
    "score": Output(
        label="Score", unit="", along=("segments",), better="higher",
        help="The weighted sum of its scores, from 0 to 10.", method=SUM_METHOD,
    ),
    "closeness": Output(
        label="Closeness", unit="%", along=("segments",), better="higher", source=HWANG_YOON,
        help="How near it is to the best of every criterion: 0% would be the worst of all, 100% the best of all. If "
        "all segments are alike, 50%.",
        method=TOPSIS_METHOD,
    ),
    "rank_by_score": Output(
        label="Place by score", unit="", along=("segments",), better="lower",
        help="1 is the first. Segments that tie share the better place.", method="The order of {score}.",
    ),
    "rank_by_closeness": Output(
        label="Place by closeness", unit="", along=("segments",), better="lower",
        help="1 is the first. Segments that tie share the better place.", method="The order of {closeness}.",
    ),
    "first_by_score": Output(
        label="First by score", unit="", boolean=True, along=("segments",), better="higher",
        help="Whether it comes first; over the draws, how often. Segments that tie are all first.",
        method="Yes when {rank_by_score} is 1.",
    ),
    "first_by_closeness": Output(
        label="First by closeness", unit="", boolean=True, along=("segments",), better="higher",
        help="Whether TOPSIS puts it first; over the draws, how often. Segments that tie are all first.",
        method="Yes when {rank_by_closeness} is 1.",
    ),
    "weights": Output(
        label="Weight", unit="%", along=("criteria",),
        help="The share of the decision that a criterion has; together 100%.",
        method="The typed weights, each divided by their sum; or the principal eigenvector of the matrix of "
        "{comparisons}, divided by its sum.",
        source=SAATY,
    ),
    "consistency_ratio": Output(
        label="Consistency ratio", unit="", better="lower", never="none: the weights are typed",
        help="How much the comparisons contradict one another, where 1 is as much as random ones. Saaty tolerates 0.1.",
        method="(λ − 8) ÷ 7 ÷ 1.41, where λ is the largest eigenvalue of the matrix of {comparisons} and 1.41 what "
        "random comparisons of 8 criteria give on average.",
        source=SAATY,
    ),
}  # fmt: skip

# A criterion without weight, for cases that have fewer than eight.
UNUSED = {f"weight_{name}": 0 for name in NAMES}


def _case(*segments: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": str(at), **segment} for at, segment in enumerate(segments, 1)]


EXAMPLES = (
    Example(
        # Comparisons that Saaty prints for eight criteria of a house; here they weigh ours, in the same order.
        inputs={
            "weighting": COMPARED,
            "comparisons": [
                5, 3, 7, 6, 6, 1 / 3, 1 / 4,
                1 / 3, 5, 3, 3, 1 / 5, 1 / 7,
                6, 3, 4, 6, 1 / 5,
                1 / 3, 1 / 4, 1 / 7, 1 / 8,
                1 / 2, 1 / 5, 1 / 6,
                1 / 5, 1 / 6,
                1 / 2,
            ],
            "segments": _case({"fit": 10}, {"fit": 5}),
        },
        expected={"consistency_ratio": 0.169, "lead": 5 * 0.333, "methods_agree": True},
        source="Saaty 1990, choice of a house: the eighth criterion weighs 0.333, the consistency ratio is 0.169.",
        rtol=2e-3,
    ),
    Example(
        # Prices, economy and boot capacity in units of a thousand, of ten and of a hundred: TOPSIS has no scale.
        inputs={
            **UNUSED, "weight_competition": 0.35, "weight_market": 0.25, "weight_growth": 0.25, "weight_pain": 0.15,
            "segments": _case(
                {"competition": 5.49, "market": 5.14, "growth": 8.5, "pain": 2.85},
                {"competition": 6.5, "market": 7.06, "growth": 7, "pain": 2.88},
                {"competition": 6.489, "market": 5.43, "growth": 7.5, "pain": 2.9},
            ),
        },
        expected={"best_closeness": 0.5182, "methods_agree": False},
        source="Choice of a car in three, hodgett.co.uk/topsis-in-excel, and in the tests of the R package MCDA.",
        rtol=1e-4,
    ),
    Example(
        inputs={
            **UNUSED, "weight_market": 3, "weight_competition": 1,
            "segments": _case({"market": 8, "competition": 6}, {"market": 6, "competition": 2}),
        },
        expected={"best_score": 7, "lead": 0.5},
        source="By hand: (3 × 8 + (10 − 6)) ÷ 4 = 7; (3 × 6 + (10 − 2)) ÷ 4 = 6.5.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="sectors", label="Ten sectors", inputs={}),
    Preset(
        slug="first-customers",
        label="First customers fast",
        inputs={
            "weight_market": 1, "weight_growth": 1, "weight_pain": 4, "weight_pay": 3, "weight_reach": 4,
            "weight_competition": 1, "weight_regulation": 3, "weight_fit": 4,
        },
    ),
    Preset(
        slug="large-market",
        label="A large market, with patience",
        inputs={
            "weight_market": 5, "weight_growth": 4, "weight_pain": 3, "weight_pay": 4, "weight_reach": 1,
            "weight_competition": 1, "weight_regulation": 0.5, "weight_fit": 3,
        },
    ),
    Preset(slug="compared", label="Weights from comparisons", inputs={"weighting": COMPARED}),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="segments",
    version=1,
    title="Segments",
    summary="Which field of application or group of customers to serve first, ranked in two ways over your doubts.",
    family="Market",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="lead",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"criteria": Axis(label="Criterion", places=lambda inputs: LABELS)},
    charts=(
        Bars(output="first_by_score", title="How often each comes first", ordered=True),
        Bars(output="score", title="Score of each segment", ordered=True),
        Bars(output="first_by_closeness", title="How often TOPSIS puts each first", ordered=True),
        Scatter(title="Both methods side by side", x="score", y="closeness"),
        Bars(output="weights", title="Weights of the criteria"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(SAATY, HWANG_YOON),
)
