"""A workbook as cells: values, and formulas over other cells. How it becomes a file is for ``portal.interchange``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

MOST_TITLE = 31  # characters of a sheet's name, by the file format
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


class Look(StrEnum):
    TITLE = "title"
    NOTE = "note"
    HEAD = "head"
    LABEL = "label"
    INPUT = "input"  # to be changed by the reader
    PASTED = "pasted"  # computed elsewhere: it does not follow the inputs
    LIVE = "live"  # a formula
    CHECK = "check"  # a formula that says whether the workbook still holds


@dataclass(frozen=True, slots=True)
class Formula:
    """Without the sign of equality before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    value: Any
    look: Look
    unit: str = ""


@dataclass(slots=True)
class Sheet:
    """``cells`` by row and column, both from 1."""

    title: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def put(self, row: int, column: int, value: Any, look: Look = Look.LABEL, unit: str = "") -> str:
        """Fill a cell; its address for formulas of any sheet."""
        if isinstance(value, Fraction):
            value = int(value) if value.denominator == 1 else float(value)
        self.cells[row, column] = Cell(value, look, unit)
        return self.at(row, column)

    def formula(self, row: int, column: int, text: str, unit: str = "", look: Look = Look.LIVE) -> str:
        return self.put(row, column, Formula(text), look, unit)

    def line(self, row: int, values: Iterable[Any], look: Look = Look.LABEL) -> None:
        for column, value in enumerate(values, 1):
            self.put(row, column, value, look)

    def at(self, row: int, column: int) -> str:
        return f"'{self.title}'!${letters(column)}${row}"

    def down(self, column: int, first: int, last: int) -> str:
        """The address of a part of a column."""
        return f"{self.at(first, column)}:${letters(column)}${last}"

    def across(self, row: int, first: int, last: int) -> str:
        return f"{self.at(row, first)}:${letters(last)}${row}"


@dataclass(slots=True)
class Workbook:
    sheets: list[Sheet] = field(default_factory=list)

    def sheet(self, title: str) -> Sheet:
        """A new sheet; of a title that is too long or taken, its beginning with a number."""
        plain = _FORBIDDEN.sub(" ", title).strip()[:MOST_TITLE] or "Sheet"
        taken = {each.title.casefold() for each in self.sheets}
        found, number = plain, 1
        while found.casefold() in taken:
            number += 1
            found = f"{plain[: MOST_TITLE - 4]} {number}"
        self.sheets.append(Sheet(found))
        return self.sheets[-1]

    def formulas(self) -> Iterator[tuple[Sheet, int, int, Formula]]:
        for sheet in self.sheets:
            for (row, column), cell in sheet.cells.items():
                if isinstance(cell.value, Formula):
                    yield sheet, row, column, cell.value


def letters(column: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
