"""The sample files of the documents are read back as the rows that the page starts with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from django.utils.translation import override

from mlcore.reading import read_inputs
from mlcore.spec import Kind, params
from portal.derive.pasted import read_pasted
from portal.derive.samples import MOST_ROWS, samples
from portal.derive.tabular import read_cells
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators

WITH_TABLES = [each for each in all_calculators().values() if samples(each.inputs)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("calculator", WITH_TABLES, ids=lambda calculator: calculator.slug)
def test_a_sample_gives_its_rows_back(calculator: Calculator, language: str) -> None:
    start: Any = calculator.inputs()
    tables = {name: param for name, param, _ in params(calculator.inputs) if param.kind is Kind.ROWS}
    filled = {name: param for name, param in tables.items() if getattr(start, name)}
    wanted = {name: (param.label, len(getattr(start, name))) for name, param in tables.items()}
    with override(language):
        found = samples(calculator.inputs)
        assert len(found) == len(filled)
        for sample, (name, param) in zip(found, filled.items(), strict=True):
            pasted = read_pasted(param, read_cells(sample.text), wanted=wanted)
            assert pasted.refused == []
            assert pasted.has_header
            rows = tuple(read_inputs(param.row, record) for record in pasted.records)  # type: ignore[type-var]
            assert rows == getattr(start, name)[:MOST_ROWS]


def test_the_documents_show_it(client: Client) -> None:
    calculator = all_calculators()["investor-fit"]
    page = client.get("/docs/calculators/investor-fit").content.decode()
    (sample,) = samples(calculator.inputs)
    assert sample.text.startswith("Investor,Pipeline,Next step,Due,Last contact,")
    assert escape(sample.text) in page
