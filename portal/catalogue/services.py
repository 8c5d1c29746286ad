"""Writing edits: checked by the reader of the packaged file, kept with their history, live in seconds.

An edit must leave every calculator that offers rows of the catalogue what it starts from: ``rows_check`` tries that
before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from mlcore.reading import Invalid, Problem, read_inputs, to_json
from portal.accounts.models import User
from portal.catalogue.described import EDITABLE
from portal.catalogue.live import load, stored
from portal.catalogue.models import Change, Edit
from portal.planning.calculator import Calculator
from portal.planning.catalog.edits import Cells, tried
from portal.planning.catalog.offered import offers_rows
from portal.planning.engine import evaluate
from portal.planning.registry import all_calculators

LONGEST = 500  # characters of a cell
NEEDED = _(
    "“{calculator}” starts from this row, or shows it in a preset or a worked example, and would not find it any more."
)
BROKEN = _("With this “{calculator}” could not compute what it starts from: {problem}")


def row_check(table: str, cells: Cells) -> str:
    """The key of a row that could be saved.

    Raises:
        Invalid: what is wrong with it, or that the table is not open to edits.
    """
    if table not in EDITABLE:
        raise _refused(_("Wanted one of the tables {names}, got {given}."), names=", ".join(EDITABLE), given=table[:40])
    for name, text in cells.items():
        if len(text) > LONGEST:
            raise _refused(_("{name} has {given} characters, wanted at most {most}."), name=name, given=len(text),
                           most=LONGEST)  # fmt: skip
    try:
        EDITABLE[table].check(cells)
    except ValueError as problem:
        raise _refused(_("This row is refused: {problem}."), problem=problem) from None
    return EDITABLE[table].key_of(cells)


def rows_check(*, table: str, rows: Iterable[Cells], in_use: bool = True) -> dict[str, Cells]:
    """Rows that could be saved, by their keys.

    Raises:
        Invalid: as of ``row_check``, and where a calculator would lack what it starts from.
    """
    known = [{name: text.strip() for name, text in cells.items()} for cells in rows]
    found: dict[str, Cells] = {row_check(table, cells): cells for cells in known}
    edits = stored()
    edits[table] = edits.get(table, {}) | {key: cells if in_use else None for key, cells in found.items()}
    _check_calculators(edits)
    return found


def row_save(*, table: str, cells: Cells, by: User | None, how: str, in_use: bool = True) -> bool:
    """Put a row in place of the one of its key. Whether anything changed.

    Raises:
        Invalid: as of ``rows_check``.
    """
    return rows_save(table=table, rows=[cells], by=by, how=how, in_use=in_use) == 1


def rows_save(*, table: str, rows: Iterable[Cells], by: User | None, how: str, in_use: bool = True) -> int:
    """All of the rows or, where one is refused, none. How many changed anything.

    Raises:
        Invalid: as of ``rows_check``.
    """
    changed = 0
    with transaction.atomic():
        for key, cells in rows_check(table=table, rows=rows, in_use=in_use).items():
            edit = Edit.objects.select_for_update().filter(table=table, key=key).first()
            before = edit.held if edit else EDITABLE[table].packaged_cells(key)
            after = cells if in_use else None
            if before == after:
                continue
            Edit.objects.update_or_create(
                table=table, key=key, defaults={"cells": cells, "in_use": in_use, "updated_by": by}
            )
            Change.objects.create(table=table, key=key, before=before, after=after, how=how, by=by)
            changed += 1
        transaction.on_commit(load)
    return changed


def rows_reset(*, edits: Sequence[Edit], by: User | None, how: str) -> None:
    """Take edits away: the packaged row of each holds again, or none where there was none.

    Raises:
        Invalid: a calculator would lack what it starts from.
    """
    with transaction.atomic():
        for edit in edits:
            after = EDITABLE[edit.table].packaged_cells(edit.key)
            Change.objects.create(
                table=edit.table, key=edit.key, before=edit.held, after=dict(after) if after else None, how=how, by=by
            )
            edit.delete()
        _check_calculators(stored())
        transaction.on_commit(load)


def _check_calculators(edits: Mapping[str, Mapping[str, Cells | None]]) -> None:
    with tried(edits):
        for calculator in all_calculators().values():
            if offers_rows(calculator.inputs):
                _check_starts(calculator)


def _check_starts(calculator: Calculator) -> None:
    """Without its presets and examples a calculator does not load, and documents compute its starting values."""
    try:
        for given in [case.inputs for cases in (calculator.presets, calculator.examples) for case in cases]:
            read_inputs(calculator.inputs, given)
        start: Any = read_inputs(calculator.inputs, to_json(calculator.inputs()))
    except Invalid:
        raise _refused(NEEDED, calculator=calculator.title) from None
    try:
        evaluate(calculator, start)
    except Invalid as problem:
        raise _refused(BROKEN, calculator=calculator.title, problem=problem) from None


def _refused(template: str, **values: object) -> Invalid:
    return Invalid({"": [Problem(template, values)]})
