"""Read a table of the catalogue, and say which row is wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from io import StringIO
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a CSV file; empty cells are None, 0 or no, as the reader asks."""

    cells: dict[str, str]

    def text(self, name: str) -> str:
        """A cell that must be filled in."""
        value = self.cells[name]
        if not value:
            raise ValueError(f"{name} is empty")
        return value

    def number(self, name: str) -> float:
        """A number above zero."""
        value = float(self.text(name))
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} is {value}, wanted a number above 0")
        return value

    def known(self, name: str) -> float | None:
        """A number above zero, or None where it is not known."""
        return self.number(name) if self.cells[name] else None

    def count(self, name: str) -> int:
        """A whole number; empty is 0."""
        value = int(self.cells[name] or 0)
        if value < 0:
            raise ValueError(f"{name} is {value}, wanted 0 or more")
        return value

    def flag(self, name: str) -> bool:
        if self.cells[name] not in ("yes", "no"):
            raise ValueError(f"{name} is {self.cells[name]!r}, wanted yes or no")
        return self.cells[name] == "yes"

    def month(self, name: str = "as_of") -> date:
        """The first day of a month written as 2026-06."""
        return date.fromisoformat(self.text(name) + "-01")


def read(name: str, build: Callable[[Row], T]) -> tuple[T, ...]:
    """Every row of ``name.csv``, built.

    Raises:
        RuntimeError: naming file and line of the first row that is wrong, or of one without source or date.
    """
    text = (files(__package__) / f"{name}.csv").read_text(encoding="utf-8")
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    built = []
    for cells in reader:
        try:
            if None in cells or None in cells.values():
                raise ValueError(f"wanted {len(reader.fieldnames or ())} cells, got more or fewer")
            row = Row({key: value.strip() for key, value in cells.items()})
            row.text("source")
            row.month()
            built.append(build(row))
        except (ValueError, KeyError) as problem:
            raise RuntimeError(f"catalog/{name}.csv, line {reader.line_num}: {problem}") from problem
    return tuple(built)


def by_key(name: str, rows: tuple[T, ...], key: Callable[[T], str]) -> dict[str, T]:
    """Rows by their key.

    Raises:
        RuntimeError: two rows have the same key.
    """
    found: dict[str, T] = {}
    for row in rows:
        if key(row) in found:
            raise RuntimeError(f"catalog/{name}.csv: two rows are called {key(row)!r}")
        found[key(row)] = row
    return found
