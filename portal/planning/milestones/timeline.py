"""When milestones are done and rounds close, what cash does meanwhile, and what money each round has to bring.

Times are months from the start of the plan; all arrays are (draws,) or (months, draws), the draws 1 where nothing
varies.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from portal.planning.company.cash import follow
from portal.planning.finance import Array, running_lows


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """One round of a way to raise, or a SAFE."""

    closes: Array
    until: Array  # its money has to last so long
    value: Array  # pre-money
    pool: float
    fixed: Array | None = None  # an amount that is given; None for what is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to raise: when its milestones are done, and what brings money."""

    ends: list[Array]
    funding: list[Funding]
    cash: Array  # at the end of each month, without any new money
    amounts: list[Array]

    @property
    def until(self) -> Array:
        """When all money may be used up."""
        return self.funding[-1].until


def alone(x: Any) -> Array:
    """Cash at the end of each month without milestones and new money, (months, draws)."""
    nothing = {
        "churn": 0.0, "model_compute": 0.0, "compute_growth": 0.0, "other_costs": 0.0, "training_cost": 0.0,
        "training_month": 1, "one_offs": (), "funding": (), "payroll": x.costs, "payroll_growth": x.costs_growth,
    }  # fmt: skip
    return follow(SimpleNamespace(**{**vars(x), **nothing})).alone


def durations(x: Any) -> list[Array]:
    return [np.atleast_1d(one.months * (1 + one.slip)) for one in x.milestones]


def worked(x: Any, begin: Array) -> tuple[list[Array], Array]:
    """When each milestone is done if the first is begun at ``begin``, and what they have cost by each month's end."""
    passed = np.arange(1.0, x.horizon + 1)[:, np.newaxis]
    ends, spent = [], np.zeros((x.horizon, 1))
    for one, length in zip(x.milestones, durations(x), strict=True):
        spent = spent + np.atleast_1d(one.cost) * np.clip((passed - begin) / length, 0.0, 1.0)
        begin = begin + length
        ends.append(begin)
    return ends, spent


def way(x: Any, cash: Array, ends: list[Array], funding: list[Funding]) -> Way:
    """With the amounts that keep cash at zero or above until each round's money has to last; ``cash`` without it."""
    lows = running_lows(np.atleast_1d(x.cash), cash)
    raised: Array = np.zeros(1)
    amounts = []
    for each in funding:
        missing = np.maximum(-at(lows, each.until), 0.0)
        amount = np.maximum(missing - raised, 0.0) if each.fixed is None else each.fixed
        amounts.append(amount)
        raised = raised + amount
    return Way(ends=ends, funding=funding, cash=cash, amounts=amounts)


def funded(found: Way, rounds: int | None = None) -> Array:
    """Cash at the end of each month with the money of the first ``rounds``, by default of all."""
    passed = np.arange(1.0, len(found.cash) + 1)[:, np.newaxis]
    cash = found.cash
    for each, amount in list(zip(found.funding, found.amounts, strict=True))[:rounds]:
        cash = cash + np.where(passed >= each.closes, amount, 0.0)
    return cash


def at(table: Array, moment: Array) -> Array:
    """The row of the month in which ``moment`` falls; the last one for what comes after the horizon."""
    month = np.clip(np.ceil(moment) - 1, 0, len(table) - 1).astype(np.intp)
    width = max(table.shape[1], month.size)
    columns = np.arange(width) if table.shape[1] > 1 else np.zeros(width, dtype=np.intp)
    return np.asarray(table[np.broadcast_to(month, width), columns])
