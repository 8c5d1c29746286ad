"""The boards of a calculator: the rows of a table as cards in columns, with their next steps and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from mlcore.spec import Param, params
from portal.derive.wording import figure
from portal.planning.board import Board
from portal.planning.calculator import row_names
from portal.planning.outcome import Outcome
from portal.tools.drawn import TAILS, output_words


@dataclass(frozen=True, slots=True)
class Card:
    """``row`` counts the rows of the form from 0: by it a script finds the field that moving the card changes."""

    row: int
    name: str
    value: str
    mark: str
    step: str
    due: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Column:
    value: str
    label: str
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Drawn:
    """``table`` and ``by`` name the rows and the choice in the form; ``label`` is what the choice is called there and
    ``shown`` what the figure on a card is."""

    title: str
    table: str
    by: str
    label: str
    shown: str
    columns: list[Column]
    overdue: int

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(column.value, column.label) for column in self.columns]


def boards(outcome: Outcome) -> list[Drawn]:
    """The declared boards, in their order."""
    return [_drawn(outcome, board) for board in outcome.calculator.boards]


def _drawn(outcome: Outcome, board: Board) -> Drawn:
    inputs, calculator = outcome.inputs, outcome.calculator
    rows = getattr(inputs, board.table)
    by = _row_param(calculator.inputs, board)
    values = _values(outcome, board, len(rows))
    marks = _marks(outcome, board, len(rows))
    today = getattr(inputs, board.today) if board.today else None
    names = row_names(rows)
    cards = [_card(board, at, row, (names[at], values[at], marks[at]), today) for at, row in enumerate(rows)]
    columns = [
        Column(value, _(label), [card for card in cards if getattr(rows[card.row], board.by) == value])
        for value, label in by.choices
    ]
    shown = _(calculator.outputs[board.shows].label) if board.shows else ""
    overdue = sum(card.overdue for card in cards)
    return Drawn(_(board.title), board.table, board.by, _(by.label), shown, columns, overdue)


def _row_param(inputs: type, board: Board) -> Param:
    row = next(param.row for name, param, _start in params(inputs) if name == board.table)
    assert row is not None
    return next(param for name, param, _start in params(row) if name == board.by)


def _values(outcome: Outcome, board: Board, count: int) -> list[str]:
    """The figure on each card, at the median of the draws; nothing where the board shows none."""
    if not board.shows:
        return [""] * count
    output = outcome.calculator.outputs[board.shows]
    if output.boolean:
        return [figure(share, "%") for share in outcome.shares(board.shows).tolist()]
    return [output_words(output, value) for value in outcome.fan(board.shows, TAILS)[1].tolist()]


def _marks(outcome: Outcome, board: Board, count: int) -> list[str]:
    """The label of what marks a card, on those for which it is more likely true than not."""
    if not board.marks:
        return [""] * count
    label = _(outcome.calculator.outputs[board.marks].label)
    return [label if share > 0.5 else "" for share in outcome.shares(board.marks)]


def _card(board: Board, at: int, row: Any, said: tuple[str, str, str], today: date | None) -> Card:
    due = _day(getattr(row, board.due)) if board.due else None
    late = due is not None and today is not None and due < today and getattr(row, board.by) not in board.done
    step = getattr(row, board.step) if board.step else ""
    return Card(at, *said, step, figure(due, "day") if due else "", late)


def _day(given: date | str) -> date | None:
    """A day, or the text of one; nothing where the text is empty or no day, which the calculator says itself."""
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        return None
