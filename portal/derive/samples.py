"""The tables of rows that a calculator starts with, as CSV files: what a person may fill in, paste and upload.

``portal.derive.pasted`` reads them back as the same rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from mlcore.spec import Kind, Param, params
from portal.derive.query import texts
from portal.planning.calculator import row_names

MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """A table by its label, and the text of the file."""

    label: str
    text: str


def samples(inputs: type) -> list[Sample]:
    """The first rows of each table that does not start empty, headed in the reader's language."""
    start: Any = inputs()
    tables = [(name, param) for name, param, _start in params(inputs) if param.row is not None]
    return [
        Sample(gettext(param.label), _csv(start, param, getattr(start, name)[:MOST_ROWS]))
        for name, param in tables
        if getattr(start, name)
    ]


def _csv(start: Any, table: Param, rows: tuple[Any, ...]) -> str:
    assert table.row is not None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [head for name, param, _ in params(table.row) for head in _heads(start, param, getattr(rows[0], name))]
    )
    for row in rows:
        flat = texts(table.row, {name: getattr(row, name) for name, _, _ in params(table.row)})
        writer.writerow([cell for name, param, _ in params(table.row) for cell in _cells(param, flat, name)])
    return out.getvalue()


def _heads(start: Any, param: Param, value: Any) -> list[str]:
    """The label; a series has a column for each number, called as the rows of the table along which it runs."""
    if param.along:
        return row_names(getattr(start, param.along))
    label = gettext(param.label)
    return [f"{label} {at}" for at in range(1, len(value) + 1)] if param.kind is Kind.SERIES else [label]


def _cells(param: Param, flat: dict[str, str], name: str) -> Iterator[str]:
    if param.kind is Kind.SERIES:
        yield from flat[name].split()
    elif param.kind is Kind.CHOICE:
        yield gettext(dict(param.choices)[flat[name]])
    else:
        yield f"{flat[name]} as {family}" if (family := flat.get(f"{name}.family")) else flat[name]
