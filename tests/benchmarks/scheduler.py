"""How much time of one core it takes to simulate ten minutes of a server at 50 requests a second.

``pytest -s -m benchmark tests/benchmarks/scheduler.py``
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.roofline import Node, Served
from portal.planning.evidence.coefficients import fitted
from portal.planning.serving.scheduler import Limits, simulate
from portal.planning.serving.steady import step_time
from portal.planning.serving.traffic import Requests, lengths, poisson_arrivals

pytestmark = pytest.mark.benchmark

RATE, SECONDS = 50.0, 600.0
WANTED = 1.0  # seconds
# prompt, answer, tensor split
LOADS = ((100, 50, 1), (400, 100, 2), (800, 300, 8), (2000, 500, 8))


def test_scheduler() -> None:
    shares = fitted("served-between-tokens")
    model = Served(arch=MODELS["llama-3.1-8b"].architecture, weight_bytes=2.0)
    print(f"\n{'prompt':>7}{'answer':>8}{'devices':>9}{'requests':>10}{'steps':>9}{'busy':>7}{'p99 first':>11}", end="")
    print(f"{'seconds':>9}{'of the bar':>12}{'faster than life':>18}")
    for prompt, answer, tensor in LOADS:
        node = Node(peak=989e12, wide_peak=989e12, bandwidth=3350e9, link=450e9, tensor=tensor)
        rng = np.random.default_rng(1)
        arrival = poisson_arrivals(rng, rate=RATE, seconds=SECONDS)
        number = len(arrival)
        asked = Requests(
            arrival=arrival,
            prompt=lengths(rng, mean=prompt, spread=0.8, number=number, longest=16_000),
            answer=lengths(rng, mean=answer, spread=0.8, number=number, longest=4_000),
            cached=np.zeros(number, dtype=np.int64),
        )
        of_a_step = step_time(model, node, shares, context=prompt + answer / 2)
        limits = Limits(batched_tokens=8192, sequences=1024, blocks=30_000 * tensor)
        began = time.process_time()
        times = simulate(asked, limits, of_a_step)
        taken = time.process_time() - began
        print(
            f"{prompt:>7}{answer:>8}{tensor:>9}{number:>10,}{times.steps:>9,}{times.busy / times.makespan:>7.0%}"
            f"{np.percentile(times.first, 99):>10.2f}s{taken:>9.2f}{taken / WANTED:>12.0%}{SECONDS / taken:>17,.0f}x"
        )
