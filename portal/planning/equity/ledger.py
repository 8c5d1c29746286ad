"""The company's shares on any day, from the events until then.

``as_of`` replays events in the order given, which is the order of their days; of one day, that in which they are
listed. What contradicts what happened before is refused by the number of the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import singledispatchmethod

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.legal import LegalTable, legal_table, series_of
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.notes import Note
from portal.planning.equity.rounding import Rounding, whole
from portal.planning.equity.safes import Safe
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.vesting import Schedule

MOST_SHARES = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A certificate or a grant with what is left of it. Options count all that were granted for vesting."""

    holder: str
    stock_class: str
    kind: Kind
    quantity: int
    ratio: Fraction = Fraction(1)
    strike: Fraction = Fraction(0)
    granted: int = 0
    exercised: int = 0
    early: int = 0  # vested by an event of its own
    schedule: Schedule | None = None

    def vested(self, on: date) -> int:
        """Options that have vested by a day, those exercised since included; never more than were granted."""
        scheduled = self.schedule.vested(self.granted, on) if self.schedule else Fraction(0)
        return min(self.granted, whole(scheduled, Rounding.DOWN) + self.early)


@dataclass(slots=True, kw_only=True)
class State:
    """Everything outstanding after some events. ``rounds`` are the closings with the trace of every share."""

    day: date | None = None
    holdings: dict[str, Holding] = field(default_factory=dict)
    reserved: int = 0
    promised: int = 0
    safes: list[Safe] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    rounds: list[LegalTable] = field(default_factory=list)

    def table(self) -> CapTable:
        """Fully diluted; SAFEs and notes count nothing before they convert."""
        positions = tuple(
            Position(holder=each.holder, security=name, kind=each.kind, quantity=Fraction(each.quantity),
                     ratio=each.ratio)
            for name, each in self.holdings.items()
            if each.quantity
        )  # fmt: skip
        return CapTable(positions=positions, reserved=Fraction(self.reserved), promised=Fraction(self.promised))

    def vested(self, on: date) -> dict[str, int]:
        """Options vested by a day and not exercised, by grant."""
        return {
            name: min(each.quantity, each.vested(on) - each.exercised)
            for name, each in self.holdings.items()
            if each.kind is Kind.OPTION
        }


def as_of(history: Sequence[events.Event], day: date) -> State:
    """The state at the end of ``day``. Events after it are checked for order only.

    Raises:
        Refused: an event out of order, or one that contradicts those before it; ``where`` is ``events.<number>``.
    """
    replay = _Replay()
    previous: date | None = None
    for number, event in enumerate(history):
        replay.where = f"events.{number}"
        if previous is not None and event.on < previous:
            problem = Problem("Wanted events in the order of their days, got {day} after {previous}.",
                              {"day": str(event.on), "previous": str(previous)})  # fmt: skip
            raise Refused(problem, f"{replay.where}.on")
        previous = event.on
        if event.on <= day:
            replay.apply(event)
            replay.state.day = event.on
    return replay.state


class _Replay:
    """Applies events to a state, one method for each kind."""

    def __init__(self) -> None:
        self.state = State()
        self.where = ""

    @singledispatchmethod
    def apply(self, event: events.Event) -> None:
        raise TypeError(f"no such event: {event!r}")

    @apply.register
    def _(self, event: events.Issue) -> None:
        if event.kind is Kind.OPTION:
            raise self._refused(Problem("Options are granted, not issued.", {}), "kind")
        self._add(event.security, Holding(
            holder=event.holder, stock_class=event.stock_class, kind=event.kind, quantity=self._count(event.shares),
            ratio=event.ratio,
        ))  # fmt: skip

    @apply.register
    def _(self, event: events.Transfer) -> None:
        held = self._take(event.security, event.shares)
        if held.kind is Kind.OPTION:
            raise self._refused(Problem("Options are not transferred; cancel them and grant new ones.", {}), "security")
        self._add(event.into, replace(held, holder=event.to, quantity=event.shares))

    @apply.register
    def _(self, event: events.Cancel) -> None:
        held = self._take(event.security, event.shares)
        if event.to_pool:
            if held.kind is not Kind.OPTION:
                raise self._refused(Problem("Only options go back to the pool.", {}), "to_pool")
            self.state.reserved += event.shares

    @apply.register
    def _(self, event: events.PoolChange) -> None:
        if self.state.reserved + event.shares < 0:
            problem = Problem("The pool has {reserved} shares that are not granted, fewer than the {shares} removed.",
                              {"reserved": shown(self.state.reserved), "shares": shown(-event.shares)})  # fmt: skip
            raise self._refused(problem, "shares")
        self.state.reserved += event.shares

    @apply.register
    def _(self, event: events.PromiseChange) -> None:
        if self.state.promised + event.options < 0:
            problem = Problem("{promised} options are promised, fewer than the {options} taken back.",
                              {"promised": shown(self.state.promised), "options": shown(-event.options)})  # fmt: skip
            raise self._refused(problem, "options")
        self.state.promised += event.options

    @apply.register
    def _(self, event: events.Grant) -> None:
        options = self._count(event.options)
        if options > self.state.reserved:
            problem = Problem("The pool has {reserved} shares that are not granted, fewer than the {options} granted.",
                              {"reserved": shown(self.state.reserved), "options": shown(options)})  # fmt: skip
            raise self._refused(problem, "options")
        self.state.reserved -= options
        self._add(event.security, Holding(
            holder=event.holder, stock_class="options", kind=Kind.OPTION, quantity=options, strike=event.strike,
            granted=options, schedule=event.schedule,
        ))  # fmt: skip

    @apply.register
    def _(self, event: events.Vest) -> None:
        held = self._options(event.security)
        unvested = held.granted - held.vested(event.on)
        if self._count(event.options) > unvested:
            problem = Problem("Only {unvested} options of {security} have not vested, fewer than {options}.",
                              {"unvested": shown(unvested), "security": event.security,
                               "options": shown(event.options)})  # fmt: skip
            raise self._refused(problem, "options")
        self.state.holdings[event.security] = replace(held, early=held.early + event.options)

    @apply.register
    def _(self, event: events.Exercise) -> None:
        held = self._options(event.security)
        free = held.vested(event.on) - held.exercised
        if self._count(event.options) > free:
            problem = Problem("Only {vested} options of {security} have vested and are not exercised by {day}, fewer "
                              "than {options}.", {"vested": shown(free), "security": event.security,
                                                  "day": str(event.on), "options": shown(event.options)})  # fmt: skip
            raise self._refused(problem, "options")
        self._take(event.security, event.options)
        left = self.state.holdings[event.security]
        self.state.holdings[event.security] = replace(left, exercised=left.exercised + event.options)
        self._add(event.into, Holding(
            holder=held.holder, stock_class=event.stock_class, kind=Kind.COMMON, quantity=event.options,
        ))  # fmt: skip

    @apply.register
    def _(self, event: events.SafeSigned) -> None:
        self._new_instrument(event.safe.name)
        self.state.safes.append(event.safe)

    @apply.register
    def _(self, event: events.NoteSigned) -> None:
        self._new_instrument(event.note.name)
        self.state.notes.append(event.note)

    @apply.register
    def _(self, event: events.PricedRound) -> None:
        if event.terms.safes or event.terms.notes:
            problem = Problem("A round in the ledger converts what is outstanding: sign SAFEs and notes before it.", {})
            raise self._refused(problem, "terms")
        terms = replace(event.terms, safes=tuple(self.state.safes), notes=tuple(self.state.notes))
        result = legal_table(self.state.table(), terms, event.rounding)
        converted = {each.name for each in result.conversions}
        for each in result.conversions:
            stock_class = series_of(terms, each, result.price)
            self._preferred(f"{terms.series}: {each.name}", each.holder, stock_class, each.shares)
        for number, bought in enumerate(result.purchases, 1):
            self._preferred(f"{terms.series}-{number}", bought.name, terms.series, bought.shares)
        self.state.reserved = result.reserved
        self.state.safes = []
        self.state.notes = [note for note in self.state.notes if note.name not in converted]
        self.state.rounds.append(result)

    @apply.register
    def _(self, event: events.Split) -> None:
        ratio = Fraction(self._count(event.new), self._count(event.old))

        def split(count: int) -> int:
            return whole(count * ratio, event.rounding)

        for name, each in self.state.holdings.items():
            self.state.holdings[name] = replace(
                each, quantity=split(each.quantity), granted=split(each.granted), exercised=split(each.exercised),
                early=split(each.early), strike=each.strike / ratio,
            )  # fmt: skip
        self.state.reserved = split(self.state.reserved)
        self.state.promised = split(self.state.promised)

    def _preferred(self, security: str, holder: str, stock_class: str, shares: Fraction) -> None:
        self._add(security, Holding(holder=holder, stock_class=stock_class, kind=Kind.PREFERRED, quantity=int(shares)))

    def _count(self, given: int) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= MOST_SHARES:
            problem = Problem("Wanted a whole number of shares above zero, got {given}.", {"given": str(given)[:40]})
            raise self._refused(problem, "")
        return given

    def _add(self, security: str, holding: Holding) -> None:
        if security in self.state.holdings:
            raise self._refused(Problem("Two securities have the name {name}.", {"name": security}), "security")
        self.state.holdings[security] = holding

    def _held(self, security: str) -> Holding:
        if security not in self.state.holdings:
            raise self._refused(Problem("There is no security {name} at this point.", {"name": security}), "security")
        return self.state.holdings[security]

    def _options(self, security: str) -> Holding:
        held = self._held(security)
        if held.kind is not Kind.OPTION:
            raise self._refused(Problem("Wanted options, but {name} are shares.", {"name": security}), "security")
        return held

    def _take(self, security: str, shares: int) -> Holding:
        held = self._held(security)
        if self._count(shares) > held.quantity:
            problem = Problem("{name} has {left} left, fewer than {wanted}.",
                              {"name": security, "left": shown(held.quantity), "wanted": shown(shares)})  # fmt: skip
            raise self._refused(problem, "shares")
        self.state.holdings[security] = replace(held, quantity=held.quantity - shares)
        return held

    def _new_instrument(self, name: str) -> None:
        if name in {safe.name for safe in self.state.safes} | {note.name for note in self.state.notes}:
            raise self._refused(Problem("Two entries have the name {name}.", {"name": name}), "name")

    def _refused(self, problem: Problem, place: str) -> Refused:
        return Refused(problem, f"{self.where}.{place}".rstrip("."))
