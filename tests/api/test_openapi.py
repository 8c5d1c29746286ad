"""The OpenAPI document: valid, without warnings, frozen by a snapshot, and true when the calculators are fuzzed."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.cache import cache
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, settings

from portal.api.views import _document
from portal.planning.registry import all_calculators

SNAPSHOT = Path(__file__).parent / "openapi.yaml"
HOW = "python manage.py spectacular --file tests/api/openapi.yaml --settings portal.settings.test"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    return _document()


def test_it_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    said = io.StringIO()
    with redirect_stderr(said):
        call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))
    assert said.getvalue() == ""


def test_it_is_the_one_that_was_reviewed(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--file", str(made))
    assert made.read_text() == SNAPSHOT.read_text(), f"the API changed: look at the difference, then run {HOW}"


def test_the_address_serves_it(document: dict[str, Any]) -> None:
    client = Client(SERVER_NAME="localhost")
    validate_schema(document)
    assert client.get("/api/v1/schema/?format=json").json() == document
    assert yaml.safe_load(client.get("/api/v1/schema/").content)["openapi"] == "3.1.1"


def test_every_calculator_has_its_addresses_and_components(document: dict[str, Any]) -> None:
    for slug in all_calculators():
        name = "".join(word.capitalize() for word in slug.split("-"))
        for action, answer in (("evaluate", "Evaluation"), ("simulate", "Simulation")):
            operation = document["paths"][f"/api/v1/calculators/{slug}/{action}"]["post"]
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            assert body == {"$ref": f"#/components/schemas/{name}Inputs"}
            said = operation["responses"]["200"]["content"]["application/json"]["schema"]
            assert said == {"$ref": f"#/components/schemas/{name}{answer}"}


def test_every_operation_says_how_it_refuses(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            refusal = operation["responses"]["default"]["content"]["application/problem+json"]
            assert refusal["schema"] == {"$ref": "#/components/schemas/Problem"}, (path, method)


def _schema(*, coverage: bool) -> Any:
    found = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    found.config.phases.coverage.enabled = coverage
    return found


# Every boundary value of every field once; the rest is drawn at random, which is quick.
bounded, drawn = _schema(coverage=True), _schema(coverage=False)
EXCLUDED = [
    # A number may also be written as text that JSON Schema cannot tell from other text, and inputs that are permitted
    # one by one may not go together.
    schemathesis.checks.positive_data_acceptance,
    # Flags also take what people write, such as "yes"; that is more than the document promises.
    schemathesis.checks.negative_data_rejection,
]
fuzzed = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _unhurried(settings: Any) -> None:
    settings.API_RATE = "1000000/m"
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()


@pytest.mark.django_db
@bounded.include(path="/api/v1/calculators/runway/evaluate").parametrize()
@fuzzed
def test_at_every_bound_it_answers_as_the_document_says(case: Any) -> None:
    case.call_and_validate(excluded_checks=EXCLUDED)


@pytest.mark.django_db
@drawn.include(path_regex=r"^/api/v1/calculators/").exclude(path="/api/v1/calculators/runway/evaluate").parametrize()
@fuzzed
def test_the_rest_answers_as_the_document_says(case: Any) -> None:
    case.call_and_validate(excluded_checks=EXCLUDED)
