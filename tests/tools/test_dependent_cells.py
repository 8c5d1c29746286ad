"""Cells of a row that count only for some of its choices, and tables that are broader than their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.template.loader import render_to_string

from mlcore.spec import choice, flag, integer, params, rows, text
from portal.derive.fields import View, view
from portal.derive.query import texts

KINDS = {"issue": "Issue", "split": "Split", "none": "None"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentCell:
    kind: str = choice("Kind", default="issue", choices=KINDS, help="What.")
    shares: int = integer("Shares", default=0, low=0, fixed=True, when=("kind", ("issue",)), help="How many.")
    ratio: str = text("Ratio", when=("kind", ("split",)), help="Of a split.")
    sure: bool = flag("Sure", help="Or not.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentInputs:
    events: tuple[DependentCell, ...] = rows(DependentCell, "Events", group="G", help="Some.")


def table(given: list[dict[str, Any]], problems: dict[str, list[str]] | None = None) -> View:
    name, param, _start = next(params(DependentInputs))
    return view(name, param, texts(DependentInputs, {"events": given}), problems or {})


def test_a_cell_depends_on_another_of_its_row() -> None:
    first, second = table([{"kind": "issue"}, {"kind": "split", "sure": True}]).records
    assert first.cells[1].when == ("f_events_0_kind", "issue")
    assert second.cells[2].when == ("f_events_1_kind", "split")
    assert [cell.shown for cell in first.cells] == [True, True, False, True]
    assert [cell.shown for cell in second.cells] == [True, False, True, True]
    assert [cell.checked for cell in (first.cells[3], second.cells[3])] == [False, True]


def test_a_cell_with_a_problem_is_shown_so_that_it_can_be_mended() -> None:
    (record,) = table([{"kind": "split", "shares": 5}], {"events.0.shares": ["Leave it empty."]}).records
    assert [cell.shown for cell in record.cells] == [True, True, True, True]


@pytest.mark.parametrize("most", [3, 4])
def test_a_broad_table_can_be_opened_over_the_page(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.derive.fields.MOST_COLUMNS", most)
    page = render_to_string("tools/table_field.html", {"view": table([{}]), "calculator": None})
    assert ("popover" in page) == (most == 3)
    assert re.search(r'<select id="f_events_0_sure"[^>]*><option value="false">no</option>', page)
    assert 'data-when="f_events___row___kind" data-values="issue"' in page
