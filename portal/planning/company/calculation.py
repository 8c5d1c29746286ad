"""How long the money lasts, and what is read from the months until then."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.calendar import to_month
from portal.planning.company.cash import YEAR, follow, with_funding
from portal.planning.finance import draw_count, first_below_zero, months_while, quotient, running_lows, settled


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    start = int(to_month(x.first_month))
    opening = np.atleast_1d(x.cash)
    paths = follow(x)
    cash = with_funding(paths)
    lows_alone = paths.alone_lows
    lows = running_lows(opening, cash) if paths.raised else lows_alone
    runway = first_below_zero(opening, cash, lows)
    runway_alone = first_below_zero(opening, paths.alone, lows_alone) if paths.raised else runway
    losing = months_while(paths.losing)
    break_even = np.where(losing < x.horizon, losing, np.inf)
    lowest_at = np.where(lows[-1] < opening, months_while(lows > lows[-1]), 0)
    net_growth = np.atleast_1d(x.growth - x.churn)
    running = np.atleast_1d(x.payroll + x.model_compute + x.other_costs)
    net_new_arr = YEAR * (x.revenue * ((1 + net_growth) ** YEAR - 1))
    spent = {
        "spent_on_revenue": paths.revenue.sum(axis=0) * (1 - x.gross_margin),
        "spent_on_payroll": paths.payroll,
        "spent_on_compute": paths.compute,
        "spent_on_training": paths.training,
        "spent_on_other": paths.one_off + x.other_costs * x.horizon,
    }
    results = {
        "zero_cash_month": start + runway,
        "runway": runway,
        "default_alive": np.isinf(runway_alone) & np.isfinite(break_even),
        "funded": np.isinf(runway),
        "gross_burn": paths.costs[0],
        "net_burn": paths.net_burn[0],
        "net_burn_3": paths.net_burn[:3].sum(axis=0) / 3,
        "break_even_month": start + break_even,
        "break_even_after": break_even,
        "money_to_break_even": _money_to(losing, lows_alone),
        "burn_multiple": quotient(paths.net_burn_year, net_new_arr),
        "net_burn_year": paths.net_burn_year,
        "net_new_arr": net_new_arr,
        "net_growth": net_growth,
        "cash_now": opening,
        "revenue_now": np.atleast_1d(x.revenue),
        "yearly_revenue": np.atleast_1d(YEAR * x.revenue),
        "running_costs": running,
        "break_even_revenue": quotient(running, x.gross_margin),
        "flat_runway": quotient(opening, paths.net_burn[0]),
        "runway_alone": runway_alone,
        "lowest_cash": lows[-1],
        "lowest_cash_month": start + lowest_at,
        "cash_at_horizon": cash[-1],
        **spent,
        "spent": sum(spent.values()),
        "cash_by_month": cash,
        "revenue_by_month": paths.revenue,
        "costs_by_month": paths.costs,
        "net_burn_by_month": paths.net_burn,
    }
    return {name: settled(value, draws) for name, value in results.items()}


def _money_to(losing: np.ndarray, lows: np.ndarray) -> np.ndarray:
    """How far the balance falls below zero in the months before break-even; ``inf`` where that is never reached."""
    reached = losing < len(lows)
    last = np.clip(losing - 1, 0, len(lows) - 1)
    deepest = np.where(losing > 0, lows[last, np.arange(lows.shape[1])], 0.0)
    return np.where(reached, np.maximum(-deepest, 0.0), np.inf)
