"""Percentiles of what requests wait for, from a simulation of one replica in the busiest time.

The estimate of a plan knows means and a tail by formula; the simulation draws arrivals and lengths and runs the
scheduler, so both can be compared. It takes every step as long as the estimate does. Of a pipeline one of the groups of
requests is simulated that go round in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning.compute import engines
from portal.planning.compute.roofline import Node, Served, Shares, attention_seconds, cache_bytes, matmul_seconds, work
from portal.planning.serving.calculation import Option, shares
from portal.planning.serving.capacity import MOST_AT_ONCE, step_seconds
from portal.planning.serving.pool import BLOCK
from portal.planning.serving.scheduler import Limits, StepTime, Times, simulate
from portal.planning.serving.spreading import device, passing, served
from portal.planning.serving.traffic import Requests, poisson_arrivals

SIMULATED = 3_000  # requests
SETTLING = 500  # of which the first ones meet an empty replica and are not counted
SEED = 20_261
BATCHED_TOKENS = 8_192  # that a step computes: vLLM's default on devices of 70 GiB and more
PERCENTILES = (0.5, 0.95, 0.99)


def simulated(x: Any, one: Option, rate: float) -> Times:
    """Times of requests that come to one replica at ``rate`` a second; the first ones left out.

    Raises:
        ValueError: a request that memory never holds.
    """
    model, on, spread = served(x), device(x), one.spread
    node = engines.node(on, x.precision, spread.tensor)
    requests = _requests(x, rate / spread.stages)
    held = float(engines.sequences_held(model, on, spread.tensor, 1.0, stages=spread.stages)) / spread.stages
    limits = Limits(
        batched_tokens=BATCHED_TOKENS,
        sequences=max(MOST_AT_ONCE // spread.stages, 1),
        blocks=max(int(held / BLOCK), 1),
    )
    seconds = _step_time(model, node, shares(x, model.arch), one, passing(x, model.arch, spread))
    return simulate(requests, limits, seconds)


def _requests(x: Any, rate: float) -> Requests:
    rng = np.random.default_rng(SEED)
    arrival = poisson_arrivals(rng, rate=rate, seconds=(SIMULATED + SETTLING) / rate)
    prompt = _lengths(rng, len(arrival), float(x.prompt), float(x.prompt_variation))
    answer = _lengths(rng, len(arrival), float(x.output), float(x.output_variation))
    cached = np.minimum((prompt * float(x.cache_hits)).astype(np.int64), prompt - 1)
    return Requests(arrival=arrival, prompt=prompt, answer=answer, cached=cached)


def _lengths(rng: np.random.Generator, number: int, mean: float, variation: float) -> NDArray[np.int64]:
    """Log-normal lengths of a mean and a standard deviation over it, in whole tokens."""
    sigma = np.sqrt(np.log1p(variation**2))
    return np.maximum(np.rint(rng.lognormal(np.log(mean) - sigma**2 / 2, sigma, number)), 1).astype(np.int64)


def _step_time(model: Served, node: Node, reached: Shares, one: Option, handed_on: float) -> StepTime:
    slower = float(one.replica.slower)
    empty = float(step_seconds(one.replica, 0.0)) - float(one.replica.read_none)
    read_all, read_none, missed = (
        float(value) for value in (one.replica.read_all, one.replica.read_none, one.replica.missed)
    )
    token = work(model, node, batch=1.0)
    multiply = float(matmul_seconds(model, node, 1.0) / reached["compute"]) * slower
    # Of a token and one that it looks back on, as attention over two tokens after none has two such pairs.
    pair = float(attention_seconds(model, node, 2.0) / 2 / reached["attention_compute"]) * slower
    exchange = float((token.exchange + handed_on) / reached["link_bandwidth"]) * slower
    sequence = float(reached["request_seconds"]) * slower
    split = 1 if model.arch.latent else min(node.tensor, model.arch.kv_heads)
    cached = float(cache_bytes(model, 1.0) / (split * node.bandwidth) / reached["cache_bandwidth"]) * slower

    def seconds(prompt_tokens: int, pairs: float, batch: int, context: int) -> float:
        tokens = prompt_tokens + batch
        read = read_all - (read_all - read_none) * missed**tokens if missed else read_all
        products = multiply * tokens + pair * pairs
        return empty + max(read, products) + exchange * tokens + sequence * batch + cached * context

    return seconds


def percentiles(times: Times) -> list[tuple[float, float, float, float]]:
    """Rows of (share, seconds until the first token, mean seconds between tokens, seconds until the last token)."""
    kept = slice(SETTLING if len(times.first) > 2 * SETTLING else 0, None)
    return [
        (
            share,
            float(np.quantile(times.first[kept], share)),
            float(np.nanquantile(times.between[kept], share)) if np.isfinite(times.between[kept]).any() else 0.0,
            float(np.quantile(times.whole[kept], share)),
        )
        for share in PERCENTILES
    ]
