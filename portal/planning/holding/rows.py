"""The engine's events from the rows of a ledger, and rows from events.

``events_of(rows_of(events)) == events``. What one side has and the other cannot hold is refused by its place, never
left out: ``events_of`` names the cell, ``rows_of`` the event.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NoReturn

from mlcore.reading import Invalid, Problem
from portal.planning.equity import events as of
from portal.planning.equity.money import Refused, exact, positive
from portal.planning.equity.rounding import Rounding
from portal.planning.equity.table import Kind
from portal.planning.equity.vesting import Schedule
from portal.planning.holding import columns as col
from portal.planning.holding.cells import EARLIEST, LATEST, WANTED_FILLED, cell_problems
from portal.planning.holding.named import Named, Rows, refuse
from portal.planning.holding.written import rows_of
from portal.planning.raising.instruments import typed

__all__ = ["Rows", "events_of", "rows_of"]

Found = dict[str, list[Problem]]
WANTED_RATIO = "Wanted a ratio such as 3:2 or 1.5, got {given}."
WANTED_WHOLE_RATIO = "Wanted new for old shares in whole numbers, such as 3:2, got {given}."
WANTED_DAY = "Wanted a day as YYYY-MM-DD, got {given}."

_RATIO = re.compile(r"([\d.,]+)\s*[:/]\s*([\d.,]+)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ROUNDED = {col.SPLIT: Rounding.DOWN, col.SPLIT_UP: Rounding.UP, col.SPLIT_NEAREST: Rounding.NEAREST}


def events_of(rows: Any) -> list[of.Event]:
    """The events that the tables of ``rows`` (``Rows``, or the calculator's inputs) hold, in the order of its rows.

    Raises:
        Invalid: every cell that is empty where its event needs it, filled where it is not used, or not readable, and
            what the terms named contradict, by path: ``events.3.holder``, ``safes.0.cap``.
    """
    found: Found = {}
    named = Named(Rows.of(rows))
    read: list[of.Event] = []
    for at, row in enumerate(named.rows.events):
        problems = cell_problems(at, row)
        if not problems:
            try:
                read.append(_MAKERS[row.kind](_Row(at, row, named)))
            except Refused as refused:
                problems = {named.cell_of(at, refused.where): [refused.problem]}
            except Invalid as invalid:
                problems = dict(invalid.problems)
        found |= problems
    found |= named.problems()
    if found:
        raise Invalid(found)
    return read


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the ledger with the tables that it names terms of."""

    at: int
    row: Any
    named: Named

    def text(self, name: str) -> str:
        return str(getattr(self.row, name)).strip()

    @property
    def shares(self) -> int:
        return int(self.row.shares)

    @property
    def price(self) -> Fraction:
        return typed(self.row.price)

    @property
    def schedule(self) -> Schedule | None:
        started = self.text("starts")
        if not self.text("terms"):
            if started:
                self._refuse("terms", WANTED_FILLED, event=col.KINDS[self.row.kind])
            return None
        return self.named.schedule(self.at, self.text("terms"), self._day(started) if started else self.row.on)

    @property
    def ratio(self) -> Fraction:
        """Common shares for each; one where nothing is said."""
        given = self.text("ratio")
        if not given:
            return Fraction(1)
        parts = _RATIO.fullmatch(given)
        try:
            return positive(parts[1]) / positive(parts[2]) if parts else positive(given)
        except Refused:
            self._refuse("ratio", WANTED_RATIO, given=given[:40])

    @property
    def new_for_old(self) -> tuple[int, int]:
        given = self.text("ratio")
        parts = _RATIO.fullmatch(given)
        try:
            counts = [exact(part) for part in (parts.groups() if parts else (given, "1"))]
        except Refused:
            counts = []
        if not counts or any(count.denominator != 1 or count <= 0 for count in counts):
            self._refuse("ratio", WANTED_WHOLE_RATIO, given=given[:40])
        return int(counts[0]), int(counts[1])

    def _day(self, given: str) -> date:
        try:
            day = date.fromisoformat(given) if _DAY.fullmatch(given) else None
        except ValueError:
            day = None
        if day is None or not EARLIEST <= day <= LATEST:
            self._refuse("starts", WANTED_DAY, given=given[:40])
        return day

    def _refuse(self, column: str, template: str, **values: str) -> NoReturn:
        refuse(f"events.{self.at}.{column}", template, **values)


def _issue(x: _Row) -> of.Issue:
    return of.Issue(
        on=x.row.on, security=x.text("security"), holder=x.text("holder"), stock_class=x.text("stock_class"),
        shares=x.shares, kind=Kind(x.row.kind), ratio=x.ratio, price=x.price, schedule=x.schedule,
    )  # fmt: skip


def _grant(x: _Row) -> of.Grant:
    return of.Grant(
        on=x.row.on, security=x.text("security"), holder=x.text("holder"), options=x.shares, strike=x.price,
        schedule=x.schedule, from_pool=x.row.kind == col.GRANT,
    )  # fmt: skip


def _cancel(x: _Row) -> of.Cancel:
    return of.Cancel(
        on=x.row.on, security=x.text("security"), shares=x.shares, to_pool=x.row.kind == col.FORFEIT
    )  # fmt: skip


def _split(x: _Row) -> of.Split:
    new, old = x.new_for_old
    return of.Split(on=x.row.on, new=new, old=old, rounding=_ROUNDED[x.row.kind])


_MAKERS: dict[str, Callable[[_Row], of.Event]] = {
    col.COMMON: _issue,
    col.PREFERRED: _issue,
    col.GRANT: _grant,
    col.WARRANT: _grant,
    col.CANCEL: _cancel,
    col.FORFEIT: _cancel,
    **dict.fromkeys(col.SPLITS, _split),
    col.TRANSFER: lambda x: of.Transfer(
        on=x.row.on, security=x.text("security"), to=x.text("holder"), into=x.text("into"), shares=x.shares
    ),
    col.POOL: lambda x: of.PoolChange(on=x.row.on, shares=x.shares),
    col.PROMISE: lambda x: of.PromiseChange(on=x.row.on, options=x.shares),
    col.VEST: lambda x: of.Vest(on=x.row.on, security=x.text("security"), options=x.shares),
    col.EXERCISE: lambda x: of.Exercise(
        on=x.row.on, security=x.text("security"), options=x.shares, into=x.text("into"),
        stock_class=x.text("stock_class"),
    ),
    col.SETTLE: lambda x: of.Settled(on=x.row.on, name=x.text("security")),
    col.SAFE: lambda x: of.SafeSigned(
        on=x.row.on, safe=x.named.safe(x.at, x.text("terms"), x.text("security"), x.text("holder"), x.price)
    ),
    col.NOTE: lambda x: of.NoteSigned(
        note=x.named.note(x.at, x.text("terms"), x.text("security"), x.text("holder"), x.price, x.row.on)
    ),
    col.ROUND: lambda x: x.named.round(x.at, x.text("terms"), x.row.on),
}  # fmt: skip
