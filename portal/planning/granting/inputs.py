"""What the option pool calculator asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mlcore.spec import Range, choice, day, integer, number, rows, text

ASSUMED = "Assumption: put in your own."
SAB = (
    "SEC Staff Accounting Bulletin, topic 14.D.2, simplified method: ((1 + 2 + 3 + 4) ÷ 4 + 10) ÷ 2 = 6.25 years for "
    "four years of vesting and a life of ten"
)
LONGEST = 60  # months
MOST = 1e12  # USD, and shares
MOST_HIRES = 40  # each costs a table of months and draws

PART, VALUE, SALARY = "part", "value", "salary"
BASES = {PART: "Part of the company", VALUE: "Value at the round price", SALARY: "Multiple of the salary"}
BACK, GONE = "back", "gone"
RETURNS = {BACK: "Go back to the pool", GONE: "Are lost to the pool"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGrant:
    role: str = text("Role", default="Engineer", max_length=60, help="What these people are called.")
    people: int = integer("People", default=1, low=0, high=1_000, help="How many join together. May be a range.")
    month: int = integer(
        "Month", default=1, low=1, high=600, help="In which they start and are granted options, counted from 1."
    )
    by: str = choice("Grant by", default=PART, choices=BASES, help="Which of the numbers beside it makes the grant.")
    part: float = number(
        "Part of the company each", default=0.003, low=0, high=0.5, unit="%",
        help="Of all shares after the round, fully diluted. Used when granted by part of the company.",
    )  # fmt: skip
    value: float = number(
        "Value each", default=60_000, low=0, high=1e9, unit="USD",
        help="Shares × price of the round, without taking off the strike. Used when granted by value.",
    )  # fmt: skip
    salary: float = number(
        "Salary", default=130_000, low=0, high=1e8, unit="USD/year", help="Used when granted by salary."
    )
    multiple: float = number(
        "Multiple of the salary", default=0.5, low=0, high=100, unit="×",
        help="Value of the grant ÷ yearly salary. Used when granted by salary.",
    )  # fmt: skip
    level: str = text("Level", default="", max_length=60, help="Such as senior or lead; for the table of grants.")
    vesting: int = integer("Vesting", default=48, low=1, high=120, fixed=True, unit="months", help="Until all vested.")
    cliff: int = integer(
        "Cliff", default=12, low=0, high=120, fixed=True, unit="months",
        help="Nothing vests before; then all months until then at once.",
    )  # fmt: skip


def _between(low: float, high: float) -> Any:
    """A range as the value of a number of a row."""
    return Range.of(low, high)


HIRES = (
    PlannedGrant(role="Head of research", level="Executive", month=_between(2, 6), part=_between(0.008, 0.018)),
    PlannedGrant(role="ML researchers", level="Senior", people=2, month=_between(2, 5), part=_between(0.003, 0.008)),
    PlannedGrant(role="ML engineers", people=3, month=_between(4, 9), part=_between(0.0015, 0.004)),
    PlannedGrant(role="Software engineers", people=3, month=_between(3, 10), part=_between(0.001, 0.003)),
    PlannedGrant(role="Product and design", people=2, month=_between(4, 12), by=VALUE, value=_between(30_000, 80_000)),
    PlannedGrant(role="Account executives", people=2, month=_between(8, 14), by=SALARY, salary=110_000,
                 multiple=_between(0.2, 0.5)),
)  # fmt: skip


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    hires: tuple[PlannedGrant, ...] = rows(
        PlannedGrant, "Planned hires", max_items=MOST_HIRES, group="Plan", default=HIRES, source=ASSUMED,
        help="One row for people who join together. Those who replace leavers are rows of their own. Grants differ by "
        "country, stage and market: ask for a survey of yours.")
    first_month: date = day(
        "First month", default=date(2027, 1, 1), group="Plan",
        help="The month in which the round closes and month 1 begins; any day of it.")
    horizon: int = integer(
        "Months until the next round", default=18, low=1, high=LONGEST, fixed=True, unit="months", group="Plan",
        help="The pool has to last so long; the next round makes a new one.")
    promised: int = integer(
        "Options promised", default=60_000, low=0, high=int(MOST), fixed=True, group="Plan",
        help="Promised in offers and not granted yet. They are granted in month 1, over four years with a cliff of "
        "one.")
    refresh: float = number(
        "Refreshers", likely=(0.05, 0.2), low=0, high=2, unit="%", group="Plan", source=ASSUMED,
        help="A new grant for who is still there every 12 months after joining (for those here now, from now), as a "
        "part of the first one. It vests from then on, without a cliff.")
    buffer: float = number(
        "Buffer", default=0.15, low=0, high=2, unit="%", group="Plan", source=ASSUMED,
        help="Kept free for hires that nobody planned, as a part of all planned grants.")
    attrition: float = number(
        "Attrition", likely=(0.06, 0.18), low=0, high=0.9, unit="%", group="Leavers", source=ASSUMED,
        help="The share of the people with options that leaves in a year.")
    exercised: float = number(
        "Leavers who exercise", likely=(0.2, 0.7), low=0, high=1, unit="%", group="Leavers", source=ASSUMED,
        help="The part of a leaver's vested options that becomes shares. The rest lapses, as all that is not vested.")
    returns: str = choice(
        "Options of leavers", default=BACK, choices=RETURNS, group="Leavers",
        help="What becomes of options that lapse. Most plans let them be granted again.")
    founders_shares: int = integer(
        "Founders' shares", default=8_000_000, low=1, high=int(MOST), fixed=True, group="Company",
        help="Of all founders together.")
    other_shares: int = integer(
        "Other shares", default=1_600_000, low=0, high=int(MOST), fixed=True, group="Company",
        help="Of investors and others, as converted to common; SAFEs and notes as they will convert.")
    granted: int = integer(
        "Options granted", default=600_000, low=0, high=int(MOST), fixed=True, group="Company",
        help="Outstanding before the round, vested or not.")
    granted_vested: float = number(
        "Of these vested", default=0.45, low=0, high=1, unit="%", group="Company", source=ASSUMED, help="By now.")
    granted_left: int = integer(
        "Months until they are vested", default=30, low=1, high=120, fixed=True, unit="months", group="Company",
        help="The rest of the granted options vests evenly over these.")
    pool_now: int = integer(
        "Pool now", default=250_000, low=0, high=int(MOST), fixed=True, group="Company",
        help="Shares reserved for options and not granted, promised ones included.")
    pre_money: float = number(
        "Pre-money valuation", likely=(18_000_000, 28_000_000), low=1, high=MOST, unit="USD", group="Round",
        source=ASSUMED, help="As in the term sheet, for all shares but those of the new money, the new pool included.")
    new_money: float = number(
        "New money", likely=(5_000_000, 8_000_000), low=1, high=MOST, unit="USD", group="Round", source=ASSUMED,
        quantity="new_money", help="What new investors pay in.")
    asked: float = number(
        "Pool that the investor asks for", default=0.12, low=0, high=0.9, unit="%", fixed=True, group="Round",
        source=ASSUMED, help="Shares not granted, of all shares after the round. Compared with what the plan needs.")
    common_part: float = number(
        "Common against preferred", likely=(0.2, 0.4), low=0.001, high=1, unit="%", group="Expense", source=ASSUMED,
        help="Value of a common share ÷ price of the round: from your appraisal (409A). The strike is that value.")
    volatility: float = number(
        "Volatility", likely=(0.55, 0.9), low=0.01, high=5, unit="%", group="Expense", source=ASSUMED,
        help="A year, of the shares; usually that of listed companies of the same kind.")
    option_life: float = number(
        "Expected life of an option", likely=(5, 6.25), low=0.1, high=10, unit="years", group="Expense", source=SAB,
        help="Until it is exercised. The high end is the simplified method.")
    risk_free: float = number(
        "Risk-free rate", likely=(0.035, 0.045), low=0, high=1, unit="%", group="Expense", source=ASSUMED,
        help="A year, of government bonds that run as long.")
# fmt: on
