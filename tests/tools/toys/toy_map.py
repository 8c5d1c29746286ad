"""A toy that draws every kind of chart: rivals with scores along attributes, a grid, years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.spec import Range, integer, number, rows, series, text
from portal.planning.calculator import Axis, Bars, Calculator, Example, Fan, Lines, Output, Scatter, Sentence, Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    name: str = text("Name", default="", max_length=60, help="What is compared.")
    weight: float = number("Weight", default=1, low=0, high=10, fixed=True, help="How much it counts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    name: str = text("Firm", default="", max_length=60, help="Its name.")
    share: float = number("Market share", default=0.1, low=0, high=1, unit="%", help="Of all sales.")
    scores: tuple[float, ...] = series("Scores", along="attributes", help="One for each attribute.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    attributes: tuple[Attribute, ...] = rows(
        Attribute, "Attributes", group="Map", help="What is compared.",
        default=(Attribute(name="Price", weight=2), Attribute(name="Speed")))  # fmt: skip
    rivals: tuple[Rival, ...] = rows(
        Rival, "Rivals", group="Map", help="Who is compared.",
        default=(Rival(name="=Ours", share=Range.of(0.05, 0.2), scores=(3, 4)), Rival(name="Theirs", scores=(5, 1))),
    )  # fmt: skip
    growth: float = number(
        "Growth", likely=(0.1, 0.3), low=0, high=9, unit="%", group="Map", help="A year.", source="S"
    )
    years: int = integer("Years", default=3, low=1, high=9, fixed=True, group="Map", help="How far.")


def compute(x: Any) -> dict[str, Any]:
    share = np.stack(np.broadcast_arrays(*(rival.share for rival in x.rivals)))
    scores = np.array([rival.scores for rival in x.rivals], dtype=float)
    ticks = np.linspace(-1, 1, 5)
    return {
        "total": share.sum(axis=0),
        "share_of": share,
        "leads": share == share.max(axis=0),
        "first": scores[:, 0],
        "second": scores[:, -1],
        "curve": scores,
        "pull": np.array([attribute.weight for attribute in x.attributes]),
        "twice": 2 * np.array([attribute.weight for attribute in x.attributes]),
        "sales": np.stack([np.power(1 + x.growth, year) for year in range(x.years)]),
        "empty_at": np.array([np.inf if year else 1.0 for year in range(x.years)]),
        "height": ticks[:, None] ** 2 + 4 * ticks[None, :] ** 2,
        "way_across": np.array([0.9, 0.4, 0.1]),
        "way_up": np.array([0.8, 0.3, 0.0]),
    }


def _output(label: str, *along: str, **rest: Any) -> Output:
    return Output(**{"label": label, "unit": "", "help": f"{label}.", "method": "As typed.", "along": along, **rest})


CALCULATOR = Calculator(
    slug="toy-map",
    version=1,
    title="Toy map",
    summary="For tests.",
    family="Test",
    inputs=Inputs,
    axes={
        "year": Axis(label="Year", unit="year", places=lambda inputs: range(2027, 2027 + inputs.years)),
        "left": Axis(label="Left weight", places=lambda inputs: np.linspace(-1, 1, 5).tolist()),
        "right": Axis(label="Right weight", places=lambda inputs: np.linspace(-1, 1, 5).tolist()),
        "step": Axis(label="Step", places=lambda inputs: range(3)),
    },
    outputs={
        "total": _output("Together", unit="%", headline=True),
        "share_of": _output("Share", "rivals", unit="%"),
        "leads": _output("Leads", "rivals", boolean=True),
        "first": _output("First score", "rivals"),
        "second": _output("Second score", "rivals"),
        "curve": _output("Scores", "rivals", "attributes"),
        "pull": _output("Pull", "attributes"),
        "twice": _output("Twice the pull", "attributes", method="", formula="2 × {pull}"),
        "sales": _output("Sales", "year", unit="×"),
        "empty_at": _output("Empty at", "year", unit="months", never="not before the horizon"),
        "height": _output("Height", "left", "right"),
        "way_across": _output("Across", "step"),
        "way_up": _output("Up", "step"),
    },
    compute=compute,
    explains="total",
    sentences=("Together {total}.", "Wanted rows in both tables."),
    refuse=lambda inputs: (
        {} if inputs.rivals and inputs.attributes else {"rivals": Sentence("Wanted rows in both tables.")}
    ),
    answer=lambda outcome: Sentence("Together {total}.", {"total": (outcome.quantile("total", 0.5), "%")}),
    charts=(
        Fan(output="sales", title="Sales by year"),
        Fan(output="empty_at", title="Empty by year"),
        Bars(output="share_of", title="Share of each"),
        Bars(output="leads", title="How often each leads", ordered=True),
        Lines(outputs=("curve",), title="Value curve"),
        Lines(outputs=("sales",), title="Sales, fitted", dots=(("way_across", "way_up"),), log=True),
        Scatter(x="first", y="second", title="Map", arrows=("pull", "pull")),
        Surface(output="height", title="Hill", path=("way_across", "way_up")),
    ),
    examples=(
        Example(inputs={"growth": 0.2}, expected={"curve": [[3, 4], [5, 1]], "pull": [2, 1]}, source="By hand."),
    ),
)
