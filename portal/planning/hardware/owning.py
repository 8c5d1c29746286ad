"""What own hardware costs month by month. Tables are (months, draws), single values (draws,), either of length 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.compute.energy import kilowatt_hours
from portal.planning.finance import Array
from portal.planning.hardware.inputs import LOAN
from portal.planning.training.calculation import device_watts
from portal.planning.training.own_model import CUSTOM

HOURS = 8766 / 12  # of a month, leap years included


@dataclass(frozen=True, slots=True)
class Hardware:
    """The purchase and what becomes of it.

    ``bought`` is paid for all of it, ``up_front`` on delivery, ``payment`` at the end of each of the months in
    ``paying``. ``value`` is what a sale would bring and ``owed`` what the lender still gets, at the end of each month.
    """

    bought: Array
    up_front: Array
    payment: Array
    running: Array  # 1 in months in which the devices are there
    delivered: Array  # 1 in the month of delivery
    paying: Array
    value: Array
    owed: Array


def annuity(rate: Any, payments: Any) -> Array:
    """What payments of 1 at the end of each of the coming months are worth today: (1 − (1 + i)^−n) ÷ i.

    Args:
        rate: interest of a month, 0 or more; without interest a payment is worth itself.
        payments: how many, 0 or more.
    """
    rate, payments = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(payments, dtype=float))
    # Through logarithms, as 1 − (1 + i)^−n loses all its digits where the rate is tiny.
    worth = -np.expm1(-payments * np.log1p(rate))
    return np.divide(worth, rate, out=payments.copy(), where=rate > 0)


def hardware(x: Any) -> Hardware:
    month, delay = np.arange(x.horizon)[:, None], np.atleast_1d(x.delay)
    age = np.maximum(month + 1 - delay, 0)
    running = (age > 0).astype(float)
    bought = np.atleast_1d(x.devices * x.price * (1 + x.surcharge))
    borrowed = bought * (1 - x.down_payment) if x.paying == LOAN else np.zeros(1)
    rate = np.atleast_1d(x.loan_rate) / 12
    payment = borrowed / annuity(rate, x.loan_term)
    return Hardware(
        bought=bought,
        up_front=bought - borrowed,
        payment=payment,
        running=running,
        delivered=(age == 1).astype(float),
        paying=running * (age <= x.loan_term),
        value=running * bought * np.power(x.residual, age / x.life),
        owed=running * payment * annuity(rate, np.maximum(x.loan_term - age, 0)) if x.paying == LOAN else 0.0 * running,
    )


def design_watts(x: Any) -> Array:
    """W of a device with its share of the server at full load, which a colocation contract is about."""
    if x.accelerator == CUSTOM:
        return np.atleast_1d(x.device_power)
    return np.atleast_1d(ACCELERATORS[x.accelerator].design_power_w * x.server_factor)


def energy(x: Any, use: Array, running: Array) -> Array:
    """USD of electricity by month: a server that is not used draws ``idle_share`` of what it draws when it works."""
    full = kilowatt_hours(device_watts(x), x.devices * HOURS, x.pue) * x.electricity
    return running * (full * x.idle_share + full * (1 - x.idle_share) * use)


def upkeep(x: Any, owned: Hardware) -> dict[str, Array]:
    """USD by month of what does not depend on use."""
    kilowatts = x.devices * design_watts(x) / 1000
    return {
        "colocation_total": owned.running * kilowatts * x.colocation,
        "staff_total": owned.running * x.staff * x.staff_cost / 12,
        "maintenance_total": owned.running * owned.bought * x.maintenance / 12,
        "replacement_total": owned.running * x.devices * x.price * x.failures / 12,
    }
