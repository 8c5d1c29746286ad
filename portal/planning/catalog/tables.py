"""Read a table of the catalogue, and say which row is wrong."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from io import StringIO
from math import inf
from typing import TypeVar

T = TypeVar("T")

KEY = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")
TAKEN = frozenset({"custom", "typed"})  # what calculators offer beside the rows of tables


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

    def key(self, name: str) -> str:
        """A name by which programs know a row: it stands in addresses and among the choices of calculators."""
        text = self.text(name)
        if not KEY.fullmatch(text):
            raise ValueError(f"{name} is {text!r}, wanted small letters, digits, dots and dashes, such as h100-sxm")
        if text in TAKEN:
            raise ValueError(f"{name} is {text!r}, by which calculators mean values that are typed: wanted another")
        return text

    def number(self, name: str, most: float = inf) -> float:
        """A number above zero."""
        text = self.text(name)
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{name} is {text!r}, wanted a number above 0") from None
        if not 0 < value < inf:
            raise ValueError(f"{name} is {value}, wanted a number above 0")
        if value > most:
            raise ValueError(f"{name} is {value:g}, wanted at most {most:g}")
        return value

    def known(self, name: str, most: float = inf) -> float | None:
        """A number above zero, or None where it is not known."""
        return self.number(name, most) if self.cells[name] else None

    def count(self, name: str, most: int = 10**15) -> int:
        """A whole number; empty is 0."""
        text = self.cells[name] or "0"
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{name} is {text!r}, wanted a whole number, 0 or more")
        if int(text) > most:
            raise ValueError(f"{name} is {text}, wanted at most {most:,}")
        return int(text)

    def flag(self, name: str) -> bool:
        if self.cells[name] not in ("yes", "no"):
            raise ValueError(f"{name} is {self.cells[name]!r}, wanted yes or no")
        return self.cells[name] == "yes"

    def month(self, name: str = "as_of") -> date:
        """The first day of a month written as 2026-06."""
        text = self.text(name)
        try:
            return date.fromisoformat(f"{text}-01")
        except ValueError:
            raise ValueError(f"{name} is {text!r}, wanted a month such as 2026-06") from None


def checked(cells: dict[str, str], build: Callable[[Row], T]) -> T:
    """A row built of its cells, by the rules that hold for every row of every table.

    Raises:
        ValueError: what is wrong with it.
        KeyError: a cell that the table needs is not there, or a name that another table does not have.
    """
    row = Row({key: value.strip() for key, value in cells.items()})
    row.text("source")
    row.month()
    return build(row)


def cells_of(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of ``name.csv`` with their numbers.

    Raises:
        RuntimeError: a line has more or fewer cells than the heading.
    """
    text = (files(__package__) / f"{name}.csv").read_text(encoding="utf-8")
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    for cells in reader:
        if None in cells or None in cells.values():
            wanted = f"wanted {len(reader.fieldnames or ())} cells, got more or fewer"
            raise RuntimeError(f"catalog/{name}.csv, line {reader.line_num}: {wanted}")
        yield reader.line_num, cells


def read(name: str, build: Callable[[Row], T]) -> tuple[T, ...]:
    """Every row of ``name.csv``, built.

    Raises:
        RuntimeError: naming file and line of the first row that is wrong, or of one without source or date.
    """
    built = []
    for line, cells in cells_of(name):
        try:
            built.append(checked(cells, build))
        except (ValueError, KeyError) as problem:
            raise RuntimeError(f"catalog/{name}.csv, line {line}: {problem}") from problem
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
