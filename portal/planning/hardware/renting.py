"""What the same hours cost when they are rented, month by month. Tables are (months, draws)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from portal.planning.finance import Array, compounded
from portal.planning.hardware.crediting import money_share
from portal.planning.hardware.inputs import ON_DEMAND, RESERVED
from portal.planning.hardware.owning import HOURS
from portal.planning.training.calculation import device_hour_price


def rents_on_demand(x: Any) -> Array:
    """USD for a device-hour on demand in each month, (months, draws)."""
    start = np.atleast_1d(device_hour_price(x))
    fall = np.atleast_1d(x.rent_decline)
    table = np.empty((x.horizon, np.broadcast(start, fall).size))
    return compounded(start, np.power(1 - fall, 1 / 12) - 1, table)


def rented(x: Any, way: str, hours: Array, prices: Array) -> Array:
    """USD by month for ``hours`` of use at the ``prices`` on demand, credits not counted.

    With a commitment each hour of the committed devices is paid, at the price of the month in which the contract was
    last renewed; hours beyond them are paid on demand. Spot capacity is paid for the hours lost with it too.
    """
    if way == ON_DEMAND:
        return hours * prices
    if way == RESERVED:
        committed = x.devices * HOURS * x.reserved_share
        renewed = np.arange(x.horizon) // x.contract * x.contract
        return committed * x.reserved_price * prices[renewed] + np.maximum(hours - committed, 0) * prices
    return hours * prices * ((1 + x.spot_overhead) * x.spot_price)


def left_to_pay(x: Any, due: Array) -> Array:
    """What of ``due`` by month is paid in money, after credits that come back for spending and those that were given.

    Where credits earn credits, all spending does, whoever pays it; else only what the given ones leave.
    """
    share = money_share(x)
    return after_credits(due * share, x.credits) if x.credits_earn else after_credits(due, x.credits) * share


def paid_by_given(x: Any, due: Array) -> float:
    """USD of the credits that were given which pay for ``due``, for inputs that do not vary."""
    open_ = due * money_share(x) if x.credits_earn else due
    return float((open_ - after_credits(open_, x.credits)).sum())


def after_credits(due: Array, credits: Sequence[Any]) -> Array:
    """What is left to pay of ``due`` after credits ``(amount, first, last)``, those that expire first used first."""
    for credit in sorted(credits, key=lambda credit: credit.last):
        window = slice(credit.first - 1, credit.last)
        if not len(due[window]):
            continue
        covered = np.minimum(np.cumsum(due[window], axis=0), credit.amount)
        left = due[window] - np.diff(covered, axis=0, prepend=0)
        due = np.concatenate([np.broadcast_to(part, (len(part), left.shape[1]))
                              for part in (due[: credit.first - 1], left, due[credit.last :])])  # fmt: skip
    return due
