"""What dated flows of money are worth and what they yield: present value, internal rate, days as years.

Conventions: a rate is for a year and compounds once a year; the years of ``dated`` are days ÷ 365 (actual/365 fixed),
as XIRR counts them in spreadsheets. Flows are a table (flows, draws), of which the draws may be missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from portal.planning.finance import Array

DAYS = 365
HIGHEST = 100.0  # a year, 10,000%: beyond that a rate says nothing
# Where roots are looked for, as logarithms of 1 + rate: dense about zero, where the rates of contracts lie.
_GRID = np.concatenate([-np.geomspace(7, 0.01, 16), np.geomspace(0.01, np.log1p(HIGHEST), 24)])
_STEPS = 60
_CLOSE = 1e-9  # of a logarithm: the Newton step that was that short is itself exact to rounding


def dated(days: Sequence[date]) -> Array:
    """Years from the first of the days, which need not be in order, to each of them."""
    start = min(days)
    return np.array([(day - start).days / DAYS for day in days])


def present_value(flows: Any, years: Any, rate: Any) -> Array:
    """The sum of flow ÷ (1 + rate)^years over the first axis.

    Args:
        flows: (flows,) or (flows, draws).
        years: of each flow, from the day for which the value is wanted; a flow at 0 counts in full. Spreadsheets' NPV
            puts the first flow at 1.
        rate: a year, above −1; one, or one for each draw.
    """
    flows, years, rate = (np.asarray(each, dtype=float) for each in (flows, years, rate))
    factors = np.exp(-np.multiply.outer(years, np.log1p(rate)))
    if flows.ndim > factors.ndim:
        factors = factors[:, np.newaxis]
    elif factors.ndim > flows.ndim:
        flows = flows[:, np.newaxis]
    return np.asarray((factors * flows).sum(axis=0))


def internal_rate(flows: Any, years: Any) -> Array:
    """The rate at which the flows are worth nothing, shape () or (draws,); of several the one nearest to 0.

    −1 where money goes out and none comes back, +inf where the rate is above ``HIGHEST`` or flows never change sign
    otherwise. Roots are bracketed on a grid and narrowed by Newton steps that never leave their bracket.
    """
    flows, years = np.asarray(flows, dtype=float), np.asarray(years, dtype=float)
    table = flows if flows.ndim == 2 else flows[:, np.newaxis]
    used = np.any(table != 0, axis=1)
    table, years = table[used], years[used]
    if not len(table):
        return np.full(flows.shape[1:], np.inf)
    values = np.exp(-_GRID[:, np.newaxis] * years) @ table
    changes = np.signbit(values[:-1]) != np.signbit(values[1:])
    # Of the brackets with a change of sign the one whose middle is nearest to zero.
    distance = np.where(changes, np.abs(_GRID[:-1] + _GRID[1:])[:, np.newaxis], np.inf)
    at, columns = distance.argmin(axis=0), np.arange(table.shape[1])
    ends, worth = (_GRID[at], _GRID[at + 1]), (values[at, columns], values[at + 1, columns])
    found = np.expm1(_narrowed(table, years, ends, worth))
    lost = ~np.any(table > 0, axis=0) & np.any(table < 0, axis=0)
    rates = np.where(changes.any(axis=0), found, np.where(lost, -1.0, np.inf))
    return rates if flows.ndim == 2 else rates[0]


def _narrowed(flows: Array, years: Array, ends: tuple[Array, Array], values: tuple[Array, Array]) -> Array:
    """The root between two ``ends`` at which the flows are worth ``values``, which differ in sign; all (draws,)."""
    (low, high), (at_low, at_high) = ends, values
    between = np.divide(at_low, at_low - at_high, out=np.full_like(at_low, 0.5), where=at_low != at_high)
    guess = low + np.clip(between, 0.0, 1.0) * (high - low)  # clipped where there is no root, and none is told of
    discounted = np.empty_like(flows)
    for _ in range(_STEPS):
        np.multiply.outer(-years, guess, out=discounted)
        np.exp(discounted, out=discounted)
        np.multiply(discounted, flows, out=discounted)
        value, slope = discounted.sum(axis=0), -(years @ discounted)
        same = np.signbit(value) == np.signbit(at_low)
        low, high = np.where(same, guess, low), np.where(same, high, guess)
        newton = guess - np.divide(value, slope, out=np.full_like(value, np.inf), where=slope != 0)
        # At the root the guess is an end of its bracket, and rounding puts the next step beyond it.
        done = np.abs(newton - guess) <= _CLOSE * np.maximum(np.abs(guess), 1)
        guess = np.where(done | ((newton > low) & (newton < high)), newton, (low + high) / 2)
        if done.all():
            break
    return guess
