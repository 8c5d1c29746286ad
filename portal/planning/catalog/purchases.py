"""Dated prices at which accelerators were sold: cards alone, or their share of a whole server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.accelerators import is_known
from portal.planning.catalog.edits import Table
from portal.planning.catalog.tables import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """USD for one device. Where ``devices`` is above 1, a server of so many was sold and its price is shared out."""

    accelerator: str
    as_of: date
    usd: float
    devices: int
    source: str
    note: str


def _build(row: Row) -> Purchase:
    purchase = Purchase(
        accelerator=row.text("accelerator"),
        as_of=row.month(),
        usd=row.number("usd"),
        devices=row.count("devices"),
        source=row.text("source"),
        note=row.cells["note"],
    )
    if not is_known(purchase.accelerator):
        raise ValueError(f"{purchase.accelerator!r} is not among the accelerators")
    if not purchase.devices:
        raise ValueError("devices is 0, wanted how many were sold together")
    return purchase


PURCHASES = Table("purchases", _build, key=("accelerator", "as_of", "devices", "source"))
