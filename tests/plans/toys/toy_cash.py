"""A small monthly calculator that takes a computed cost."""

from dataclasses import dataclass

import numpy as np

from mlcore.spec import integer, number
from portal.planning.calculator import Calculator, Example, Fan, Output, Preset, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    cash: float = number("Cash", default=100.0, low=0, unit="USD", help="In the bank.")
    burn: float = number("Burn", likely=(8, 12), low=0.01, unit="USD/month", help="Out a month.", source="A guess")
    training: float = number("Training", default=0.0, low=0, unit="USD", help="Paid once.", quantity="toy_cost_usd")
    months: int = integer("Months", default=12, low=1, high=60, fixed=True, unit="months", help="How far to look.")


def compute(x):
    month = np.arange(x.months)
    shape = np.broadcast(x.cash, x.burn, x.training).shape
    balance = x.cash - x.training - month.reshape(-1, *([1] * len(shape))) * x.burn
    return {"balance": balance, "runway": (x.cash - x.training) / x.burn}


CALCULATOR = Calculator(
    slug="toy-cash",
    version=1,
    title="Toy cash",
    summary="Cash over burn.",
    family="money",
    inputs=Inputs,
    outputs={
        "balance": Output(label="Balance", unit="USD", help="Month by month.", method="{cash} less", along=("month",)),
        "runway": Output(
            label="Runway", unit="months", help="Until zero.", formula="({cash} − {training}) ÷ {burn}",
            better="higher", headline=True,
        ),
    },
    compute=compute,
    explains="runway",
    sentences=("Cash lasts *{months}*.",),
    answer=lambda outcome: Sentence("Cash lasts *{months}*.", {"months": (outcome.quantile("runway", 0.5), "months")}),
    charts=(Fan(output="balance", title="Balance"),),
    presets=(Preset(slug="lean", label="Lean", inputs={"burn": 5}),),
    examples=(Example(inputs={"burn": 10}, expected={"runway": 10.0}, source="by hand"),),
)  # fmt: skip
