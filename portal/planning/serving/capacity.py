"""How much one replica serves within its targets, and how many replicas a load needs.

A replica runs B requests at once (continuous batching). Each token of each takes the time of a step at that B, so a
replica finishes B / (output × time of a step) requests a second (Little's law). B is as large as memory and targets
allow: more at once serve more, and each waits longer. Running requests fluctuate about their mean as a Poisson number
does, which targets at a percentile and memory must hold too. All numbers may be arrays of draws.

A pipeline of stages runs one group of requests in each: a step of a group passes all stages, so it takes as long as on
one server that holds every layer, and passing on what they send; all groups together serve that many times more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

from portal.planning.compute.roofline import (
    Node,
    Served,
    Shares,
    attention_seconds,
    delay_seconds,
    weight_seconds,
    work,
)

MOST_AT_ONCE = 1024  # requests that an engine runs at once by default
LEAST = 1e-3  # running requests in the mean, at which nobody waits for another
HALVINGS = 18  # of the range of batches, on a log scale: to within one in ten thousand
AT_ONCE = 9  # halvings that are made in one pass for a single case; NumPy's calls, not its numbers, take time then


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Tokens of a request."""

    prompt: Any  # mean
    output: Any  # mean
    cached: Any = 0.0  # share of the prompt that need not be computed
    prompt_variation: Any = 0.0  # standard deviation over mean
    output_variation: Any = 0.0

    @property
    def context(self) -> Any:
        """Mean tokens that a running request holds. Long answers run longer, so they weigh more: o/2 (1 + v²)."""
        return self.prompt + np.asarray(self.output, dtype=float) / 2 * (1 + np.square(self.output_variation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """Seconds of a step by what they depend on; see ``step_seconds``."""

    base: Any  # for starting kernels, scheduling and waiting between devices
    read_all: Any  # reading weights when every expert is touched
    read_none: Any  # and when none is
    missed: float  # share of experts that one token leaves untouched
    multiply: Any  # of each running request, for products with weights
    each: Any  # of each running request, for its cache, exchange and scheduling
    prompt: Any  # that computing a prompt takes
    stalled: Any  # share of that which delays tokens of others
    output: Any  # tokens of an answer
    prompt_variation: Any
    held: Any  # requests that memory holds
    stages: int = 1  # of a pipeline, and groups of requests that go round in it
    slower: Any = 1.0  # factor that every time has been multiplied by


def replica(
    model: Served,
    node: Node,
    shares: Shares,
    lengths: Lengths,
    *,
    held: Any,
    slower: Any = 1.0,
    stages: int = 1,
    passing: float = 0.0,
) -> Replica:
    """A replica under a kind of request.

    Args:
        node: all devices, or those of one stage of a pipeline.
        shares: those of ``engines.engine_shares``.
        held: requests of mean length that its memory holds, in all stages together.
        slower: factor on every time, 1 for the estimate as it is.
        passing: seconds in which a token's activations go through the whole pipeline.
    """
    one = work(model, node, batch=1.0, context=lengths.context)
    known = np.multiply(lengths.prompt, lengths.cached)
    new = work(model, node, prompt_tokens=np.subtract(lengths.prompt, known), cached=known)
    # A long prompt attends to more than its share: the mean of squares is (1 + v²) times the square of the mean.
    uneven = np.square(lengths.prompt_variation) * attention_seconds(model, node, lengths.prompt)
    arch = model.arch
    base = one.layers * shares["layer_seconds"] + one.reduces * shares["reduce_seconds"] + shares["step_seconds"]
    base = base + arch.expert_layers * shares["expert_layer_seconds"] + (stages - 1) * shares["reduce_seconds"]
    sent = (one.exchange + passing) / shares["link_bandwidth"]
    each = one.cache / shares["cache_bandwidth"] + sent + shares["request_seconds"]
    handed_on = passing * (lengths.prompt - known) / shares["link_bandwidth"]
    return Replica(
        base=base * slower,
        read_all=weight_seconds(model, node) / shares["weight_bandwidth"] * slower,
        read_none=weight_seconds(model, node, 0.0) / shares["weight_bandwidth"] * slower,
        missed=1 - arch.experts.active / arch.experts.count if arch.experts else 0.0,
        multiply=one.multiply / shares["compute"] * slower,
        each=each * slower,
        prompt=(delay_seconds(new, shares) + uneven / shares["attention_compute"] + handed_on) * slower,
        stalled=shares["stalled"],
        output=lengths.output,
        prompt_variation=lengths.prompt_variation,
        held=held,
        stages=stages,
        slower=slower,
    )


def speculating(of: Replica, *, drafted: int, accepted: float, draft_cost: float) -> tuple[Replica, float]:
    """A replica whose steps check ``drafted`` guessed tokens, and how many tokens such a step writes in the mean.

    With each guess accepted independently it writes (1 − a^(g + 1)) / (1 − a) (Leviathan et al. 2023, arXiv 2211.17192,
    section 3.1). Weights and caches are read once for all guesses, products are made for each.

    Args:
        accepted: probability that a guess is accepted, below 1.
        draft_cost: time of guessing one token over that of a step.
    """
    written = (1 - accepted ** (drafted + 1)) / (1 - accepted)
    longer = 1 + drafted * draft_cost
    return replace(
        of,
        base=of.base * longer,
        read_all=of.read_all * longer,
        read_none=of.read_none * longer,
        multiply=of.multiply * (drafted + 1),
        output=of.output / written,
    ), written


def step_seconds(of: Replica, batch: Any) -> Any:
    """Seconds of a step that decodes one token of each of ``batch`` requests, through all stages."""
    batch = batch / of.stages
    read = of.read_all - (of.read_all - of.read_none) * of.missed**batch if of.missed else of.read_all
    return of.base + np.maximum(read, batch * of.multiply) + batch * of.each


def token_seconds(of: Replica, batch: Any) -> Any:
    """Mean seconds between two tokens of a request, prompts of others in between included."""
    return step_seconds(of, batch) + of.stalled * prompt_seconds(of, batch)


def prompt_seconds(of: Replica, batch: Any) -> Any:
    """Seconds of the prompts that begin in a step."""
    return batch / of.stages / of.output * of.prompt


def cycle_seconds(of: Replica, batch: Any) -> Any:
    """Seconds of a step and of all prompts that begin in it: the whole work, whomever it delays."""
    return step_seconds(of, batch) + prompt_seconds(of, batch)


def requests_per_second(of: Replica, batch: Any) -> Any:
    """Requests that are finished, and begin, while ``batch`` run."""
    return batch / (of.output * cycle_seconds(of, batch))


def prompt_share(of: Replica, batch: Any) -> Any:
    """Share of the time that prompts take."""
    return prompt_seconds(of, batch) / cycle_seconds(of, batch)


def first_token_seconds(of: Replica, batch: Any, percentile: float) -> Any:
    """Seconds until the first token at a percentile: waiting for the running step and for earlier prompts, the own
    prompt, and the step with it.

    Prompts queue for one server: mean wait ρ S (1 + v²) / 2 (1 − ρ) (Pollaczek and Khinchine), with a tail that falls
    exponentially from the share ρ of arrivals that wait at all.
    """
    step, prompts = step_seconds(of, batch), prompt_seconds(of, batch)
    busy = prompts / (step + prompts)
    wait = of.prompt * (1 + np.square(of.prompt_variation)) / (2 * (1 - busy))  # of those that wait
    tail = np.log(np.maximum(busy / (1 - percentile), 1.0))
    return 2 * (step + of.stalled * prompts) + own_prompt_seconds(of, percentile) + wait * tail


def own_prompt_seconds(of: Replica, percentile: float) -> Any:
    """Seconds of a prompt that is as long as log-normal lengths are at the percentile."""
    sigma = np.sqrt(np.log1p(np.square(of.prompt_variation)))
    return of.prompt * np.exp(_deviations(percentile) * sigma - sigma**2 / 2)


@lru_cache(maxsize=256)
def _deviations(percentile: float) -> float:
    """Standard deviations above the mean that a normal number stays below in that share of the cases."""
    return NormalDist().inv_cdf(percentile)


def at_percentile(batch: Any, percentile: float) -> Any:
    """Running requests that are not exceeded in that share of the time, about a mean of ``batch``."""
    return batch + _deviations(percentile) * np.sqrt(batch)


@dataclass(frozen=True, slots=True)
class Targets:
    """Seconds until the first token, and between tokens, that the percentile may take."""

    first: Any
    between: Any
    percentile: float


def room(of: Replica) -> Any:
    """Requests that run at once at most: what memory holds and engines run; 0 where memory holds not one."""
    return np.where(np.asarray(of.held) >= 1, np.minimum(of.held, MOST_AT_ONCE), 0.0)


def within(of: Replica, targets: Targets, batch: Any, most: Any) -> Any:
    """Whether ``batch`` running requests in the mean keep the targets and are never more than ``most``."""
    peak = at_percentile(batch, targets.percentile)
    fits = (peak <= most) & (token_seconds(of, peak) <= targets.between)
    return fits & (first_token_seconds(of, batch, targets.percentile) <= targets.first)


def most_at_once(of: Replica, targets: Targets) -> Any:
    """The largest mean number of running requests that is ``within`` the targets; 0 where not one is."""
    most = room(of)
    least: Any = within(of, targets, LEAST, most)
    top = np.full(np.shape(least), float(MOST_AT_ONCE))
    return np.where(least, _narrowed(lambda batch: within(of, targets, batch, most), top)[0], 0.0)


def running_at(of: Replica, rate: Any, most: Any) -> Any:
    """Mean number of running requests when ``rate`` requests a second come, from ``LEAST`` up to ``most``."""
    top = np.zeros(np.broadcast_shapes(np.shape(rate), np.shape(most))) + np.maximum(most, LEAST)
    return _narrowed(lambda batch: requests_per_second(of, batch) < rate, top)[1]


def _narrowed(holds: Callable[[Any], Any], top: Any) -> tuple[Any, Any]:
    """Batches between which ``holds`` turns false, out of those from ``LEAST`` to ``top``, (draws,) or a number."""
    halvings = AT_ONCE if np.ndim(top) == 0 else 1
    steps = np.arange(1, 2**halvings).reshape(-1, *(1,) * np.ndim(top))
    low, width = np.full(np.shape(top), np.log(LEAST)), np.log(top / LEAST)
    for _ in range(HALVINGS // halvings):
        width = width / 2**halvings
        low = low + width * np.count_nonzero(holds(np.exp(low + width * steps)), axis=0)
    return np.exp(low), np.exp(low + width)


def replicas_needed(rate: Any, per_replica: Any) -> Any:
    """Whole replicas for ``rate`` requests a second; infinite where a replica serves none."""
    with np.errstate(divide="ignore"):
        return np.ceil(np.divide(rate, per_replica))
