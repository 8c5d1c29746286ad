"""The company's shares on any day, from the events until then.

``as_of`` replays events in the order given, which is the order of their days; of one day, that in which they are
listed; ``states`` gives several days of one replay. What contradicts what happened before is refused by the number of
the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import singledispatchmethod
from typing import Any

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
OPTIONS, WARRANTS = "Options", "Warrants"  # the classes of what is granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A certificate or a grant with what is left of it. What vests counts all that were granted for vesting."""

    holder: str
    stock_class: str
    kind: Kind
    quantity: int
    ratio: Fraction = Fraction(1)
    strike: Fraction = Fraction(0)
    granted: int = 0
    moved: int = 0  # vested and since exercised or transferred
    early: int = 0  # vested by an event of its own
    schedule: Schedule | None = None
    from_pool: bool = True

    @property
    def vests(self) -> bool:
        """Options do, and shares with a schedule; all others are vested."""
        return self.kind is Kind.OPTION or self.schedule is not None

    def vested(self, on: date) -> int:
        """What has vested by a day, what moved since included; never more than was granted."""
        scheduled = self.schedule.vested(self.granted, on) if self.schedule else Fraction(0)
        return min(self.granted, whole(scheduled, Rounding.DOWN) + self.early)

    def free(self, on: date) -> int:
        """What is left and has vested by a day."""
        return min(self.quantity, self.vested(on) - self.moved) if self.vests else self.quantity


@dataclass(slots=True, kw_only=True)
class State:
    """Everything outstanding after some events. ``rounds`` are the closings with the trace of every share.

    ``price``: the last that was paid for a preferred share, as splits since have changed it.
    """

    day: date | None = None
    holdings: dict[str, Holding] = field(default_factory=dict)
    reserved: int = 0
    promised: int = 0
    safes: list[Safe] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    rounds: list[LegalTable] = field(default_factory=list)
    price: Fraction | None = None

    def copy(self) -> State:
        return replace(
            self, holdings=dict(self.holdings), safes=list(self.safes), notes=list(self.notes), rounds=list(self.rounds)
        )

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
        return {name: each.free(on) for name, each in self.holdings.items() if each.kind is Kind.OPTION}


def as_of(history: Sequence[events.Event], day: date) -> State:
    """The state at the end of ``day``. Events after it are checked for order only.

    Raises:
        Refused: an event out of order, or one that contradicts those before it; ``where`` is ``events.<number>``.
    """
    return states(history, [day])[0]


def states(history: Sequence[events.Event], days: Sequence[date]) -> list[State]:
    """The state at the end of each of ``days``, which ascend; as ``as_of``, with one replay for all."""
    replay = _Replay()
    found: list[State] = []
    previous: date | None = None
    for number, event in enumerate(history):
        replay.where = f"events.{number}"
        if previous is not None and event.on < previous:
            problem = Problem("Wanted events in the order of their days, got {day} after {previous}.",
                              {"day": str(event.on), "previous": str(previous)})  # fmt: skip
            raise Refused(problem, f"{replay.where}.on")
        previous = event.on
        while len(found) < len(days) and days[len(found)] < event.on:
            found.append(replay.state.copy())
        if len(found) < len(days):
            _apply(replay, event)
            replay.state.day = event.on
    return found + [replay.state.copy() for _ in days[len(found) :]]


def _apply(replay: _Replay, event: events.Event) -> None:
    """As the replay does; what the terms of a round are refused for is told with the number of the event too."""
    try:
        replay.apply(event)
    except Refused as refused:
        if f"{refused.where}.".startswith(f"{replay.where}."):
            raise
        raise Refused(refused.problem, f"{replay.where}.{refused.where}".rstrip(".")) from None


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
        shares = self._count(event.shares)
        self._add(event.security, Holding(
            holder=event.holder, stock_class=event.stock_class, kind=event.kind, quantity=shares, ratio=event.ratio,
            granted=shares if event.schedule else 0, schedule=event.schedule,
        ))  # fmt: skip
        if event.kind is Kind.PREFERRED and event.price:
            self.state.price = event.price

    @apply.register
    def _(self, event: events.Transfer) -> None:
        held = self._take(event.security, event.shares)
        if held.kind is Kind.OPTION:
            raise self._refused(Problem("Options are not transferred; cancel them and grant new ones.", {}), "security")
        if event.shares > held.free(event.on):
            problem = Problem("Only {vested} shares of {security} have vested by {day}, fewer than the {shares} "
                              "transferred: buy the others back first.",
                              {"vested": shown(held.free(event.on)), "security": event.security,
                               "day": str(event.on), "shares": shown(event.shares)})  # fmt: skip
            raise self._refused(problem, "shares")
        if held.vests:
            left = self.state.holdings[event.security]
            self.state.holdings[event.security] = replace(left, moved=left.moved + event.shares)
        self._add(event.into, replace(
            held, holder=event.to, quantity=event.shares, schedule=None, granted=0, moved=0, early=0,
        ))  # fmt: skip

    @apply.register
    def _(self, event: events.Cancel) -> None:
        held = self._take(event.security, event.shares)
        if event.to_pool:
            if held.kind is not Kind.OPTION or not held.from_pool:
                raise self._refused(Problem("Only options that came out of the pool go back to it.", {}), "to_pool")
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
        if event.from_pool and options > self.state.reserved:
            problem = Problem("The pool has {reserved} shares that are not granted, fewer than the {options} granted.",
                              {"reserved": shown(self.state.reserved), "options": shown(options)})  # fmt: skip
            raise self._refused(problem, "options")
        self.state.reserved -= options if event.from_pool else 0
        self._add(event.security, Holding(
            holder=event.holder, stock_class=OPTIONS if event.from_pool else WARRANTS, kind=Kind.OPTION,
            quantity=options, strike=event.strike, granted=options, schedule=event.schedule, from_pool=event.from_pool,
        ))  # fmt: skip

    @apply.register
    def _(self, event: events.Vest) -> None:
        held = self._held(event.security)
        if not held.vests:
            problem = Problem("Wanted options or shares that vest, but {name} are shares without a schedule.",
                              {"name": event.security})  # fmt: skip
            raise self._refused(problem, "security")
        unvested = held.granted - held.vested(event.on)
        if self._count(event.options) > unvested:
            problem = Problem("Only {unvested} of {security} have not vested, fewer than {options}.",
                              {"unvested": shown(unvested), "security": event.security,
                               "options": shown(event.options)})  # fmt: skip
            raise self._refused(problem, "options")
        self.state.holdings[event.security] = replace(held, early=held.early + event.options)

    @apply.register
    def _(self, event: events.Exercise) -> None:
        held = self._options(event.security)
        free = held.free(event.on)
        if self._count(event.options) > free:
            problem = Problem("Only {vested} options of {security} have vested and are not exercised by {day}, fewer "
                              "than {options}.", {"vested": shown(free), "security": event.security,
                                                  "day": str(event.on), "options": shown(event.options)})  # fmt: skip
            raise self._refused(problem, "options")
        self._take(event.security, event.options)
        left = self.state.holdings[event.security]
        self.state.holdings[event.security] = replace(left, moved=left.moved + event.options)
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
    def _(self, event: events.Settled) -> None:
        outstanding: list[Any] = [*self.state.safes, *self.state.notes]
        if event.name not in {each.name for each in outstanding}:
            problem = Problem("There is no SAFE and no note {name} at this point.", {"name": event.name})
            raise self._refused(problem, "name")
        self.state.safes = [safe for safe in self.state.safes if safe.name != event.name]
        self.state.notes = [note for note in self.state.notes if note.name != event.name]

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
        self.state.price = result.price

    @apply.register
    def _(self, event: events.Split) -> None:
        ratio = Fraction(self._count(event.new), self._count(event.old))

        def split(count: int) -> int:
            return whole(count * ratio, event.rounding)

        for name, each in self.state.holdings.items():
            self.state.holdings[name] = replace(
                each, quantity=split(each.quantity), granted=split(each.granted), moved=split(each.moved),
                early=split(each.early), strike=each.strike / ratio,
            )  # fmt: skip
        self.state.reserved = split(self.state.reserved)
        self.state.promised = split(self.state.promised)
        self.state.price = None if self.state.price is None else self.state.price / ratio

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
