"""The ledger replayed: the state at the end of the day asked for, and of months before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from portal.planning.equity.events import Event
from portal.planning.equity.interest import months_later
from portal.planning.equity.ledger import Holding, State, states
from portal.planning.holding import columns as col
from portal.planning.holding.rows import Rows, events_of

MOST_TIMES = 60  # places of the charts over time
STEPS = (1, 2, 3, 6, 12, 24, 60)  # months between them

_ROW_CLASSES: dict[str, type] = {
    "events": col.LedgerEvent, "vestings": col.LedgerVesting, "safes": col.LedgerSafe, "notes": col.LedgerNote,
    "rounds": col.LedgerRound, "buyers": col.LedgerBuyer, "protections": col.LedgerProtection,
    "definitions": col.LedgerDefinition,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """``past`` is the state at each of ``times``, of which the last is the day asked for, and ``now`` its state."""

    events: tuple[Event, ...]
    times: tuple[date, ...]
    past: tuple[State, ...]

    @property
    def day(self) -> date:
        return self.times[-1]

    @property
    def now(self) -> State:
        return self.past[-1]

    @property
    def until_now(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.on <= self.day)


def replay_of(x: Any) -> Replay:
    """The replay of the calculator's inputs, as typed or resolved.

    Raises:
        Invalid: a cell that cannot be read.
        Refused: as ``ledger.states``, by the number of the event.
    """
    as_typed: dict[str, Any] = {
        name: tuple(row if isinstance(row, made) else made(**vars(row)) for row in getattr(x, name))
        for name, made in _ROW_CLASSES.items()
    }
    return _replay(Rows(**as_typed), x.as_of)


@lru_cache(maxsize=16)  # a page asks for the same one for its figures, axes, charts and tables
def _replay(rows: Rows, day: date) -> Replay:
    history = events_of(rows)
    times = times_of([event.on for event in history], day)
    last = max([day, *(event.on for event in history)])
    past = states(history, [*times, last])  # events after the day are checked too
    return Replay(events=tuple(history), times=tuple(times), past=tuple(past[:-1]))


def times_of(days: Sequence[date], last: date) -> list[date]:
    """The ends of months from that of the first day on, every so many that there are not too many, and ``last``."""
    first = min([last, *days]).replace(day=1)
    count = (last.year - first.year) * 12 + last.month - first.month
    step = next((step for step in STEPS if count <= step * MOST_TIMES), STEPS[-1])
    ends = [months_later(first, months + 1) - timedelta(days=1) for months in range(count % step, count, step)]
    return [*(end for end in ends if end < last), last]


def as_converted(held: Holding, count: int) -> Fraction:
    return count * held.ratio
