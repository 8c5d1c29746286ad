"""A pasted table as rows of a declared ``rows()`` input: which column is which field, which lines are refused and why.

Columns are matched by the label of a field in any language or by its name. What is left over fills, in order, the one
``series`` field of a row; where that series runs along another table, the headings become that table's rows. Without
a heading that says anything, columns are taken in the order of the fields.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from mlcore.numbers import Unreadable, read_range
from mlcore.reading import Invalid, Problem, read_inputs, wrong_length
from mlcore.spec import Kind, Param, params
from portal.derive.forms import path_label
from portal.derive.tabular import Cells, Line
from portal.derive.wording import problem_text

OTHER_FIELDS = 200  # of a form, besides the table
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_TRUE, _FALSE = gettext_noop("yes"), gettext_noop("no")


@dataclass(frozen=True, slots=True)
class Column:
    """``heading`` as it came, or empty; ``field`` is the name of what it fills, empty when it is left out."""

    heading: str
    field: str
    label: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that is no row, with the reasons in the reader's language."""

    number: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pasted:
    """``records`` are rows as the form holds them. ``along`` is the table that the headings of a series became rows of,
    with ``names``; empty where there is none."""

    columns: tuple[Column, ...]
    has_header: bool
    records: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    along: str = ""
    names: tuple[str, ...] = ()


def read_pasted(table: Param, cells: Cells, *, wanted: Mapping[str, tuple[str, int]]) -> Pasted:
    """
    Args:
        table: the declaration of the ``rows()`` input.
        wanted: of each other table its label and how many rows it has, for series along it.

    Raises:
        Invalid: what no single line is to blame for: one column, no heading where one is needed, too many rows.
    """
    row = table.row
    assert row is not None
    declared = {name: param for name, param, _start in params(row)}
    has_header = _has_header(declared, cells)
    heads = cells.lines[0].cells if has_header else ()
    lines = cells.lines[1:] if has_header else cells.lines
    width = max(cells.width, len(heads))
    fields = _fields(declared, heads, lines, width)
    if width == 1 and len(declared) > 1 and not (heads and fields[0]):
        raise _refused(_ONE_COLUMN, fields=", ".join(f"“{gettext(param.label)}”" for param in declared.values()))
    series = next((name for name, param in declared.items() if param.kind is Kind.SERIES), "")
    along = declared[series].along if series in fields and has_header else ""
    names = _series_heads(heads, fields, series) if along else ()
    columns = tuple(
        Column(heads[at] if at < len(heads) else "", name, gettext(declared[name].label) if name else "")
        for at, name in enumerate(fields)
    )
    found = Pasted(columns, has_header, along=along, names=names)
    numbers = {**wanted, along: (wanted.get(along, ("", 0))[0], len(names))}
    for line in lines:
        _read_line(found, row, line, fields, declared, numbers)
    # A form sends every cell as a field of its own, and Django takes only so many.
    most = min(table.max_items, (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS - OTHER_FIELDS) // len(declared))
    if len(found.records) > most:
        raise _refused(_TOO_MANY, most=most, given=len(found.records))
    return found


def _read_line(
    found: Pasted, row: type, line: Line, fields: Sequence[str], declared: Mapping[str, Param],
    numbers: Mapping[str, tuple[str, int]],
) -> None:  # fmt: skip
    if len(line.cells) != len(fields):
        problem = Problem(_RAGGED, {"wanted": len(fields), "given": len(line.cells)})
        found.refused.append(Refusal(line.number, (problem_text(problem),)))
        return
    record: dict[str, Any] = {}
    for name, cell in zip(fields, line.cells, strict=True):
        if name and declared[name].kind is Kind.SERIES:
            record.setdefault(name, []).append(cell)
        elif name and cell:
            record[name] = _as_given(declared[name], cell)
    problems = _problems(row, record, declared, numbers)
    if problems:
        found.refused.append(Refusal(line.number, tuple(problems)))
    else:
        found.records.append(record)


def _problems(
    row: type, record: Mapping[str, Any], declared: Mapping[str, Param], numbers: Mapping[str, tuple[str, int]]
) -> list[str]:
    try:
        read_inputs(row, record)
    except Invalid as invalid:
        return [
            f"{path_label(row, path)}: {problem_text(problem)}"
            for path, problems in invalid.problems.items() for problem in problems
        ]  # fmt: skip
    told = []
    for name, param in declared.items():
        label, wanted = numbers.get(param.along, ("", 0))
        if param.along and len(record.get(name, ())) != wanted:
            problem = wrong_length(wanted, label, len(record.get(name, ())))
            told.append(f"{gettext(param.label)}: {problem_text(problem)}")
    return told


def _has_header(declared: Mapping[str, Param], cells: Cells) -> bool:
    """The first line is one when it names a field, or has words where all lines below have numbers."""
    first, *rest = cells.lines
    if any(_matched(declared, cell) for cell in first.cells):
        return True
    if not rest or any(_is_number(cell) for cell in first.cells):
        return False
    return any(
        all(at < len(line.cells) and _is_number(line.cells[at]) for line in rest) for at in range(len(first.cells))
    )


def _fields(declared: Mapping[str, Param], heads: Sequence[str], lines: Sequence[Line], width: int) -> list[str]:
    """The field that each column fills, or empty."""
    series = next((name for name, param in declared.items() if param.kind is Kind.SERIES), "")
    single = [name for name in declared if name != series]
    fields = [_matched(declared, head) for head in heads] + [""] * (width - len(heads))
    fields = [name if name not in fields[:at] or name == series else "" for at, name in enumerate(fields)]
    if not any(fields) and not (heads and series):
        return [*single[:width], *([series] * (width - len(single)))]
    texts = iter([name for name in single if declared[name].kind is Kind.TEXT and name not in fields])
    for at, name in enumerate(fields):
        if name or not series:
            continue
        words = any(at < len(line.cells) and line.cells[at] and not _is_number(line.cells[at]) for line in lines)
        fields[at] = next(texts, series) if words else series
    return fields


def _series_heads(heads: Sequence[str], fields: Sequence[str], series: str) -> tuple[str, ...]:
    for at, name in enumerate(fields):
        if name == series and not (at < len(heads) and heads[at]):
            raise _refused(_NO_HEADING, column=at + 1)
    return tuple(head for head, name in zip(heads, fields, strict=False) if name == series)


def _matched(declared: Mapping[str, Param], heading: str) -> str:
    key = _key(heading)
    if not key:
        return ""
    for name, param in declared.items():
        if key in {_key(name), *(_key(label) for label in _labels(param.label))}:
            return name
    return ""


def _labels(label: str) -> list[str]:
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.append(gettext(label))
    return found


def _key(text: str) -> str:
    """Without what people write differently: case, width, spaces, a unit in brackets."""
    return re.sub(r"[\W_]+", "", _BRACKETS.sub("", unicodedata.normalize("NFKC", text)).casefold())


def _is_number(cell: str) -> bool:
    try:
        read_range(cell)
    except Unreadable:
        return False
    return True


def _as_given(param: Param, cell: str) -> str:
    """A choice may be given by its label, a truth by its word, in any language."""
    if param.kind is Kind.CHOICE:
        known = {_key(label): value for value, text in param.choices for label in _labels(text)}
        return cell if cell in dict(param.choices) else known.get(_key(cell), cell)
    if param.kind is Kind.FLAG:
        words = {_key(label): value for value, text in (("true", _TRUE), ("false", _FALSE)) for label in _labels(text)}
        return words.get(_key(cell), cell)
    return cell


def _refused(template: str, **values: Any) -> Invalid:
    return Invalid({"": [Problem(template, values)]})


_ONE_COLUMN = gettext_noop(
    "Wanted columns for {fields}, got one column. Separate the cells by tabs, semicolons, commas or |, or head the "
    "column with the name of a field."
)
_NO_HEADING = gettext_noop("Wanted a heading above every column, got none above column {column}.")
_TOO_MANY = gettext_noop("Wanted at most {most} rows, got {given}.")
_RAGGED = gettext_noop("Wanted {wanted} cells as in the other lines, got {given}.")
