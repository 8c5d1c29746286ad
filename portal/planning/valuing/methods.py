"""Six ways to a value, array-safe: draws are the last axis. USD and years; rates are a year, compounded once a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.debt.returns import present_value
from portal.planning.finance import Array, quotient

END, MIDDLE = "end", "middle"  # of the year, when its cash flow is counted
GROWTH, MULTIPLE = "growth", "multiple"  # what the time after the forecast is worth


# Venture capital method


@dataclass(frozen=True, slots=True)
class Round:
    """One round as the venture capital method prices it; each single or ``(draws,)``."""

    final: Array  # of the company at the exit that its investors need
    retention: Array  # of a share bought in it, what later rounds leave
    sold: Array  # of the company in the round itself; +inf where later rounds leave nothing
    post: Array  # USD


def priced(rounds: Sequence[tuple[Any, Any, Any]], exit_value: Any, exit_year: Any, kept: Any = 1.0) -> list[Round]:
    """Each round from its ``(amount, year, required return)``, in the order of time.

    Final share = amount × (1 + return)^(years to the exit) ÷ exit value; retention = the product of 1 − sold over all
    later rounds, × ``kept``, what is left beside dilution that is not listed; sold = final share ÷ retention; value
    after the money = amount ÷ sold. Source: W. A. Sahlman and D. R. Scherlis, “A Method for Valuing High-Risk,
    Long-Term Investments”, Harvard Business School 9-288-006, 1987.
    """
    found: list[Round] = []
    retention = np.asarray(kept, dtype=float)
    for amount, year, required in reversed(rounds):
        growth = (1 + np.asarray(required, dtype=float)) ** (exit_year - year)
        final = quotient(amount * growth, exit_value)
        sold = quotient(final, retention)
        # amount ÷ sold, written so that an amount of nothing has a value too.
        found.append(Round(final, retention, sold, np.asarray(exit_value * retention / growth)))
        retention = retention * np.maximum(1 - sold, 0.0)
    return found[::-1]


# Comparables


def place_among(multiples: Any, share: Any) -> Array:
    """The multiple below which this ``share`` of the companies lies, between two of them in proportion.

    As QUARTILE.INC of spreadsheets and NumPy's "linear".

    Args:
        multiples: (companies,) or (companies, draws), at least one.
        share: 0 to 1, single or ``(draws,)``.
    """
    given = np.asarray(multiples, dtype=float)
    table = np.sort(given if given.ndim == 2 else given[:, np.newaxis], axis=0)
    place = np.atleast_1d(np.asarray(share, dtype=float)) * (len(table) - 1)
    table, place = np.broadcast_arrays(table, place[np.newaxis])
    place = place[0]
    below = np.minimum(place.astype(np.intp), max(len(table) - 2, 0))
    above, columns = np.minimum(below + 1, len(table) - 1), np.arange(table.shape[1])
    return table[below, columns] + (place - below) * (table[above, columns] - table[below, columns])


# Discounted cash flows


@dataclass(frozen=True, slots=True)
class Discounted:
    explicit: Array  # USD today, of the years of the forecast
    terminal: Array  # USD today, of the time after it; +inf where growth reaches the discount rate


def discounted(flows: Any, rate: Any, timing: str, *, growth: Any = None, exit_value: Any = None) -> Discounted:
    """Present values of a forecast and of what comes after it: ``growth`` for ever, or an ``exit_value``.

    A perpetuity is the last flow × (1 + growth) ÷ (rate − growth) (Gordon and Shapiro, Management Science 3(1), 1956),
    discounted as the last flow is; an exit value from the end of the last year.

    Args:
        flows: (years,) or (years, draws), the first of the coming year.
        rate: single or ``(draws,)``, above −1.
        timing: END or MIDDLE of the year.
    """
    table = np.asarray(flows, dtype=float)
    last = len(table)
    years = np.arange(1, last + 1) - (0.5 if timing == MIDDLE else 0.0)
    explicit = present_value(table, years, rate)
    rate = np.asarray(rate, dtype=float)
    if growth is None:
        return Discounted(explicit, np.asarray(exit_value / (1 + rate) ** last))
    gap = rate - growth
    below = gap > 0
    forever = np.where(below, table[-1] * (1 + np.asarray(growth)) / np.where(below, gap, 1.0), np.inf)
    return Discounted(explicit, np.asarray(forever / (1 + rate) ** years[-1]))
