"""Adding a calculator by the recipe of its README touches one file; a broken file stops the start by name."""

from __future__ import annotations

import importlib
import math
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import NormalDist

import pytest

from portal.planning import calculators
from portal.planning.calculator import Calculator
from portal.planning.engine import evaluate, report, simulate
from portal.planning.registry import all_calculators
from tests.planning.contracts import CHECKS, Check

RECIPE = Path(calculators.__path__[0]) / "README.md"

Add = Callable[[str, str], None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Add]:
    """Put a file into a folder in which calculators are looked for, until the test ends."""
    monkeypatch.setattr(calculators, "__path__", [*calculators.__path__, str(tmp_path)])
    added = []

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        added.append(f"{calculators.__name__}.{name}")
        importlib.invalidate_caches()
        all_calculators.cache_clear()

    yield write
    for module in added:
        sys.modules.pop(module, None)
        if hasattr(calculators, module.rpartition(".")[2]):
            delattr(calculators, module.rpartition(".")[2])
    all_calculators.cache_clear()


def recipe(at: int = 0) -> str:
    """The short example of the README, or the one with tables, axes and charts."""
    return re.findall(r"```python\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL)[at]


@pytest.fixture
def payback(add: Add) -> Calculator:
    add("payback", recipe())
    return all_calculators()["payback"]


@pytest.fixture
def channels(add: Add) -> Calculator:
    add("channels", recipe(1))
    return all_calculators()["channels"]


def test_the_calculator_of_the_readme_runs(payback: Calculator) -> None:
    case = evaluate(payback, payback.inputs())
    assert case.outputs["payback"] == pytest.approx(900 / (0.8 * (40 * 90) ** 0.5))
    body = report(simulate(payback, payback.inputs(), draws=500, seed=1))
    assert body["answer"] == "A customer pays back its cost in 18.7 months."
    assert body["outputs"]["payback"]["p5"] < body["outputs"]["payback"]["p95"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_calculator_of_the_readme_keeps_the_contracts(check: Check, payback: Calculator) -> None:
    check(payback)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_calculator_with_tables_keeps_the_contracts(check: Check, channels: Calculator) -> None:
    check(channels)


def test_a_calculator_with_tables_says_what_runs_along_what(channels: Calculator) -> None:
    body = report(simulate(channels, channels.inputs(), draws=2_000, seed=1))
    assert body["outputs"]["won_by"]["along"] == [
        {"axis": "channels", "places": ["Search", "Events"]},
        {"axis": "year", "places": [2027, 2028, 2029, 2030]},
    ]
    # Search costs 400; Events is log-normal, its 5th and 95th percentile at 300 and 900.
    below = NormalDist(math.log(300 * 900) / 2, math.log(900 / 300) / 2 / NormalDist().inv_cdf(0.95)).cdf(math.log(400))
    search, events = body["outputs"]["cheapest"]["share"]
    assert search + events == pytest.approx(1)
    assert events == pytest.approx(below, abs=0.002)
    assert body["outputs"]["won"]["p5"][0] == body["outputs"]["won"]["p95"][0] == 140
    assert body["outputs"]["won"]["p5"][3] < body["outputs"]["won"]["p95"][3]
    assert "p5" not in body["outputs"]["won_by"]


def test_the_others_stay_as_they_were(payback: Calculator) -> None:
    assert {"payback", "runway"} <= set(all_calculators())
    assert list(all_calculators()) == sorted(all_calculators())


BROKEN = [
    ("no_declaration", "VALUE = 1\n", "no_declaration does not load.*CALCULATOR"),
    ("bad_syntax", "def compute(:\n", "bad_syntax does not load"),
    ("bad_import", "import a_module_that_is_missing\n", "bad_import does not load.*a_module_that_is_missing"),
    ("wrong_type", "CALCULATOR = 5\n", "wrong_type.CALCULATOR is a int"),
    (
        "same_slug",
        "from portal.planning.calculators.runway import CALCULATOR\n",
        "same_slug is called 'runway', as another is",
    ),
]


@pytest.mark.parametrize(("name", "text", "reason"), BROKEN)
def test_a_broken_file_stops_the_start_with_its_name(add: Add, name: str, text: str, reason: str) -> None:
    add(name, text)
    with pytest.raises(RuntimeError, match=reason):
        all_calculators()


CHANGES = [
    ("version=1", "version=2", "no upgrade from version"),
    ('slug="payback"', 'slug="Pay back"', "lower-case words joined by hyphens"),
    ("{revenue} × {margin}", "{revenue} × {marge}", "mentions .*marge"),
    ('explains="payback"', 'explains="gain"', "charts mention .*gain"),
    ('"margin": 0.8}', '"margin": 8}', "example .*margin: Wanted at most 100%"),
    ('"margin": 0.8}', '"marge": 0.8}', "example .*marge"),
    ('expected={"payback"', 'expected={"paid"', "expects .*paid"),
    ("low=0, unit=", "loww=0, unit=", "loww"),
    ("frozen=True, ", "", "frozen=True"),
    ("default=900", "default=-900", "below 0"),
    ('"gross": Output', '"cost": Output', "both input and output"),
    ('help="Months until the cost is earned back."', 'help=""', "a help text"),
    ('formula="{cost} ÷ {gross}",', "", "either a formula or a method"),
]


WITH_TABLES = [
    ('along=("channels",), help', 'along=("channel",), help', "runs along .*channel.*no axis and no table"),
    ('Bars(output="cheapest"', 'Bars(output="total"', "charts along one.*total"),
    ('Fan(output="won"', 'Fan(output="won_by"', "charts along one.*won_by"),
    ('outputs=("won_by",)', 'outputs=("won_by", "cost_of")', "along one axis, in one unit"),
    ('axes={"year"', 'axes={"channels"', "year.*no axis|need no declaration"),
    ('along=("year",), help', 'along=("year",), headline=True, help', "only a single value is a headline"),
    ("expected={", 'expected={"costs": [1], ', "expects .*costs"),
]


@pytest.mark.parametrize(("right", "wrong", "reason"), WITH_TABLES)
def test_a_slip_in_what_runs_along_stops_the_start(add: Add, right: str, wrong: str, reason: str) -> None:
    text = recipe(1)
    assert right in text
    add("slip", text.replace(right, wrong, 1))
    with pytest.raises(RuntimeError, match=f"(?s)slip does not load.*({reason})"):
        all_calculators()


@pytest.mark.parametrize(("right", "wrong", "reason"), CHANGES)
def test_a_slip_in_a_declaration_stops_the_start(add: Add, right: str, wrong: str, reason: str) -> None:
    text = recipe()
    assert right in text
    add("slip", text.replace(right, wrong, 1))
    with pytest.raises(RuntimeError, match=f"(?s)slip does not load.*{reason}"):
        all_calculators()
