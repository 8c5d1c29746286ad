"""The board of a calculator: which card stands where, what is overdue and marked, and what cannot be a board."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from mlcore.reading import read_inputs
from portal.planning.board import Board
from portal.planning.calculators.investor_fit import CALCULATOR
from portal.planning.engine import simulate
from portal.tools.boards import Drawn, boards
from tests.planning.toys import TOY
from tests.tools.conftest import Answer

FACTS = {"first_round": "pre_seed", "last_round": "growth", "cheque_low": 1_000_000, "ownership": 0.05}


def drawn(*rows: dict[str, Any], calculator: Any = CALCULATOR, **given: Any) -> Drawn:
    inputs = read_inputs(calculator.inputs, {"as_of": "2027-01-11", **given, "investors": list(rows)})
    (found,) = boards(simulate(calculator, inputs, draws=50, seed=1))
    return found


def lanes(board: Drawn) -> dict[str, list[str]]:
    return {column.value: [card.name for card in column.cards] for column in board.columns if column.cards}


def test_each_row_is_one_card_in_the_column_of_its_choice() -> None:
    board = drawn({"name": "A", "stage": "terms"}, {"name": ""}, {"name": "C", "stage": "terms", **FACTS})
    assert lanes(board) == {"terms": ["A", "C"], "listed": ["2"]}
    assert [column.value for column in board.columns] == [
        "listed", "contacted", "meeting", "diligence", "terms", "committed", "passed",
    ]  # fmt: skip
    assert [card.row for column in board.columns for card in column.cards] == [1, 0, 2]
    assert all(re.fullmatch(r"[\d.]+", card.value) for column in board.columns for card in column.cards)
    assert (board.title, board.table, board.by, board.label, board.shown) == (
        "Pipeline", "investors", "stage", "Pipeline", "Score",
    )  # fmt: skip


def test_a_step_is_overdue_before_the_day_of_the_list_unless_the_row_is_done() -> None:
    board = drawn(
        {"name": "late", "due": "2027-01-10", "next_step": "Call"},
        {"name": "today", "due": "2027-01-11"},
        {"name": "none"},
        {"name": "done", "due": "2026-01-01", "stage": "committed"},
    )
    cards = {card.name: card for column in board.columns for card in column.cards}
    assert {name for name, card in cards.items() if card.overdue} == {"late"}
    assert (cards["late"].step, cards["late"].due, cards["none"].due) == ("Call", "Jan 10, 2027", "")
    assert board.overdue == 1
    with override("zh-hans"):
        assert drawn({"due": "2027-01-10"}).columns[0].cards[0].due == "2027年1月10日"


def test_a_card_bears_the_label_of_what_is_true_of_its_row() -> None:
    board = drawn({"name": "A", **FACTS}, {"name": "B", "portfolio": "Mockstack"})
    assert [card.mark for card in board.columns[0].cards] == ["", "Excluded"]


def test_a_board_may_show_less() -> None:
    least = replace(CALCULATOR, boards=(Board(title="Least", table="investors", by="intro"),))
    (first, *others) = drawn({"name": "A"}, calculator=least).columns
    assert (first.value, [card.name for card in first.cards]) == ("unknown", ["A"])
    assert (first.cards[0].value, first.cards[0].mark, first.cards[0].due, first.cards[0].overdue) == (
        "",
        "",
        "",
        False,
    )
    assert not any(column.cards for column in others)


def test_page_and_recompute_show_it_and_nothing_of_a_row_is_obeyed(
    client: Client, fragment: Callable[..., Answer]
) -> None:
    page = client.get("/tools/investor-fit/").content.decode()
    assert page.count('class="card"') == 10
    assert "js/board" in page
    assert "js/board" not in client.get("/tools/runway/").content.decode()
    rows = json.dumps([{"name": "<b>x</b>", "stage": "passed", "next_step": "<i>y</i>"}])
    text = fragment("investor-fit", {"investors": rows, "draws": "50"}).text
    assert text.count('class="card"') == 1
    assert "&lt;b&gt;x" in text
    assert "<b>x</b>" not in text
    assert "<i>y</i>" not in text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"table": "cash"}, "which is no table"),
        ({"table": "nothing"}, "which is no table"),
        ({"by": "name"}, "which is no choice of a row"),
        ({"step": "nothing"}, "['nothing']"),
        ({"due": "as_of"}, "['as_of']"),
        ({"done": ("won",)}, "['won']"),
        ({"shows": "expected"}, "['expected']"),
        ({"shows": "nothing"}, "['nothing']"),
        ({"marks": "score"}, "['score']"),
        ({"today": "top"}, "['top']"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_board_stops_the_start(wrong: dict[str, Any], words: str) -> None:
    board = replace(CALCULATOR.boards[0], **wrong)
    with pytest.raises(ValueError, match=re.escape(words)):
        replace(CALCULATOR, boards=(board,))


def test_a_calculator_without_boards_draws_none() -> None:
    assert boards(simulate(TOY, TOY.inputs(), draws=10, seed=1)) == []
