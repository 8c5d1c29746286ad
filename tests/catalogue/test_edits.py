"""Edits of the catalogue: checked by the file's own reader, kept with their history, seen by whoever calculates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError

from mlcore.reading import Invalid, read_inputs
from portal.accounts.models import User
from portal.catalogue import live
from portal.catalogue.models import Change, Edit
from portal.catalogue.services import row_save, rows_reset, rows_save
from portal.planning.catalog import edits
from portal.planning.catalog.age import MONTHS, is_stale
from portal.planning.catalog.api_prices import API_PRICES, NEWEST
from portal.planning.catalog.prices import PRICES, market
from portal.planning.catalog.regions import REGIONS
from portal.planning.catalog.regions import TABLE as GRIDS
from portal.planning.engine import evaluate
from portal.planning.hardware.words import OLD_PRICE
from portal.planning.registry import all_calculators

Price = Callable[..., dict[str, str]]
KEY = "h100-sxm|Testcloud|on_demand|2026-10"


def saved(**options: Any) -> bool:
    """``row_save`` followed by what other processes do of their own."""
    changed = row_save(**{"table": "prices", "by": None, "how": "a test"} | options)
    live.load()
    return changed


@pytest.mark.django_db
def test_an_added_price_is_drawn_from_and_leaves_again(price: Price) -> None:
    before = market("h100-sxm", "on_demand")
    assert saved(cells=price())
    assert market("h100-sxm", "on_demand")[0].seller == "Testcloud"
    assert PRICES[-1].usd_per_hour == 0.5
    rows_reset(edits=list(Edit.objects.all()), by=None, how="a test")
    live.load()
    assert market("h100-sxm", "on_demand") == before
    told = [(change.key, change.before, change.after) for change in Change.objects.all()]
    assert told == [(KEY, price(), None), (KEY, None, price())]


@pytest.mark.django_db
def test_an_edit_changes_the_cost_that_a_calculator_gives(price: Price) -> None:
    calculator = all_calculators()["own-hardware"]
    before = evaluate(calculator, calculator.inputs()).values
    rows = [{**line.cells, "usd_per_hour": "0.01"} for line in PRICES.lines()
            if line.row.accelerator == calculator.inputs().accelerator]  # fmt: skip
    rows_save(table="prices", rows=rows, by=None, how="a test")
    live.load()
    assert evaluate(calculator, calculator.inputs()).values != before


@pytest.mark.django_db
def test_a_packaged_row_is_replaced_and_taken_out() -> None:
    line = PRICES.lines()[0]
    assert saved(cells={**line.cells, "usd_per_hour": "9.9"})
    assert PRICES[0].usd_per_hour == 9.9
    assert PRICES.lines()[0].edited
    assert not saved(cells={**line.cells, "usd_per_hour": "9.9"}), "nothing changed"
    assert saved(cells=line.cells, in_use=False)
    assert PRICES[0] != line.row
    assert all(each.key != line.key for each in PRICES.lines())
    assert Change.objects.first().after is None  # type: ignore[union-attr]


@pytest.mark.django_db
def test_tables_that_are_read_by_name_look_through_to_edits() -> None:
    grid = next(line for line in GRIDS.lines() if line.key == "usa")
    assert REGIONS["usa"].grams_per_kwh == 369
    assert saved(table="regions", cells={**grid.cells, "grams_per_kwh": "21"})
    assert REGIONS["usa"].grams_per_kwh == 21
    newest = next(iter(NEWEST.values()))
    line = next(line for line in API_PRICES.lines() if line.row == newest)
    assert saved(table="api_prices", cells={**line.cells, "as_of": "2026-11", "note": "later"})
    assert NEWEST[newest.model].note == "later"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"usd_per_hour": "-1"}, "usd_per_hour is -1.0, wanted a number above 0"),
        ({"usd_per_hour": "two"}, "usd_per_hour is 'two', wanted a number above 0"),
        ({"usd_per_hour": "nan"}, "wanted a number above 0"),
        ({"accelerator": "h1000"}, "'h1000' is not among the accelerators"),
        ({"kind": "rented"}, "kind is 'rented', wanted one of"),
        ({"as_of": "June"}, "as_of is 'June', wanted a month such as 2026-06"),
        ({"as_of": "2026-13"}, "wanted a month"),
        ({"source": " "}, "source is empty"),
        ({"more": "x"}, "wanted the cells accelerator"),
        ({"note": "x" * 501}, "note has 501 characters, wanted at most 500"),
    ],
)
def test_a_bad_row_is_refused_with_the_reason_and_nothing_is_written(
    price: Price, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        rows_save(table="prices", rows=[price(), price(**changes)], by=None, how="a test")
    assert not Edit.objects.exists()
    assert not Change.objects.exists()


@pytest.mark.django_db
def test_published_runs_are_evidence_and_not_open_to_edits(price: Price) -> None:
    with pytest.raises(Invalid, match=r"Wanted one of the tables accelerators, prices.* got runs"):
        saved(table="runs", cells=price())


@pytest.mark.django_db
def test_an_edit_that_no_longer_holds_is_left_out(price: Price, caplog: pytest.LogCaptureFixture) -> None:
    before = len(PRICES)
    edits.apply({"prices": {"gone": price(accelerator="h1000"), PRICES.lines()[0].key: price(kind="?")}})
    assert len(PRICES) == before
    assert "the edit of gone is left out: 'h1000' is not among the accelerators" in caplog.text


@pytest.mark.django_db
def test_processes_look_for_changes_now_and_then(
    price: Price, settings: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    settings.CATALOGUE_POLL_SECONDS = 1000.0
    edits.connect(live.refresh)
    row_save(table="prices", cells=price(), by=None, how="another process")
    with django_assert_num_queries(2):  # the newest change, and the edits
        assert market("h100-sxm", "on_demand")[0].seller == "Testcloud"
    with django_assert_num_queries(0):
        market("h100-sxm", "on_demand")
    monkeypatch.setattr(live, "_asked_at", float("-inf"))
    with django_assert_num_queries(1):
        market("h100-sxm", "on_demand")


def test_a_database_that_does_not_answer_leaves_what_held(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise DatabaseError("no such table")

    settings.CATALOGUE_POLL_SECONDS = 0.0
    monkeypatch.setattr(live, "load", broken)
    edits.connect(live.refresh)
    assert len(PRICES) > 200
    assert "edits cannot be read: no such table" in caplog.text


@pytest.mark.django_db
def test_history_is_not_rewritten(price: Price, owner: User) -> None:
    saved(cells=price(), by=owner)
    change = Change.objects.get()
    assert change.by == owner
    with pytest.raises(TypeError, match="history"):
        change.save()
    with pytest.raises(TypeError, match="history"):
        change.delete()


def test_age_is_declared_for_every_table_and_counted_in_months() -> None:
    assert is_stale("prices", date(2026, 1, 1), date(2026, 8, 1))
    assert not is_stale("prices", date(2026, 1, 1), date(2026, 7, 31))
    assert not is_stale("accelerators", date(1999, 1, 1))
    assert MONTHS["prices"] == 6
    with pytest.raises(KeyError):
        is_stale("nothing", date(2026, 1, 1))


@pytest.mark.django_db
def test_an_old_price_is_told_of_where_it_is_used(price: Price, monkeypatch: pytest.MonkeyPatch) -> None:
    calculator = all_calculators()["own-hardware"]
    inputs = read_inputs(calculator.inputs, {"accelerator": "h100-sxm", "price_basis": "on_demand"})
    monkeypatch.setitem(MONTHS, "prices", 0)
    assert OLD_PRICE in [notice.text for notice in evaluate(calculator, inputs).notices]
    saved(cells=price(as_of=f"{date.today():%Y-%m}"))
    assert OLD_PRICE not in [notice.text for notice in evaluate(calculator, inputs).notices]


@pytest.mark.django_db
def test_the_last_row_of_what_a_calculator_starts_from_stays() -> None:
    start = all_calculators()["build-or-buy"].inputs().api_model
    rows = [line for line in API_PRICES.lines() if line.row.model == start]
    for line in rows[:-1]:
        assert saved(table="api_prices", cells=line.cells, in_use=False)
    with pytest.raises(Invalid, match="“Build or buy” starts from this row"):
        saved(table="api_prices", cells=rows[-1].cells, in_use=False)
    assert NEWEST[start] == rows[-1].row
    other = next(line for line in API_PRICES.lines() if line.row.weights == "closed" and line.row.model != start)
    assert saved(table="api_prices", cells=other.cells, in_use=False)


@pytest.mark.django_db
def test_an_open_model_that_a_calculator_starts_from_is_not_closed() -> None:
    newest = NEWEST[all_calculators()["build-or-buy"].inputs().managed_model]
    line = next(line for line in API_PRICES.lines() if line.row is newest)
    with pytest.raises(Invalid, match="would not find it any more"):
        saved(table="api_prices", cells={**line.cells, "weights": "closed"})
