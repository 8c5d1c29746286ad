"""Dated prices of language models by the token, with their history: list prices of a model fall, and rise too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.edits import Live, Table
from portal.planning.catalog.tables import Row

WEIGHTS = ("open", "closed", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPrice:
    """What one seller asks for a model, USD for a million tokens, short prompts, not in a batch."""

    model: str
    name: str
    seller: str
    weights: str  # whether anyone may run the model: open, closed, or unknown to us
    as_of: date
    input: float
    output: float
    cached: float  # for input that the seller has seen before; the full price where no other was found
    source: str
    note: str


def _build(row: Row) -> ApiPrice:
    price = ApiPrice(
        model=row.key("model"),
        name=row.text("name"),
        seller=row.text("seller"),
        weights=row.text("weights"),
        as_of=row.month(),
        input=row.number("input"),
        output=row.number("output"),
        cached=row.known("cached") or row.number("input"),
        source=row.text("source"),
        note=row.cells["note"],
    )
    if price.weights not in WEIGHTS:
        raise ValueError(f"weights is {price.weights!r}, wanted one of {WEIGHTS}")
    if not price.cached <= price.input <= price.output:
        raise ValueError("wanted cached input to cost no more than input, and input no more than output")
    return price


API_PRICES = Table("api_prices", _build, key=("model", "seller", "as_of"))


def _newest() -> dict[str, ApiPrice]:
    found: dict[str, ApiPrice] = {}
    for price in API_PRICES:
        if price.model not in found or found[price.model].as_of < price.as_of:
            found[price.model] = price
    return found


NEWEST = Live(_newest, API_PRICES)
"""The newest price of each model by its key, in the order of the table."""
