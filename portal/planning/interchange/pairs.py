"""Label and value in a column of a sheet: how the sheets of terms and results are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.planning.interchange.sheets import Look, Sheet

Translate = Callable[[str], str]


class Pairs:
    """Writes rows of ``label, value, note`` downwards; each method gives the address of the value."""

    def __init__(self, sheet: Sheet, translate: Translate, *, title: str, note: str) -> None:
        self.sheet, self._say, self.row = sheet, translate, 4
        sheet.put(1, 1, translate(title), Look.TITLE)
        sheet.put(2, 1, translate(note), Look.NOTE)

    def head(self, text: str) -> None:
        self.row += 1
        self.sheet.put(self.row, 1, self._say(text), Look.HEAD)
        self.sheet.put(self.row, 2, "", Look.HEAD)
        self.row += 1

    def typed(self, label: str, value: Any, unit: str = "", note: str = "") -> str:
        return self._line(label, note, lambda row: self.sheet.put(row, 2, value, Look.INPUT, unit))

    def pasted(self, label: str, value: Any, unit: str = "", note: str = "") -> str:
        return self._line(label, note, lambda row: self.sheet.put(row, 2, value, Look.PASTED, unit))

    def live(self, label: str, text: str, unit: str = "", note: str = "") -> str:
        return self._line(label, note, lambda row: self.sheet.formula(row, 2, text, unit))

    def check(self, label: str, condition: str, *, broken: str) -> str:
        """Says that it holds, or what to do where it no longer does."""
        text = f'IF({condition},"{self._quoted(HOLDS)}","{self._quoted(broken)}")'
        return self._line(label, "", lambda row: self.sheet.formula(row, 2, text, look=Look.CHECK))

    def _line(self, label: str, note: str, put: Callable[[int], str]) -> str:
        self.sheet.put(self.row, 1, self._say(label))
        address = put(self.row)
        if note:
            self.sheet.put(self.row, 3, self._say(note), Look.NOTE)
        self.row += 1
        return address

    def _quoted(self, text: str) -> str:
        return self._say(text).replace('"', '""')


_ = str  # marks a text that is translated where it is shown
HOLDS = _("Holds")
