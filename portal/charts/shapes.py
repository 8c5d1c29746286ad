"""What all charts are made of: the chart itself, a bar, round ticks, numbers and names as plotly takes them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.planning.calendar import from_month

Write = Callable[[Any, str], str]
Numbers = Sequence[float]

PALETTE = ("--s1", "--s2", "--s3", "--s4", "--s5")
GREY = "--ink-2"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")  # so that lines are not told apart by colour alone
HEIGHTS = (120, 160, 220, 280, 340, 420, 560, 740)  # that the style sheet knows
LINE = 22  # characters of a name that is written in several lines
LONGEST_NAME = 32  # characters of a name in a drawing; the table has it whole


@dataclass(frozen=True, slots=True)
class Chart:
    """``drawing`` for the screen, ``columns`` and ``rows`` of words for the table, ``label`` for who cannot see it.

    ``targets`` are ids of elements of the page that the rows are about, or empty.
    """

    drawing: dict[str, Any]
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height: int
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """``low`` and ``high`` are the ends of its 90%, where it has any."""

    label: str
    value: float
    target: str = ""
    low: float | None = None
    high: float | None = None


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from ``low`` to ``high``, ``about`` so many, at steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [five_digits(index * step) for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten from ``low`` to ``high``, both above zero; where there are less than three, 1, 2 and 5 of each."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / 6))
    powers = [10.0**power for power in range(first, last + 1, step)]
    within = [value for value in powers if low <= value <= high]
    if len(within) < 3:
        within = [
            m * 10.0**power for power in range(first, last + 1) for m in (1, 2, 5) if low <= m * 10.0**power <= high
        ]
    return within or [low]


def colour_of(at: int) -> str:
    return f"tok:{PALETTE[at] if at < len(PALETTE) else GREY}"


def sign_colour(value: float) -> str:
    return "tok:--down" if value < 0 else "tok:--up"


def in_lines(text: str) -> str:
    """``plain`` text in lines that leave room for the bars beside it."""
    return "<br>".join(plain(line) for line in textwrap.wrap(text, LINE))


def plain(text: str) -> str:
    """Plotly reads some HTML in labels; a name is not meant as such."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def shortened(text: str) -> str:
    """A name for a drawing, cut where it is long."""
    return plain(text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…")


def height_of(wanted: float) -> int:
    return next((height for height in HEIGHTS if height >= wanted), HEIGHTS[-1])


def five_digits(value: float) -> float:
    """More than a screen shows."""
    return float(f"{value:.5g}")


def drawn(values: Numbers) -> list[float | None]:
    """Numbers as a drawing takes them: what never comes is a gap."""
    return [five_digits(value) if math.isfinite(value) else None for value in values]


def placed(value: float, unit: str) -> float | str:
    """Where a value stands on an axis: a calendar month on one of dates."""
    return from_month(value).isoformat() if unit == "month" else five_digits(value)


def extent(values: Numbers, *, with_zero: bool = False) -> tuple[float, float]:
    """The least and the most of what is finite."""
    finite = [value for value in values if math.isfinite(value)] + ([0.0] if with_zero or not len(values) else [])
    return (min(finite), max(finite)) if finite else (0.0, 0.0)
