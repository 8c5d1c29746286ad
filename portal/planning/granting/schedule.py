"""What becomes of granted options month by month: vesting, those who leave, what comes back, what it costs.

Everything is for one option granted. Of the people still there the part ``leaving`` leaves at the end of each month;
a leaver loses what is not vested and lets a part of the rest lapse. The first axis counts months since the grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.finance import Array

YEAR = 12  # months


@dataclass(frozen=True, slots=True)
class Course:
    """By months since the grant, 0 to the horizon, each of shape (months + 1, 1 or draws)."""

    granted: Array  # the grant itself, 1, and its refreshers so far
    forfeited: Array  # lost by leavers before it had vested
    lapsed: Array  # vested, and not exercised by leavers
    vested: Array  # held by those here, or exercised by leavers
    earned: Array  # worked for, by those here month by month and by leavers as far as vested: the expense so far


def monthly_rate(yearly: Any) -> Array:
    """The part that leaves in a month when ``yearly`` does in a year."""
    return np.atleast_1d(1 - (1 - np.asarray(yearly, float)) ** (1 / YEAR))


def vested_part(vesting: int, cliff: int, months: int) -> Array:
    """Of a grant that vests monthly, shape (months + 1, 1): nothing before the cliff, then all months until then."""
    passed = np.arange(months + 1.0)[:, np.newaxis]
    return np.where(passed >= cliff, np.minimum(passed / vesting, 1.0), 0.0)


def course(vested: Array, earned: Array, leaving: Array, exercised: Any) -> Course:
    """Without refreshers. ``vested`` and ``earned``: parts by months since the grant, as if nobody left."""
    months = len(vested) - 1
    here = (1 - leaving) ** np.arange(months + 1.0)[:, np.newaxis]
    gone = np.zeros_like(here)
    gone[1:] = here[:-1] - here[1:]
    kept = np.cumsum(gone * vested, axis=0)  # of what leavers had, the part that had vested
    return Course(
        granted=np.ones((months + 1, 1)),
        forfeited=np.cumsum(gone * (1 - vested), axis=0),
        lapsed=kept * (1 - np.asarray(exercised)),
        vested=here * vested + kept * exercised,
        earned=here * earned + kept,
    )


def refreshed(first: Course, again: Course, leaving: Array, part: Any) -> Course:
    """With a grant of ``part`` more for those who are still there, every 12 months; it takes the course ``again``."""
    months = len(first.vested) - 1
    columns = {name: getattr(first, name) for name in ("granted", "forfeited", "lapsed", "vested", "earned")}
    for after in range(YEAR, months + 1, YEAR):
        size = part * (1 - leaving) ** after
        for name, table in columns.items():
            added = np.zeros((months + 1, np.broadcast_shapes(table.shape[1:], size.shape)[0]))
            added[after:] = size * getattr(again, name)[: months + 1 - after]
            columns[name] = table + added
    return Course(**columns)


def from_month(table: Array, month: Any, horizon: int) -> Array:
    """``table`` of a course for a grant at the beginning of ``month`` (from 1), at the end of months 1 to ``horizon``.

    Months of a year may be drawn, shape (draws,); before the grant there is nothing.
    """
    passed = np.arange(1, horizon + 1)[:, np.newaxis] - np.atleast_1d(month).astype(np.intp) + 1
    places = np.clip(passed, 0, len(table) - 1)
    if places.shape[1] == 1:
        return np.where(passed > 0, table[places[:, 0]], 0.0)
    wide = np.broadcast_to(table, (len(table), places.shape[1])) if table.shape[1] == 1 else table
    return np.where(passed > 0, np.take_along_axis(wide, places, axis=0), 0.0)
