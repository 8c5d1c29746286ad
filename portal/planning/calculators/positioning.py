"""Where we stand among rivals: a perceptual map, how different we are, where there is room, how concentrated it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.calculator import Axis, Bars, Calculator, Example, Lines, Output, Preset, Scatter, row_names
from portal.planning.finance import draw_count
from portal.planning.rivalry.concentration import (
    HIGH,
    POINTS,
    concentration,
    merger_delta,
    presumed_unlawful,
    within_whole,
)
from portal.planning.rivalry.inputs import LESS, SCALING, Inputs
from portal.planning.rivalry.maps import PerceptualMap, by_components, by_scaling, distances, standardise
from portal.planning.rivalry.space import mean_distance, nearest, white_space
from portal.planning.rivalry.words import SENTENCES, answer, notices, refuse, tables

GUIDELINES = (
    "US Department of Justice and Federal Trade Commission, Merger Guidelines, December 2023, guideline 1: highly "
    "concentrated above 1,800 points; presumed unlawful with a rise of more than 100, there or with a share above 30%"
)
TORGERSON = "W. S. Torgerson, “Multidimensional scaling: I. Theory and method”, Psychometrika 17, 1952"
KRUSKAL = "J. B. Kruskal, “Multidimensional scaling by optimizing goodness of fit”, Psychometrika 29, 1964"
CANVAS = "W. C. Kim and R. Mauborgne, “Charting your company's future”, Harvard Business Review, June 2002"
CIRCLE = (
    "G. T. Toussaint, “Computing largest empty circles with location constraints”, International Journal of Computer "
    "and Information Sciences 12, 1983"
)

WHITE_SPACE = "White space"
TOP = 10.0  # of the value curve


# Calculation


def compute(x: Any) -> dict[str, Any]:
    scores = np.array([row.scores for row in x.competitors], dtype=np.float64)
    weights = np.array([row.weight for row in x.attributes], dtype=np.float64)
    columns = standardise(scores)
    drawn = by_scaling(columns.standard, weights) if x.method == SCALING else by_components(columns.standard)
    apart = distances(columns.standard, weights)
    nearest_row, gaps = nearest(apart)
    usual = mean_distance(apart)
    room = white_space(drawn, weights, us=0)
    spots = np.vstack((drawn.points, room.spot))
    arrows = _arrows(drawn)
    return {
        "differentiation": gaps[0] / usual,
        "nearest_distance": gaps[0],
        "mean_distance": usual,
        "differentiation_of": gaps / usual,
        "nearest_row": nearest_row + 1,
        "explained_across": drawn.explained[0],
        "explained_up": drawn.explained[1],
        "explained": drawn.explained.sum(),
        "stress": drawn.stress,
        "map_across": spots[:, 0],
        "map_up": spots[:, 1],
        "arrow_across": arrows[0],
        "arrow_up": arrows[1],
        "shown": np.square(drawn.correlations).sum(axis=0),
        "value_curve": _value_curve(scores, [row.better == LESS for row in x.attributes]),
        "white_space": columns.centre + columns.spread * (room.spot @ drawn.fitted),
        "white_space_gap": room.far / usual,
        "white_space_from_us": room.from_us / usual,
        **_market(x),
    }


def _arrows(drawn: PerceptualMap) -> np.ndarray:
    """Correlations, lengthened so that an attribute that the map shows whole reaches as far out as the farthest row."""
    arrows: np.ndarray = drawn.correlations * np.linalg.norm(drawn.points, axis=1).max()
    return arrows


def _value_curve(scores: np.ndarray, less: list[bool]) -> np.ndarray:
    """Each column from 0, its worst row, to 10, its best; the middle where rows do not differ."""
    upright = np.where(less, -scores, scores)
    low, span = upright.min(axis=0), np.ptp(upright, axis=0)
    return TOP * np.divide(upright - low, span, out=np.full_like(upright, 0.5), where=span > 0)


def _market(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    listed = [np.broadcast_to(row.share, draws or 1) for row in x.competitors]
    shares = within_whole(np.array(listed, dtype=np.float64))
    found = concentration(shares, np.atleast_1d(x.tail_firms))
    merged = (shares[x.merging - 1], shares[x.merging_with - 1]) if x.merging else (np.zeros_like(found.index),) * 2
    delta = merger_delta(*merged)
    results = {
        "hhi": found.index,
        "hhi_listed": found.listed,
        "hhi_most": found.most,
        "listed_share": found.share,
        "tail_share": found.tail,
        "equal_firms": POINTS / found.index,
        "highly_concentrated": found.index > HIGH,
        "delta": delta,
        "hhi_after": found.index + delta,
        "presumed_unlawful": presumed_unlawful(found.index + delta, delta, merged[0] + merged[1]),
    }
    return {name: value if draws else value[..., 0] for name, value in results.items()}


# Declaration

DISTANCE = (
    "The root of the sum of squared differences of the standardised scores, each weighted; weights are scaled to the "
    "mean 1."
)

OUTPUTS = {
    "differentiation": Output(
        label="How different we are", unit="×", better="higher", headline=True,
        help="The distance from us to the nearest rival, in units of the mean distance between firms. Above 1 we stand "
        "further off than firms do on average; near 0 someone offers the same. A measure of our own.",
        formula="{nearest_distance} ÷ {mean_distance}",
    ),
    "explained": Output(
        label="Shown by the map", unit="%", better="higher", headline=True,
        help="The share of the differences between the rows that the two axes show.",
        formula="{explained_across} + {explained_up}",
    ),
    "white_space_gap": Output(
        label="Room in the white space", unit="×", better="higher", headline=True, source=CIRCLE,
        help="How far the emptiest spot of the map is from the nearest rival, in units of the mean distance. Empty is "
        "not the same as wanted: ask customers.",
        method="The point within the hull of all rows on the map that is farthest from the rival nearest to it, found "
        "on a grid of 41 × 41, with the attributes that the map shows weighted; that distance ÷ {mean_distance}.",
    ),
    "white_space_from_us": Output(
        label="Our way to the white space", unit="×", better="lower",
        help="How far we are from the emptiest spot, in units of the mean distance; 0 when we are there.",
        method="Measured as {white_space_gap}, from our point.",
    ),
    "hhi": Output(
        label="Concentration (HHI)", unit="points", headline=True, source=GUIDELINES,
        help="The Herfindahl–Hirschman index: 10,000 for a monopoly, near 0 for many small firms. From 1,000 "
        "moderately, above 1,800 highly concentrated.",
        formula="{hhi_listed} + 10000 × {tail_share} ^ 2 ÷ {tail_firms}",
    ),
    "highly_concentrated": Output(
        label="Highly concentrated", unit="", boolean=True, source=GUIDELINES,
        help="The index is above 1,800 points.", method="Yes when {hhi} is above 1,800.",
    ),
    "nearest_distance": Output(
        label="Distance to the nearest rival", unit="", better="higher", help="Ours, over all attributes.",
        method=DISTANCE,
    ),
    "mean_distance": Output(
        label="Mean distance between firms", unit="", help="Over all pairs of rows, ours among them.", method=DISTANCE,
    ),
    "differentiation_of": Output(
        label="How different", unit="×", along=("competitors",), better="higher",
        help="The distance to the nearest other row, in units of the mean distance.",
        method="As {differentiation}, from each row.",
    ),
    "nearest_row": Output(
        label="Nearest row", unit="", along=("competitors",), help="The number of the row that is nearest.",
        method="The other row with the least distance; of equals the first.",
    ),
    "explained_across": Output(
        label="Shown across", unit="%", help="The share of the differences that the first axis shows.",
        method="The first squared singular value of the standardised scores, or the first eigenvalue of the centred "
        "squared distances, divided by the sum of all.",
        source=TORGERSON,
    ),
    "explained_up": Output(
        label="Shown upwards", unit="%", help="The share of the differences that the second axis shows.",
        method="As {explained_across}, the second.", source=TORGERSON,
    ),
    "stress": Output(
        label="Stress", unit="%", better="lower", source=KRUSKAL,
        help="How much the map bends distances (stress-1): 5% is good, 10% fair, 20% poor.",
        method="√(Σ (distance on the map − distance)² ÷ Σ distance on the map²), over all pairs of rows; distances are "
        "weighted if the map is made by scaling.",
    ),
    "map_across": Output(
        label="Across", unit="", along=("spots",), help="Where each firm, and the white space, is on the map.",
        method="The first axis. The attribute that it shows most points to the right, so that the map does not flip.",
    ),
    "map_up": Output(
        label="Up", unit="", along=("spots",), help="Where each firm, and the white space, is on the map.",
        method="The second axis. The attribute that it shows most points up.",
    ),
    "arrow_across": Output(
        label="Arrow across", unit="", along=("attributes",), help="Where more of an attribute leads on the map.",
        method="The correlation of the attribute with {map_across}, lengthened to the distance of the farthest firm.",
    ),
    "arrow_up": Output(
        label="Arrow up", unit="", along=("attributes",), help="Where more of an attribute leads on the map.",
        method="The correlation of the attribute with {map_up}, lengthened to the distance of the farthest firm.",
    ),
    "shown": Output(
        label="Shown of the attribute", unit="%", along=("attributes",), better="higher",
        help="The share of its differences that the map shows. Do not read an attribute from the map that it hardly "
        "shows.",
        method="The squared correlations of the attribute with both axes, summed.",
    ),
    "value_curve": Output(
        label="Value curve", unit="points", along=("competitors", "attributes"), source=CANVAS,
        help="From 0, the worst firm in an attribute, to 10, the best. Where all are alike, 5.",
        method="(score − worst) ÷ (best − worst) × 10, where less is better turned round.",
    ),
    "white_space": Output(
        label="Offer in the white space", unit="", along=("attributes",),
        help="The scores that an offer at the emptiest spot would have, in the unit of each attribute.",
        method="The spot of {white_space_gap} led back through the least-squares fit of each attribute to both axes.",
    ),
    "hhi_listed": Output(
        label="HHI of the listed firms", unit="points", help="What the index would be if the rest were countless small "
        "firms.", method="The squares of the shares in {competitors}, in percent, summed.",
    ),
    "hhi_most": Output(
        label="HHI at most", unit="points", better="lower",
        help="If all that is not listed were a single firm.",
        formula="{hhi_listed} + 10000 × {tail_share} ^ 2",
    ),
    "listed_share": Output(
        label="Listed share", unit="%", help="What the listed firms have together. In draws in which the ranges pass "
        "100%, all are scaled to 100%.", method="The shares in {competitors}, summed.",
    ),
    "tail_share": Output(
        label="Share of firms that are not listed", unit="%", help="What is left of the market.",
        formula="1 − {listed_share}",
    ),
    "equal_firms": Output(
        label="Equal firms with the same HHI", unit="", help="How many firms of one size would make the same index.",
        formula="10000 ÷ {hhi}", better="higher",
    ),
    "delta": Output(
        label="Rise through the merger", unit="points", better="lower",
        help="By how much the index rises when the two firms become one; 0 without a merger.",
        method="2 × the share of {merging} × the share of {merging_with}, in percent.", source=GUIDELINES,
    ),
    "hhi_after": Output(
        label="HHI after the merger", unit="points", better="lower",
        help="The index with the two firms as one.", formula="{hhi} + {delta}",
    ),
    "presumed_unlawful": Output(
        label="Merger presumed unlawful", unit="", boolean=True, better="lower", source=GUIDELINES,
        help="Whether the US agencies would presume that the merger lessens competition; the firms may rebut it.",
        method="Yes when {delta} is above 100 and {hhi_after} is above 1,800 or the firms have more than 30% together.",
    ),
}  # fmt: skip

COLUMNS = [{"name": name} for name in ("One", "Same as one", "Other")]


def _corners(*shares: float) -> list[dict[str, Any]]:
    """Four firms at the corners of a rectangle, with their shares."""
    corners = ((1, 1, 1), (1, 1, 3), (3, 3, 1), (3, 3, 3))
    return [{"share": share, "scores": list(corner)} for share, corner in zip(shares, corners, strict=True)]


MEAN_OF_CORNERS = (4 + 4 * 2**0.5 + 4 * 3**0.5) / 6

EXAMPLES = (
    Example(
        inputs={"attributes": COLUMNS, "competitors": _corners(0, 0, 0, 0), "tail_firms": 10},
        expected={
            "nearest_distance": 2, "mean_distance": MEAN_OF_CORNERS, "explained_across": 2 / 3, "explained_up": 1 / 3,
            "stress": 0, "white_space_gap": 4.5**0.5 / MEAN_OF_CORNERS, "hhi": 1_000,
        },
        source="By hand: corners of a rectangle of 2√2 by 2. The white space lies on our side of it, a quarter along, "
        "2.1213 from the second and the third. Ten equal firms make 1,000 points.",
    ),
    Example(
        inputs={"attributes": COLUMNS, "competitors": _corners(0.3, 0.3, 0.2, 0.2), "merging": 3, "merging_with": 4},
        expected={"hhi": 2_600, "delta": 800, "hhi_after": 3_400, "presumed_unlawful": True},
        source="US Department of Justice, Herfindahl–Hirschman Index: firms of 30, 30, 20 and 20% make 2,600; the "
        "merger of the last two adds 2 × 20 × 20.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="assistants", label="AI assistants for customer service", inputs={}),
    Preset(slug="weighted", label="The same, mapped by what customers care for", inputs={"method": SCALING}),
    Preset(slug="merger", label="The two largest rivals merge", inputs={"merging": 2, "merging_with": 3}),
)


def _spots(inputs: Any) -> list[str]:
    return [*row_names(inputs.competitors), WHITE_SPACE]


CALCULATOR = Calculator(
    slug="positioning",
    version=1,
    title="Positioning",
    summary="Where you stand among rivals: a perceptual map, white space, and how concentrated the market is.",
    family="Market",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="hhi",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"spots": Axis(label="Firm", places=_spots)},
    charts=(
        Scatter(title="Perceptual map", x="map_across", y="map_up", arrows=("arrow_across", "arrow_up")),
        Lines(title="Value curve of each firm", outputs=("value_curve",)),
        Bars(output="differentiation_of", title="How different each firm is", ordered=True),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(GUIDELINES, TORGERSON, KRUSKAL, CANVAS, CIRCLE),
)
