"""The rows of a table as cards on a board: which column each stands in, what it says, when it is overdue.

A calculator declares a ``Board``; ``portal.tools.boards`` draws it with the results. A card that is moved to another
column changes its row in the form, which is computed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.spec import Kind, Param, params


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Cards for the rows of ``table``, in columns by ``by``, a choice of the row.

    ``shows`` is an output along the table, ``marks`` one that is true or false: its label stands on the cards for which
    it is more likely true. ``step`` and ``due`` are fields of the row: what comes next, and when, as a
    day or as the text of one. Before the day of the input ``today`` it is overdue, unless the row is ``done``: has one
    of these choices.
    """

    title: str
    table: str
    by: str
    shows: str = ""
    marks: str = ""
    step: str = ""
    due: str = ""
    today: str = ""
    done: tuple[str, ...] = ()


def check_board(board: Board, slug: str, inputs: type, outputs: Mapping[str, Any]) -> None:
    """
    Raises:
        ValueError: the board mentions what is not declared, or what is not of the kind that it needs.
    """
    declared: dict[str, Param] = {name: param for name, param, _ in params(inputs)}
    row = declared[board.table].row if board.table in declared else None
    if row is None:
        raise ValueError(f"{slug}: “{board.title}” is a board of {board.table!r}, which is no table")
    fields = {name: param for name, param, _ in params(row)}
    if board.by not in fields or fields[board.by].kind is not Kind.CHOICE:
        raise ValueError(f"{slug}: “{board.title}” has columns by {board.by!r}, which is no choice of a row")
    wrong = [name for name in (board.step, board.due) if name and name not in fields]
    wrong += [name for name in board.done if name not in dict(fields[board.by].choices)]
    shown = [name for name in (board.shows, board.marks) if name]
    wrong += [name for name in shown if name not in outputs or outputs[name].along != (board.table,)]
    if board.marks in outputs and not outputs[board.marks].boolean:
        wrong.append(board.marks)
    if board.today and (board.today not in declared or declared[board.today].kind is not Kind.DAY):
        wrong.append(board.today)
    if wrong:
        raise ValueError(f"{slug}: “{board.title}” mentions {wrong}, which are not what a board can show")
