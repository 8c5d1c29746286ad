"""Owning and renting side by side: present values, and where one overtakes the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning.finance import Array, compounded
from portal.planning.hardware.inputs import RESERVED
from portal.planning.hardware.owning import HOURS, Hardware, energy, upkeep
from portal.planning.hardware.renting import left_to_pay, paid_by_given, rented, rents_on_demand

GRID = 4  # parts into which all uses are cut to find the last at which owning is dearer
STEPS = 60
CLOSE = 1e-11


@dataclass(frozen=True, slots=True)
class Course:
    """What every month of a comparison is computed with, each a table (months, draws) made once."""

    growth: Array  # use over that of the first month
    prices: Array  # USD for a device-hour on demand
    worth: Array  # of a dollar paid at the end of the month, today


def course(x: Any) -> Course:
    rate = np.power(1 + np.atleast_1d(x.discount), -1 / 12)
    growth = np.atleast_1d(x.use_growth)
    return Course(
        growth=compounded(1.0, growth, np.empty((x.horizon, growth.size))),
        prices=rents_on_demand(x),
        worth=compounded(rate, rate - 1, np.empty((x.horizon, rate.size))),
    )


def use_by_month(months: Course, first: Any) -> Array:
    """Share of the hours that is used in each month when ``first`` is used in the first, (months, draws)."""
    use = first * months.growth
    return np.minimum(use, 1.0, out=use)


def worth(months: Course, by_month: Array) -> Array:
    """Present value of what is paid at the end of each month."""
    return np.sum(by_month * months.worth, axis=0)


def rent(x: Any, months: Course, way: str, use: Array) -> Array:
    """USD paid by month, credits used."""
    return left_to_pay(x, rented(x, way, x.devices * HOURS * use, months.prices))


def credits_used(x: Any) -> float:
    """USD of the credits that the chosen way of renting uses up to the horizon, for inputs that do not vary."""
    months = course(x)
    due = rented(x, x.against, x.devices * HOURS * use_by_month(months, x.utilisation), months.prices)
    return paid_by_given(x, due)


def waiting(x: Any, months: Course, use: Array, owned: Hardware) -> Array:
    """USD by month of renting the same hours on demand until the hardware is there."""
    return left_to_pay(x, x.devices * HOURS * use * months.prices * (1 - owned.running))


def hardware_worth(x: Any, months: Course, owned: Hardware) -> Array:
    """Present value of what is paid for the hardware, less its sale at the horizon."""
    delivery = np.power(1 + np.asarray(x.discount), -np.asarray(x.delay) / 12)
    payments = worth(months, owned.paying * owned.payment)
    return owned.up_front * delivery + payments + (owned.owed[-1] - owned.value[-1]) * months.worth[-1]


def break_even_use(x: Any, months: Course, owned: Hardware) -> Array:
    """The share of hours used above which owning costs no more than the chosen way of renting, (draws,).

    0 where it never costs more, ``inf`` where it costs more even when every hour is used.
    """
    fixed = hardware_worth(x, months, owned) + sum(worth(months, part) for part in upkeep(x, owned).values())

    def changing(use: Array) -> Array:
        """What renting costs more than owning in each month of this use, without what is fixed."""
        own = energy(x, use, owned.running) + waiting(x, months, use, owned)
        return (rent(x, months, x.against, use) - own) * months.worth

    if x.credits or x.against == RESERVED:
        return last_rise(lambda first: changing(use_by_month(months, first)).sum(axis=0) - fixed)
    # Every month is a straight line in its use, so two uses tell it all, many times faster.
    unused, full = changing(np.zeros((x.horizon, 1))), changing(np.ones((x.horizon, 1)))
    slope, fixed = full - unused, fixed - unused.sum(axis=0)
    return last_rise(lambda first: np.einsum("md,md->d", slope, use_by_month(months, first)) - fixed)


def last_rise(lead: Callable[[Array], Array]) -> Array:
    """The last point of [0, 1] at which ``lead`` rises through zero; 0 where it is never below, ``inf`` if it ends so.

    A commitment makes renting flat at first while owning draws power, so that the lead may fall before it rises: a
    grid finds the part in which it was last below zero, then false position (the Illinois rule) the point.
    """
    points = np.linspace(0, 1, GRID + 1)
    leads = np.stack(np.broadcast_arrays(*(lead(np.full(1, point)) for point in points)))
    below = leads < 0
    rises = (leads[-1] >= 0) & np.any(below, axis=0)
    part = np.clip(GRID - np.argmax(below[::-1], axis=0), 0, GRID - 1)
    columns = np.arange(leads.shape[1])
    low, high = points[part], points[part + 1]
    found = _crossing(lead, low, high, leads[part, columns], leads[part + 1, columns], rises)
    return np.where(leads[-1] < 0, np.inf, np.where(rises, found, 0.0))


def _crossing(
    lead: Callable[[Array], Array], low: Array, high: Array, at_low: Array, at_high: Array, wanted: NDArray[np.bool_]
) -> Array:
    """Where ``lead`` crosses zero between ``low`` (below zero) and ``high``, in the draws that are ``wanted``."""
    scale = np.maximum(np.abs(at_low), np.abs(at_high))
    point = np.where(wanted, low, 0.0)
    rose = fell = np.zeros(len(scale), dtype=bool)  # which end the step before moved
    for _ in range(STEPS):
        gap = at_high - at_low
        share = np.divide(-at_low, gap, out=np.full_like(gap, 0.5), where=gap > 0)
        point = low + (high - low) * np.clip(share, 0, 1)
        value = lead(point)
        if np.all(~wanted | (np.abs(value) <= CLOSE * scale) | (high - low <= CLOSE)):
            break
        under = value < 0
        # An end that stays twice counts half, or it would stay for ever where the lead is bent.
        at_low = np.where(under, value, np.where(fell, at_low / 2, at_low))
        at_high = np.where(under, np.where(rose, at_high / 2, at_high), value)
        low, high = np.where(under, point, low), np.where(under, high, point)
        rose, fell = under, ~under
    return point


def ahead_after(lead: Array, delay: Array) -> Array:
    """Months until the end of the first month, not before delivery, from which on ``lead`` (months, draws) stays at
    or above zero; ``inf`` where it ends below."""
    behind = lead < 0
    months = len(lead)
    last = np.where(behind.any(axis=0), months - 1 - np.argmax(behind[::-1], axis=0), -1)
    return np.where(behind[-1], np.inf, np.maximum(last + 2, delay + 1))
