"""How old a row of the catalogue may be before whoever uses it is told: by table, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

MONTHS: Mapping[str, int | None] = {
    "accelerators": None,  # what a device can do does not change
    "architectures": None,
    "runs": None,
    "prices": 6,  # rents moved by a quarter within half a year, in both directions
    "purchases": 12,
    "api_prices": 6,
    "electricity": 24,
    "salaries": 24,
    "regions": 36,  # national statistics come a year late and move slowly
}
"""Months after which a row is stale; None: never."""


def months_between(earlier: date, later: date) -> int:
    """Whole calendar months from one month to another."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def is_stale(table: str, as_of: date, today: date | None = None) -> bool:
    """Whether a row of ``as_of`` is older than its table permits.

    Raises:
        KeyError: there is no such table.
    """
    most = MONTHS[table]
    return most is not None and months_between(as_of, today or date.today()) > most
