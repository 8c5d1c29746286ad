"""How much processor time serving estimates take, and how far they lie from published runs beside a roofline.

``pytest -s -m benchmark tests/benchmarks/serving_calculator.py``
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pytest

from mlcore.reading import read_inputs
from portal.planning.calculators.serving import CALCULATOR
from portal.planning.engine import evaluate, simulate
from portal.planning.evidence.coefficients import predictions
from portal.planning.evidence.registry import all_families
from portal.planning.serving import capacity
from portal.planning.serving.calculation import options, targets

pytestmark = pytest.mark.benchmark

DRAWS = 100_000
WANTED_SECONDS = 2.0
FAMILIES = ("decode", "prefill", "dense-serving", "moe-serving", "serving-energy")


def seconds(run: Callable[[], Any], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return median(taken)


def test_speed() -> None:
    inputs: Any = read_inputs(CALCULATOR.inputs, {})
    x = evaluate(CALCULATOR, inputs).resolved
    replica = options(x)[0].replica
    step = seconds(lambda: capacity.token_seconds(replica, 64.0), 1000)
    wanted = targets(x)
    plan = seconds(lambda: capacity.most_at_once(replica, wanted), 100)
    whole = seconds(lambda: evaluate(CALCULATOR, inputs), 50)
    draws = seconds(lambda: simulate(CALCULATOR, inputs, draws=DRAWS, seed=1))
    print()
    print(f"time between tokens of one plan           {step * 1e6:10.1f} µs")
    print(f"the most that a replica runs in its targets {plan * 1e3:8.2f} ms")
    print(f"a whole case with tables left out         {whole * 1e3:10.2f} ms")
    print(f"{DRAWS:,} draws, of at most {WANTED_SECONDS} s            {draws / WANTED_SECONDS:10.0%}")


def test_errors_on_models_left_out() -> None:
    print()
    print(f"{'family':<18}{'cases':>6}{'models':>7}{'median':>9}{'rule':>9}{'ratio':>8}")
    for slug in FAMILIES:
        family = all_families()[slug]
        cases, said = family.read(), predictions()[slug]
        off = [abs(said[case.key].predicted / case.measured - 1) for case in cases]
        rule = [abs((said[case.key].rule or np.nan) / case.measured - 1) for case in cases]
        models = len({case.model for case in cases})
        ratio = median(off) / float(np.nanmedian(rule))
        print(f"{slug:<18}{len(off):>6}{models:>7}{median(off):>9.1%}{np.nanmedian(rule):>9.1%}{ratio:>8.2f}")
