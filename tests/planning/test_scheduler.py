"""The simulated scheduler against a plain simulation of every step, closed forms and the laws that queues obey."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.roofline import Node, Served, matmul_seconds
from portal.planning.evidence.coefficients import fitted
from portal.planning.serving.scheduler import Limits, Times, simulate
from portal.planning.serving.steady import batch_seconds, decoding, first_token_seconds, steady_batch, step_time
from portal.planning.serving.traffic import Requests, poisson_arrivals


def step(prompt_tokens: int, pairs: float, batch: int, context: int) -> float:
    return 5e-3 + 2e-5 * prompt_tokens + 1e-9 * pairs + 3e-5 * batch + 4e-8 * context


def requests(arrival: list[float], prompt: list[int], answer: list[int], cached: list[int] | None = None) -> Requests:
    return Requests(
        arrival=np.array(arrival, dtype=float),
        prompt=np.array(prompt),
        answer=np.array(answer),
        cached=np.array(cached or [0] * len(prompt)),
    )


def plain(asked: Requests, limits: Limits) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and last times, one step and one sequence after the other; of a pool that is never full."""
    total, seen = len(asked), 0
    waiting: deque[int] = deque()
    computed, written = [int(n) // 16 * 16 for n in asked.cached], [0] * total
    computed = [min(done, int(prompt) - 1) for done, prompt in zip(computed, asked.prompt, strict=True)]
    running: list[int] = []
    first, last = np.full(total, np.nan), np.full(total, np.nan)
    now = horizon = 0.0
    while np.isnan(last).any():
        if not running and not waiting:
            now = horizon = max(now, asked.arrival[seen])
        while seen < total and asked.arrival[seen] <= horizon:
            waiting.append(seen)
            seen += 1
        decoding_now = [r for r in running if computed[r] == asked.prompt[r]]
        budget = limits.batched_tokens - len(decoding_now)
        pieces: dict[int, int] = {}
        for r in running:
            if computed[r] < asked.prompt[r] and budget:
                pieces[r] = min(int(asked.prompt[r]) - computed[r], budget)
                budget -= pieces[r]
        while waiting and budget and len(running) < limits.sequences:
            r = waiting.popleft()
            running.append(r)
            pieces[r] = min(int(asked.prompt[r]) - computed[r], budget)
            budget -= pieces[r]
        context = sum(int(asked.prompt[r]) + written[r] - 1 for r in decoding_now)
        pairs = sum(n * (computed[r] + n / 2) for r, n in pieces.items())
        started, now = now, now + step(sum(pieces.values()), pairs, len(decoding_now), context)
        horizon = started if limits.ahead else now
        for r in decoding_now:
            written[r] += 1
        for r, n in pieces.items():
            computed[r] += n
            if computed[r] == asked.prompt[r]:
                first[r] = now
                written[r] = 1
        for r in [r for r in running if written[r] == asked.answer[r]]:
            last[r] = now
            running.remove(r)
    return first, last


small = st.lists(
    st.tuples(st.floats(0, 0.5), st.integers(1, 200), st.integers(1, 60), st.integers(0, 200)), min_size=1, max_size=12
)


def gathered(rows: list[tuple[float, int, int, int]]) -> Requests:
    rows = sorted(rows)
    return requests(
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [min(row[3], row[1]) for row in rows],
    )


@settings(deadline=None, max_examples=60)
@given(rows=small, tokens=st.integers(8, 300), sequences=st.integers(1, 8), ahead=st.booleans())
def test_steps_taken_together_are_those_taken_one_by_one(
    rows: list[tuple[float, int, int, int]], tokens: int, sequences: int, ahead: bool
) -> None:
    asked = gathered(rows)
    limits = Limits(batched_tokens=tokens, sequences=sequences, blocks=10_000, ahead=ahead)
    first, last = plain(asked, limits)
    times = simulate(asked, limits, step)
    assert times.first == pytest.approx(first - asked.arrival, abs=1e-9)
    assert times.whole == pytest.approx(last - asked.arrival, abs=1e-9)


@settings(deadline=None)
@given(rows=small, blocks=st.integers(17, 40), tokens=st.integers(8, 300))
def test_every_request_ends_however_small_the_pool(
    rows: list[tuple[float, int, int, int]], blocks: int, tokens: int
) -> None:
    asked = gathered(rows)
    times = simulate(asked, Limits(batched_tokens=tokens, sequences=8, blocks=blocks), step)
    assert np.all(times.first > 0)
    assert np.all(times.whole >= times.first)
    assert times.written == asked.answer.sum()
    own = asked.prompt - np.minimum(asked.cached // 16 * 16, asked.prompt - 1)
    assert times.computed >= own.sum()
    assert times.preemptions or times.computed == own.sum()
    assert times.busy <= times.makespan * (1 + 1e-9)


def test_a_full_pool_computes_again_what_came_last() -> None:
    # Two of 160 + 95 tokens need 16 blocks each: both begin, the pool of 24 runs out, and the second waits.
    asked = requests([0.0, 0.0], [160, 160], [96, 96])
    times = simulate(asked, Limits(blocks=24), step)
    assert times.preemptions == 1
    roomy = simulate(asked, Limits(blocks=32), step)
    assert roomy.preemptions == 0
    assert times.whole[1] > roomy.whole[1]
    assert times.first == pytest.approx(roomy.first)  # what was written stays written
    # The second is computed again with what it had written: 160 + 33 tokens when both stood at 12 blocks.
    assert times.computed == 320 + 193


def test_no_time_is_idle_while_requests_wait() -> None:
    asked = requests([0.0] * 50, [100] * 50, [20] * 50)
    times = simulate(asked, Limits(batched_tokens=512, sequences=10, blocks=1000), step)
    assert times.busy == pytest.approx(times.makespan)


def test_one_at_a_time_at_equal_work_waits_as_a_queue_with_one_server() -> None:
    # M/D/1 (Pollaczek and Khinchine): mean wait ρ D / 2(1 − ρ).
    rng = np.random.default_rng(3)
    arrival = poisson_arrivals(rng, rate=0.5, seconds=60_000)
    number = len(arrival)
    asked = requests(arrival.tolist(), [16] * number, [1] * number)
    times = simulate(asked, Limits(sequences=1, blocks=4, ahead=False), lambda *_: 1.0)
    assert times.first.mean() - 1 == pytest.approx(0.5 / (2 * 0.5), rel=0.03)


def steady_load(rate: float, ahead: bool = True) -> tuple[Times, float, float, float]:
    model = Served(arch=MODELS["mixtral-8x7b"].architecture, weight_bytes=2.0)
    node = Node(peak=989e12, wide_peak=989e12, bandwidth=3350e9, link=450e9, tensor=4)
    shares = fitted("served-between-tokens")
    arrival = poisson_arrivals(np.random.default_rng(5), rate=rate, seconds=200)
    number = len(arrival)
    asked = requests(arrival.tolist(), [544] * number, [248] * number, [528] * number)
    times = simulate(asked, Limits(blocks=30_000, ahead=ahead), step_time(model, node, shares, context=668))
    expected = decoding(model, node, context=668, prompt_tokens=16 / 248)
    batch = float(steady_batch(expected, shares, tokens_per_second=rate * 248.0))
    between = float(batch_seconds(expected, shares, batch))
    prompt = 16 * float(matmul_seconds(model, node, 1.0)) / shares["compute"]
    first = float(first_token_seconds(dict(shares, ingest_seconds=0.0, waited_steps=2.5), between, prompt))
    return times, batch, between, first


@pytest.mark.parametrize("rate", [4.0, 20.0])
def test_the_fixed_point_is_the_mean_of_the_simulation(rate: float) -> None:
    times, batch, between, first = steady_load(rate)
    assert times.between.mean() == pytest.approx(between, rel=0.02)
    # A step is prepared ahead: half a step to its end, the prepared one, and its own.
    assert times.first.mean() == pytest.approx(first, rel=0.04)
    decoded = times.written - len(times.first)
    assert decoded / times.busy * between == pytest.approx(batch, rel=0.04)  # Little's law: batch = rate × time


def test_a_step_prepared_ahead_costs_one_step() -> None:
    ahead, *_ = steady_load(10.0)
    without, _, between, _ = steady_load(10.0, ahead=False)
    assert ahead.first.mean() - without.first.mean() == pytest.approx(between, rel=0.1)


def test_more_load_never_makes_waits_shorter() -> None:
    rng = np.random.default_rng(8)
    arrival = poisson_arrivals(rng, rate=1.0, seconds=400)
    number = len(arrival)
    prompt, answer = rng.integers(50, 800, number), rng.integers(10, 300, number)
    means = []
    for rate in (1.0, 4.0, 16.0, 64.0):
        times = simulate(
            requests((arrival / rate).tolist(), prompt.tolist(), answer.tolist()), Limits(blocks=5000), step
        )
        means.append((times.first.mean(), times.whole.mean()))
    assert all(later[0] >= earlier[0] and later[1] >= earlier[1] for earlier, later in pairwise(means))


def test_a_cached_prefix_spares_its_computation() -> None:
    cold = simulate(requests([0.0], [512], [4]), Limits(blocks=100), step)
    warm = simulate(requests([0.0], [512], [4], [500]), Limits(blocks=100), step)
    assert (cold.computed, warm.computed) == (512, 512 - 496)
    assert warm.first[0] < cold.first[0]


def test_an_answer_of_one_token_has_nothing_between() -> None:
    times = simulate(requests([1.0], [10], [1]), Limits(blocks=10), step)
    assert math.isnan(times.between[0])
    assert times.whole[0] == times.first[0] == pytest.approx(step(10, 50, 0, 0))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"blocks": 0}, "at least 1"),
        ({"blocks": 10, "sequences": 0}, "at least 1"),
        ({"blocks": 10, "batched_tokens": 8, "sequences": 9}, "allow more tokens or fewer sequences"),
    ],
)
def test_limits_that_cannot_work_are_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Limits(**wrong)  # type: ignore[arg-type]


def test_requests_that_cannot_be_served_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 11 blocks, the pool has 10"):
        simulate(requests([0.0], [160], [2]), Limits(blocks=10), step)
    with pytest.raises(ValueError, match="at least one request"):
        simulate(requests([], [], []), Limits(blocks=10), step)
    with pytest.raises(ValueError, match="more than 0 seconds, got 0"):
        simulate(requests([0.0], [16], [2]), Limits(blocks=10), lambda *_: 0.0)
