import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.plans.exports import COLUMNS, neutral, scenario_csv, scenario_json
from portal.plans.models import Scenario
from portal.plans.selectors import scenario_open

MEASURED = {"kind": "measured", "job": "job_1", "device": "=cmd|'/C calc'!A1", "date": "2026-11-22"}


def rows_of(opened):
    return list(csv.DictReader(io.StringIO(scenario_csv(opened))))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        "  =1",
        "\u3000=1",
        "\u00a0+1",
    ],
)
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    assert neutral(text) == "'" + text


@given(st.one_of(st.integers(), st.floats(allow_nan=False)))
def test_numbers_stay_numbers(value):
    assert neutral(value) is value


@given(st.text(alphabet="=+-@ab'\",;\n\t\r ＝", max_size=12))
def test_no_cell_of_the_file_begins_a_formula(text):
    line = io.StringIO()
    csv.writer(line).writerow([neutral(text), 1.5])
    (cells,) = list(csv.reader(io.StringIO(line.getvalue(), newline="")))
    assert not cells[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert cells[0].removeprefix("'") == text.removeprefix("'")


def test_json_holds_inputs_results_and_where_each_value_comes_from(save):
    scenario = save(inputs={"device": "custom", "speed": 500, "price": 9}, sources={"speed": MEASURED})
    body = json.loads(json.dumps(scenario_json(scenario_open(scenario)), allow_nan=False))
    assert body["uid"] == scenario.uid
    assert body["inputs"] == scenario.inputs
    assert body["report"]["outputs"]["cost"]["p5"] < body["report"]["outputs"]["cost"]["p95"]
    for place in (body["provenance"], body["report"]["provenance"]):
        assert place["speed"] == {**MEASURED, "text": "Measured by job_1 on =cmd|'/C calc'!A1, Nov 22, 2026"}
        assert place["price"]["kind"] == "typed"
        assert place["tokens"] == {"kind": "default", "text": "A guess"}


def test_csv_has_a_line_for_each_input_and_output_and_runs_nothing(save):
    scenario = save(
        name="=HYPERLINK(1)", inputs={"device": "custom", "speed": 500, "price": 9}, sources={"speed": MEASURED}
    )
    rows = rows_of(scenario_open(scenario))
    assert tuple(rows[0]) == COLUMNS
    found = {(row["part"], row["name"]): row for row in rows}
    assert found["scenario", "name"]["value"] == "'=HYPERLINK(1)"
    assert found["input", "speed"]["value"] == "500.0"
    assert found["input", "speed"]["from"].startswith("Measured by job_1 on =cmd")
    assert found["input", "tokens"]["value"] == "1M to 2M"
    assert (found["input", "tokens"]["low"], found["input", "tokens"]["family"]) == ("1000000.0", "lognormal")
    assert float(found["output", "cost"]["low"]) < float(found["output", "cost"]["high"])
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_a_monthly_output_has_a_line_a_month_with_its_band(save):
    rows = [row for row in rows_of(scenario_open(save("toy-cash"))) if row["name"].startswith("balance.")]
    assert len(rows) == 12
    assert float(rows[5]["low"]) < float(rows[5]["value"]) < float(rows[5]["high"])
    assert float(rows[11]["value"]) < 0


def test_what_no_calculator_reads_is_exported_as_it_is_stored(save):
    scenario = save(inputs={"price": 9})
    Scenario.objects.update(calculator="gone")
    scenario.refresh_from_db()
    opened = scenario_open(scenario)
    assert scenario_json(opened)["report"] is None
    found = {row["name"]: row["value"] for row in rows_of(opened)}
    assert found["price"] == "9.0"
    assert "not part of this portal" in found["problem"]
