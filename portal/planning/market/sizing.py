"""The size of a market, bottom-up by segment and top-down, and how an obtainable share of it is reached over years.

The segments of one plan are the first axis, draws the last. TAM is what the segments would spend a year if every
account that buys such a product bought it, SAM the part within reach, SOM the part of that which can be obtained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.finance import Array, compounded

AT_ONCE, EVENLY, BASS = "at_once", "evenly", "bass"
SPENDING, PEOPLE = "spending", "people"


@dataclass(frozen=True, slots=True)
class Sizes:
    """By segment, today and at the full obtainable share, in USD a year; shape ``(segments, 1 or draws)``."""

    tam: Array
    sam: Array
    som: Array
    accounts: Array  # those to win for ``som``
    growth: Array  # a year, as a fraction


def bottom_up(segments: Sequence[Any]) -> Sizes:
    """Accounts × adoption × units × price, then what is reachable, then what is obtainable of that."""
    buying = _column(segments, "accounts") * _column(segments, "adoption")
    won = _column(segments, "reachable") * _column(segments, "obtainable")
    tam = buying * _column(segments, "units") * _column(segments, "price")
    return Sizes(
        tam=tam,
        sam=tam * _column(segments, "reachable"),
        som=tam * won,
        accounts=buying * won,
        growth=_column(segments, "growth"),
    )


def top_down(x: Any) -> Array:
    """TAM from above, ``(1 or draws,)``: spending × share, or people × penetration × price."""
    if x.top_down == SPENDING:
        return np.atleast_1d(x.total_spending * x.relevant_share)
    return np.atleast_1d(x.population * x.penetration * x.yearly_price)


def grown(growth: Array, years: int) -> Array:
    """What each segment has grown to, ``(years + 1, segments, 1 or draws)``, 1 today."""
    return compounded(1.0, growth, np.empty((years + 1, *growth.shape)))


def reached(x: Any, years: int) -> Array:
    """The part of the obtainable share that is reached in each year from today on, ``(years + 1, 1 or draws)``."""
    year = np.arange(years + 1.0)[:, None]
    if x.ramp == EVENLY:
        return np.minimum(year / np.atleast_1d(x.ramp_years), 1.0)
    if x.ramp == BASS:
        return bass(np.atleast_1d(x.innovation), np.atleast_1d(x.imitation), year)
    return np.ones_like(year)


def bass(innovation: Array, imitation: Array, year: Array) -> Array:
    """The share of the final adopters who have adopted after so many years.

    F(t) = (1 − e^−(p+q)t) ÷ (1 + q/p e^−(p+q)t), here multiplied by p so that no division by it is left. Bass,
    Management Science 15(5), 1969.
    """
    left = np.exp(-(innovation + imitation) * year)
    return innovation * (1 - left) / (innovation + imitation * left)


def _column(segments: Sequence[Any], name: str) -> Array:
    """One figure of every segment, ``(segments, 1 or draws)``."""
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(getattr(segment, name)) for segment in segments)))
