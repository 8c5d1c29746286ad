"""Cash of a company month by month, over draws.

Revenue, payroll and compute compound; one-off payments, a training run and funding fall in their months. ``Paths``
holds what every figure about the runway is then read from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning.finance import Array, compounded, scheduled

YEAR = 12  # months


@dataclass(frozen=True, slots=True)
class Paths:
    """Monthly values, shape ``(months, 1 or draws)``, and sums over months, ``(1 or draws,)``; all in dollars."""

    revenue: Array
    costs: Array
    net_burn: Array
    alone: Array  # cash at the end of each month, without funding
    alone_lows: Array  # the lowest of that so far, the opening balance included
    raised: dict[int, Array]  # funding by month counted from 0
    losing: NDArray[np.bool_]  # revenue does not cover the running costs
    payroll: Array
    compute: Array
    training: Array
    one_off: Array
    net_burn_year: Array  # over the first 12 months, whatever the horizon


def follow(x: Any) -> Paths:
    """The months up to the horizon of ``x``, the resolved inputs of the runway calculator.

    Running costs are the cost of revenue, payroll, compute and other costs; a training run and one-off payments come
    on top. Net burn is all money out less revenue and one-off money received; funding is in neither.
    """
    months = max(x.horizon, YEAR)
    training = scheduled([(x.training_month, x.training_cost)], months)
    paid = scheduled([(item.month, np.maximum(-item.amount, 0)) for item in x.one_offs], months)
    received = scheduled([(item.month, np.maximum(item.amount, 0)) for item in x.one_offs], months)
    raised = scheduled([(one.month, one.amount * one.closes) for one in x.funding], months)

    growth = np.atleast_1d(x.growth - x.churn)
    payroll, payroll_factor = _state(x.payroll, x.payroll_growth)
    compute, compute_factor = _state(x.model_compute, x.compute_growth)
    cost_share = 1 - np.atleast_1d(x.gross_margin)
    fixed = np.atleast_1d(x.other_costs)
    opening = np.atleast_1d(x.cash)
    flows = [row for rows in (training, paid, received) for row in rows.values()]
    width = max(
        row.size for row in (growth, np.atleast_1d(x.revenue), payroll, compute, cost_share, fixed, opening, *flows)
    )

    # One block: several smaller ones are handed back to the system after each chunk and paid for anew by page faults.
    revenue, costs, net_burn, alone, lows = np.empty((5, months, width))
    compounded(x.revenue, growth, revenue)
    losing = np.empty((months, width), dtype=bool)
    payroll_sum, compute_sum = np.zeros_like(payroll), np.zeros_like(compute)
    left = low = opening
    for month in range(months):
        cost = costs[month]
        np.multiply(revenue[month], cost_share, out=cost)
        cost += payroll
        cost += compute
        cost += fixed
        np.greater(cost, revenue[month], out=losing[month])
        for rows in (training, paid):
            if month in rows:
                cost += rows[month]
        np.subtract(cost, revenue[month], out=net_burn[month])
        if month in received:
            net_burn[month] -= received[month]
        left = np.subtract(left, net_burn[month], out=alone[month])
        low = np.minimum(low, left, out=lows[month])
        if month < x.horizon:
            payroll_sum += payroll
            compute_sum += compute
        payroll *= payroll_factor
        compute *= compute_factor
    within = slice(x.horizon)
    return Paths(
        revenue=revenue[within],
        costs=costs[within],
        net_burn=net_burn[within],
        alone=alone[within],
        alone_lows=lows[within],
        raised=raised,
        losing=losing[within],
        payroll=payroll_sum,
        compute=compute_sum,
        training=_total(training, x.horizon),
        one_off=_total(paid, x.horizon),
        net_burn_year=net_burn[:YEAR].sum(axis=0),
    )


def _state(start: Any, rate: Any) -> tuple[Array, Array]:
    """A row that a loop may change, and the factor by which it grows each month."""
    factor = 1 + np.atleast_1d(rate)
    return start * np.ones_like(factor), factor


def with_funding(paths: Paths) -> Array:
    """Cash at the end of each month with what was raised until then."""
    if not paths.raised:
        return paths.alone
    total: Any = np.zeros(1)
    width = max(paths.alone.shape[1], *(row.size for row in paths.raised.values()))
    cash = np.empty((len(paths.alone), width))
    for month, row in enumerate(paths.alone):
        if month in paths.raised:
            total = total + paths.raised[month]
        np.add(row, total, out=cash[month])
    return cash


def _total(rows: dict[int, Array], months: int) -> Array:
    total: Any = np.zeros(1)
    for month, row in rows.items():
        if month < months:
            total = total + row
    return total
