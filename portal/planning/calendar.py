"""Calendar months as numbers, so that arrays of them can be computed with.

The number of a day is the months since January of year 0, with the part of its month that has passed as fraction.
Outputs with the unit ``month`` are such numbers.
"""

from __future__ import annotations

import math
from calendar import monthrange
from datetime import date


def to_month(day: date) -> float:
    return day.year * 12 + day.month - 1 + (day.day - 1) / monthrange(day.year, day.month)[1]


def from_month(number: float) -> date:
    """The day that ``number`` falls on.

    Raises:
        OverflowError: for +inf, which stands for never.
    """
    whole = math.floor(number)
    year, month = divmod(whole, 12)
    days = monthrange(year, month + 1)[1]
    # Interpolated values may lie a rounding error below a whole day.
    return date(year, month + 1, 1 + min(int((number - whole) * days + 1e-6), days - 1))
