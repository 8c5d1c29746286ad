"""A calculator with every kind of input, for tests of what is derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mlcore.spec import chance, choice, day, flag, integer, media, number, rows, series, text
from portal.planning.calculator import Calculator, Fan, Output, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    label: str = text("What for", default="", help="A name.", max_length=40)
    month: int = integer("Month", default=1, low=1, high=24, help="When.")
    amount: float = number("Amount", default=0, low=-1e9, high=1e9, unit="USD", help="How much.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    cash: float = number("Cash", default=3_200_000, low=0, high=1e12, unit="USD", group="Money", help="Balance.")
    growth: float = number("Growth", likely=(0.06, 0.12), low=0, high=1, unit="%/month", group="Money", help="Growth.")
    temperature: float = number("Temperature", default=0, low=-50, high=50, unit="°C", help="Below zero, too.")
    seats: int = integer("Seats", default=0, low=0, high=500, unit="devices", help="Whole.")
    months: int = integer("Months", default=12, low=1, high=24, fixed=True, unit="months", help="How far.")
    closes: float = chance("Closes", default=0.6, help="Whether it happens.")
    mode: str = choice("Mode", default="preset", choices={"preset": "Preset", "custom": "Custom"}, help="Which.")
    width: int = integer("Width", default=64, low=1, high=4096, help="Of a custom one.", when=("mode", ("custom",)))
    doubled: bool = flag("Doubled", default=True, help="Twice.")
    note: str = text("Note", default="", help="Anything.", max_length=300)
    start: date = day("Start", default=date(2027, 1, 1), help="First day.")
    items: tuple[Item, ...] = rows(Item, "Items", default=(Item(label="Audit", month=3, amount=-500),), max_items=5,
                                   help="Single payments.")  # fmt: skip
    path: tuple[float, ...] = series("Path", default=(1.0, 2.5), low=0, high=1e6, max_items=24, help="By month.")
    corpus: str = media("Corpus", accept=("text/plain",), max_bytes=1000, help="A text.")


def compute(x: Any) -> dict[str, Any]:
    end = x.cash * (1 + x.growth) * (2.0 if x.doubled else 1.0) + sum(item.amount for item in x.items)
    return {"end": end, "by_month": end * 1.0}


SAMPLE = Calculator(
    slug="sample-calculator",
    version=1,
    title="Sample",
    summary="For tests.",
    family="Tests",
    inputs=Everything,
    outputs={
        "end": Output(label="End", unit="USD", help="At the end.", method="{cash} grown.", headline=True),
        "by_month": Output(label="By month", unit="USD", along=("month",), help="Each month.", method="{end}"),
    },
    compute=compute,
    explains="end",
    sentences=("It ends at *{end}*.",),
    answer=lambda outcome: Sentence("It ends at *{end}*.", {"end": (outcome.case.outputs["end"], "USD")}),
    charts=(Fan(output="by_month", title="By month"),),
)
