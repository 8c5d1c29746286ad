"""Interest between two days by a named day count and a named compounding, in exact numbers."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.money import Refused


class DayCount(StrEnum):
    ACTUAL_365_FIXED = "actual/365 fixed"
    ACTUAL_360 = "actual/360"
    ACTUAL_ACTUAL_ISDA = "actual/actual ISDA"
    THIRTY_360_US = "30/360 US"


class Compounding(StrEnum):
    SIMPLE = "simple"
    ANNUAL = "annual"
    SEMIANNUAL = "semiannual"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"


class PartialPeriod(StrEnum):
    """What a period that is not complete earns; contracts that compound must say so."""

    REFUSE = "refuse"
    SIMPLE = "simple"  # interest by the day count on what the last whole period left
    NOTHING = "nothing"


MONTHS = {Compounding.ANNUAL: 12, Compounding.SEMIANNUAL: 6, Compounding.QUARTERLY: 3, Compounding.MONTHLY: 1}


def years(start: date, end: date, day_count: DayCount) -> Fraction:
    """The part of a year, or the years, between two days; the first one counts, the last one does not."""
    if end < start:
        problem = Problem("Wanted an end on or after {start}, got {end}.", {"start": str(start), "end": str(end)})
        raise Refused(problem, "end")
    days = (end - start).days
    if day_count is DayCount.ACTUAL_365_FIXED:
        return Fraction(days, 365)
    if day_count is DayCount.ACTUAL_360:
        return Fraction(days, 360)
    if day_count is DayCount.THIRTY_360_US:
        return _thirty_360(start, end)
    return _actual_actual(start, end)


def _thirty_360(start: date, end: date) -> Fraction:
    """The US rule: the end of February counts as the 30th of it when the period starts there."""
    first, last = start.day, end.day
    if _ends_february(start):
        last = 30 if _ends_february(end) else last
        first = 30
    if last == 31 and first >= 30:
        last = 30
    first = min(first, 30)
    return Fraction((end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first, 360)


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == monthrange(day.year, 2)[1]


def _actual_actual(start: date, end: date) -> Fraction:
    """Days in leap years over 366, the others over 365."""
    found = Fraction(0)
    for year in range(start.year, end.year + 1):
        first, last = max(start, date(year, 1, 1)), min(end, date(year + 1, 1, 1))
        found += Fraction((last - first).days, 366 if isleap(year) else 365)
    return found


def months_later(start: date, months: int, day: int | None = None) -> date:
    """So many months on, on the same day of the month or on ``day``; on the last one where the month is shorter.

    Counted from ``start``, never from the month before: 31 January, 28 February, 31 March.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(day or start.day, monthrange(year, month + 1)[1]))


def accrued(
    principal: Fraction,
    rate: Fraction,
    start: date,
    end: date,
    *,
    day_count: DayCount,
    compounding: Compounding,
    partial_period: PartialPeriod = PartialPeriod.REFUSE,
) -> Fraction:
    """Interest on ``principal`` from ``start`` to ``end`` at the yearly ``rate``.

    Compound interest grows by ``rate ÷ periods a year`` in each whole period counted from ``start``.

    Raises:
        Refused: the end lies before the start, or a compound period is not complete and the terms do not say what
            it earns.
    """
    if compounding is Compounding.SIMPLE:
        return principal * rate * years(start, end, day_count)
    years(start, end, day_count)  # refuses days out of order
    step = MONTHS[compounding]
    periods = ((end.year - start.year) * 12 + end.month - start.month) // step
    if months_later(start, periods * step) > end:
        periods -= 1
    balance = principal * (1 + rate * step / 12) ** periods
    reached = months_later(start, periods * step)
    if reached == end or partial_period is PartialPeriod.NOTHING:
        return balance - principal
    if partial_period is PartialPeriod.REFUSE:
        problem = Problem(
            "Interest compounds by whole periods, of which the last one ends on {reached}, but it is wanted to {end}: "
            "say what the part of a period earns.",
            {"reached": str(reached), "end": str(end)},
        )
        raise Refused(problem, "partial_period")
    return balance * (1 + rate * years(reached, end, day_count)) - principal
