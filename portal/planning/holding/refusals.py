"""What the cap table refuses, by the cell of the ledger or of its terms."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mlcore.reading import Invalid, Problem
from portal.planning.calculator import Sentence
from portal.planning.equity.ledger import State
from portal.planning.equity.money import Refused, percent
from portal.planning.holding import cells, columns, named, rows, written
from portal.planning.holding.named import Named, Rows
from portal.planning.holding.replay import Replay, replay_of

NO_EVENTS = "Wanted at least one event: begin with the shares of the founders. Add a row."
OUT_OF_ORDER = (
    "Row {row} is of {day}, but row {above} above it of {previous}. Put the rows in the order of their days, or "
    "correct one of the two."
)
NONE_YET = "No share is in issue on {day}. Choose a day after the first issue, which is on {first}."
NONE_AT_ALL = "No row of the ledger issues shares. Add one that does."
NO_HOLDER = "Nobody called {name} is in the ledger. Wanted one of: {names}."
WRONG_DAY = "Wanted a day from {earliest} to {latest}, got {given}."
SOLD_OUT = (
    "The post-money SAFEs that are outstanding on {day} sell {part} of the company at their caps: wanted less than "
    "100%. Lower an amount or raise a cap."
)

REFUSALS = (
    NO_EVENTS, OUT_OF_ORDER, NONE_YET, NONE_AT_ALL, NO_HOLDER, WRONG_DAY, SOLD_OUT, cells.WANTED_EMPTY,
    cells.WANTED_FILLED, cells.WANTED_PERIOD, named.NO_SUCH_ROW, named.NO_NAME, named.TWICE, named.NO_SERIES,
    named.EITHER, named.CLOSED_BEFORE, rows.WANTED_RATIO, rows.WANTED_WHOLE_RATIO, rows.WANTED_DAY, written.NO_DECIMAL,
    written.NO_FRACTION, written.NO_ROUNDING, written.CARRIES, written.SAME_SERIES, written.SPACES,
)  # fmt: skip


def refuse(inputs: Any) -> dict[str, Sentence]:
    """What is wrong, by field; nothing where the ledger can be computed with."""
    if not inputs.events:
        return {"events": Sentence(NO_EVENTS)}
    if found := _days(inputs):
        return found
    try:
        replay = replay_of(inputs)
    except Refused as refused:
        return {_cell(inputs, refused.where): _sentence(refused.problem)}
    except Invalid as invalid:
        return {path: _sentence(problems[0]) for path, problems in invalid.problems.items()}
    return _nothing_issued(inputs, replay) or _sold_out(inputs, replay) or _founders(inputs, replay)


def _days(inputs: Any) -> dict[str, Sentence]:
    if not cells.EARLIEST <= inputs.as_of <= cells.LATEST:
        figures = {"earliest": (cells.EARLIEST, "day"), "latest": (cells.LATEST, "day"), "given": (inputs.as_of, "day")}
        return {"as_of": Sentence(WRONG_DAY, figures)}
    found = {}
    for at in range(1, len(inputs.events)):
        day, previous = inputs.events[at].on, inputs.events[at - 1].on
        if day < previous:
            figures = {"row": (at + 1, ""), "above": (at, ""), "day": (day, "day"), "previous": (previous, "day")}
            found[f"events.{at}.on"] = Sentence(OUT_OF_ORDER, figures)
    return found


def _cell(inputs: Any, where: str) -> str:
    """The cell for a refusal of the engine: ``events.3.safes.Angel.cap`` is ``safes.0.cap``."""
    _, number, *rest = where.split(".", 2)
    return Named(Rows.of(inputs)).cell_of(int(number), rest[0] if rest else "")


def _sentence(problem: Problem) -> Sentence:
    return Sentence(problem.template, {place: (str(value), "") for place, value in problem.values.items()})


def _nothing_issued(inputs: Any, replay: Replay) -> dict[str, Sentence]:
    if any(held.quantity and held.kind.outstanding for held in replay.now.holdings.values()):
        return {}
    issues = [row.on for row in inputs.events if row.kind in columns.ISSUES]
    if not issues:
        return {"events": Sentence(NONE_AT_ALL)}
    return {"as_of": Sentence(NONE_YET, {"day": (inputs.as_of, "day"), "first": (issues[0], "day")})}


def sold_at_caps(state: State) -> Fraction:
    """The part of the company that outstanding SAFEs with a post-money cap sell at it, each amount ÷ cap."""
    return sum(
        (safe.amount / safe.cap for safe in state.safes
         if safe.cap and safe.rules.include_this_security and safe.rules.include_other_converting_securities),
        Fraction(0),
    )  # fmt: skip


def _sold_out(inputs: Any, replay: Replay) -> dict[str, Sentence]:
    if (part := sold_at_caps(replay.now)) < 1:
        return {}
    last = replay.now.safes[-1].name
    at = max(at for at, row in enumerate(inputs.events) if row.kind == columns.SAFE and row.security.strip() == last)
    return {f"events.{at}.price": Sentence(SOLD_OUT, {"day": (inputs.as_of, "day"), "part": (percent(part), "")})}


def _founders(inputs: Any, replay: Replay) -> dict[str, Sentence]:
    holders = {held.holder: None for state in replay.past for held in state.holdings.values()}
    return {
        f"founders.{at}.name": Sentence(NO_HOLDER, {"name": (row.name, ""), "names": (", ".join(holders), "")})
        for at, row in enumerate(inputs.founders)
        if row.name.strip() not in holders
    }
