"""Every refusal of the API is a problem document, whoever refused: our readers, DRF, or Django."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework import exceptions, serializers

from mlcore.reading import Invalid, Problem
from portal.api import errors
from portal.derive.problems import MEDIA_TYPE, pointer

FIELDS = {"type", "title", "status", "detail", "instance", "code"}
ASKED = {"request": RequestFactory().get("/api/v1/x")}
EVALUATE = "/api/v1/calculators/runway/evaluate"


@pytest.fixture
def client() -> Client:
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


def _is_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == MEDIA_TYPE
    body = response.json()
    assert set(body) - {"errors"} == FIELDS
    assert body["status"] == status
    return body


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("get", "/api/v1/nothing/here", 404, "not_found"),
        ("get", "/api/nothing", 404, "not_found"),
        ("get", "/api/v1/calculators/%00/", 404, "not_found"),
        ("get", EVALUATE, 405, "method_not_allowed"),
        ("put", EVALUATE, 405, "method_not_allowed"),
        ("get", "/api/v1/scenarios/", 401, "not_authenticated"),
    ],
)
def test_addresses_and_methods(method: str, url: str, status: int, code: str, client: Client) -> None:
    body = _is_problem(getattr(client, method)(url), status)
    assert body["code"] == code
    assert body["instance"] == url.replace("%00", "\x00")


def test_what_is_asked_for_in_another_form(client: Client) -> None:
    assert _is_problem(client.post(EVALUATE, "a=1", content_type="text/plain"), 415)["code"] == "unsupported_media_type"
    assert _is_problem(client.post(EVALUATE, {"a": "1"}), 415)
    response = client.post(EVALUATE, "{}", content_type="application/json", headers={"Accept": "text/html"})
    assert _is_problem(response, 406)["code"] == "not_acceptable"
    allowed = client.get(EVALUATE)
    assert "POST" in allowed["Allow"]


def test_several_problems_are_told_together(client: Client) -> None:
    body = {"cash": -1, "growth": "x", "one_offs": [{"month": 0}], "y/z~": 1}
    told = _is_problem(client.post(EVALUATE, body, content_type="application/json"), 400)
    assert [error["pointer"] for error in told["errors"]] == [
        "#/y~1z~0", "#/cash", "#/growth", "#/one_offs/0/month",
    ]  # fmt: skip
    assert all(set(error) == {"pointer", "code", "detail"} for error in told["errors"])
    assert "cash: Wanted at least 0, got -1." in told["detail"]


def test_a_token_that_is_wrong(client: Client, db: None) -> None:
    response = client.get("/api/v1/scenarios/", headers={"Authorization": "Token plumb_wrong"})
    assert _is_problem(response, 401)["code"] == "authentication_failed"
    assert response["WWW-Authenticate"].startswith("Token")


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        (Invalid({"a.0": [Problem("Wanted {x}.", {"x": "y"})]}), 400, "invalid"),
        (Http404(), 404, "not_found"),
        (PermissionDenied("Ask the owner."), 403, "permission_denied"),
        (RequestDataTooBig(), 413, "too_large"),
        (SuspiciousOperation(), 400, "parse_error"),
        (exceptions.Throttled(wait=12.2), 429, "throttled"),
        (exceptions.ValidationError({"name": ["Wanted a name."]}), 400, "invalid"),
    ],
)
def test_exceptions(exception: Exception, status: int, code: str) -> None:
    response = errors.handler(exception, ASKED)
    assert response is not None
    assert response.status_code == status
    assert response.content_type == MEDIA_TYPE
    assert response.data["code"] == code
    if status == 429:
        assert response["Retry-After"] == "13"


def test_a_fault_is_left_to_django_and_tells_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert errors.handler(ZeroDivisionError(), ASKED) is None
    monkeypatch.setattr("portal.planning.engine.evaluate", lambda *_: 1 / 0)
    body = _is_problem(client.post(EVALUATE, "{}", content_type="application/json"), 500)
    assert "division" not in str(body)


def test_a_fault_of_a_page_is_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.planning.engine.simulate", lambda *_, **__: 1 / 0)
    response = client.get("/tools/runway/")
    assert response.status_code == 500
    assert response["Content-Type"].startswith("text/html")


def test_what_a_serializer_refuses_is_told_by_pointer() -> None:
    class Inner(serializers.Serializer):
        size = serializers.IntegerField(max_value=3)

    class Body(serializers.Serializer):
        items = Inner(many=True)
        names = serializers.ListField(child=serializers.CharField())

        def validate(self, data: Any) -> Any:
            raise serializers.ValidationError("They do not go together.")

    refused = Body(data={"items": [{"size": 1}, {"size": 9}], "names": ["a", []]})
    assert not refused.is_valid()
    response = errors.handler(
        exceptions.ValidationError(refused.errors), {"request": RequestFactory().get("/api/v1/x")}
    )
    assert response is not None
    assert [error["pointer"] for error in response.data["errors"]] == ["#/items/1/size", "#/names/1"]
    whole = Body(data={"items": [], "names": []})
    assert not whole.is_valid()
    response = errors.handler(exceptions.ValidationError(whole.errors), ASKED)
    assert response is not None
    assert response.data["errors"] == [{"pointer": "#", "code": "invalid", "detail": "They do not go together."}]


def test_pointers() -> None:
    assert pointer("") == "#"
    assert pointer("one_offs.0.amount") == "#/one_offs/0/amount"


def test_the_root_leads_to_every_collection(client: Client) -> None:
    rooms = client.get("/api/v1/").json()
    assert rooms["calculators"] == "http://localhost/api/v1/calculators/"
    assert {client.get(url).status_code for url in rooms.values()} <= {200, 401}


# The rate of visitors


def test_visitors_calculate_within_a_rate_that_is_said(client: Client, settings: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    settings.API_RATE = "3/m"
    url = reverse("tools-api:runway-evaluate")
    for left in (2, 1, 0):
        response = client.post(url, "{}", content_type="application/json")
        assert response.status_code == 200
        assert response["RateLimit-Policy"] == '"visitor";q=3;w=60'
        assert response["RateLimit"].startswith(f'"visitor";r={left};t=')
    refused = client.post(url, "{}", content_type="application/json")
    assert _is_problem(refused, 429)["code"] == "throttled"
    assert 0 < int(refused["Retry-After"]) <= 60
    # What a client says of itself does not make it another.
    spoofed = client.post(url, "{}", content_type="application/json", headers={"X-Forwarded-For": "203.0.113.9"})
    assert spoofed.status_code == 429
    cache.clear()


def test_settings_refuse_what_is_loose() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_PARSER_CLASSES"] == ["portal.api.parsers.StrictJSONParser"]
    assert settings.REST_FRAMEWORK["NUM_PROXIES"] == 0
