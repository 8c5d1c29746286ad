"""How far predicted memory and time of fine-tunes lie from published ones, by source, and how fast an estimate is.

``pytest -s -m benchmark tests/benchmarks/fine_tuning.py``

Every prediction is of a model that the fit has not seen. The yardsticks are the rules that people use: bytes a
parameter by method for memory, and 4 N D or 6 N D at one utilisation for time, fitted without the model too.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mlcore.reading import read_inputs
from portal.planning.calculators.fine_tune import CALCULATOR
from portal.planning.engine import evaluate, simulate
from portal.planning.evidence.coefficients import predictions
from portal.planning.evidence.families.finetuning import FAMILIES
from portal.planning.evidence.family import Case

pytestmark = pytest.mark.benchmark

RUNS = 200
DRAWS = 100_000


def off(slug: str, cases: Sequence[Case], said: Callable[[Any], float]) -> list[float]:
    return [said(predictions()[slug][case.key]) / case.measured - 1 for case in cases]


def line(name: str, ours: Sequence[float], rule: Sequence[float]) -> str:
    within = sum(abs(error) <= 0.25 for error in ours) / len(ours)
    median, theirs = (statistics.median(map(abs, errors)) for errors in (ours, rule))
    return f"{name:<62}{len(ours):>5}{median:>9.1%}{within:>9.0%}{statistics.median(ours):>+9.1%}{theirs:>12.1%}"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.slug)
def test_error_by_source(family: Any) -> None:
    cases = family.read()
    print(f"\n{family.title:<62}{'runs':>5}{'median':>9}{'in 25%':>9}{'bias':>9}{'rule':>12}")
    for source in ("all", *dict.fromkeys(case.source for case in cases)):
        group = [case for case in cases if source in ("all", case.source)]
        ours = off(family.slug, group, lambda prediction: prediction.predicted)
        print(line(source[:60], ours, off(family.slug, group, lambda prediction: prediction.rule)))


def test_speed_of_an_estimate() -> None:
    inputs: Any = read_inputs(CALCULATOR.inputs, {})
    resolved = evaluate(CALCULATOR, inputs).resolved
    started = time.perf_counter()
    for _ in range(RUNS):
        CALCULATOR.compute(resolved)
    one = (time.perf_counter() - started) / RUNS
    started = time.perf_counter()
    simulate(CALCULATOR, inputs, draws=DRAWS, seed=1)
    drawn = time.perf_counter() - started
    print(f"\none estimate {one * 1e3:.2f} ms; {DRAWS:,} draws {drawn:.2f} s, {one * DRAWS / drawn:.0f} times as "
          "fast as one by one")  # fmt: skip
