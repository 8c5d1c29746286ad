"""How fast a training step is estimated, and how far estimates lie from what was measured, group by group.

``pytest -s -m benchmark tests/benchmarks/step_model.py``

Errors are those of cross-validation that leaves out whole models; beside them stands the rule of thumb, whose one
utilisation is fitted in the same way.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute.flops import model_per_token
from portal.planning.compute.layout import Layout
from portal.planning.compute.step import step_seconds
from portal.planning.evidence.coefficients import fitted, predictions
from portal.planning.evidence.family import Case
from portal.planning.evidence.registry import all_families

pytestmark = pytest.mark.benchmark

ARCH = MODELS["llama-3.1-70b"].architecture
CLUSTER = cluster_of(ACCELERATORS["h100-sxm"])
LAYOUT = Layout(sequence=8192, tensor=8, pipeline=4, data=16, micro_batches=16, zero_stage=1)
GROUPS: dict[str, Callable[[Case], str]] = {
    "source": lambda case: case.source.split(",")[0],
    "device": lambda case: case.hardware,
    "model": lambda case: case.model,
}


def seconds_of(action: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - started) / times


def test_speed() -> None:
    coefficients = fitted("training-throughput")
    one = seconds_of(lambda: step_seconds(ARCH, LAYOUT, CLUSTER, coefficients), 300)
    formula = seconds_of(lambda: model_per_token(ARCH, 8192, causal=True) * 8192 / (CLUSTER.peak_tflops * 4e11), 300)
    splits = np.array(list(product((1, 2, 4, 8), (1, 2, 4, 8), (8, 16, 32, 64, 128), (1, 2, 4, 8, 16), range(1, 26)))).T
    names = ("tensor", "pipeline", "data", "micro_batch", "micro_batches")
    arrays: dict[str, Any] = dict(zip(names, splits, strict=True))
    many = seconds_of(lambda: step_seconds(ARCH, replace(LAYOUT, **arrays), CLUSTER, coefficients), 3)
    print(f"\none step: {one * 1e6:.0f} µs, {one / formula:.1f} times the bare formula 6 N D with attention")
    print(f"{splits.shape[1]:,} layouts at once: {many * 1e3:.1f} ms, {many / splits.shape[1] / one:.3f} of one by one")


@pytest.mark.parametrize("slug", ["training-steps", "training-throughput", "training-runs"])
def test_errors(slug: str) -> None:
    cases, known = all_families()[slug].read(), predictions()[slug]
    for title, group in GROUPS.items():
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for case in cases:
            predicted = known[case.key]
            rule = (predicted.rule or np.nan) / case.measured - 1
            found[group(case)].append((predicted.predicted / case.measured - 1, rule))
        print(f"\n{slug} by {title:<30} cases   median   within 25%   bias   rule's median")
        for name, errors in sorted(found.items(), key=lambda item: -len(item[1])):
            ours, rules = np.array(errors).T
            print(
                f"{name[:52]:<52}{len(ours):>5}{np.median(abs(ours)):>9.1%}{(abs(ours) <= 0.25).mean():>11.0%}"
                f"{np.median(ours):>+9.1%}{np.median(abs(rules)):>14.1%}"
            )
