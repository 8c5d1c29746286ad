"""Dated prices of electricity, by place and kind of customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.edits import Table
from portal.planning.catalog.tables import Row

CUSTOMERS = ("industry", "business")


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectricityPrice:
    place: str
    customers: str
    usd_per_kwh: float
    as_of: date
    source: str
    note: str


def _build(row: Row) -> ElectricityPrice:
    price = ElectricityPrice(
        place=row.text("place"),
        customers=row.text("customers"),
        usd_per_kwh=row.number("usd_per_kwh"),
        as_of=row.month(),
        source=row.text("source"),
        note=row.cells["note"],
    )
    if price.customers not in CUSTOMERS:
        raise ValueError(f"customers is {price.customers!r}, wanted one of {', '.join(CUSTOMERS)}")
    return price


ELECTRICITY = Table("electricity", _build, key=("place", "customers", "as_of"))
