"""Pages, files, API and admin of the catalogue."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.catalogue import live
from portal.catalogue.described import STALE, TABLES
from portal.catalogue.models import Change, Edit
from portal.catalogue.present import entries
from portal.catalogue.views import ADMIN
from portal.planning.catalog import age
from portal.planning.catalog.prices import PRICES, market

pytestmark = pytest.mark.django_db
tables = pytest.mark.parametrize("table", TABLES, ids=[table.slug for table in TABLES])


def test_the_list_links_every_table(client: Client) -> None:
    page = client.get("/catalogue/").content.decode()
    for table in TABLES:
        assert f'href="/catalogue/{table.slug}/"' in page
    assert set(age.MONTHS) == {table.name for table in TABLES}


@tables
def test_every_row_has_source_and_month_on_page_file_and_api(client: Client, table: Any) -> None:
    rows = entries(table)
    page = client.get(f"/catalogue/{table.slug}/").content.decode()
    assert f"{len(rows)} rows" in page
    assert client.get(f"/zh-hans/catalogue/{table.slug}/").status_code == 200
    file = client.get(f"/catalogue/{table.slug}.csv")
    assert file["Content-Disposition"] == f'attachment; filename="{table.slug}.csv"'
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    answer = client.get(f"/api/v1/catalogue/{table.slug}/").json()
    assert len(lines) == len(answer) == len(rows)
    for line, row in zip(lines, answer, strict=True):
        assert line["source"] == row["source"] != ""
        assert line["as_of"] == row["as_of"]
        assert row["status"] in ("current", "stale", "superseded")


def test_rows_are_marked_by_age_and_by_newer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = next(table for table in TABLES if table.name == "prices")
    states = [entry.values["status"] for entry in entries(prices)]
    monkeypatch.setattr(age, "MONTHS", {**age.MONTHS, "prices": None})
    without = [entry.values["status"] for entry in entries(prices)]
    assert STALE in states
    assert STALE not in without
    assert states.count("superseded") == without.count("superseded") > 0


def test_a_table_is_searched_and_filtered(client: Client) -> None:
    fragment = client.get("/catalogue/prices/?q=lambda+h100&sort=usd_per_hour", headers={"HX-Request": "true"})
    page = fragment.content.decode()
    assert "<html" not in page
    assert page.count("<tr>") - 1 == sum("h100" in p.accelerator and p.seller == "Lambda" for p in PRICES)
    assert 'aria-sort="ascending"' in page
    assert client.get("/catalogue/nothing/").status_code == 404


def test_an_exported_table_is_no_formula(client: Client, price: Callable[..., dict[str, str]], owner: Any) -> None:
    from portal.catalogue.services import row_save

    row_save(table="prices", cells=price(note="=1+1", seller="@x"), by=owner, how="a test")
    live.load()
    text = client.get("/catalogue/prices.csv").content.decode("utf-8-sig")
    assert "'=1+1" in text
    assert ",'@x," in text


def test_the_api_says_where_everything_is(client: Client) -> None:
    told = client.get("/api/v1/catalogue/").json()
    assert [table["table"] for table in told] == [table.slug for table in TABLES]
    for table in told:
        assert client.get(table["url"]).status_code == 200
    assert client.get("/api/v1/catalogue/nothing/").status_code == 404


# The admin


def test_visitors_see_no_way_to_edit(client: Client) -> None:
    assert "/admin/" not in client.get("/catalogue/prices/").content.decode()
    assert client.get(reverse("admin:catalogue_priceedit_import")).status_code == 302


def test_an_admin_edits_a_row_from_the_table(
    admin: Client, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    page = admin.get("/catalogue/prices/?sort=seller").content.decode()
    address = page.split('class="quiet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert address.startswith("/admin/catalogue/priceedit/add/?accelerator=")
    form = admin.get(address)
    cells = {name: form.context["adminform"].form.initial[name] for name in PRICES.columns}
    refused = admin.post(address, {**cells, "usd_per_hour": "-3", "in_use": "on"})
    assert "usd_per_hour is -3.0, wanted a number above 0" in refused.content.decode()
    same = admin.post(address, {**cells, "in_use": "on"})
    assert "This row holds already" in same.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        done = admin.post(address, {**cells, "usd_per_hour": "0.77", "in_use": "on"})
    assert done.status_code == 302, done.content.decode()
    edit = Edit.objects.get()
    assert next(line for line in PRICES.lines() if line.key == edit.key).row.usd_per_hour == 0.77
    assert "edited" in client.get(f"/catalogue/prices/?q={cells['seller']}").content.decode()
    change = reverse("admin:catalogue_priceedit_change", args=[edit.pk])
    assert change in admin.get(f"/catalogue/prices/?q={cells['seller']}").content.decode()
    assert admin.get(reverse("admin:catalogue_priceedit_history", args=[edit.pk])).status_code == 200
    history = admin.get(reverse("admin:catalogue_change_changelist")).content.decode()
    assert "0.77" in history
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(change, {**cells, "usd_per_hour": "0.77"})  # no longer in use
    assert all(line.key != edit.key for line in PRICES.lines())
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(reverse("admin:catalogue_priceedit_delete", args=[edit.pk]), {"post": "yes"})
    assert next(line for line in PRICES.lines() if line.key == edit.key).edited is False
    assert Change.objects.count() == 3


@pytest.mark.parametrize("name", [*ADMIN.values(), "change"])
def test_every_list_of_the_admin_opens(admin: Client, name: str) -> None:
    assert admin.get(reverse(f"admin:catalogue_{name}_changelist")).status_code == 200
    if name != "change":
        assert admin.get(reverse(f"admin:catalogue_{name}_add")).status_code == 200


def test_an_import_is_run_dry_and_then_written(
    admin: Client, price: Callable[..., dict[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    rows = [price(), price(seller="Other", usd_per_hour="zero")]
    text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
    address = reverse("admin:catalogue_priceedit_import")
    file = io.BytesIO(text.encode())
    file.name = "new.csv"
    dry = admin.post(address, {"file": file})
    page = dry.content.decode()
    assert "nothing is written yet" in page
    assert "usd_per_hour is &#x27;zero&#x27;, wanted a number above 0" in page
    assert not Edit.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        written = admin.post(address, {"accepted": dry.context["accepted"]}, follow=True)
    assert "1 row is written." in written.content.decode()
    assert market("h100-sxm", "on_demand")[0].seller == "Testcloud"
    assert Change.objects.get().how == "import of new.csv"
    again = admin.post(address, {"accepted": dry.context["accepted"]}, follow=True)
    assert "0 rows are written." in again.content.decode()
    forged = admin.post(address, {"accepted": dry.context["accepted"] + "x"}, follow=True)
    assert "Import the file again." in forged.content.decode()


def test_a_file_that_is_no_table_is_refused_on_the_page(admin: Client) -> None:
    file = io.BytesIO(b"PK\x03\x04 a spreadsheet")
    file.name = "prices.xlsx"
    page = admin.post(reverse("admin:catalogue_priceedit_import"), {"file": file}).content.decode()
    assert "Save it as CSV in your spreadsheet." in page


def test_the_admin_refuses_to_take_the_last_row_of_a_choice_out(admin: Client) -> None:
    address = reverse("admin:catalogue_regionedit_add")
    cells = {
        "key": "usa",
        "name": "USA",
        "grams_per_kwh": "369",
        "year": "2023",
        "source": "Somewhere",
        "as_of": "2023-12",
    }
    assert "starts from this row" in admin.post(address, cells).content.decode()
    assert not Edit.objects.exists()
