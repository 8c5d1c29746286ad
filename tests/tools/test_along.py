"""What runs along something, on the page: every kind of chart with its table, values by row, formulas, exports."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import clear_url_caches

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import check_declaration, integer, series
from portal.derive.forms import form_class
from portal.derive.query import texts
from portal.planning import calculators, engine
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.tools.results import results
from tests.planning.contracts import CHECKS, Check
from tests.test_charts import checked

TOYS = str(Path(__file__).parent / "toys")


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    calculators.__path__.append(TOYS)
    _read_again()
    yield
    calculators.__path__.remove(TOYS)
    _read_again()


def _read_again() -> None:
    """Addresses are made from the registry once, so they are made again when it changes."""
    all_calculators.cache_clear()
    for name in ("portal.tools.api_urls", "portal.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


@pytest.fixture
def toy() -> Calculator:
    return all_calculators()["toy-map"]


def _results(toy: Calculator, **given: Any) -> Any:
    inputs: Any = read_inputs(toy.inputs, given)
    return results(engine.simulate(toy, inputs, draws=500, seed=3))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_toy_keeps_the_contracts(check: Check, toy: Calculator) -> None:
    check(toy)


def test_every_kind_of_chart_is_drawn_with_its_table(toy: Calculator) -> None:
    found = _results(toy).figures
    kinds = ["fan-sales", "fan-empty-at", "bars-2", "bars-3", "lines-4", "lines-5", "scatter-6", "surface-7"]
    assert [figure.id for figure in found] == [*kinds, "tornado", "distribution"]
    for figure in found:
        checked(figure.chart)
        assert figure.body.count("<tr>") == len(figure.chart.rows) > 0
        json.dumps(figure.chart.drawing, allow_nan=False)


def test_a_fan_runs_along_years_and_says_never_in_the_output_s_words(toy: Calculator) -> None:
    sales, empty, *_rest = _results(toy).figures
    assert sales.note == ""
    assert sales.chart.columns[0] == "Year"
    assert [row[0] for row in sales.chart.rows] == ["2027", "2028", "2029"]
    assert sales.chart.drawing["ticks"]["x"] == {"values": [2027, 2028, 2029], "unit": "year"}
    assert "(Year: 2027)" in sales.chart.label
    assert empty.chart.rows[1][1] == "not before the horizon"


def test_bars_have_whiskers_and_truths_their_share(toy: Calculator) -> None:
    share, leads = _results(toy).figures[2:4]
    assert share.chart.columns == ("Rivals", "Share of each", "P5", "P95")
    whiskers = share.chart.drawing["data"][0]["error_x"]
    assert whiskers["array"][0] > 0 == whiskers["array"][1]
    assert leads.chart.columns == ("Rivals", "How often each leads")
    # Ours is log-normal about 10%, the others' share: each leads in half of the draws.
    assert [row[1] for row in leads.chart.rows] == ["50%", "50%"]


def test_values_along_rows_are_a_table_with_formulas(toy: Calculator, client: Client) -> None:
    attributes, rivals = _results(toy).row_tables
    assert (attributes.title, [column.label for column in attributes.columns]) == (
        "Attributes",
        ["Pull", "Twice the pull"],
    )
    assert attributes.rows == [("Price", [("2", ""), ("4", "")]), ("Speed", [("1", ""), ("2", "")])]
    name, (share, leads, *_scores) = rivals.rows[0]
    assert (name, share, leads) == ("=Ours", ("10%", "between 5.01% and 20%"), ("50%", ""))
    text = client.get("/tools/toy-map/").content.decode()
    assert text.count('popovertarget="x-twice"') == 2  # beside its column, and in the list of all figures
    told = re.search(r'id="x-twice".*?</div>', text, re.DOTALL)
    assert told is not None
    assert "2 × Pull" in told[0]
    assert "one for each: Attributes" in told[0]


def test_documents_say_what_an_output_runs_along(client: Client) -> None:
    text = client.get("/docs/calculators/toy-map").content.decode()
    assert "one for each: Rivals × Attributes" in text
    assert "3; 4; 5; 1" in text


def test_pages_in_both_languages_answer(client: Client) -> None:
    for address in ("/tools/toy-map/", "/zh-hans/tools/toy-map/", "/docs/calculators/toy-map", "/tools/"):
        assert client.get(address).status_code == 200, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    steps: int = integer("Steps", default=3, low=1, high=9, fixed=True, group="G", help="How many.")


def test_nothing_uncertain_never_speaks_of_ranges(toy: Calculator) -> None:
    assert toy.may_vary
    certain = replace(
        toy, inputs=Fixed, axes={}, refuse=lambda inputs: {}, charts=(), examples=(), explains="total",
        outputs={"total": replace(toy.outputs["total"], unit="")}, compute=lambda x: {"total": x.steps},
    )  # fmt: skip
    assert not certain.may_vary
    found = results(engine.simulate(certain, Fixed(), draws=50, seed=1))
    assert "range" not in found.caveat
    assert "90%" not in found.caveat
    assert (found.draws, found.figures, found.may_vary) == ("", [], False)
    text = render_to_string("tools/results.html", {"results": found, "calculator": toy, "settled": True})
    assert "seed" not in text


# Series that belong to the rows of another table


@pytest.mark.parametrize("scores", [[1], [1, 2, 3], "", "1 2 3"])
def test_a_series_along_a_table_has_a_number_for_each_row(toy: Calculator, scores: Any) -> None:
    count = len(scores.split() if isinstance(scores, str) else scores)
    with pytest.raises(Invalid) as refused:
        read_inputs(toy.inputs, {"rivals": [{"scores": [1, 2]}, {"scores": scores}]})
    (path, (problem,)), *more = refused.value.problems.items()
    assert (path, more) == ("rivals.1.scores", [])
    assert str(problem) == f"Wanted 2 numbers, one for each row of “Attributes”, got {count}."


def test_the_form_refuses_it_at_the_cell_and_says_which_numbers_it_wants(client: Client) -> None:
    query = {"rivals": "", "rivals.0.name": "A", "rivals.0.scores": "1 2 3", "rivals.1.scores": "1 x"}
    response = client.get("/tools/toy-map/", query)
    assert response.status_code == 422
    form = response.context["form"]
    assert set(form.problems) == {"rivals.1.scores.1"}  # what cannot be read comes first
    assert list(form.beside()["problems"]) == ["f_rivals_1_scores"]
    assert re.search(r'id="e-f_rivals_1_scores"[^>]*>Wanted a number', response.content.decode())
    response = client.get("/tools/toy-map/", {**query, "rivals.1.scores": "1 2"})
    assert response.context["form"].problems == {
        "rivals.0.scores": ["Wanted 2 numbers, one for each row of “Attributes”, got 3."]
    }
    cell = re.search(r'<input[^>]*id="f_rivals_0_scores"[^>]*>', response.content.decode())
    assert cell is not None
    assert 'value="1 2 3"' in cell[0]
    assert 'title="one for each: Price, Speed"' in cell[0]


def test_a_series_that_is_sent_unchanged_reads_back_as_the_same(toy: Calculator) -> None:
    form = form_class(toy.inputs)(inputs=toy.inputs())
    flat = texts(toy.inputs, form.given)
    sent = form_class(toy.inputs)(flat)
    assert sent.is_valid(), sent.problems
    assert sent.inputs == toy.inputs()


def test_a_series_along_what_is_no_table_stops_the_start(toy: Calculator) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Lost:
        values: tuple[float, ...] = series("Values", along="nowhere", help="h")

    with pytest.raises(TypeError, match="runs along 'nowhere', which is no table"):
        check_declaration(Lost)
    with pytest.raises(ValueError, match="only a series runs along a table"):
        integer("Steps", default=1, along="rivals", help="h")
    wrong_start = [{"name": "A", "scores": [1]}]
    example = replace(toy.examples[0], inputs={"rivals": wrong_start})
    with pytest.raises(ValueError, match=r"example .*rivals.0.scores: Wanted 2 numbers"):
        replace(toy, examples=(example,))
