"""What the positioning calculator asks for, and the market that the page starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.spec import Range, choice, integer, number, rows, series, text

ASSUMED = "Assumption: put in your own."

COMPONENTS, SCALING = "components", "scaling"
MORE, LESS = "more", "less"
MOST_ROWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    name: str = text("Attribute", help="What customers compare offers by.", max_length=60)
    weight: float = number(
        "Weight", default=1, low=0, high=100, fixed=True, help="How much customers care. Only proportions matter."
    )
    better: str = choice(
        "Better", default=MORE, choices={MORE: "More is better", LESS: "Less is better"},
        help="Which way customers want it: less of a price, more of a quality.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    name: str = text("Firm", help="The name of the firm or the product.", max_length=60)
    share: float = number(
        "Market share", default=0, low=0, high=1, unit="%",
        help="Its share of the market's sales. What is missing to 100% belongs to firms that are not listed.",
    )  # fmt: skip
    scores: tuple[float, ...] = series(
        "Scores", along="attributes", low=-1e9, high=1e9, max_items=20,
        help="One number for each attribute, in their order and in any unit: a rating, a price, milliseconds.",
    )  # fmt: skip


def _firm(name: str, share: tuple[float, float], *scores: float) -> Competitor:
    drawn: Any = Range.of(*share)
    return Competitor(name=name, share=drawn, scores=scores)


ATTRIBUTES = (
    Attribute(name="Price", weight=2, better=LESS),
    Attribute(name="Answer quality", weight=3),
    Attribute(name="Speed", weight=1.5),
    Attribute(name="Data stays in house", weight=2),
    Attribute(name="Integrations", weight=1.5),
    Attribute(name="Support", weight=1),
)
FIRMS = (
    _firm("Us", (0.002, 0.01), 45, 7.5, 8, 9, 4, 8),
    _firm("Large platform", (0.3, 0.42), 60, 8.5, 7, 2, 9, 4),
    _firm("Cloud suite", (0.18, 0.28), 30, 6.5, 7, 3, 9.5, 5),
    _firm("Open-source tool", (0.04, 0.09), 5, 5.5, 5, 10, 5, 2),
    _firm("Specialist", (0.06, 0.12), 90, 9, 5, 6, 5, 9),
    _firm("Consultancy", (0.03, 0.07), 120, 8, 3, 8, 6, 10),
)


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    attributes: tuple[Attribute, ...] = rows(
        Attribute, "Attributes", default=ATTRIBUTES, max_items=20, group="Attributes", source=ASSUMED,
        help="What customers compare offers by, at least three.")
    competitors: tuple[Competitor, ...] = rows(
        Competitor, "Us and our rivals", default=FIRMS, max_items=MOST_ROWS, group="Us and our rivals", source=ASSUMED,
        help="The first row is us. At least two rivals.")
    method: str = choice(
        "Map", default=COMPONENTS, group="Map",
        choices={COMPONENTS: "Principal components", SCALING: "Classical scaling of weighted distances"},
        help="Principal components show the scores as they vary, without weights. Scaling keeps the weighted distances "
        "as well as two dimensions can; with equal weights both are the same map.")
    tail_firms: int = integer(
        "Firms that are not listed", likely=(8, 40), low=1, high=10_000, group="Concentration", source=ASSUMED,
        help="How many firms share what the listed ones leave of the market, taken to be alike.")
    merging: int = integer(
        "A firm that merges", default=0, low=0, high=MOST_ROWS, fixed=True, group="Concentration",
        help="The number of its row, counted from 1; 0 for no merger.")
    merging_with: int = integer(
        "The firm it merges with", default=0, low=0, high=MOST_ROWS, fixed=True, group="Concentration",
        help="The number of its row, counted from 1; 0 for no merger.")
# fmt: on
