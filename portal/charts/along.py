"""What runs below a chart from left to right: months, other numbers, or names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext as _

from portal.charts.shapes import Write, drawn, nice_ticks, plain, shortened
from portal.planning.calendar import from_month

MONTH_STEPS = (1, 2, 3, 6, 12, 24)


@dataclass(frozen=True, slots=True)
class Along:
    """An axis: ``values`` as plotly places them, ``names`` as people read them, one for each place."""

    label: str
    values: tuple[Any, ...]
    names: tuple[str, ...]
    kind: Literal["date", "linear", "category"]
    unit: str
    ticks: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def layout(self) -> dict[str, Any]:
        return {} if self.kind == "linear" else {"type": self.kind}

    @property
    def drawn_ticks(self) -> dict[str, Any]:
        """``ticks`` of a drawing: names stand as they are."""
        if self.kind == "category":
            return {}
        return {"x": {"values": list(self.ticks), "unit": self.unit}}


def months(start: date | None, count: int, write: Write) -> Along:
    """A calendar from ``start``; None counts the months from 1."""
    if start is None:
        numbers = range(1, count + 1)
        counted = tuple(n for n in numbers if n % _month_step(count) == 0)
        return Along(_("Month"), tuple(numbers), tuple(map(str, numbers)), "linear", "", counted)
    first = start.year * 12 + start.month - 1
    days = [date((first + at) // 12, (first + at) % 12 + 1, 1) for at in range(count)]
    ticks = tuple(day.isoformat() for day in days if (day.year * 12 + day.month - 1) % _month_step(count) == 0)
    names = tuple(write(day, "month") for day in days)
    return Along(_("Month"), tuple(day.isoformat() for day in days), names, "date", "month", ticks)


def places(label: str, values: Sequence[float] | Sequence[str], unit: str, write: Write) -> Along:
    """Numbers in a unit, or names, which stand at even distances."""
    if any(isinstance(value, str) for value in values):
        names = tuple(str(value) for value in values)
        # Two rows may have one name, yet are two places.
        repeated = len({shortened(name) for name in names}) < len(names)
        shown = tuple(f"{at}. {shortened(name)}" if repeated else shortened(name) for at, name in enumerate(names, 1))
        return Along(label, shown, names, "category", "", ())
    numbers = [float(value) for value in values]
    if unit == "month":
        return _days(label, numbers, write)
    few = len(numbers) <= 12
    ticks = _apart(numbers) if few else nice_ticks(min(numbers), max(numbers), 6)
    named = tuple(plain(write(value, unit)) for value in numbers)
    return Along(label, tuple(drawn(numbers)), named, "linear", unit, tuple(drawn(ticks)))


def _days(label: str, numbers: Sequence[float], write: Write) -> Along:
    """Days as ``portal.planning.calendar`` counts them, on a calendar."""
    first, last = math.ceil(numbers[0]), math.floor(numbers[-1])
    step = _month_step(last - first + 1)
    ticks = [month for month in range(first, last + 1) if month % step == 0] or numbers[:1]
    days, marks = ([from_month(number).isoformat() for number in each] for each in (numbers, ticks))
    names = tuple(plain(write(number, "month")) for number in numbers)
    return Along(label, tuple(days), names, "date", "month", tuple(marks))


def _apart(numbers: Sequence[float]) -> list[float]:
    """Those that stand far enough from the one before to be written beside it."""
    least = (max(numbers) - min(numbers)) / 16 if numbers else 0.0
    kept: list[float] = []
    for number in numbers:
        if not kept or abs(number - kept[-1]) >= least:
            kept.append(number)
    return kept


def _month_step(count: int) -> int:
    return next((step for step in MONTH_STEPS if count <= 8 * step), MONTH_STEPS[-1])
