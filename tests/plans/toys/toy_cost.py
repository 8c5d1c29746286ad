"""A small calculator that takes measured values and sends a cost on."""

from dataclasses import dataclass

from mlcore.spec import Family, Range, choice, integer, number
from portal.planning.calculator import Calculator, Example, Output, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    device: str = choice(
        "Device", default="listed", choices={"listed": "Listed", "custom": "Own"}, help="What computes."
    )
    speed: float = number(
        "Speed", default=100.0, low=1, high=1e9, unit="tokens/s", help="Tokens a second.", quantity="toy_speed",
        when=("device", ("custom",)), source="A table",
    )  # fmt: skip
    layers: int = integer("Layers", default=2, low=1, high=100, fixed=True, help="Depth.", quantity="toy_layers")
    tokens: float = number(
        "Tokens", likely=Range(1e6, 2e6, Family.LOGNORMAL), low=1, unit="tokens", help="How many.", source="A guess"
    )
    price: float = number("Price", default=3.6, low=0.01, unit="USD/hour", help="Of the device.")


def compute(x):
    seconds = x.tokens / (x.speed if x.device == "custom" else 100.0 / x.layers)
    return {"hours": seconds / 3600, "cost": seconds / 3600 * x.price}


CALCULATOR = Calculator(
    slug="toy-cost",
    version=2,
    title="Toy cost",
    summary="Tokens over speed, times price.",
    family="compute",
    inputs=Inputs,
    outputs={
        "hours": Output(label="Hours", unit="hours", help="How long.", method="{tokens} at {speed} or by {layers}"),
        "cost": Output(
            label="Cost", unit="USD", help="Dollars.", formula="{hours} × {price}", quantity="toy_cost_usd",
            better="lower", headline=True,
        ),
    },
    compute=compute,
    explains="cost",
    sentences=("It costs *{cost}*.",),
    answer=lambda outcome: Sentence("It costs *{cost}*.", {"cost": (outcome.quantile("cost", 0.5), "USD")}),
    examples=(Example(inputs={"tokens": 360_000}, expected={"hours": 2.0, "cost": 7.2}, source="by hand"),),
    # Version 1 called the price "rate".
    upgrade={1: lambda raw: {("price" if name == "rate" else name): value for name, value in raw.items()}},
)  # fmt: skip
