"""The calculator's page: live recompute, baseline, address, rows without scripts, sources, tables behind charts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from mlcore.reading import read_inputs
from portal.planning.registry import all_calculators
from portal.tools.views import DRAWS, calculator_page
from tests.tools.conftest import HTMX, Answer

Call = Callable[..., Answer]
RUNWAY = all_calculators()["runway"]
HERE = "http://localhost/tools/runway/"


def _recompute(client: Client, query: str, page: str = HERE) -> HttpResponse:
    return client.get(f"/tools/runway/results?{query}", headers={**HTMX, "HX-Current-URL": page})


def test_a_change_puts_its_address_in_the_bar_and_a_drag_does_not(client: Client) -> None:
    assert (
        _recompute(client, "cash=5M&growth=6%25~12%25")["HX-Replace-Url"] == "/tools/runway/?cash=5M&growth=6%25~12%25"
    )
    assert "HX-Replace-Url" not in _recompute(client, "cash=5M&draws=2000")
    assert _recompute(client, "cash=5M&seed=9")["HX-Replace-Url"] == "/tools/runway/?cash=5M&seed=9"
    chinese = {**HTMX, "HX-Current-URL": "http://localhost/zh-hans/tools/runway/?cash=5M"}
    assert client.get("/zh-hans/tools/runway/results", headers=chinese)["HX-Replace-Url"] == "/zh-hans/tools/runway/"


@pytest.mark.parametrize(
    "page", ["http://localhost/scenarios/scn_1/", "http://localhost/tools/training-run/", "", "x:y"]
)
def test_other_pages_keep_their_address(client: Client, page: str) -> None:
    response = _recompute(client, "cash=5M", page)
    assert response.status_code == 200
    assert "HX-Replace-Url" not in response


def test_the_address_opens_the_same_page(client: Client) -> None:
    changed = _recompute(client, "cash=5M&one_offs=&funding.0.amount=4M&funding.0.month=3")
    opened = client.get(changed["HX-Replace-Url"])
    assert opened.context["form"].inputs == changed.context["form"].inputs
    assert opened.context["results"].answer == changed.context["results"].answer


def test_a_drag_draws_less_with_the_same_seed(client: Client) -> None:
    dragged, settled = _recompute(client, "cash=5M&draws=2000"), _recompute(client, "cash=5M")
    assert (dragged.context["results"].outcome.draws, settled.context["results"].outcome.draws) == (2000, DRAWS)
    assert dragged.context["results"].seed == settled.context["results"].seed
    # What rests on the results follows when the slider is let go of.
    assert "hx-partial" not in dragged.content.decode()
    assert 'hx-target="#formulas"' in settled.content.decode()


def test_one_request_draws_only_so_much(client: Client) -> None:
    assert _recompute(client, "draws=1000000").context["results"].outcome.draws == 20_000


def test_results_without_htmx_lead_to_the_page(client: Client) -> None:
    response = client.get("/tools/runway/results?cash=5M")
    assert response.status_code == 302
    assert response["Location"] == "/tools/runway/?cash=5M"


def test_headlines_say_how_far_they_are_from_the_start(client: Client) -> None:
    start = client.get("/tools/runway/").context["results"]
    assert all(value.delta == "" for value in start.headlines)
    changed = _recompute(client, f"cash=1M&baseline={start.baseline}").context["results"]
    runway = next(value for value in changed.headlines if value.name == "runway")
    assert runway.delta.startswith("↓")
    assert runway.delta.endswith("since the start")
    assert runway.direction == "dn"
    same = _recompute(client, f"baseline={start.baseline}").context["results"]
    assert {value.delta for value in same.headlines} == {"no change"}


def test_what_never_comes_is_said_in_the_output_s_words(client: Client) -> None:
    rich = client.get("/tools/runway/?cash=900M").context["results"]
    runway = next(value for value in rich.headlines if value.name == "runway")
    assert runway.value == RUNWAY.outputs["runway"].never
    back = _recompute(client, f"baseline={rich.baseline}").context["results"]
    assert "at the start" in next(value for value in back.headlines if value.name == "runway").delta
    assert "inf" not in rich.baseline.lower()


def test_nothing_uncertain_draws_nothing(client: Client) -> None:
    query = "growth=8%25&churn=2%25&payroll_growth=1%25&model_compute=30k&compute_growth=3%25&training_cost=0"
    response = client.get(f"/tools/runway/?{query}")
    results = response.context["results"]
    assert results.draws == ""
    assert {figure.id for figure in results.figures} == {"fan-cash-by-month", "parts-1"}
    assert "type one as" in results.caveat


def test_every_chart_has_a_table_and_a_sentence(client: Client) -> None:
    text = client.get("/tools/runway/").content.decode()
    figures = client.get("/tools/runway/").context["results"].figures
    assert [figure.id for figure in figures] == ["fan-cash-by-month", "tornado", "distribution", "parts-1"]
    for figure in figures:
        table = re.search(rf'id="p-{figure.id}-table".*?</table>', text, re.DOTALL)
        assert table is not None
        assert table[0].count("<tr>") == len(figure.chart.rows) + 1
        assert 'role="img"' in text
        assert figure.chart.label
    # A bar of the tornado leads to its input.
    assert '<a href="#f_growth">' in text


def test_a_page_that_opens_with_a_problem_has_room_for_what_follows(client: Client) -> None:
    text = client.get("/tools/runway/?cash=x").content.decode()
    corrected = _recompute(client, "cash=5M").content.decode()
    targets = re.findall(r'hx-target="#([^"]+)"', corrected)
    assert targets
    assert all(f'id="{target}"' in text for target in targets)


def test_ids_are_used_once(client: Client) -> None:
    for calculator in all_calculators().values():
        text = client.get(reverse("tools:page", args=[calculator.slug])).content.decode()
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert sorted(set(ids)) == sorted(ids)
        # Every label, description and opener leads to something.
        for attribute in ("for", "popovertarget", "aria-describedby", "aria-controls", "aria-labelledby", "data-for"):
            for found in re.findall(rf'\s{attribute}="([^"]+)"', text):
                assert found in ids, (attribute, found)


def test_pages_keep_to_the_content_policy(client: Client) -> None:
    for url in ("/tools/", "/tools/runway/", "/tools/runway/?cash=x", "/docs/", "/docs/calculators/runway"):
        text = client.get(url).content.decode()
        assert not re.search(r"<[^>]+\sstyle=|\son\w+=|javascript:|<style", text)
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)


# Without scripts


def test_rows_are_added_and_removed_by_the_server(client: Client) -> None:
    form = {"one_offs": "", "one_offs.0.label": "Audit", "one_offs.0.month": "2", "one_offs.0.amount": "-5k"}
    added = client.get("/tools/runway/", {**form, "add": "one_offs"})
    assert [row.label for row in added.context["form"].inputs.one_offs] == ["Audit", ""]
    removed = client.get("/tools/runway/", {**form, "remove": "one_offs.0"})
    assert removed.context["form"].inputs.one_offs == ()


def test_a_form_that_is_sent_leads_to_a_short_address_without_its_token(client: Client) -> None:
    sent = "csrfmiddlewaretoken=secret&revenue=55k&one_offs=&one_offs.0.month=4&baseline={}"
    assert client.get(f"/tools/runway/?{sent}&cash=5M&add=one_offs")["Location"] == (
        "/tools/runway/?cash=5M&one_offs=%5B%7B%22month%22:4%7D,%7B%7D%5D"
    )
    refused = client.get(f"/tools/runway/?{sent}&cash=x")["Location"]
    assert "cash=x" in refused
    assert "secret" not in refused


def test_names_that_are_not_known_are_told_and_not_obeyed(client: Client) -> None:
    response = client.get("/tools/runway/?grwoth=6%25&cash=5M")
    assert response.status_code == 200
    assert "does not know: grwoth" in response.content.decode()


def test_hostile_text_is_shown_and_not_obeyed(client: Client) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    for query in ({"cash": hostile}, {hostile: "1"}, {"one_offs": f'[{{"label": {json.dumps(hostile)}}}]'}):
        text = client.get("/tools/runway/", query).content.decode()
        assert "<img" not in text


# Kept inputs


def _kept(provenance: dict[str, Any], **inputs: Any) -> HttpResponse:
    request = RequestFactory(SERVER_NAME="localhost").get("/scenarios/scn_1/")
    request.user, request.session = AnonymousUser(), SessionStore()
    read: Any = read_inputs(RUNWAY.inputs, inputs)
    return calculator_page(request, RUNWAY, inputs=read, provenance=provenance, extra={"seed": 9})


def test_a_measured_value_says_so_and_leads_to_its_job() -> None:
    said = "Measured by job job_1 on cpu, Nov 22, 2026"
    text = _kept({"cash": {"kind": "measured", "text": said, "job": "job_1"}}, cash=1).content.decode()
    assert f'<p class="src linked"><a href="/jobs/job_1/">{said}</a></p>' in text


def test_a_typed_value_has_no_source_and_a_default_its_own() -> None:
    text = _kept({"cash": {"kind": "typed", "text": ""}}, cash=1).content.decode()
    row = re.search(r'data-label="Cash in the bank".*?id="e-f_cash"', text, re.DOTALL)
    assert row is not None
    assert 'class="src' not in row[0]
    row = re.search(r'data-label="Revenue now".*?id="e-f_revenue"', text, re.DOTALL)
    assert row is not None
    assert 'class="src">Assumption' in row[0]


def test_kept_inputs_are_drawn_with_their_own_seed() -> None:
    assert '<input type="hidden" name="seed" value="9">' in _kept({}).content.decode()


def test_snippets_hold_the_current_inputs(client: Client, api: Call, cli: Call) -> None:
    page = client.get("/tools/runway/?cash=5M&growth=6%25~12%25&first_month=2028-02-01")
    curl, python, command = page.context["snippets"]
    url = re.search(r"'(http://localhost/api/v1/calculators/runway/simulate[^']*)'", curl.text)
    assert url is not None
    controls = {name: values[0] for name, values in parse_qs(urlsplit(url[1]).query).items()}
    assert controls == {"draws": "10000", "seed": "7"}
    body = json.loads(re.search(r"-d '(.*)'", curl.text)[1])  # type: ignore[index]
    assert body == {"cash": 5_000_000, "growth": "6% to 12%", "first_month": date(2028, 2, 1).isoformat()}
    compile(python.text, "snippet", "exec")
    assert json.dumps(body) in command.text
    assert "manage.py calculate runway --simulate --draws 10000 --seed 7" in command.text


def test_the_fragment_of_problems_computes_nothing() -> None:
    assert "Nothing was computed" in render_to_string("tools/results.html", {"form": None})
