"""What dated flows of money are worth and what they yield: present value, internal rate.

Conventions: a rate is for a year and compounds once a year; years are days ÷ 365 (actual/365 fixed), as XIRR counts
them in spreadsheets, unless another day count is named. Flows are a table (flows, draws), of which the draws may be
missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from pyxirr import DayCount, xirr

from portal.planning.finance import Array

HIGHEST = 100.0  # a year, 10,000%: beyond that a rate says nothing


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


def internal_rate(flows: Any, days: Sequence[date], day_count: DayCount = DayCount.ACT_365F) -> Array:
    """The yearly rate at which flows on ``days`` are worth nothing, shape () or (draws,), by pyxirr.

    −1 where money goes out and none comes back, +inf where the rate is above ``HIGHEST`` or flows never change sign
    otherwise.
    """
    table = np.asarray(flows, dtype=float)
    draws = np.ascontiguousarray(table.reshape(len(table), -1).T)
    spent, received = (draws < 0).any(axis=1), (draws > 0).any(axis=1)
    rates = np.where(spent & ~received, -1.0, np.inf)
    when = np.array(days, dtype="datetime64[D]")
    for draw in np.flatnonzero(spent & received):
        rate = xirr(when, draws[draw], silent=True, day_count=day_count)
        if rate is not None and rate <= HIGHEST:
            rates[draw] = rate
    return rates.reshape(table.shape[1:])
