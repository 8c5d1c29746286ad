"""SAFEs and notes that are outstanding at the sale, and the order in which preferred classes are paid."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE, TYPICAL_NOTE
from portal.planning.equity.exits import AtExit, NoteAtExit, at_exit
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.money import exact
from portal.planning.equity.notes import ExitElection, Note
from portal.planning.equity.safes import Safe
from portal.planning.equity.seniority import ranks
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.raising.instruments import POST, PRE, USUAL
from portal.planning.selling.inputs import COMMON, OPTIONS, PREFERRED

RULES = {POST: POST_MONEY_SAFE, PRE: PRE_MONEY_SAFE, USUAL: TYPICAL_NOTE}
KINDS = {COMMON: Kind.COMMON, PREFERRED: Kind.PREFERRED, OPTIONS: Kind.OPTION}


def names(rows: Any) -> list[str]:
    """What the page calls each row of a table, declared or resolved: its name, or its number where that is empty."""
    return [row.name or str(at) for at, row in enumerate(rows, 1)]


def ranks_of(x: Any) -> dict[str, int]:
    """The rank of each preferred class: as typed, or from the pairs where there are any.

    Raises:
        Refused: a pair of a name that is no preferred class, or pairs that go round in a circle.
    """
    typed = {name: int(row.rank) for row, name in zip(x.classes, names(x.classes), strict=True)
             if row.kind == PREFERRED}  # fmt: skip
    return ranks(typed, [(pair.first, pair.then) for pair in x.order]) if x.order else typed


def outstanding(x: Any, counted: Collection[str] | None = None) -> AtExit:
    """SAFEs and notes in the sale; ``counted`` are those that caps count, None for all.

    Raises:
        Refused: as ``equity.exits.at_exit``.
    """
    if not x.safes and not x.notes:
        return AtExit()
    safes = [
        Safe(name=name, holder=name, amount=_exactly(row.amount), cap=_exactly(row.cap) if row.cap else None,
             rules=RULES[row.form])
        for row, name in zip(x.safes, names(x.safes), strict=True)
    ]  # fmt: skip
    notes = [
        NoteAtExit(
            note=_note(x, row, name), election=ExitElection(row.at_sale), rank=int(row.rank),
            multiple=_exactly(row.multiple) if row.multiple else None,
        )
        for row, name in zip(x.notes, names(x.notes), strict=True)
    ]  # fmt: skip
    return at_exit(_company(x), safes, notes, on=x.sale_day, rank=int(x.safe_rank), counted=counted)


def owed(x: Any) -> list[float]:
    """Principal and interest of each note on the day of the sale."""
    return [float(_note(x, row, name).owed(x.sale_day)) for row, name in zip(x.notes, names(x.notes), strict=True)]


def _company(x: Any) -> CapTable:
    positions = tuple(
        Position(holder=name, security=name, kind=KINDS[row.kind], quantity=_exactly(row.shares))
        for row, name in zip(x.classes, names(x.classes), strict=True)
    )
    return CapTable(positions=positions, reserved=_exactly(x.pool))


def _note(x: Any, row: Any, name: str) -> Note:
    return Note(
        name=name, holder=name, principal=_exactly(row.principal), rate=_exactly(row.rate), issued=row.issued,
        maturity=row.maturity, day_count=DayCount(x.day_count), compounding=Compounding(row.compounding),
        partial_period=PartialPeriod(row.partial), cap=_exactly(row.cap) if row.cap else None, rules=RULES[row.form],
        threshold=exact(0),
    )  # fmt: skip


def _exactly(value: Any) -> Any:
    return exact(float(value))
