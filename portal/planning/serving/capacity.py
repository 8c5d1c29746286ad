"""How much one replica serves within its targets, and how many replicas a load needs.

A replica runs B requests at once (continuous batching). Each token of each takes the time of a step at that B, so a
replica finishes B / (output × time of a step) requests a second (Little's law). B is as large as memory and targets
allow: more at once serve more, and each waits longer. Running requests fluctuate about their mean as a Poisson number
does, which targets at a percentile and memory must hold too. All numbers may be arrays of draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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


def replica(model: Served, node: Node, shares: Shares, lengths: Lengths, *, held: Any, slower: Any = 1.0) -> Replica:
    """A replica under a kind of request.

    Args:
        shares: those of ``engines.engine_shares``.
        held: requests of mean length that its memory holds.
        slower: factor on every time, 1 for the estimate as it is.
    """
    one = work(model, node, batch=1.0, context=lengths.context)
    known = np.multiply(lengths.prompt, lengths.cached)
    new = work(model, node, prompt_tokens=np.subtract(lengths.prompt, known), cached=known)
    # A long prompt attends to more than its share: the mean of squares is (1 + v²) times the square of the mean.
    uneven = np.square(lengths.prompt_variation) * attention_seconds(model, node, lengths.prompt)
    arch = model.arch
    base = one.layers * shares["layer_seconds"] + one.reduces * shares["reduce_seconds"] + shares["step_seconds"]
    base = base + arch.expert_layers * shares["expert_layer_seconds"]
    each = one.cache / shares["cache_bandwidth"] + one.exchange / shares["link_bandwidth"] + shares["request_seconds"]
    return Replica(
        base=base * slower,
        read_all=weight_seconds(model, node) / shares["weight_bandwidth"] * slower,
        read_none=weight_seconds(model, node, 0.0) / shares["weight_bandwidth"] * slower,
        missed=1 - arch.experts.active / arch.experts.count if arch.experts else 0.0,
        multiply=one.multiply / shares["compute"] * slower,
        each=each * slower,
        prompt=(delay_seconds(new, shares) + uneven / shares["attention_compute"]) * slower,
        stalled=shares["stalled"],
        output=lengths.output,
        prompt_variation=lengths.prompt_variation,
        held=held,
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
    """Seconds of a step that decodes one token of each of ``batch`` requests."""
    read = of.read_all - (of.read_all - of.read_none) * of.missed**batch if of.missed else of.read_all
    return of.base + np.maximum(read, batch * of.multiply) + batch * of.each


def token_seconds(of: Replica, batch: Any) -> Any:
    """Mean seconds between two tokens of a request, prompts of others in between included."""
    return step_seconds(of, batch) + of.stalled * batch / of.output * of.prompt


def cycle_seconds(of: Replica, batch: Any) -> Any:
    """Seconds of a step and of all prompts that begin in it: the whole work, whomever it delays."""
    return step_seconds(of, batch) + batch / of.output * of.prompt


def requests_per_second(of: Replica, batch: Any) -> Any:
    """Requests that are finished, and begin, while ``batch`` run."""
    return batch / (of.output * cycle_seconds(of, batch))


def prompt_share(of: Replica, batch: Any) -> Any:
    """Share of the time that prompts take."""
    return batch / of.output * of.prompt / cycle_seconds(of, batch)


def first_token_seconds(of: Replica, batch: Any, percentile: float) -> Any:
    """Seconds until the first token at a percentile: waiting for the running step and for earlier prompts, the own
    prompt, and the step with it.

    Prompts queue for one server: mean wait ρ S (1 + v²) / 2 (1 − ρ) (Pollaczek and Khinchine), with a tail that falls
    exponentially from the share ρ of arrivals that wait at all.
    """
    return first_seconds(of, batch, own_prompt_seconds(of, percentile), percentile)


def own_prompt_seconds(of: Replica, percentile: float) -> Any:
    """Seconds of a prompt that is as long as log-normal lengths are at the percentile."""
    sigma = np.sqrt(np.log1p(np.square(of.prompt_variation)))
    return of.prompt * np.exp(NormalDist().inv_cdf(percentile) * sigma - sigma**2 / 2)


def first_seconds(of: Replica, batch: Any, own: Any, percentile: float) -> Any:
    """``first_token_seconds`` with what does not depend on the batch given."""
    step, prompts = step_seconds(of, batch), batch / of.output * of.prompt
    busy = prompts / (step + prompts)
    wait = of.prompt * (1 + np.square(of.prompt_variation)) / (2 * (1 - busy))  # of those that wait
    tail = np.log(np.maximum(busy / (1 - percentile), 1.0))
    return 2 * (step + of.stalled * prompts) + own + wait * tail


def at_percentile(batch: Any, percentile: float) -> Any:
    """Running requests that are not exceeded in that share of the time, about a mean of ``batch``."""
    return batch + NormalDist().inv_cdf(percentile) * np.sqrt(batch)


def most_at_once(of: Replica, *, first: Any, between: Any, percentile: float) -> Any:
    """The largest mean number of running requests within targets, memory and what engines run; 0 where not one is.

    Args:
        first: seconds until the first token that the percentile may take.
        between: seconds between tokens that the percentile may take.
    """

    own = own_prompt_seconds(of, percentile)
    room = np.where(np.asarray(of.held) >= 1, np.minimum(of.held, MOST_AT_ONCE), 0.0)

    def within(batch: Any) -> Any:
        peak = at_percentile(batch, percentile)
        fits = (peak <= room) & (token_seconds(of, peak) <= between)
        return fits & (first_seconds(of, batch, own, percentile) <= first)

    least: Any = np.where(within(LEAST), LEAST, 0.0)
    most: Any = np.full(np.shape(least), float(MOST_AT_ONCE))
    for _ in range(HALVINGS):
        middle = np.sqrt(np.maximum(least, LEAST) * most)
        good = within(middle) & (least > 0)
        least, most = np.where(good, middle, least), np.where(good, most, middle)
    return least


def running_at(of: Replica, rate: Any, most: Any) -> Any:
    """Mean number of running requests when ``rate`` requests a second come, from ``LEAST`` up to ``most``."""
    least: Any = np.full(np.broadcast_shapes(np.shape(rate), np.shape(most)), LEAST)
    above: Any = np.zeros(np.shape(least)) + most
    for _ in range(HALVINGS):
        middle = np.sqrt(least * above)
        short = requests_per_second(of, middle) < rate
        least, above = np.where(short, middle, least), np.where(short, above, middle)
    return above


def replicas_needed(rate: Any, per_replica: Any) -> Any:
    """Whole replicas for ``rate`` requests a second; infinite where a replica serves none."""
    with np.errstate(divide="ignore"):
        return np.ceil(np.divide(rate, per_replica))
