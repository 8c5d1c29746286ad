"""The scorecard says what ``validation.score`` says, in pages, by the API and on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.planning.evidence.family import Family
from portal.planning.evidence.validation import score, validate
from portal.scorecard.selectors import all_cards, card

pytestmark = pytest.mark.django_db


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("scorecard", *args, stdout=out)
    return out.getvalue()


def test_a_card_holds_the_figures_of_the_score(toys: Family) -> None:
    found = card("toy")
    assert found.score == score(toys.read(), validate(toys))
    # Without Ada the rate is the mean of Bob's, Cai's and Eve's; Dee is only scored.
    rate = np.exp(np.mean(np.log([2.0, 2.2, 1.8, 2.0])))
    by_key = {row.case.key: row for row in found.rows}
    assert by_key["a1"].error == pytest.approx(rate / 2 - 1)
    assert by_key["a2"].error == pytest.approx(2 * rate / 4.4 - 1)
    assert found.met is True
    assert card("unfitted").score is None
    assert [each.family.slug for each in all_cards()] == ["toy", "unfitted"]


def test_others_are_compared_on_the_rows_that_they_predict(toys: Family) -> None:
    rule, simulator = card("toy").rivals
    assert (rule.name, rule.theirs.cases) == ("Three seconds each", 7)
    assert rule.theirs.median == pytest.approx(0.5)  # 3 for what takes 2
    assert (simulator.name, simulator.theirs.cases, simulator.ours.cases) == ("Simulator", 3, 3)
    assert simulator.theirs.mean == pytest.approx((0.1 + 0.5 + 0.0) / 3)
    assert simulator.theirs.within_quarter == pytest.approx(2 / 3)


def test_errors_by_group_hold_every_row_once(toys: Family) -> None:
    found = card("toy")
    hardware = found.by(lambda row: row.case.hardware)
    assert [(group.name, group.errors.cases) for group in hardware] == [("H100", 4), ("A100", 2), ("T4", 1)]
    sizes = [(group.name, group.errors.cases) for group in found.by(lambda row: row.size)]
    assert dict(sizes) == {
        "below 1B": 2, "1B to 10B": 2, "10B to 100B": 1, "100B and more": 1, "size not known": 1,
    }  # fmt: skip
    assert [name for name, _cases in sizes][::4] == ["below 1B", "size not known"]


@pytest.mark.parametrize("language", ["", "/zh-hans"])
def test_pages_show_the_figures(toys: Family, client: Client, language: str) -> None:
    found = card("toy").score
    assert found
    overview = client.get(f"{language}/scorecard/").content.decode()
    for value in (found.median, found.mean, found.within_quarter, found.coverage):
        assert f">{round(value * 100, 1):g}%<" in overview.replace("<b>", "").replace("</b>", "")
    page = client.get(f"{language}/scorecard/toy/").content.decode()
    assert f"<dd>{round(found.median * 100, 1):g}%</dd>" in page
    assert "Bob &lt;b&gt; on A100" in page
    assert "<b> on A100" not in page
    assert page.count("https://example.com/paper") == 7
    assert client.get(f"{language}/scorecard/unfitted/").status_code == 200


def test_rows_are_searched_filtered_and_sorted(toys: Family, client: Client) -> None:
    def rows(query: str) -> list[str]:
        page = client.get(f"/scorecard/toy/?{query}", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        return [part.split("</summary>")[0] for part in page.split("<summary>")[1:]]

    assert rows("q=cai") == ["Cai on H100"]
    assert rows("hardware=A100") == ["Ada on A100", "Bob &lt;b&gt; on A100"]
    assert rows("fitted=no") == ["Dee on T4"]
    assert rows("sort=-measured")[0] == "Dee on T4"
    assert rows("sort=-parameters")[-1] == "Eve on H100"  # not known comes last
    assert rows("sort=nonsense&page=99&hardware=") == rows("")
    assert rows("q=no+such+words") == []
    assert rows("q=%00cai") == ["Cai on H100"]


def test_there_is_a_page_without_families(no_family: None, client: Client) -> None:
    assert "Nothing scored yet" in client.get("/scorecard/").content.decode()
    assert client.get("/scorecard/toy/").status_code == 404
    assert client.get("/api/v1/scorecard/").json() == []


def test_the_api_answers_the_same(toys: Family, client: Client) -> None:
    first, second = client.get("/api/v1/scorecard/").json()
    found = card("toy").score
    assert found
    assert (first["median_error"], first["coverage"], first["met"]) == (found.median, found.coverage, True)
    assert (second["family"], second["median_error"], second["cases"]) == ("unfitted", None, 0)
    detail = client.get(first["url"]).json()
    assert len(detail["rows"]) == 7
    assert detail["rows"][0]["inputs"] == {"work": 1.0, "precision": "bf16"}
    assert detail["coefficients"][0]["meaning"] == "seconds for a unit of work"
    refusal = client.get("/api/v1/scorecard/nothing/")
    assert (refusal.status_code, refusal["Content-Type"]) == (404, "application/problem+json")


def test_the_command_prints_the_same(toys: Family) -> None:
    found = card("toy").score
    assert found
    assert f"{found.median:.1%}" in command()
    assert "unfitted" in command()
    assert json.loads(command("--json"))[0]["mean_error"] == found.mean
    assert next(csv.DictReader(io.StringIO(command("--csv"))))["rule_of_thumb"] == "Three seconds each"
    text = command("toy")
    assert "Three seconds each" in text
    assert "only scored" in text
    assert len(list(csv.DictReader(io.StringIO(command("toy", "--csv"))))) == 7
    with pytest.raises(CommandError, match="Wanted one of toy, unfitted; got none"):
        command("none")
    with pytest.raises(CommandError, match=r"run manage\.py refit unfitted"):
        command("unfitted")


def test_own_rows_are_scored_with_the_coefficients_in_use(toys: Family, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("name,model,work,measured\nx,Ada,1,2\ny,New,10,20\n")
    found = json.loads(command("toy", "--rows", str(file), "--json"))
    rate = np.exp(np.mean(np.log([2.0, 2.2, 2.0, 2.2, 1.8, 2.0])))
    assert [row["predicted"] for row in found["rows"]] == pytest.approx([rate, 10 * rate])
    assert [row["seen"] for row in found["rows"]] == [True, False]
    assert all(row["low"] < row["predicted"] < row["high"] for row in found["rows"])
    assert "its model was in the fit" in command("toy", "--rows", str(file))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,model\nx,Ada\n", "no column 'work'"),
        (b"name,model,work,measured\nx,Ada,one,2\n", "could not convert"),
        (b"name,model,work,measured\n", "Wanted rows, own.csv has none"),
        ("name,model,work,measured\nx,Adä,1,2\n".encode("latin-1"), "byte 30 is not. Save it again as UTF-8"),
    ],
)
def test_own_rows_that_are_no_table_are_refused(toys: Family, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        command("toy", "--rows", str(file))


def test_own_rows_need_a_family_and_a_file(toys: Family, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Wanted the family"):
        command("--rows", str(tmp_path / "own.csv"))
    with pytest.raises(CommandError, match=r"own\.csv is not a table of toy"):
        command("toy", "--rows", str(tmp_path / "own.csv"))


def test_no_page_asks_the_database_for_rows(toys: Family, client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):  # what the frame asks
        client.get("/scorecard/toy/")
