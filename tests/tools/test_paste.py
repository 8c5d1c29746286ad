"""Pasting a table for the rows of a calculator: columns, refusals, the preview, and nothing that breaks the page."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from mlcore.reading import Invalid
from mlcore.spec import params
from portal.derive.pasted import Pasted, read_pasted
from portal.derive.tabular import MOST_BYTES, read_cells
from portal.planning.registry import all_calculators
from portal.plans.exports import neutral
from tests.tools.conftest import HTMX
from tests.tools.test_along import _toys as toys  # noqa: F401  the toy calculators, while this module runs

ADDRESS = "/tools/toy-map/rows"


def _pasted(text: str, table: str = "rivals", attributes: int = 2) -> Pasted:
    inputs = all_calculators()["toy-map"].inputs
    declared = {name: param for name, param, _start in params(inputs)}
    counts = {"attributes": ("Attributes", attributes), "rivals": ("Rivals", 2)}
    return read_pasted(declared[table], read_cells(text), wanted=counts)


def _fields(found: Pasted) -> list[str]:
    return [column.field for column in found.columns]


def _send(client: Client, text: str = "", **more: Any) -> Any:
    return client.post(ADDRESS, {"table": "rivals", "text": text, "state": "", **more}, headers=HTMX)


# Which column is which


def test_columns_are_found_by_label_or_name_in_any_order() -> None:
    found = _pasted("Market share (%),FIRM\n12%,A\n20% to 30%,B\n", table="rivals", attributes=0)
    assert _fields(found) == ["share", "name"]
    assert found.records == [{"share": "12%", "name": "A"}, {"share": "20% to 30%", "name": "B"}]
    assert _fields(_pasted("weight,name\n1,A\n", table="attributes")) == ["weight", "name"]


def test_labels_are_known_in_every_language() -> None:
    runway = all_calculators()["runway"].inputs
    table = next(param for name, param, _start in params(runway) if name == "one_offs")
    assert table.row is not None
    labels = [param.label for _name, param, _start in params(table.row)]
    with translation.override("zh-hans"):
        chinese = [str(translation.gettext(label)) for label in labels]
    assert chinese != labels
    found = read_pasted(table, read_cells("\t".join(chinese) + "\nAudit\t3\t-5k\n"), wanted={})
    assert [column.field for column in found.columns] == [name for name, _param, _start in params(table.row)]


def test_what_is_left_over_fills_the_series_and_its_headings_the_other_table() -> None:
    found = _pasted("Company,Market share,Price,Speed,Support\nA,1%,5,8,9\nB,2%,7,6,5\n")
    assert _fields(found) == ["name", "share", "scores", "scores", "scores"]
    assert (found.along, found.names) == ("attributes", ("Price", "Speed", "Support"))
    assert found.records[0] == {"name": "A", "share": "1%", "scores": ["5", "8", "9"]}


def test_without_headings_columns_come_in_the_order_of_the_fields() -> None:
    found = _pasted("A\t1%\t5\t8\nB\t2%\t7\t6\n")
    assert (found.has_header, _fields(found), found.along) == (False, ["name", "share", "scores", "scores"], "")
    assert len(found.records) == 2
    found = _pasted("A\t1%\t5\t8\t9\n")
    assert found.refused[0].reasons == ("Scores: Wanted 2 numbers, one for each row of “Attributes”, got 3.",)


def test_lines_that_are_wrong_are_left_out_with_number_and_reason() -> None:
    found = _pasted("Firm,Market share,Price,Speed\nA,140%,1,2\nB,10%,x,2\nC,10%,1\nD,10%,,2\n\nE,,1,2\n")
    assert [(line.number, line.reasons[0].partition(",")[0]) for line in found.refused] == [
        (2, "Market share: Wanted at most 100%"),
        (3, "Scores: Wanted a number such as 1200"),
        (4, "Wanted 4 cells as in the other lines"),
        (5, "Scores: Wanted a number"),
    ]
    assert found.records == [{"name": "E", "scores": ["1", "2"]}]  # an empty cell has its starting value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\nb\nc\n", "Wanted columns for “Firm”, “Market share”, “Scores”, got one column"),
        ("Firm,Price,\nA,1,2\n", "none above column 3"),
        ("\n".join(f"F{i}\t1%\t1\t2" for i in range(300)), "Wanted at most 200 rows, got 300"),
    ],
)
def test_what_no_single_line_is_to_blame_for_refuses_the_whole(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=re.escape(reason)):
        _pasted(text)


# The preview


def test_the_preview_says_how_it_was_read_and_holds_the_rows(client: Client) -> None:
    table = "Company;Market share;Price;Support\n百度;12%;5;6\n=cmd();1%;3;4\nBad;140%;1;2\n"
    file = SimpleUploadedFile("rivals.csv", table.encode("gb18030"), "text/csv")
    response = _send(client, file=file)
    text = response.content.decode()
    assert response.status_code == 200
    assert "Read as GB18030, cells separated by semicolons." in text
    assert "Company → Firm" in text
    assert "Line 4: Market share: Wanted at most 100%" in text
    assert "Use these 2 rows" in text
    rows = re.search(r'<template data-rows-for="f_rivals">(.*?)</template>', text, re.DOTALL)
    assert rows is not None
    assert 'name="rivals.1.name" value="=cmd()"' in rows[1]
    assert 'name="rivals.0.scores" value="5 6"' in rows[1]
    attributes = re.search(r'<template data-rows-for="f_attributes">(.*?)</template>', text, re.DOTALL)
    assert attributes is not None
    assert 'name="attributes.0.weight" value="2"' in attributes[1]  # Price keeps the weight that it had
    assert 'name="attributes.1.name" value="Support"' in attributes[1]


def test_without_scripts_the_preview_is_a_page_that_leads_to_the_calculator(client: Client) -> None:
    body = {"table": "rivals", "text": "Firm,Market share,Price\nA,1%,5\nB,2%,7\n", "state": "growth=20%25"}
    response = client.post(ADDRESS, body)
    assert response.status_code == 200
    link = re.search(r'data-use-rows href="([^"]+)"', response.content.decode())
    assert link is not None
    address = link[1].replace("&amp;", "&")
    assert "growth=20%" in unquote(address)
    opened = client.get(address)
    assert opened.status_code == 200
    inputs = opened.context["form"].inputs
    assert [(rival.name, rival.share, rival.scores) for rival in inputs.rivals] == [
        ("A", 0.01, (5,)),
        ("B", 0.02, (7,)),
    ]
    assert [(attribute.name, attribute.weight) for attribute in inputs.attributes] == [("Price", 2)]


@pytest.mark.parametrize("text", ["", "a\nb\n", "a,b\n" * 100_000, 'x,"y\n', "Firm,Market share,Price\nA,x,y\n"])
def test_what_cannot_be_used_is_told_and_offers_nothing(client: Client, text: str) -> None:
    response = _send(client, text)
    assert response.status_code == 422
    assert "data-use-rows" not in response.content.decode()
    assert "notice" in response.content.decode()


def test_markup_in_cells_is_shown_and_not_obeyed(client: Client) -> None:
    response = _send(client, "Firm,Market share,<script>x\n<img src=x>,1%,5\n")
    assert response.status_code == 200
    assert "<img" not in response.content.decode()
    assert "<script" not in response.content.decode()


def test_a_request_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    file = SimpleUploadedFile("big.csv", b"x" * (MOST_BYTES + 300_000), "text/csv")
    response = _send(client, file=file)
    assert response.status_code == 422
    assert "Wanted at most 1,000,000 bytes" in response.content.decode()
    response = _send(client, file=SimpleUploadedFile("b.csv", b"x" * (MOST_BYTES + 1), "text/csv"))
    assert "Wanted at most 1,000,000 bytes, got 1,000,001" in response.content.decode()


def test_it_is_a_post_with_a_token_for_a_table_that_is_there(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 405
    assert _send(client, "a,b", table="years").status_code == 404
    assert client.post("/tools/nothing/rows", {}).status_code == 404
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    assert strict.post(ADDRESS, {"table": "rivals", "text": "a,b"}).status_code == 403


def test_visitors_read_as_many_tables_as_they_may_calculate(client: Client, settings: Any) -> None:
    settings.API_RATE = "2/m"
    assert [_send(client, "x").status_code for _ in range(3)] == [422, 422, 429]


def test_every_table_of_rows_can_be_pasted(client: Client) -> None:
    for calculator in all_calculators().values():
        text = client.get(f"/tools/{calculator.slug}/").content.decode()
        for table in calculator.tables_of_rows():
            assert f'popovertarget="paste-f_{table}"' in text
            assert f'id="paste-f_{table}" popover' in text


def test_cells_that_begin_as_formulas_are_text_in_every_export() -> None:
    text = io.StringIO()
    csv.writer(text).writerow([neutral(cell) for cell in ("=cmd()", "+1", "-x", "@y", "-5", 3.5)])
    assert text.getvalue().strip() == "'=cmd(),'+1,'-x,'@y,'-5,3.5"
