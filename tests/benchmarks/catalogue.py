"""What looking through to the edits costs: one row, all choices of a form, and one recompute.

``pytest -s -m benchmark tests/benchmarks/catalogue.py``

Each is timed as a running portal reads it, where every look asks whether edits have changed, beside the packaged rows
alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mlcore.reading import read_inputs, to_json
from mlcore.spec import params
from portal.catalogue import live
from portal.planning.catalog import edits
from portal.planning.catalog.accelerators import ACCELERATORS, PACKAGED
from portal.planning.engine import evaluate
from portal.planning.registry import all_calculators

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
OFFERING = ("training-run", "serving", "fine-tune", "build-or-buy")


@pytest.fixture(autouse=True)
def _running_portal(settings: Any) -> Iterator[None]:
    settings.CATALOGUE_POLL_SECONDS = 5.0
    edits.connect(live.refresh)
    yield
    edits.connect(None)


def best_of(run: Callable[[], object], times: int) -> float:
    """Seconds of the fastest of several runs."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_a_row_and_the_choices() -> None:
    rows = dict(PACKAGED)
    live_row = best_of(lambda: [ACCELERATORS["h100-sxm"] for _ in range(1000)], 20) / 1000
    fixed_row = best_of(lambda: [rows["h100-sxm"] for _ in range(1000)], 20) / 1000
    print(f"\none row: {live_row * 1e6:.2f} µs, of a plain dictionary {fixed_row * 1e6:.2f} µs")
    choices = next(param.choices for name, param, _ in params(_inputs("training-run")) if name == "accelerator")
    print(f"all choices of a field: {best_of(lambda: list(choices), 200) * 1e6:.1f} µs")


@pytest.mark.parametrize("slug", OFFERING)
def test_a_recompute(slug: str) -> None:
    calculator = all_calculators()[slug]
    raw = to_json(calculator.inputs())

    def recompute() -> None:
        evaluate(calculator, read_inputs(calculator.inputs, raw))

    watched = best_of(recompute, 40)
    edits.connect(None)
    unwatched = best_of(recompute, 40)
    print(
        f"\n{slug}: {watched * 1e3:.2f} ms, {watched / unwatched:.2f} times of what it takes without looking for edits"
    )


def _inputs(slug: str) -> type:
    return all_calculators()[slug].inputs
