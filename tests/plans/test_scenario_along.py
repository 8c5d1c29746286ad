"""Scenarios of a calculator whose outputs run along years and rows: as a file, and side by side."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from portal.plans.compare import compare
from portal.plans.exports import scenario_csv
from portal.plans.present import comparison_charts
from portal.plans.selectors import scenario_open
from tests.tools.test_along import _toys as toys  # noqa: F401  the toy calculators, while this module runs

pytestmark = pytest.mark.django_db


def _saved(save: Any, name: str, **inputs: Any) -> Any:
    return save("toy-map", name=name, inputs=inputs)


def test_a_file_calls_each_line_by_its_place(save: Any) -> None:
    scenario = _saved(save, "Base")
    lines = list(csv.DictReader(io.StringIO(scenario_csv(scenario_open(scenario)))))
    found = {line["name"]: line for line in lines if line["part"] == "output"}
    assert found["share_of.1"]["label"] == "Share: =Ours"
    assert float(found["share_of.1"]["low"]) == pytest.approx(0.05, rel=0.02)
    assert found["sales.2"]["label"] == "Sales: 2028"
    assert found["curve.2.1"]["label"] == "Scores: Theirs, Price"
    assert found["curve.2.1"]["value"] == "5.0"
    assert found["empty_at.2"]["value"] == "never"
    share = float(found["leads.1"]["value"])
    assert found["leads.1"]["unit"] == "%"
    assert share + float(found["leads.2"]["value"]) == pytest.approx(1)
    # The name of a row is the reader's text: where it stands alone it does not run as a formula.
    assert next(line for line in lines if line["name"] == "rivals.1.name")["value"] == "'=Ours"


def test_fans_along_years_are_compared_where_the_years_are_the_same(save: Any) -> None:
    base, longer = _saved(save, "Base"), _saved(save, "Longer", years=5)
    (title, chart), *_rest = comparison_charts(compare([base, longer]))
    assert title == "Sales by year"
    assert chart.columns == ("Year", "Base", "Longer")
    assert [row[0] for row in chart.rows] == ["2027", "2028", "2029"]
