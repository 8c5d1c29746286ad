"""All grants of a plan month by month: the rows of hires, promised options, and those granted before the round.

A row is a part of a company whose size the round decides, the others are numbers of options. Each sum over them is
therefore kept in two: what it is of all shares after the round, and what it is besides in shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.finance import Array
from portal.planning.granting.inputs import BACK, PART, VALUE
from portal.planning.granting.schedule import Course, course, from_month, monthly_rate, refreshed, vested_part

USUAL_VESTING, USUAL_CLIFF = 48, 12  # months: of promised options and of refreshers of what was granted before
COLUMNS = ("granted", "forfeited", "lapsed", "vested", "earned")


@dataclass(frozen=True, slots=True)
class Sum:
    """By the end of each month, (months, draws)."""

    part: Array  # of all shares after the round
    fixed: Array  # in shares

    def shares(self, total: Array) -> Array:
        return self.part * total + self.fixed

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.part + other.part, self.fixed + other.fixed)

    def __mul__(self, factor: Any) -> Sum:
        return Sum(self.part * factor, self.fixed * factor)


def part_each(x: Any, row: Any) -> Array:
    """What one person of a row is granted, of all shares after the round: value ÷ post-money valuation."""
    if row.by == PART:
        return np.atleast_1d(row.part)
    value = row.value if row.by == VALUE else row.salary * row.multiple
    return np.atleast_1d(value / (x.pre_money + x.new_money))


def sums(x: Any) -> dict[str, Sum]:
    """Of every column of a course. What was granted before counts in all but "granted" and "earned"."""
    courses = _courses(x)
    nothing = np.zeros((x.horizon, 1))
    part = dict.fromkeys(COLUMNS, nothing)
    for row in x.hires:
        size = row.people * part_each(x, row)
        for name in COLUMNS:
            column = from_month(getattr(courses[row.vesting, row.cliff], name), row.month, x.horizon)
            part[name] = part[name] + size * column
    promised, before = courses[USUAL_VESTING, USUAL_CLIFF], _granted_before(x)
    fixed = {}
    for name in COLUMNS:
        old = from_month(getattr(before, name), 1, x.horizon) - (name == "granted")
        fixed[name] = x.promised * from_month(getattr(promised, name), 1, x.horizon)
        fixed[name] = fixed[name] + (x.granted * old if name != "earned" else 0.0)
    return {name: Sum(part[name], fixed[name]) for name in COLUMNS}


def come_back(x: Any, found: dict[str, Sum]) -> Sum:
    """What leavers have given back to the pool."""
    return (found["forfeited"] + found["lapsed"]) * (1.0 if x.returns == BACK else 0.0)


def _courses(x: Any) -> dict[tuple[int, int], Course]:
    """By vesting and cliff, refreshers included."""
    leaving = monthly_rate(x.attrition)

    def taken(vesting: int, cliff: int) -> Course:
        vested, again = vested_part(vesting, cliff, x.horizon), vested_part(vesting, 0, x.horizon)
        # A cliff delays vesting, not the work that is paid with it.
        first = course(vested, again, leaving, x.exercised)
        return refreshed(first, course(again, again, leaving, x.exercised), leaving, np.atleast_1d(x.refresh))

    return {key: taken(*key) for key in {(USUAL_VESTING, USUAL_CLIFF), *((r.vesting, r.cliff) for r in x.hires)}}


def _granted_before(x: Any) -> Course:
    leaving = monthly_rate(x.attrition)
    left = np.minimum(np.arange(x.horizon + 1.0) / x.granted_left, 1.0)[:, np.newaxis]
    vested = x.granted_vested + (1 - np.atleast_1d(x.granted_vested)) * left
    again = vested_part(USUAL_VESTING, 0, x.horizon)
    return refreshed(
        course(vested, vested, leaving, x.exercised), course(again, again, leaving, x.exercised), leaving,
        np.atleast_1d(x.refresh),
    )  # fmt: skip
