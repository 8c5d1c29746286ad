"""What would change the answer: for each input alone, the nearest value at which another way becomes the cheapest.

Every other input stays at its middle. Values are searched outwards in steps of equal ratio, all inputs in one
calculation, and the step in which the answer turns is divided again; whole devices make the costs jump, so that no
formula would find the nearest turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.spec import params
from portal.planning.finance import Array
from portal.planning.sourcing.costs import totals
from portal.planning.sourcing.inputs import MANAGED, WAYS, Inputs, compared
from portal.planning.sourcing.ways import api_prices, host_prices
from portal.planning.training.calculation import device_hour_price
from portal.planning.training.inputs import TYPED

REACH = 4.0  # from a quarter of a value to four times it
STEPS, ROUNDS = 16, 3

# Inputs that move together; the first stands for all of them.
LEVERS = (
    ("requests",), ("input_tokens",), ("output_tokens",), ("cached_share",),
    ("api_output", "api_input", "api_cached"), ("api_decline",),
    ("managed_output", "managed_input", "managed_cached"), ("usd_per_device_hour",), ("own_price",), ("engineer_cost",),
    ("open_output_rate", "open_input_rate"), ("small_output_rate", "small_input_rate"), ("utilisation",),
    ("open_fallback",), ("tuned_share",), ("training_cost",),
)  # fmt: skip

_LABELS = {name: param.label for name, param, _ in params(Inputs)}
_BOUNDS = {name: (param.low, param.high) for name, param, _ in params(Inputs) if param.low is not None}


@dataclass(frozen=True, slots=True)
class Turn:
    """The ``inputs`` together moved, the first of them from ``now`` to ``at``, make the way ``then`` the cheapest."""

    inputs: tuple[str, ...]
    label: str
    now: float
    at: float
    then: str


def turns(x: Any) -> list[Turn]:
    """For one case, the inputs that can turn the answer, the nearest in proportion first."""
    middle = _typed(x)
    searches = [(names, sign) for names in LEVERS for sign in (1.0, -1.0)]
    low = np.zeros((len(searches), 1))
    high = np.array([[sign * np.log(REACH)] for _names, sign in searches])
    best = int(_cheapest(middle, [], np.ones((0, 1)))[-1])
    found = np.ones(len(searches), dtype=bool)
    winner = np.full(len(searches), best)
    rows = np.arange(len(searches))
    for _ in range(ROUNDS):
        points = low + (high - low) * np.linspace(0, 1, STEPS + 1)[1:]
        winners = _cheapest(middle, [names for names, _ in searches], np.exp(points))[:-1].reshape(points.shape)
        turned = winners != best
        found &= turned.any(axis=1)
        at = np.argmax(turned, axis=1)
        low = np.where(at > 0, points[rows, at - 1], low[:, 0])[:, None]
        high, winner = points[rows, at][:, None], winners[rows, at]
    keys = compared(x)
    result: dict[tuple[str, ...], Turn] = {}
    for at in sorted(np.flatnonzero(found), key=lambda at: abs(float(high[at, 0]))):
        names = searches[at][0]
        now = float(getattr(middle, names[0]))
        moved = float(_within(names[0], now * np.exp(high[at])).item())
        result.setdefault(names, Turn(names, _LABELS[names[0]], now, moved, WAYS[keys[winner[at]]]))
    return list(result.values())


def _cheapest(middle: SimpleNamespace, levers: Sequence[tuple[str, ...]], factors: Array) -> NDArray[np.intp]:
    """Which way is the cheapest with the inputs of each lever times its row of ``factors``, and last as it is."""
    size = factors.size + 1
    values = {name: np.full(size, float(getattr(middle, name))) for names in LEVERS for name in names}
    for at, names in enumerate(levers):
        part = slice(at * factors.shape[1], (at + 1) * factors.shape[1])
        for name in names:
            values[name][part] = _within(name, values[name][part] * factors[at])
    return np.argmin(totals(SimpleNamespace(**{**vars(middle), **values})), axis=0)


def _within(name: str, values: Array) -> Array:
    return np.clip(values, *_BOUNDS[name])


def _typed(x: Any) -> SimpleNamespace:
    """The same case with the prices of the catalogue typed, so that they can be moved."""
    fresh, cached, out = api_prices(x)
    typed = {"api_model": TYPED, "api_input": fresh, "api_cached": cached, "api_output": out,
             "price_basis": TYPED, "usd_per_device_hour": device_hour_price(x)}  # fmt: skip
    if MANAGED in compared(x):
        fresh, cached, out = host_prices(x)
        typed |= {"managed_model": TYPED, "managed_input": fresh, "managed_cached": cached, "managed_output": out}
    return SimpleNamespace(**{**vars(x), **typed})
