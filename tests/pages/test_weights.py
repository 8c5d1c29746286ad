"""What pages weigh, by the budgets of the design: kilobytes as gzip -9 leaves each file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.conftest import Filled
from tests.pages.test_every_page import path_of
from tests.pages.visits import Visit, table

SHELL = 180_000  # htmx, own scripts and styles, three typefaces
OWN = 15_000  # own scripts, and own styles
HTML = 30_000
PLOTLY = 500_000
UPLOT = 23_000
DEMO = 40_000  # above the shell
KINDS = ("html", "own css", "own js", "htmx", "font", "zh font", "plotly", "uplot", "other")
PAGES = {
    "home": ("/", False),
    "tools": ("/tools/", False),
    "runway": ("/tools/runway/", False),
    "training run": ("/tools/training-run/", False),
    "compare": ("/scenarios/compare?ids={first}&ids={second}", True),
    "demo": ("/demos/text-generation/", False),
    "demo of pictures": ("/demos/image-classification/", False),
    "train": ("/demos/text-generation/train/", True),
    "jobs": ("/jobs/", True),
    "job": ("/jobs/{done}/", True),
    "catalogue": ("/catalogue/prices/", False),
    "scorecard": ("/scorecard/", False),
    "docs": ("/docs/calculators/runway", False),
    "home, zh": ("/zh-hans/", False),
}


@pytest.fixture(scope="module")
def weighed() -> dict[str, dict[str, int]]:
    return {}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_within_its_budget(visit: Callable[..., Visit], filled: Filled, weighed, name: str) -> None:
    pattern, owner = PAGES[name]
    seen = visit(owner=owner)
    assert seen.goto(path_of(pattern, filled)) == 200
    found = weighed[name] = seen.weights()
    assert found["html"] <= HTML
    assert found["own css"] <= OWN
    assert found["own js"] <= OWN
    assert found.get("plotly", 0) <= PLOTLY
    assert found.get("uplot", 0) <= UPLOT
    shell = sum(found.get(kind, 0) for kind in ("own css", "own js", "htmx", "font"))
    assert shell <= SHELL
    if name in ("demo", "demo of pictures", "train"):
        assert sum(found.values()) - shell <= DEMO
    if name not in ("runway", "training run", "compare"):
        assert "plotly" not in found, "only pages with charts load the chart library"


def test_table_of_weights(weighed: dict[str, dict[str, int]]) -> None:
    """For ``pytest -s``: the table itself."""
    head = ("page", *KINDS, "together")
    lines = [
        (name, *(f"{found.get(kind, 0) / 1000:.1f}" for kind in KINDS), f"{sum(found.values()) / 1000:.1f}")
        for name, found in weighed.items()
    ]
    print(f"\nkB, gzip -9\n{table([head, *lines])}")
    assert all(set(found) <= set(KINDS) for found in weighed.values())
