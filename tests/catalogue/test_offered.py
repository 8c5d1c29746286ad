"""Rows that an admin adds, edits or takes out are what calculators offer, on every face and without a restart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid
from portal.accounts.models import User
from portal.catalogue import live
from portal.catalogue.middleware import one_catalogue
from portal.catalogue.models import Edit
from portal.catalogue.services import row_check, row_save, rows_reset
from portal.derive.serializers import components
from portal.derive.texts import declared_texts
from portal.planning.calculator import Preset
from portal.planning.catalog import edits
from portal.planning.catalog.accelerators import ACCELERATORS, PACKAGED
from portal.planning.catalog.accelerators import TABLE as DEVICES
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.architectures import TABLE as ARCHITECTURES
from portal.planning.catalog.offered import EDITED
from portal.planning.catalog.regions import TABLE as GRIDS
from portal.planning.engine import evaluate
from portal.planning.evidence.coefficients import fitted
from portal.planning.evidence.registry import all_families
from portal.planning.registry import all_calculators
from portal.plans.models import Scenario
from portal.plans.services import scenario_save

pytestmark = pytest.mark.django_db

FAST = {
    "key": "acme-9", "name": "Acme 9", "vendor": "Acme", "year": "2026", "memory_gb": "192", "memory_gib": "",
    "bandwidth_gbs": "8000", "bf16_tflops": "2500", "fp8_tflops": "5000", "fp32_tflops": "", "design_power_w": "1000",
    "interconnect": "Acme link", "link_gbs": "1800", "source": "https://example.com/acme-9", "as_of": "2026-11",
    "note": "",
}  # fmt: skip
WITH_DEVICES = ("training-run", "fine-tune", "serving", "own-hardware", "compute-optimal", "build-or-buy")


@pytest.fixture(autouse=True)
def _unhurried(settings: Any) -> Iterator[None]:
    settings.API_RATE = "100000/m"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def saved(django_capture_on_commit_callbacks: Any) -> Callable[..., None]:
    """A row saved as the admin saves it; this process knows it at once."""

    def save(table: str, cells: Mapping[str, str], **options: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            row_save(table=table, cells=cells, by=None, how="a test", **options)

    return save


@pytest.fixture
def visitor() -> Client:
    """A fault is answered as on a real server, not raised into the test."""
    return Client(raise_request_exception=False)


def small() -> dict[str, str]:
    """Cells of an architecture that the packaged table does not have."""
    cells = dict(next(line.cells for line in ARCHITECTURES.lines() if line.key == "mistral-7b"))
    return cells | {"key": "acme-7b", "name": "Acme 7B", "window": "", "windowed_layers": ""}


def other_device(**changes: str) -> dict[str, str]:
    return dict(next(line.cells for line in DEVICES.lines() if line.key == "a100-80")) | changes


def asked(client: Client, slug: str, **inputs: Any) -> tuple[int, Any]:
    url = reverse(f"tools-api:{slug}-evaluate")
    response = client.post(url, json.dumps(inputs), content_type="application/json")
    return response.status_code, response.json()


def offered(client: Client, slug: str, name: str = "accelerator") -> list[str]:
    detail = client.get(reverse("tools-api:calculator", args=[slug])).json()
    found: list[str] = detail["inputs"]["properties"][name]["enum"]
    return found


# Added


def test_an_added_device_is_offered_computed_with_and_taken_away(
    visitor: Client, admin: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        added = admin.post(reverse("admin:catalogue_acceleratoredit_add"), {**FAST, "in_use": "on"})
    assert added.status_code == 302, added.content.decode()
    for slug in WITH_DEVICES:
        assert offered(visitor, slug)[-1] == "acme-9"
    page = visitor.get("/tools/compute-optimal/?accelerator=acme-9").content.decode()
    assert '<option value="acme-9" selected>Acme 9</option>' in page
    assert "acme-9" in visitor.get("/docs/calculators/compute-optimal").content.decode()
    code, body = asked(visitor, "compute-optimal", accelerator="acme-9")
    assert code == 200
    assert body["outputs"] != asked(visitor, "compute-optimal")[1]["outputs"]
    assert "acme-9" in visitor.get("/api/v1/schema/?format=json").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(reverse("admin:catalogue_acceleratoredit_delete", args=[Edit.objects.get().pk]), {"post": "yes"})
    assert "acme-9" not in offered(visitor, "training-run")
    assert "acme-9" not in json.dumps(components())
    code, body = asked(visitor, "training-run", accelerator="acme-9")
    assert code == 400
    assert "got acme-9" in body["errors"][0]["detail"]


def test_an_added_device_trains_with_a_price_of_its_own(
    visitor: Client, saved: Callable[..., None], price: Callable[..., dict[str, str]]
) -> None:
    saved("accelerators", FAST)
    refused, _ = asked(visitor, "training-run", accelerator="acme-9")
    assert refused == 400, "nobody rents it out yet"
    saved("prices", price(accelerator="acme-9", usd_per_hour="5"))
    code, body = asked(visitor, "training-run", accelerator="acme-9", price_basis="on_demand")
    assert code == 200
    slower = asked(visitor, "training-run", accelerator="h100-sxm", price_basis="on_demand")[1]["outputs"]
    assert body["outputs"]["device_hours"]["value"] < slower["device_hours"]["value"]


def test_an_added_architecture_is_offered_and_computed_with(visitor: Client, saved: Callable[..., None]) -> None:
    saved("architectures", small())
    for slug in ("training-run", "fine-tune", "serving"):
        assert "acme-7b" in offered(visitor, slug, "architecture")
        assert asked(visitor, slug, architecture="acme-7b")[0] == 200, slug
        assert visitor.get(f"/tools/{slug}/?architecture=acme-7b").status_code == 200
    assert offered(visitor, "training-run", "architecture")[0] == "custom", "one's own sizes stay first"


def test_an_added_model_and_a_country_are_offered(visitor: Client, saved: Callable[..., None]) -> None:
    saved("api_prices", {
        "model": "acme-chat", "name": "Acme Chat", "seller": "Acme", "weights": "open", "as_of": "2026-11",
        "input": "1", "output": "2", "cached": "", "source": "https://example.com", "note": "",
    })  # fmt: skip
    saved("regions", {
        "key": "atl", "name": "Atlantis", "grams_per_kwh": "5", "year": "2025", "source": "A legend",
        "as_of": "2025-12",
    })  # fmt: skip
    for name in ("api_model", "managed_model"):
        assert "acme-chat" in offered(visitor, "build-or-buy", name)
        assert asked(visitor, "build-or-buy", **{name: "acme-chat"})[0] == 200
    assert asked(visitor, "training-run", region="atl")[0] == 200


def test_without_edits_everything_is_as_packaged(visitor: Client, saved: Callable[..., None]) -> None:
    before = {slug: visitor.get(reverse("tools-api:calculator", args=[slug])).json() for slug in WITH_DEVICES}
    document = components()
    saved("accelerators", FAST)
    assert components() != document
    rows_reset(edits=list(Edit.objects.all()), by=None, how="a test")
    live.load()
    assert before == {slug: visitor.get(reverse("tools-api:calculator", args=[slug])).json() for slug in WITH_DEVICES}
    assert components() == document


# Taken out


def test_a_scenario_whose_device_was_taken_out_opens_with_a_clear_problem(
    owner: User, admin: Client, saved: Callable[..., None]
) -> None:
    admin.raise_request_exception = False
    saved("accelerators", FAST)
    scenario = scenario_save(
        workspace=owner.workspaces.get(), by=owner, name="Fast", calculator=all_calculators()["compute-optimal"],
        inputs={"accelerator": "acme-9"},
    )  # fmt: skip
    assert admin.get(scenario.get_absolute_url()).status_code == 200
    saved("accelerators", FAST, in_use=False)
    page = admin.get(scenario.get_absolute_url())
    assert page.status_code in (200, 409, 410)
    assert "got acme-9" in page.content.decode()
    for address in (reverse("plans:list"), "/", f"{reverse('plans:list')}{scenario.uid}/revisions"):
        assert admin.get(address).status_code == 200, address
    answer = admin.get(f"/api/v1/scenarios/{scenario.uid}/")
    assert answer.status_code < 500
    assert Scenario.objects.get().inputs["accelerator"] == "acme-9", "it comes back with the row"


def test_what_calculators_start_from_stays(admin: Client, saved: Callable[..., None]) -> None:
    for table, key in ((DEVICES, "h100-sxm"), (ARCHITECTURES, "llama-3.1-8b"), (GRIDS, "usa")):
        with pytest.raises(Invalid, match="would not find it any more"):
            saved(table.name, table.packaged_cells(key), in_use=False)
    assert not Edit.objects.exists()
    add = reverse("admin:catalogue_acceleratoredit_add")
    refused = admin.post(add, DEVICES.packaged_cells("h100-sxm"))
    assert "starts from this row" in refused.content.decode()


def test_an_edit_that_stops_a_calculator_is_refused(saved: Callable[..., None]) -> None:
    h100 = dict(DEVICES.packaged_cells("h100-sxm") or {})
    with pytest.raises(Invalid, match="could not compute what it starts from"):
        saved("accelerators", h100 | {"memory_gib": "0.001"})
    assert ACCELERATORS["h100-sxm"].memory_gib == 79.19


def test_a_device_that_nobody_starts_from_is_taken_out(visitor: Client, saved: Callable[..., None]) -> None:
    key = next(key for key in reversed(tuple(ACCELERATORS)) if _is_free(key))
    saved("accelerators", DEVICES.packaged_cells(key) or {}, in_use=False)
    assert key not in offered(visitor, "compute-optimal")
    assert visitor.get("/catalogue/prices/").status_code == 200
    assert visitor.get("/catalogue/purchase-prices/").status_code == 200
    assert key in PACKAGED


def _is_free(key: str) -> bool:
    used = [case.inputs for calculator in all_calculators().values()
            for case in (*calculator.presets, *calculator.examples)]  # fmt: skip
    return f"'{key}'" not in repr(used) and key != "h100-sxm"


def test_the_admin_tells_why_a_row_cannot_be_deleted(
    admin: Client, saved: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved("accelerators", FAST)
    calculator = all_calculators()["compute-optimal"]
    preset = Preset(slug="fast", label="Fast", inputs={"accelerator": "acme-9"})
    needing = {"compute-optimal": replace(calculator, presets=(*calculator.presets, preset))}
    monkeypatch.setattr("portal.catalogue.services.all_calculators", lambda: needing)
    edit = Edit.objects.get()
    single = reverse("admin:catalogue_acceleratoredit_delete", args=[edit.pk])
    several = {"action": "delete_selected", "_selected_action": [edit.pk], "post": "yes"}
    for address, sent in ((single, {"post": "yes"}), (reverse("admin:catalogue_acceleratoredit_changelist"), several)):
        page = admin.post(address, sent, follow=True).content.decode()
        assert "would not find it any more" in page
        assert "successfully" not in page
        assert Edit.objects.exists()


# Edited


def test_who_computes_with_an_edited_row_is_told_and_fits_stay(visitor: Client, saved: Callable[..., None]) -> None:
    family = all_families()["finetune-speed"]
    before = family.predict(family.read(), fitted(family.slug)).tolist()
    plain = asked(visitor, "training-run", accelerator="a100-80", price_basis="on_demand")[1]
    saved("accelerators", other_device(bf16_tflops="156", note="as we measured"))
    code, body = asked(visitor, "training-run", accelerator="a100-80", price_basis="on_demand")
    assert code == 200
    assert body["outputs"]["device_hours"]["value"] > plain["outputs"]["device_hours"]["value"]
    name = ACCELERATORS["a100-80"].name
    assert body["warnings"][0] == EDITED.format(name=name)
    assert EDITED.format(name=name) not in plain["warnings"]
    assert name in visitor.get("/tools/training-run/?accelerator=a100-80").content.decode()
    assert family.predict(family.read(), fitted(family.slug)).tolist() == before
    page = visitor.get("/catalogue/accelerators/").content.decode()
    assert "1 row has other figures here than in the packaged table" in page
    assert EDITED in set(declared_texts()), "it is translated"


def test_another_source_is_no_other_figure(visitor: Client, saved: Callable[..., None]) -> None:
    saved("accelerators", other_device(source="Our own bench", note="checked", as_of="2026-12"))
    body = asked(visitor, "training-run", accelerator="a100-80", price_basis="on_demand")[1]
    assert not [text for text in body["warnings"] if "packaged" in text]
    assert "other figures here" not in visitor.get("/catalogue/accelerators/").content.decode()


def test_trying_edits_is_seen_by_nobody_else() -> None:
    with edits.tried({"accelerators": {"a100-80": None}}):
        assert "a100-80" not in ACCELERATORS
        assert "a100-80" in PACKAGED
    assert "a100-80" in ACCELERATORS


# While a request is answered


def test_a_request_computes_with_what_it_was_read_with() -> None:
    """Another thread takes the row out between the two."""
    edits.apply({"accelerators": {"acme-9": FAST}})
    seen = []

    def view(_request: HttpRequest) -> HttpResponse:
        assert "acme-9" in ACCELERATORS
        edits.apply({})
        seen.append(ACCELERATORS["acme-9"].name)
        return HttpResponse()

    one_catalogue(view)(HttpRequest())
    assert seen == ["Acme 9"]
    assert "acme-9" not in ACCELERATORS


def test_it_holds_across_the_threads_of_an_asynchronous_request() -> None:
    edits.apply({"accelerators": {"acme-9": FAST}})
    seen = []

    async def view(_request: HttpRequest) -> HttpResponse:
        await sync_to_async(lambda: list(ACCELERATORS))()
        edits.apply({})
        seen.append(await sync_to_async(lambda: ACCELERATORS["acme-9"].name)())
        return HttpResponse()

    async_to_sync(one_catalogue(view))(HttpRequest())
    assert seen == ["Acme 9"]


# Whatever is typed


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(ARCHITECTURES.columns), st.sampled_from(
    ["", "0", "1", "3", "7", "-1", "1e9", "999999999999999999", "yes", "no", "all", "nan", "custom", "Key!", "４"]
), min_size=1, max_size=6))  # fmt: skip
def test_an_architecture_that_is_taken_can_be_computed_with(changes: dict[str, str]) -> None:
    cells = small() | changes
    try:
        key = row_check("architectures", cells)
    except Invalid:
        return
    with edits.tried({"architectures": {key: cells}}):
        assert key in MODELS
        for slug in ("training-run", "fine-tune"):
            calculator = all_calculators()[slug]
            try:
                evaluate(calculator, calculator.inputs(architecture=key))
            except Invalid:
                continue


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(DEVICES.columns), st.sampled_from(
    ["", "0", "1", "-1", "0.001", "1e6", "1e7", "1e308", "inf", "nan", "typed", "H 100", "1990", "2101", "x"]
), min_size=1, max_size=5))  # fmt: skip
def test_a_device_that_is_taken_can_be_computed_with(changes: dict[str, str]) -> None:
    cells = FAST | changes
    try:
        key = row_check("accelerators", cells)
    except Invalid:
        return
    with edits.tried({"accelerators": {key: cells}}):
        for slug in ("training-run", "fine-tune", "compute-optimal", "own-hardware"):
            calculator = all_calculators()[slug]
            inputs = {"accelerator": key} | ({} if slug == "compute-optimal" else {"price_basis": "typed"})
            try:
                evaluate(calculator, calculator.inputs(**inputs))
            except Invalid:
                continue
