"""Writing edits: checked by the reader of the packaged file, kept with their history, live in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext_noop as _

from mlcore.reading import Invalid, Problem
from portal.accounts.models import User
from portal.catalogue.described import EDITABLE
from portal.catalogue.live import load
from portal.catalogue.models import Change, Edit
from portal.planning.catalog.edits import Cells

LONGEST = 500  # characters of a cell
LAST = _("Calculators offer this, and it is the last row of it: change its numbers instead of taking it out.")


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


def row_save(*, table: str, cells: Cells, by: User | None, how: str, in_use: bool = True) -> bool:
    """Put a row in place of the one of its key. Whether anything changed.

    Raises:
        Invalid: as of ``row_check``.
    """
    return rows_save(table=table, rows=[cells], by=by, how=how, in_use=in_use) == 1


def rows_save(*, table: str, rows: Iterable[Cells], by: User | None, how: str, in_use: bool = True) -> int:
    """All of the rows or, where one is refused, none. How many changed anything.

    Raises:
        Invalid: as of ``row_check``.
    """
    known = [{name: text.strip() for name, text in cells.items()} for cells in rows]
    keys = [row_check(table, cells) for cells in known]
    if not in_use:
        for key in keys:
            if EDITABLE[table].is_last(key):
                raise _refused(LAST)
    changed = 0
    with transaction.atomic():
        for key, cells in zip(keys, known, strict=True):
            edit = Edit.objects.select_for_update().filter(table=table, key=key).first()
            before = edit.held if edit else EDITABLE[table].packaged(key)
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
    """Take edits away: the packaged row of each holds again, or none where there was none."""
    with transaction.atomic():
        for edit in edits:
            after = EDITABLE[edit.table].packaged(edit.key)
            Change.objects.create(
                table=edit.table, key=edit.key, before=edit.held, after=dict(after) if after else None, how=how, by=by
            )
            edit.delete()
        transaction.on_commit(load)


def _refused(template: str, **values: object) -> Invalid:
    return Invalid({"": [Problem(template, values)]})
