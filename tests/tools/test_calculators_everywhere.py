"""Contracts of every calculator that is found: page, API and command line take and give the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from mlcore.reading import read_inputs, to_json
from mlcore.spec import NUMERIC, Kind, params
from portal.derive.forms import form_class
from portal.derive.query import state_to_query, typed
from portal.derive.schema import component_name
from portal.derive.serializers import components
from portal.planning.calculator import Calculator
from portal.planning.engine import evaluate
from portal.planning.registry import all_calculators
from portal.tools.views import CONTROLS
from tests.derive.strategies import instances
from tests.tools.conftest import Answer

Call = Callable[..., Answer]
CALCULATORS = list(all_calculators().values())
every = pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.slug)


def _points(calculator: Calculator) -> list[dict[str, Any]]:
    """The starting values, every preset, every worked example."""
    return [{}, *(dict(p.inputs) for p in calculator.presets), *(dict(e.inputs) for e in calculator.examples)]


@cache
def _validator(component: str) -> jsonschema_rs.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{component}", "components": {"schemas": components()}}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@every
def test_api_and_command_give_the_same(calculator: Calculator, api: Call, cli: Call) -> None:
    for body in _points(calculator):
        text = json.dumps(body)
        evaluated = api(calculator.slug, body)
        assert evaluated.code == 200
        assert evaluated.json() == cli(calculator.slug, "--json", text).json()
        simulated = api(calculator.slug, body, "simulate", "?draws=500&seed=11")
        assert simulated.code == 200
        options = ("--simulate", "--draws", "500", "--seed", "11")
        assert simulated.json() == cli(calculator.slug, "--json", text, *options).json()
        assert simulated.json()["seed"] == 11
        assert simulated.json()["outputs"].keys() == calculator.outputs.keys()


@every
def test_answers_are_what_the_openapi_components_say(calculator: Calculator, api: Call) -> None:
    name = component_name(calculator.slug)
    for body in _points(calculator):
        _validator(f"{name}Inputs").validate(body)
        _validator(f"{name}Evaluation").validate(api(calculator.slug, body).json())
        _validator(f"{name}Simulation").validate(api(calculator.slug, body, "simulate", "?draws=100").json())


@every
def test_tables_come_when_they_are_asked_for(calculator: Calculator, api: Call, cli: Call) -> None:
    shown = evaluate(calculator, calculator.inputs()).tables
    assert "tables" not in api(calculator.slug, {}).json()
    for action, flags in (("evaluate", ()), ("simulate", ("--simulate", "--draws", "100"))):
        query = "?tables=true" + ("&draws=100" if flags else "")
        body = api(calculator.slug, {}, action, query).json()
        assert [table["title"] for table in body["tables"]] == [table.title for table in shown]
        assert [len(table["rows"]) for table in body["tables"]] == [len(table.rows) for table in shown]
        assert body == cli(calculator.slug, "--tables", *flags).json()
        component = "Evaluation" if action == "evaluate" else "Simulation"
        _validator(f"{component_name(calculator.slug)}{component}").validate(body)
    refused = api(calculator.slug, {}, "evaluate", "?tables=yes")
    assert (refused.code, "Wanted true or false, got yes." in refused.text) == (400, True)


@every
def test_the_inputs_component_is_exact(calculator: Calculator) -> None:
    schema = components()[f"{component_name(calculator.slug)}Inputs"]
    assert schema["additionalProperties"] is False
    assert "required" not in schema
    assert list(schema["properties"]) == [name for name, _, _ in params(calculator.inputs)]
    form = form_class(calculator.inputs)()
    for name, param, start in params(calculator.inputs):
        found = schema["properties"][name]
        assert found["default"] == to_json(start)
        assert read_inputs(calculator.inputs, {name: found["default"]}) == calculator.inputs()
        assert form.fields[name].label == found["title"] == param.label
        if param.kind in NUMERIC:
            number = found["oneOf"][0]
            for bound, key in ((param.low, "minimum"), (param.high, "maximum")):
                assert bound is None or number[key] == bound
            assert any("$ref" in shape for shape in found["oneOf"]) is not param.fixed
        if param.kind is Kind.CHOICE:
            assert found["enum"] == [value for value, _ in param.choices]


@every
def test_what_the_component_permits_is_taken(calculator: Calculator) -> None:
    validator = _validator(f"{component_name(calculator.slug)}Inputs")

    @settings(max_examples=40, deadline=None)
    @given(instances(calculator.inputs))
    def check(inputs: Any) -> None:
        for body in (to_json(inputs), typed(inputs)):
            validator.validate(body)
            assert read_inputs(calculator.inputs, body) == inputs

    check()


@every
@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_the_page_starts_filled_in(calculator: Calculator, prefix: str, client: Client) -> None:
    for body in _points(calculator)[: 1 if prefix else None]:
        inputs = read_inputs(calculator.inputs, body)
        response = client.get(f"{prefix}/tools/{calculator.slug}/?{state_to_query(inputs)}")
        assert response.status_code == 200
        text = response.content.decode()
        assert 'class="answer"' in text
        assert response.context["form"].inputs == inputs
        for name, output in calculator.outputs.items():
            # Every number opens its formula.
            assert output.along or f'id="x-{name}"' in text
        for name, _, _ in params(calculator.inputs):
            assert f'name="{name}"' in text


@every
def test_the_page_shows_what_the_api_says(calculator: Calculator, client: Client, api: Call) -> None:
    page = client.get(reverse("tools:page", args=[calculator.slug]))
    said = api(calculator.slug, {}, "simulate").json()
    outcome = page.context["results"].outcome
    assert (outcome.draws, outcome.seed) == (said["draws"], said["seed"])
    for name, output in calculator.outputs.items():
        if not output.along and not output.boolean and output.unit != "month":
            assert said["outputs"][name]["p50"] in (outcome.quantile(name, 0.5), None)
        if output.boolean:
            assert said["outputs"][name]["share"] == outcome.shares(name).tolist()


@every
def test_any_permitted_inputs_are_shown_or_refused_by_name(calculator: Calculator, client: Client, api: Call) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(instances(calculator.inputs))
    def check(inputs: Any) -> None:
        query = state_to_query(inputs)
        response = client.get(f"/tools/{calculator.slug}/results?{query}&draws=60", headers={"HX-Request": "true"})
        answer = api(calculator.slug, typed(inputs), "simulate", "?draws=60")
        assert (response.status_code, answer.code) in ((200, 200), (422, 400)), (query, answer.text)

    check()


@every
def test_no_input_has_the_name_of_a_control(calculator: Calculator) -> None:
    assert not CONTROLS & {name for name, _, _ in params(calculator.inputs)}


@every
def test_detail_and_schema_say_the_same(calculator: Calculator, client: Client, cli: Call) -> None:
    detail = client.get(reverse("tools-api:calculator", args=[calculator.slug])).json()
    schema = cli(calculator.slug, "--schema").json()
    assert detail["inputs"] == schema
    jsonschema_rs.meta.validate(schema)
    for body in _points(calculator):
        jsonschema_rs.Draft202012Validator(schema).validate(body)
    assert detail["outputs"].keys() == calculator.outputs.keys()
    assert [example["source"] for example in detail["examples"]] == [example.source for example in calculator.examples]
    assert client.get(detail["url"]).status_code == 200
    assert client.post(detail["simulate"], "{}", content_type="application/json").status_code == 200


def test_lists_name_every_calculator(client: Client, cli: Call) -> None:
    slugs = list(all_calculators())
    assert [one["slug"] for one in cli("--list").json()] == slugs
    assert [one["slug"] for one in client.get(reverse("tools-api:calculators")).json()] == slugs
    text = client.get(reverse("tools:list")).content.decode()
    assert all(reverse("tools:page", args=[slug]) in text for slug in slugs)


def test_components_with_one_name_are_one_thing() -> None:
    assert isinstance(components(), Mapping)
    assert "Range" in components()
