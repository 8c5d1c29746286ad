"""Workbooks recalculated: by a small evaluator of the functions they use, and by the package ``formulas``, which reads
the file as a spreadsheet program does. The second is slow, and holds the first to what spreadsheets do.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from portal.planning.interchange.sheets import Formula, Look, Sheet, Workbook

_TOKENS = re.compile(r"""\s*(?:
    (?P<text>"(?:[^"]|"")*") | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | '(?P<sheet>[^']+)'!\$(?P<column>[A-Z]+)\$(?P<row>\d+)(?::\$(?P<column2>[A-Z]+)\$(?P<row2>\d+))?
  | (?P<name>[A-Z]+) | (?P<sign><=|>=|<>|[-+*/^&=<>(),])
)""", re.VERBOSE)  # fmt: skip
_LEVELS: tuple[dict[str, Callable[[Any, Any], Any]], ...] = (
    {"=": lambda a, b: _same(a, b), "<>": lambda a, b: not _same(a, b), "<": operator.lt, ">": operator.gt,
     "<=": operator.le, ">=": operator.ge},
    {"&": lambda a, b: _Criterion(a, b) if a in ("<", "<=") else f"{a}{b}"},
    {"+": lambda a, b: _minus(a, -b if isinstance(b, int | float) else b), "-": lambda a, b: _minus(a, b)},
    {"*": operator.mul, "/": operator.truediv},
    {"^": operator.pow},
)  # fmt: skip

Later = Callable[[], Any]


class _Criterion:
    """``"<"&x`` and ``"<="&x``, as conditional sums take them."""

    def __init__(self, sign: str, limit: Any) -> None:
        self.sign, self.limit = sign, limit

    def holds(self, value: Any) -> bool:
        return bool(value < self.limit if self.sign == "<" else value <= self.limit)


def _same(a: Any, b: Any) -> bool:
    return a.casefold() == b.casefold() if isinstance(a, str) and isinstance(b, str) else bool(a == b)


def _minus(a: Any, b: Any) -> Any:
    return (a - b).days if isinstance(a, date) and isinstance(b, date) else a - b


class Recalculated:
    """The values of a workbook's cells, each computed once, when it is asked for."""

    def __init__(self, book: Workbook) -> None:
        self.sheets = {sheet.title: sheet for sheet in book.sheets}
        self.known: dict[tuple[str, int, int], Any] = {}

    def value(self, sheet: str, row: int, column: int) -> Any:
        key = (sheet, row, column)
        if key not in self.known:
            cell = self.sheets[sheet].cells.get((row, column))
            found = 0 if cell is None else cell.value
            self.known[key] = _Parser(found.text, self).whole()() if isinstance(found, Formula) else found
        return self.known[key]

    def beside(self, sheet: Sheet, label: str, column: int = 2, below: str = "") -> Any:
        """What stands in the row of the first cell with this text, or the first below another."""
        rows = {row: cell.value for (row, at), cell in sheet.cells.items() if at == 1}
        after = min(row for row, text in rows.items() if text == below) if below else 0
        row = min(row for row, text in rows.items() if text == label and row > after)
        return self.value(sheet.title, row, column)

    def checks(self) -> list[Any]:
        return [
            self.value(sheet.title, row, column)
            for sheet in self.sheets.values()
            for (row, column), cell in sheet.cells.items()
            if cell.look is Look.CHECK
        ]


class _Parser:
    """Recursive descent; every part is a function that computes it, so that IF computes one branch only."""

    def __init__(self, text: str, book: Recalculated) -> None:
        self.tokens = list(_TOKENS.finditer(text))
        assert "".join(each.group(0) for each in self.tokens) == text, text
        self.book, self.at = book, 0

    def whole(self) -> Later:
        found = self._level(0)
        assert self.at == len(self.tokens)
        return found

    def _sign(self, *wanted: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at]["sign"] in wanted:
            self.at += 1
            return str(self.tokens[self.at - 1]["sign"])
        return ""

    def _level(self, level: int) -> Later:
        if level == len(_LEVELS):
            return self._single()
        left = self._level(level + 1)
        while sign := self._sign(*_LEVELS[level]):
            left = _both(_LEVELS[level][sign], left, self._level(level + 1))
        return left

    def _single(self) -> Later:
        if self._sign("-"):
            inner = self._single()
            return lambda: -inner()
        if self._sign("("):
            parts = self._list()
            return parts[0] if len(parts) == 1 else lambda: [one for part in parts for one in part()]
        token = self.tokens[self.at]
        self.at += 1
        if token["text"] is not None:
            return lambda: token["text"][1:-1].replace('""', '"')
        if token["number"] is not None:
            return lambda: float(token["number"]) if "." in token["number"] else int(token["number"])
        if token["name"]:
            assert self._sign("(")
            return _call(token["name"], self._list())
        return self._reference(token)

    def _list(self) -> list[Later]:
        parts = [self._level(0)]
        while self._sign(","):
            parts.append(self._level(0))
        assert self._sign(")")
        return parts

    def _reference(self, token: re.Match[str]) -> Later:
        sheet, row, column = token["sheet"], int(token["row"]), _number(token["column"])
        if token["row2"] is None:
            return lambda: self.book.value(sheet, row, column)
        rows, columns = range(row, int(token["row2"]) + 1), range(column, _number(token["column2"]) + 1)
        return lambda: [self.book.value(sheet, r, c) for r in rows for c in columns]


def _both(how: Callable[[Any, Any], Any], left: Later, right: Later) -> Later:
    def compute() -> Any:
        a, b = left(), right()
        if isinstance(a, list) or isinstance(b, list):
            length = len(a if isinstance(a, list) else b)
            pairs = zip(a if isinstance(a, list) else [a] * length, b if isinstance(b, list) else [b] * length,
                        strict=True)  # fmt: skip
            return [how(one, other) for one, other in pairs]
        return how(a, b)

    return compute


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def _call(name: str, parts: list[Later]) -> Later:
    if name == "IF":
        return lambda: parts[1]() if parts[0]() else parts[2]()
    if name == "AND":
        return lambda: all(part() for part in parts)
    if name == "OR":
        return lambda: any(part() for part in parts)
    if name == "IFERROR":
        return lambda: _or_else(*parts)
    return lambda: _FUNCTIONS[name](*(part() for part in parts))


def _or_else(part: Later, otherwise: Later) -> Any:
    try:
        return part()
    except (ArithmeticError, TypeError):  # a division by zero, or a text among numbers
        return otherwise()


def _numbers(values: tuple[Any, ...]) -> list[Any]:
    flat = [one for each in values for one in (each if isinstance(each, list) else [each])]
    return [each for each in flat if not isinstance(each, str)]


def _sumifs(values: list[Any], *criteria: Any) -> Any:
    total = 0
    for at, value in enumerate(values):
        tests = zip(criteria[::2], criteria[1::2], strict=True)
        total += value if all(_meets(column[at], wanted) for column, wanted in tests) else 0
    return total


def _meets(value: Any, wanted: Any) -> bool:
    return wanted.holds(value) if isinstance(wanted, _Criterion) else _same(value, wanted)


def _rounding(how: Callable[[float], float]) -> Callable[[float, int], float]:
    return lambda value, places: math.copysign(how(abs(value) * 10**places) / 10**places, value)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *values: sum(_numbers(values)),
    "MAX": lambda *values: max(_numbers(values)),
    "MIN": lambda *values: min(_numbers(values)),
    "ABS": abs,
    "INT": lambda value: [math.floor(each) for each in value] if isinstance(value, list) else math.floor(value),
    "ROUND": _rounding(lambda value: math.floor(value + 0.5)),
    "ROUNDUP": _rounding(lambda value: math.ceil(round(value, 6))),
    "ROUNDDOWN": _rounding(lambda value: math.floor(round(value, 6))),
    "SUMPRODUCT": lambda *columns: sum(math.prod(each) for each in zip(*columns, strict=True)),
    "SUMIFS": _sumifs,
    "SUMIF": lambda column, wanted, values: _sumifs(values, column, wanted),
    "SMALL": lambda column, place: sorted(column)[place - 1],
    "INDEX": lambda column, place: column[place - 1],
    "MATCH": lambda value, column, _kind: max(at for at, each in enumerate(column, 1) if each <= value),
}


def file_values(data: bytes, folder: Path) -> dict[tuple[str, str], Any]:
    """Every cell of an XLSX file as ``formulas`` computes it, by sheet in capitals and address."""
    from formulas import ExcelModel

    path = folder / "book.xlsx"
    path.write_bytes(data)
    solution = ExcelModel().loads(str(path)).finish().calculate()
    found = {}
    for key, ranges in solution.items():
        named = re.fullmatch(r"'\[book.xlsx\](.+)'!([A-Z]+\d+)", str(key))
        if named:
            found[named[1], named[2]] = ranges.value[0, 0]
    return found
