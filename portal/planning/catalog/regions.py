"""Carbon intensity of electricity by country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.edits import Live, Table
from portal.planning.catalog.tables import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    key: str  # ISO 3166 alpha-3, lower case
    name: str
    grams_per_kwh: float  # g CO2 equivalent, mean of the year
    year: int
    source: str
    as_of: date


def _build(row: Row) -> Region:
    return Region(
        key=row.key("key"),
        name=row.text("name"),
        grams_per_kwh=row.number("grams_per_kwh"),
        year=row.count("year"),
        source=row.text("source"),
        as_of=row.month(),
    )


TABLE = Table("regions", _build, key=("key",))
REGIONS = Live(lambda: {region.key: region for region in TABLE}, TABLE)
