"""Inputs as flat text: addresses and forms write what reads back as the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs, to_json
from mlcore.spec import Kind, Range, params
from portal.derive.query import query_to_given, query_to_inputs, state_to_query, texts, typed, unknown_names
from portal.planning.registry import all_calculators
from tests.derive.sample import Everything, Item
from tests.derive.strategies import instances

DECLARATIONS = [Everything, *(calculator.inputs for calculator in all_calculators().values())]
anything = st.sampled_from(DECLARATIONS).flatmap(instances)


@settings(max_examples=60, deadline=None)
@given(anything)
def test_an_address_reads_back_as_the_same_inputs(inputs: Any) -> None:
    assert query_to_inputs(type(inputs), QueryDict(state_to_query(inputs))) == inputs


@settings(max_examples=60, deadline=None)
@given(anything)
def test_a_form_that_is_sent_unchanged_reads_back_as_the_same_inputs(inputs: Any) -> None:
    shown = texts(type(inputs), to_json(inputs))
    assert query_to_inputs(type(inputs), _with_tables(type(inputs), shown)) == inputs


@settings(max_examples=60, deadline=None)
@given(anything)
def test_json_as_a_person_writes_it_reads_back_as_the_same_inputs(inputs: Any) -> None:
    assert read_inputs(type(inputs), typed(inputs)) == inputs


def _with_tables(inputs: type, shown: dict[str, str]) -> dict[str, str]:
    """A browser also sends the marker of each table, which says that an empty one is meant."""
    return shown | {name: "" for name, param, _ in params(inputs) if param.kind is Kind.ROWS}


def test_the_address_of_the_starting_values_is_empty() -> None:
    for inputs in DECLARATIONS:
        assert state_to_query(inputs()) == ""


def test_an_address_as_people_write_it() -> None:
    data = QueryDict("cash=3.5M&growth=6%25~12%25&items=[{%22month%22:3,%22amount%22:%22-20k%22}]&doubled=false")
    inputs = query_to_inputs(Everything, data)
    assert inputs.cash == 3_500_000
    assert inputs.growth == Range.of(0.06, 0.12)
    assert inputs.items == (Item(month=3, amount=-20_000.0),)
    assert inputs.doubled is False


def test_the_last_value_counts_so_that_a_box_can_be_unchecked() -> None:
    assert query_to_inputs(Everything, QueryDict("doubled=false&doubled=true")).doubled is True
    assert query_to_inputs(Everything, QueryDict("doubled=false")).doubled is False


@pytest.mark.parametrize(
    ("query", "family"),
    [
        ("growth=6%25~12%25&growth.family=uniform", "uniform"),
        ("growth=6%25~12%25+as+normal&growth.family=uniform", "normal"),
        ("growth=6%25~12%25&growth.family=", "lognormal"),
        ("growth=6%25~8%25~12%25", "pert"),
    ],
)
def test_a_family_beside_the_box(query: str, family: str) -> None:
    assert query_to_inputs(Everything, QueryDict(query)).growth.family == family


def test_a_family_beside_a_single_number_is_not_used() -> None:
    assert query_to_inputs(Everything, QueryDict("growth=6%25&growth.family=uniform")).growth == 0.06


def test_an_emptied_table_is_not_a_missing_one() -> None:
    assert query_to_inputs(Everything, QueryDict("items=")).items == ()
    assert query_to_inputs(Everything, QueryDict("")).items == Everything().items


def test_rows_keep_their_order_and_rows_of_empty_boxes_are_left_out() -> None:
    query = "items.2.month=4&items.2.amount=7&items.0.month=2&items.1.label=&items.1.month=&items.1.amount="
    assert query_to_inputs(Everything, QueryDict(query)).items == (Item(month=2), Item(month=4, amount=7.0))


@pytest.mark.parametrize(
    "text", ["[[[", "{}", "[1]", "[" * 100_000, '[{"amount":1e999}]', "[NaN]", '[{"month":1,"month":2}]']
)
def test_a_table_that_is_not_one_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as raised:
        query_to_inputs(Everything, {"items": text})
    assert all(path.startswith("items") for path in raised.value.problems)


def test_names_that_no_input_has_are_told() -> None:
    data = {"cash": "1", "grwoth": "6%", "growth.family": "", "items.0.month": "1", "seed": "7", "draws": "1"}
    assert unknown_names(Everything, data, {"seed", "draws"}) == ["grwoth"]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(texts(Everything, {}))), st.text(max_size=30)))
def test_any_text_is_read_or_refused_by_name(data: dict[str, str]) -> None:
    problems: dict[str, Any] = {}
    try:
        read_inputs(Everything, query_to_given(Everything, data))
    except Invalid as problem:
        problems = problem.problems
    assert all(path and found for path, found in problems.items())
