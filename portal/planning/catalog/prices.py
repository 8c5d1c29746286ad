"""Dated rents of accelerators, with their history: prices fell until the end of 2025 and rose in 2026."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.accelerators import is_known
from portal.planning.catalog.age import months_between
from portal.planning.catalog.edits import Table
from portal.planning.catalog.tables import Row

__all__ = ["KINDS", "PRICES", "WINDOW_MONTHS", "Price", "history", "market", "months_between"]

KINDS = ("on_demand", "spot", "contract_1y")
WINDOW_MONTHS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD for an hour of one device. A period given as a year or half is dated by its first month."""

    accelerator: str
    seller: str
    kind: str
    as_of: date
    usd_per_hour: float
    source: str
    note: str


def _build(row: Row) -> Price:
    price = Price(
        accelerator=row.text("accelerator"),
        seller=row.text("seller"),
        kind=row.text("kind"),
        as_of=row.month(),
        usd_per_hour=row.number("usd_per_hour"),
        source=row.text("source"),
        note=row.cells["note"],
    )
    if not is_known(price.accelerator):
        raise ValueError(f"{price.accelerator!r} is not among the accelerators")
    if price.kind not in KINDS:
        raise ValueError(f"kind is {price.kind!r}, wanted one of {KINDS}")
    return price


PRICES = Table("prices", _build, key=("accelerator", "seller", "kind", "as_of"))


def market(accelerator: str, kind: str) -> tuple[Price, ...]:
    """The newest price of each seller, cheapest first, out of the 18 months that end with the newest; () if none."""
    known = [price for price in PRICES if price.accelerator == accelerator and price.kind == kind]
    newest = max((price.as_of for price in known), default=None)
    if newest is None:
        return ()
    latest = {p.seller: p for p in _oldest_first(known) if months_between(p.as_of, newest) <= WINDOW_MONTHS}
    return tuple(sorted(latest.values(), key=lambda price: price.usd_per_hour))


def history(accelerator: str) -> tuple[Price, ...]:
    """Every row of an accelerator, oldest first."""
    return tuple(_oldest_first(price for price in PRICES if price.accelerator == accelerator))


def _oldest_first(prices: Iterable[Price]) -> list[Price]:
    return sorted(prices, key=lambda price: (price.as_of, price.seller, price.kind))
