"""How large a model and how many tokens a budget of compute is best spent on.

The law L = E + A/N^α + B/D^β of Hoffmann et al. 2022 (arXiv 2203.15556, section 3.3) for the loss of N parameters
trained on D tokens at 6 N D FLOPs; with lifetime serving at 2 N FLOPs a token, Sardana et al. 2024 (arXiv 2401.00448).
All arguments may be numbers or arrays of draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

TRAINING, SERVING = 6, 2  # FLOPs of a parameter and token
HALVINGS = 36  # of a bracket on a logarithmic scale: exact to ten digits

Amount = Any  # a number, or an array of draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Loss in nats a token; ``low`` and ``high`` bound the FLOPs of the runs that it was fitted to."""

    floor: float  # E: what no model and no data can undercut
    of_size: float  # A
    size_exponent: float  # α
    of_data: float  # B
    data_exponent: float  # β
    low: float
    high: float

    @property
    def balance(self) -> float:
        """G of Hoffmann et al., equation 4: the best size is G (C/6)^(β/(α+β))."""
        a, b = self.size_exponent, self.data_exponent
        return float((a * self.of_size / (b * self.of_data)) ** (1 / (a + b)))


LAWS: Mapping[str, Law] = {
    # Besiroglu et al. 2024, arXiv 2404.10102, table 1: the same data fitted anew, without rounding.
    "epoch": Law(floor=1.8172, of_size=482.01, size_exponent=0.3478, of_data=2085.43, data_exponent=0.3658,
                 low=1e18, high=6e23),
    # Hoffmann et al. 2022, section 3.3, with the exponents of the source of the paper, which prints them rounded.
    "hoffmann": Law(floor=1.69, of_size=406.4, size_exponent=0.336, of_data=410.7, data_exponent=0.283,
                    low=1e18, high=6e23),
}  # fmt: skip


def loss(law: Law, parameters: Amount, tokens: Amount) -> Amount:
    return law.floor + law.of_size / parameters**law.size_exponent + law.of_data / tokens**law.data_exponent


def best_size(law: Law, flops: Amount) -> Amount:
    """Parameters with which so many FLOPs reach the lowest loss; the tokens are FLOPs/6 over them."""
    share = law.data_exponent / (law.size_exponent + law.data_exponent)
    return law.balance * (flops / TRAINING) ** share


def best_tokens(law: Law, parameters: Amount) -> Amount:
    """Tokens for which so many parameters are the best use of the compute."""
    share = law.data_exponent / (law.size_exponent + law.data_exponent)
    return (parameters / law.balance) ** (1 / share) / parameters


def tokens_to_reach(law: Law, wanted: Amount, parameters: Amount) -> Amount:
    """Tokens after which a model of that size has the wanted loss; infinite when it is too small ever to have it."""
    left = wanted - law.floor - law.of_size / parameters**law.size_exponent
    safe = np.where(left > 0, left, 1.0)
    return np.where(left > 0, (law.of_data / safe) ** (1 / law.data_exponent), np.inf)[()]


def best_size_to_serve(law: Law, wanted: Amount, served: Amount, price_ratio: Amount) -> Amount:
    """Parameters with which a loss is reached and ``served`` tokens are computed for the least money.

    The cost N (6 D(N) + 2 r S) has one minimum between the smallest size that can reach the loss at all and the size
    that is best for training alone; where its slope changes sign is found by halving.

    Args:
        wanted: loss, above the law's floor.
        price_ratio: r, price of a FLOP in serving over its price in training.
    """
    a, b = law.size_exponent, law.data_exponent
    smallest = (law.of_size / (wanted - law.floor)) ** (1 / a)
    # At the best size for training the two terms of the loss stand as β to α.
    largest = smallest * ((a + b) / b) ** (1 / a)
    low, high = np.log(smallest), np.log(largest)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        of_size = law.of_size * np.exp(-a * middle)
        left = wanted - law.floor - of_size
        tokens = (law.of_data / np.maximum(left, 1e-300)) ** (1 / b)
        rising = TRAINING * tokens * (1 - a / b * of_size / left) + SERVING * price_ratio * served > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    return np.exp((low + high) / 2)[()]
