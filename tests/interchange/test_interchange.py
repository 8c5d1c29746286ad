"""Packages and workbooks by page, API and command line: what is read, what is refused, what is given."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from mlcore.reading import read_inputs
from portal.interchange.packages import MOST_BYTES, MOST_FILES, inputs_of, package_read
from portal.planning import engine
from portal.planning.interchange.report import PackageRefused
from portal.planning.registry import all_calculators
from tests.planning.interchange.packages import ACME, ACME_OPTIONS, package

pytestmark = pytest.mark.django_db

API = "/api/v1/interchange"
ISSUER = {"name": "Company", "formed": "2024-01-02", "country": "US"}


@pytest.fixture(autouse=True)
def _unhurried(settings: Any) -> Iterator[None]:
    settings.API_RATE = "100000/m"
    cache.clear()
    yield
    cache.clear()


def zipped(files: dict[str, Any]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return data.getvalue()


def contents(objects: list[Any]) -> dict[str, Any]:
    return {name: given.content for name, given in package(objects).items()}


GOOD, BAD = zipped(contents(ACME)), zipped(contents([*ACME, *ACME_OPTIONS]))


def uploaded(data: bytes, name: str = "acme.ocf.zip") -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file


# API


def test_a_package_is_read_and_its_inputs_are_those_of_the_cap_table(client: Client) -> None:
    body = client.post(f"{API}/ocf", {"file": uploaded(GOOD)}).json()
    assert body["issuer"] == "Company"
    assert body["read"]["TX_STOCK_ISSUANCE"] == 17
    assert {"kind", "text", "left_out", "ids"} == set(body["losses"][0])
    answer = client.post("/api/v1/calculators/cap-table/evaluate", body["inputs"], content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["outputs"]["outstanding"]["value"] == 210_000


def test_plain_files_are_read_as_an_archive_is(client: Client) -> None:
    files = [uploaded(json.dumps(content).encode(), name) for name, content in contents(ACME).items()]
    plain = client.post(f"{API}/ocf", {"file": files}).json()
    assert plain["inputs"] == client.post(f"{API}/ocf", {"file": uploaded(GOOD)}).json()["inputs"]


def test_a_refusal_names_file_object_and_field(client: Client) -> None:
    answer = client.post(f"{API}/ocf", {"file": uploaded(BAD)})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    body = answer.json()
    assert body["code"] == "package_refused"
    named = {(each["file"], each["object"], each["field"]) for each in body["errors"]}
    assert ("transactions_files.ocf.json", "exercise_01", "resulting_security_ids.0") in named
    assert body["errors"][0]["pointer"].startswith("#/transactions_files.ocf.json/")


def test_the_cap_table_as_a_package_reads_back(client: Client) -> None:
    answer = client.post(f"{API}/cap-table/ocf", {"issuer": ISSUER}, content_type="application/json")
    assert answer["Content-Type"] == "application/zip"
    imported = package_read([("it.zip", answer.content)])
    calculator = all_calculators()["cap-table"]
    before, after = (
        engine.evaluate(calculator, read_inputs(calculator.inputs, given)).outputs
        for given in ({"founders": []}, inputs_of(imported))
    )
    assert before["diluted"] == after["diluted"]
    assert sorted(before["holder_part"]) == pytest.approx(sorted(after["holder_part"]))


@pytest.mark.parametrize("slug", ["cap-table", "round", "exit", "runway"])
def test_a_calculation_is_a_workbook(client: Client, slug: str) -> None:
    answer = client.post(f"{API}/{slug}/xlsx", {}, content_type="application/json")
    file = openpyxl.load_workbook(io.BytesIO(answer.content))
    formulas = [cell for sheet in file for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) > 5


def test_csv_and_json_of_the_cap_table(client: Client) -> None:
    body = client.post(f"{API}/cap-table/json", {}, content_type="application/json").json()
    lines = client.post(f"{API}/cap-table/csv", {}, content_type="application/json").content.decode("utf-8-sig")
    assert body["calculator"] == "cap-table"
    assert lines.startswith("security,holder,class,kind,shares")
    parts = [float(line.rsplit(",", 1)[1]) for line in lines.splitlines()[1:]]
    assert sum(parts) == pytest.approx(1)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("round/csv", {}, 404),
        ("nothing/xlsx", {}, 404),
        ("round/exe", {}, 404),
        ("round/xlsx", {"pre_money": "much"}, 400),
        ("round/xlsx", {"pre_money": -1}, 400),
        ("round/xlsx", [], 400),
        ("cap-table/xlsx", {"events": []}, 400),
        ("cap-table/csv", {"events": []}, 400),
        ("cap-table/ocf", [], 400),
        ("cap-table/ocf", {}, 400),
        ("cap-table/ocf", {"issuer": []}, 400),
        ("cap-table/ocf", {"issuer": {**ISSUER, "country": "usa"}}, 400),
        ("cap-table/ocf", {"issuer": {**ISSUER, "formed": "2024-02-30"}}, 400),
        ("cap-table/ocf", {"issuer": {**ISSUER, "name": 7}}, 400),
        ("cap-table/ocf", {"issuer": {**ISSUER, "more": 7}}, 400),
        ("cap-table/ocf", {"issuer": ISSUER, "inputs": {"events": []}}, 400),
        ("cap-table/ocf", {"issuer": ISSUER, "more": 1}, 400),
        ("ocf", {"file": "text"}, 415),
    ],
)
def test_what_cannot_be_given_is_a_problem_document(client: Client, path: str, body: Any, status: int) -> None:
    answer = client.post(f"{API}/{path}", json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content


# Archives that are none


def bomb() -> bytes:
    return zipped({"Manifest.ocf.json": b" " * (3 * MOST_BYTES)})


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "Wanted a file"),
        ([("a.zip", b"PK\x03\x04 and no more")], "Wanted a whole ZIP archive"),
        ([("a.zip", bomb())], "packed"),
        ([("a.zip", zipped({f"{at}.txt": "x" for at in range(MOST_FILES + 1)}))], "files in the archive"),
        ([("a.zip", zipped({"../Manifest.ocf.json": {}}))], "names within one folder"),
        ([("a.zip", zipped({"b.zip": GOOD}))], "no archive within"),
        ([("a.zip", GOOD), ("b.json", b"{}")], "one ZIP archive alone"),
        ([("a.json", b"{}"), ("a.json", b"{}")], "Two files"),
        ([("a.json", b"{")], "Wanted JSON"),
        ([("a.json", b'{"a": 1, "a": 2}')], "each name once"),
        ([("a.json", b"[" * 100_000)], "levels of nesting"),
        ([("a.json", b"\xff\xfe")], "UTF-8"),
        ([("a.json", b" " * (MOST_BYTES + 1))], "bytes"),
        ([("a.csv", b"a,b")], "Wanted one manifest"),
        ([("a.json", b'{"file_type": "OCF_MANIFEST_FILE"}')], "Wanted version"),
    ],
)
def test_what_is_no_package_is_refused(files: list[tuple[str, bytes]], said: str) -> None:
    with pytest.raises(PackageRefused, match=said):
        package_read(files)


def test_more_events_than_rows_are_told_on_the_page(client: Client) -> None:
    from tests.planning.interchange.packages import holder, issued, stock_class

    many = [issued(f"i{at}", "2024-01-02", f"s{at}", "ann", "common", "1") for at in range(201)]
    page = client.post("/interchange/ocf", {"file": uploaded(zipped(contents([
        holder("ann"), stock_class("common"), *many,
    ])))})  # fmt: skip
    assert b"Wanted at most 200 rows, got 201." in page.content


# Pages


def test_the_page_reads_a_package_and_leads_into_the_cap_table(client: Client) -> None:
    assert client.get("/interchange/ocf").status_code == 200
    page = client.post("/interchange/ocf", {"file": uploaded(GOOD)})
    text = page.content.decode()
    assert page.status_code == 200
    link = text.split('class="btn pri" href="')[1].split('"')[0].replace("&amp;", "&")
    opened = client.get(link)
    assert opened.status_code == 200
    assert b"210,000" in opened.content


def test_the_page_lists_every_reason_of_a_refusal(client: Client) -> None:
    page = client.post("/interchange/ocf", {"file": uploaded(BAD)})
    assert page.status_code == 422
    assert page.content.count(b'<th scope="row">transactions_files.ocf.json<br>') == 5
    assert b"<code>exercise_04</code><br><code>resulting_security_ids.0</code>" in page.content


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    page = client.post("/interchange/ocf", b"x", content_type="text/plain", headers={"Content-Length": "99999999"})
    assert page.status_code == 422
    assert b"99,999,999" in page.content


@pytest.mark.parametrize("suffix", ["xlsx", "json", "csv"])
def test_the_page_gives_files_of_what_stands_on_it(client: Client, suffix: str) -> None:
    answer = client.post(f"/interchange/cap-table.{suffix}", {"as_of": "2025-06-30"})
    assert answer["Content-Disposition"] == f'attachment; filename="cap-table.{suffix}"'
    assert answer.content


def test_what_cannot_be_computed_comes_back_to_its_field(client: Client) -> None:
    page = client.post("/interchange/round.xlsx", {"pre_money": "much"})
    assert page.status_code == 422
    assert b"aria-invalid" in page.content
    assert client.post("/interchange/nothing.xlsx").status_code == 404
    assert client.post("/interchange/round.csv").status_code == 404
    assert client.get("/interchange/round.xlsx").status_code == 405


def test_the_export_asks_about_the_company_and_says_what_is_lost(client: Client) -> None:
    page = client.post("/interchange/cap-table/ocf", {"as_of": "2025-06-30"})
    assert b"issuer-name" in page.content
    assert b"whether a holder is a person" in page.content
    wrong = client.post(
        "/interchange/cap-table/ocf", {"issuer-name": "C", "issuer-formed": "x", "issuer-country": "US"}
    )
    assert wrong.status_code == 422
    typed = {f"issuer-{name}": value for name, value in ISSUER.items()}
    assert package_read([("a.zip", client.post("/interchange/cap-table/ocf", typed).content)]).issuer == "Company"


# Command line


def test_the_command_reads_and_writes(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.ocf.zip"
    call_command("interchange", "save", "cap-table", str(path), "--name=Company", "--formed=2024-01-02", "--country=US")
    assert "losses" in json.loads(capsys.readouterr().out)
    call_command("interchange", "open", str(path))
    assert json.loads(capsys.readouterr().out)["issuer"] == "Company"
    call_command("interchange", "save", "round", str(tmp_path / "round.xlsx"))
    assert (tmp_path / "round.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    "arguments",
    [
        ("open", "no-such-file.zip"),
        ("save", "nothing", "a.xlsx"),
        ("save", "round", "a.exe"),
        ("save", "round", "a.xlsx", "--json={"),
        ("save", "cap-table", "a.ocf.zip"),
    ],
)
def test_the_command_refuses_with_a_problem_document(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        call_command("interchange", *arguments)
    assert ended.value.code == 2
    assert json.loads(capsys.readouterr().err)["status"] == 400
    assert not list(tmp_path.iterdir())
