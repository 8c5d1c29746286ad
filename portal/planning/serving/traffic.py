"""Requests as they come: when, and how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Requests in the order of their arrival; arrays of one length.

    Raises:
        ValueError: arrays of different lengths, arrivals that go back in time or are no numbers, a prompt or an answer
            of no tokens, a cached prefix that is longer than the prompt.
    """

    arrival: NDArray[np.float64]  # seconds
    prompt: NDArray[np.int64]  # tokens
    answer: NDArray[np.int64]  # tokens
    cached: NDArray[np.int64]  # first tokens of the prompt that other requests share and that are cached already

    def __post_init__(self) -> None:
        sizes = {len(self.arrival), len(self.prompt), len(self.answer), len(self.cached)}
        if len(sizes) != 1:
            raise ValueError(
                f"every request has an arrival, a prompt, an answer and a prefix, got {sorted(sizes)} of them"
            )
        if not np.all(np.isfinite(self.arrival)) or np.any(np.diff(self.arrival) < 0):
            raise ValueError("requests are given in the order of their arrival, at finite times")
        if np.any(self.prompt < 1) or np.any(self.answer < 1):
            raise ValueError("prompts and answers have 1 token or more")
        if np.any(self.cached < 0) or np.any(self.cached > self.prompt):
            raise ValueError("a cached prefix has 0 tokens or more, and no more than its prompt")

    def __len__(self) -> int:
        return len(self.arrival)


def poisson_arrivals(
    rng: np.random.Generator, *, rate: float, seconds: float, ramp: float = 0.0
) -> NDArray[np.float64]:
    """Times at which requests come independently of each other, ``rate`` a second in the mean.

    Args:
        ramp: seconds in which the rate grows evenly from 0.

    Raises:
        ValueError: a rate or duration that is not above 0, or a ramp that does not fit into it.
    """
    if not (0 < rate < np.inf and 0 < seconds < np.inf):
        raise ValueError(f"wanted a rate and a duration above 0, got {rate} a second for {seconds} seconds")
    if not 0 <= ramp <= seconds:
        raise ValueError(f"the ramp takes 0 to {seconds} seconds, got {ramp}")
    expected = rate * (seconds - ramp / 2)
    at = np.sort(rng.uniform(0, expected, rng.poisson(expected)))  # on a clock on which the rate is 1
    risen = rate * ramp / 2
    return np.where(at < risen, np.sqrt(2 * at * ramp / rate), ramp + (at - risen) / rate)


def lengths(rng: np.random.Generator, *, mean: float, spread: float, number: int, longest: int) -> NDArray[np.int64]:
    """Log-normal numbers of tokens, as lengths of prompts and answers are roughly distributed.

    Args:
        mean: before lengths are cut.
        spread: standard deviation over mean; 0 for equal lengths.
        longest: what longer ones are cut to.

    Raises:
        ValueError: a mean below 1 or above ``longest``, or a negative spread.
    """
    if not 1 <= mean <= longest or not 0 <= spread < np.inf:
        raise ValueError(f"wanted a mean of 1 to {longest} tokens and a spread of 0 or more, got {mean} and {spread}")
    variance = np.log1p(spread**2)
    drawn = np.exp(rng.normal(np.log(mean) - variance / 2, np.sqrt(variance), number))
    return np.clip(np.rint(drawn), 1, longest).astype(np.int64)
