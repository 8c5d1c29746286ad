"""Vesting: on which days how many shares, with the rounding and the day of the month that the grant states.

Names and meaning follow the Open Cap Format 1.2.0, enumerations Allocation Type and Vesting Day of Month.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from mlcore.reading import Problem
from portal.planning.equity.interest import months_later
from portal.planning.equity.money import Refused, part, percent, positive, settle
from portal.planning.equity.rounding import Rounding, whole

MOST_MONTHS = 600


class Allocation(StrEnum):
    """How tranches that are no whole shares become some. Of 18 shares in 4 tranches:"""

    CUMULATIVE_ROUNDING = "CUMULATIVE_ROUNDING"  # 5, 4, 5, 4
    CUMULATIVE_ROUND_DOWN = "CUMULATIVE_ROUND_DOWN"  # 4, 5, 4, 5
    FRONT_LOADED = "FRONT_LOADED"  # 5, 5, 4, 4
    BACK_LOADED = "BACK_LOADED"  # 4, 4, 5, 5
    FRONT_LOADED_TO_SINGLE_TRANCHE = "FRONT_LOADED_TO_SINGLE_TRANCHE"  # 6, 4, 4, 4
    BACK_LOADED_TO_SINGLE_TRANCHE = "BACK_LOADED_TO_SINGLE_TRANCHE"  # 4, 4, 4, 6
    FRACTIONAL = "FRACTIONAL"  # 4.5 each


def allocate(total: Fraction | int, portions: Sequence[Fraction], how: Allocation) -> list[Fraction]:
    """Shares of each tranche; they add up to ``total``. ``portions`` add up to one.

    Raises:
        Refused: portions that do not add up to one, or a fraction of a share to divide by a rule of whole shares.
    """
    exact = [Fraction(total) * portion for portion in portions]
    if sum(portions) != 1:
        problem = Problem("Wanted tranches that add up to 100%, got {sum}.", {"sum": percent(Fraction(sum(portions)))})
        raise Refused(problem, "portions")
    if how is Allocation.FRACTIONAL:
        return exact
    if Fraction(total).denominator != 1:
        raise Refused(Problem("Wanted whole shares to vest, got a fraction of one.", {}), "shares")
    if how in (Allocation.CUMULATIVE_ROUNDING, Allocation.CUMULATIVE_ROUND_DOWN):
        return _cumulative(exact, Rounding.NEAREST if how is Allocation.CUMULATIVE_ROUNDING else Rounding.DOWN)
    floors = [whole(each, Rounding.DOWN) for each in exact]
    left = int(total) - sum(floors)
    front = how in (Allocation.FRONT_LOADED, Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE)
    order = range(len(floors)) if front else range(len(floors) - 1, -1, -1)
    if how in (Allocation.FRONT_LOADED, Allocation.BACK_LOADED):
        for place in list(order)[:left]:
            floors[place] += 1
    else:
        floors[order[0]] += left
    return [Fraction(each) for each in floors]


def _cumulative(exact: Sequence[Fraction], how: Rounding) -> list[Fraction]:
    tranches, reached, so_far = [], Fraction(0), 0
    for each in exact:
        reached += each
        up_to = whole(reached, how)
        tranches.append(Fraction(up_to - so_far))
        so_far = up_to
    return tranches


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Monthly vesting from ``start``: a cliff after so many months, then a tranche every ``every`` months to the end.

    ``cliff_portion`` vests on the cliff; by default the months until then. ``day``: of the month on which tranches
    vest, None for that of the start; the last of a month that is shorter.
    """

    start: date
    months: int
    every: int = 1
    cliff_months: int = 0
    cliff_portion: Fraction | None = None
    day: int | None = None
    allocation: Allocation

    def __post_init__(self) -> None:
        settle(self, "vesting", ("cliff_portion",), cliff_portion=part)
        for name, least, most in (
            ("months", 1, MOST_MONTHS), ("every", 1, self.months), ("cliff_months", 0, self.months), ("day", 1, 31),
        ):  # fmt: skip
            given = getattr(self, name)
            if given is not None and not least <= given <= most:
                problem = Problem("Wanted a whole number from {least} to {most}, got {given}.",
                                  {"least": least, "most": most, "given": given})  # fmt: skip
                raise Refused(problem, f"vesting.{name}")
        if (self.months - self.cliff_months) % self.every:
            problem = Problem("After the cliff {left} months are left, which tranches of {every} months do not divide.",
                              {"left": self.months - self.cliff_months, "every": self.every})  # fmt: skip
            raise Refused(problem, "vesting.every")
        if self.cliff_portion is not None and not 0 < self.cliff_months < self.months:
            problem = Problem("A portion for the cliff needs a cliff before the end of the schedule.", {})
            raise Refused(problem, "vesting.cliff_months")

    def tranches(self, shares: Fraction | int) -> list[tuple[date, Fraction]]:
        """The days, each counted from the start and not from the tranche before, and the shares that vest on them."""
        positive(shares, "vesting.shares")
        after = list(range(self.cliff_months + self.every, self.months + 1, self.every))
        cliff = Fraction(self.cliff_months, self.months) if self.cliff_portion is None else self.cliff_portion
        moments = [self.cliff_months, *after] if self.cliff_months else after
        portions = ([cliff] if self.cliff_months else []) + [(1 - cliff) / max(1, len(after))] * len(after)
        days = [months_later(self.start, months, self.day) for months in moments]
        return list(zip(days, allocate(shares, portions, self.allocation), strict=True))

    def vested(self, shares: Fraction | int, on: date) -> Fraction:
        days, sums = _running(self, Fraction(shares))
        return sums[bisect_right(days, on)]


@lru_cache(maxsize=4_096)  # a ledger asks for the same grants on many days
def _running(schedule: Schedule, shares: Fraction) -> tuple[list[date], list[Fraction]]:
    """The days of the tranches, and how much has vested before the first and from each on."""
    tranches = schedule.tranches(shares)
    return [day for day, _ in tranches], list(accumulate((count for _, count in tranches), initial=Fraction(0)))
