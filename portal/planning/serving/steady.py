"""A server under a steady load of requests: how many run at once, and how long they wait for their tokens.

In steady state rate × time between tokens × tokens of an answer sequences are decoded at once (Little's law), and the
time between tokens grows with their number: a fixed point. That is the mean of what ``scheduler`` simulates step by
step, as long as the server is not overloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.roofline import (
    Node,
    Served,
    attention_seconds,
    cache_seconds,
    matmul_seconds,
    reduce_seconds,
    weight_seconds,
)
from portal.planning.serving.scheduler import StepTime

_ROUNDS = 8  # of the fixed point in the experts that are touched; the rest is solved exactly
# vLLM pads a batch to the next size for which it captured a graph, mostly multiples of 8: 4 more in the mean.
_PADDING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a decoding step takes at full speed, apart by its dependence on the batch. Numbers or arrays of one shape.

    A batch reads ``read + read_more × share of experts touched``; ``missed`` is the probability that one token passes
    an expert by, 0 for a dense model.
    """

    read: Any
    read_more: Any
    missed: Any
    layers: Any
    reduces: Any
    cache: Any  # seconds a sequence, as the following
    multiply: Any
    exchange: Any


def decoding(model: Served, node: Node, *, context: Any, prompt_tokens: Any = 0.0) -> Step:
    """The step of one model.

    Args:
        context: tokens of a sequence in the mean.
        prompt_tokens: of new prompts that are computed for every token that is written: prompt over answer, less what
            a cache of prefixes spares.
    """
    none = weight_seconds(model, node, 0.0)
    tokens = 1.0 + prompt_tokens
    return Step(
        read=none,
        read_more=weight_seconds(model, node) - none,
        missed=_missed(model.arch),
        layers=model.arch.layers,
        reduces=2 * model.arch.layers if node.tensor > 1 else 0,
        cache=cache_seconds(model, node, 1.0, context),
        multiply=matmul_seconds(model, node, tokens),
        exchange=reduce_seconds(model, node, tokens),
    )


def _missed(arch: Architecture) -> float:
    return 1 - arch.experts.active / arch.experts.count if arch.experts else 0.0


def batch_seconds(step: Step, shares: Mapping[str, Any], batch: Any) -> Any:
    """Seconds of a step that decodes ``batch`` sequences.

    Matrix products are added to reading here, not hidden behind it: at the batches of a server each covers the other
    only in part, and a sum predicted models that were left out better than the longer of the two.
    """
    fixed, slope, more = _parts(step, shares)
    return fixed + slope * batch + more * _touched(step, batch)


def steady_batch(step: Step, shares: Mapping[str, Any], *, tokens_per_second: Any, most: Any = np.inf) -> Any:
    """Sequences decoded at once when ``tokens_per_second`` are asked for; ``most`` when the server cannot follow.

    Args:
        most: sequences that the engine runs at once, or that its pool holds.
    """
    fixed, slope, more = _parts(step, shares)
    room = 1 - slope * tokens_per_second  # of every second, what tokens themselves leave for the rest
    batch: Any = np.minimum(tokens_per_second * fixed, most)
    for _ in range(_ROUNDS):
        wanted = tokens_per_second * (fixed + more * _touched(step, batch)) / np.maximum(room, 1e-9)
        batch = np.minimum(wanted, most)
    return batch


def _touched(step: Step, batch: Any) -> Any:
    return 1 - np.asarray(step.missed, dtype=float) ** (np.asarray(batch, dtype=float) + _PADDING)


def _parts(step: Step, shares: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Seconds whatever the batch, seconds a sequence, and seconds of reading all experts."""
    fixed = (
        step.read / shares["weight_bandwidth"]
        + step.layers * shares["layer_seconds"]
        + step.reduces * shares["reduce_seconds"]
    )
    slope = (
        step.cache / shares["cache_bandwidth"]
        + step.multiply / shares["compute"]
        + step.exchange / shares["link_bandwidth"]
        + shares["request_seconds"]
    )
    return fixed, slope, step.read_more / shares["weight_bandwidth"]


def step_time(model: Served, node: Node, shares: Mapping[str, float], *, context: float) -> StepTime:
    """The same step as a function for ``scheduler.simulate``, prompts included.

    Args:
        context: tokens of a sequence in the mean; with a sliding window the cache of a token is cheaper beyond it.
    """
    step = decoding(model, node, context=context)
    fixed, _, more = (float(part) for part in _parts(step, shares))
    token = float(step.multiply / shares["compute"] + step.exchange / shares["link_bandwidth"])
    pair = float(attention_seconds(model, node, 1.0, context) / (context + 0.5) / shares["compute"])
    cached = float(step.cache / context / shares["cache_bandwidth"])
    sequence, missed = shares["request_seconds"], _missed(model.arch)

    def seconds(prompt_tokens: int, pairs: float, batch: int, tokens_cached: int) -> float:
        tokens = batch + prompt_tokens
        experts = more * (1 - missed ** (tokens + _PADDING)) if missed else more
        return fixed + experts + token * tokens + pair * pairs + sequence * batch + cached * tokens_cached

    return seconds


def first_token_seconds(shares: Mapping[str, Any], between: Any, prompt_seconds: Any = 0.0) -> Any:
    """Mean seconds to the first token where requests need not queue.

    A request is taken in, then waits for the step that runs and for the one that is prepared already (vLLM schedules
    one ahead), and for its own: ``waited_steps`` together.

    Args:
        prompt_seconds: of computing what of the prompt is not cached.
    """
    return shares["ingest_seconds"] + shares["waited_steps"] * between + prompt_seconds


def whole_seconds(shares: Mapping[str, Any], first: Any, between: Any, output: Any) -> Any:
    """Mean seconds to the last token; ``written`` of the tokens asked for arrive as such, as some end early or are
    joined with their neighbours on the way."""
    return first + shares["written"] * np.maximum(output - 1, 0) * between


MEANINGS: Mapping[str, str] = {
    "weight_bandwidth": "share of the memory bandwidth at which weights are read",
    "cache_bandwidth": "share of the memory bandwidth at which the key-value cache is read",
    "compute": "share of the peak in matrix products, which are added to reading",
    "link_bandwidth": "share of the link bandwidth in all-reduces",
    "layer_seconds": "seconds a layer that nothing else explains",
    "reduce_seconds": "seconds that one all-reduce waits",
    "request_seconds": "seconds a step for each sequence of the batch",
    "ingest_seconds": "seconds from the request to the queue, and from the token to the client",
    "waited_steps": "steps from the queue to the first token",
    "written": "tokens that arrive one by one, over those asked for",
}
