"""Rows of a catalogue table as pages, files and the API give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.catalogue.described import CatalogueTable, status_of
from portal.planning.catalog.edits import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """``values``: by the name of a column, and ``status``, ``as_of``, ``source``, ``note`` of every table."""

    values: Mapping[str, Any]
    line: Line[Any] | None  # of a table that is open to edits

    @property
    def edited(self) -> bool:
        return self.line is not None and self.line.edited


def entries(table: CatalogueTable) -> list[Entry]:
    """Every row that holds now, in the order of the table."""
    lines = table.editable.lines() if table.editable else None
    rows = [line.row for line in lines] if lines is not None else list(table.rows())
    states = status_of(table, rows, date.today())
    return [
        Entry(_values(table, row, state), lines[at] if lines is not None else None)
        for at, (row, state) in enumerate(zip(rows, states, strict=True))
    ]


def _values(table: CatalogueTable, row: Any, status: str) -> dict[str, Any]:
    return {
        **{column.name: column.value(row) for column in table.columns},
        "status": status,
        "as_of": row.as_of,
        "source": row.source,
        "note": getattr(row, "note", ""),
    }
