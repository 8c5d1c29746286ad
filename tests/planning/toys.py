"""Calculators small enough to check by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlcore.spec import chance, integer, number, rows
from portal.planning.calculator import Calculator, Fan, Output, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    amount: float = number("Amount", help="Dollars.", default=100, low=0, unit="USD")
    closes: float = chance("Closes", help="How likely.", default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    cash: float = number("Cash", help="Now.", default=1_000, low=0, unit="USD", source="Bank")
    burn: float = number("Burn", help="A month.", likely=(80, 125), low=0, unit="USD/month")
    seats: int = integer("Seats", help="How many.", default=4, low=0)
    months: int = integer("Months", help="How long.", default=6, low=1, high=120, fixed=True)
    deals: tuple[Deal, ...] = rows(Deal, "Deals", help="Some.")


def compute(x: Any) -> dict[str, Any]:
    cash = x.cash + sum(deal.amount * deal.closes for deal in x.deals)
    month = np.arange(1, x.months + 1)
    path = np.stack([cash - x.burn * m for m in month])
    return {
        "runway": np.divide(cash, x.burn),
        "lasts": np.asarray(cash - x.burn * x.months >= 0),
        "per_seat": np.divide(cash, x.seats),
        "path": path,
        "burned": np.stack([x.burn * m for m in month]),
    }


TOY = Calculator(
    slug="toy",
    version=3,
    title="Toy",
    summary="For tests.",
    family="Test",
    inputs=Inputs,
    outputs={
        "runway": Output(label="Runway", unit="months", help="h", formula="{cash} ÷ {burn}", never="no burn"),
        "lasts": Output(label="Lasts", unit="", help="h", method="Whether {cash} lasts {months}.", boolean=True),
        "per_seat": Output(label="Per seat", unit="USD", help="h", formula="{cash} ÷ {seats}", source="By hand"),
        "path": Output(label="Path", unit="USD", help="h", method="{cash} less {burn}.", along=("month",)),
        "burned": Output(label="Burned", unit="USD", help="h", method="{burn}, summed.", along=("month",)),
    },
    compute=compute,
    explains="runway",
    sentences=("Cash lasts *{months}*.", "Seats are {seats}.", "Wanted at most {most} dollars."),
    answer=lambda outcome: Sentence("Cash lasts *{months}*.", {"months": (outcome.quantile("runway", 0.5), "months")}),
    notices=lambda x, outputs: [Sentence("Seats are {seats}.", {"seats": (x.seats, "")})] if x.seats > 5 else [],
    refuse=lambda inputs: (
        {"cash": Sentence("Wanted at most {most} dollars.", {"most": (1e9, "")})}
        if isinstance(inputs.cash, float) and inputs.cash > 1e9
        else {}
    ),
    charts=(Fan(output="path", title="Path"),),
    upgrade={
        1: lambda raw: {**raw, "burn": raw["spend"]},
        2: lambda raw: {k: v for k, v in raw.items() if k != "spend"},
    },
)


def toy(**changes: Any) -> Calculator:
    return replace(TOY, **changes)
