"""Dated salaries by occupation and region: means and quantiles of what is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.edits import Table
from portal.planning.catalog.tables import Row

MEASURES = {
    "p10": "lowest tenth, at most",
    "p25": "lowest quarter, at most",
    "p50": "median",
    "mean": "mean",
    "p75": "highest quarter, at least",
    "p90": "highest tenth, at least",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Salary:
    """Gross pay a year. Of those in the occupation a tenth earn ``p10`` at most; ``p50`` is the median."""

    occupation: str
    region: str
    measure: str
    usd_per_year: float
    as_of: date
    source: str
    note: str


def _build(row: Row) -> Salary:
    salary = Salary(
        occupation=row.text("occupation"),
        region=row.text("region"),
        measure=row.text("measure"),
        usd_per_year=row.number("usd_per_year"),
        as_of=row.month(),
        source=row.text("source"),
        note=row.cells["note"],
    )
    if salary.measure not in MEASURES:
        raise ValueError(f"measure is {salary.measure!r}, wanted one of {', '.join(MEASURES)}")
    return salary


SALARIES = Table("salaries", _build, key=("occupation", "region", "measure", "as_of"))
