"""What the raise plan asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mlcore.spec import Range, chance, choice, day, integer, number, rows, text

ASSUMED = "Assumption: put in your own."
LONGEST = 120  # months
MOST = 1e12  # USD
MOST_MILESTONES = 12

NEEDED, TYPED = "needed", "typed"
SIZES = {NEEDED: "What the plan needs", TYPED: "An amount that you type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMilestone:
    name: str = text("Milestone", default="Milestone", max_length=60, help="What is shown to be done.")
    months: float = number(
        "Months of work", default=8, low=0.5, high=60, unit="months", help="As planned, once the one before is done."
    )
    slip: float = number(
        "Overrun", default=0.2, low=0, high=5, unit="%",
        help="How much longer it takes than planned: 50% makes 9 months of 6. Running costs go on meanwhile.",
    )  # fmt: skip
    cost: float = number(
        "Cost", default=0, low=0, high=MOST, unit="USD",
        help="On top of running costs, evenly over its time: training runs, data, people hired for it.",
    )  # fmt: skip
    reached: float = chance(
        "Chance that it is reached", default=0.8,
        help="Where it is not, later rounds are at what the last milestone that was reached supports. A single case "
        "counts it as reached above 50%.",
    )  # fmt: skip
    value: float = number(
        "Pre-money it supports", default=15_000_000, low=1, high=MOST, unit="USD",
        help="What investors value the company at, before new money, once it is reached.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRaise:
    name: str = text("Round", default="Round", max_length=60, help="What it is called.")
    after: int = integer(
        "After milestone", default=0, low=0, high=MOST_MILESTONES, fixed=True,
        help="0 for a round now; 2 for one whose raising begins when the second milestone is done.",
    )  # fmt: skip
    pool: float = number(
        "New pool", default=0.1, low=0, high=0.5, unit="%", fixed=True,
        help="Option pool made with the round, of all shares after it. The option pool calculator works it out.",
    )  # fmt: skip


def _between(low: float, high: float) -> Any:
    """A range as the value of a number of a row."""
    return Range.of(low, high)


MILESTONES = (
    PlannedMilestone(name="Model beats the open ones", months=6, slip=_between(0.05, 0.6), cost=_between(250e3, 600e3),
                     reached=0.8, value=_between(14e6, 24e6)),
    PlannedMilestone(name="First ten paying customers", months=7, slip=_between(0.05, 0.7), cost=_between(150e3, 400e3),
                     reached=0.7, value=_between(28e6, 50e6)),
    PlannedMilestone(name="$2M of yearly revenue", months=9, slip=_between(0.1, 0.8), cost=_between(900e3, 2.2e6),
                     reached=0.6, value=_between(60e6, 110e6)),
)  # fmt: skip
ROUNDS = (
    PlannedRaise(name="Seed", after=0, pool=0.1),
    PlannedRaise(name="Series A", after=2, pool=0.08),
)


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    milestones: tuple[PlannedMilestone, ...] = rows(
        PlannedMilestone, "Milestones", max_items=MOST_MILESTONES, group="Plan", default=MILESTONES, source=ASSUMED,
        help="One after the other, the first from the day on which the first money arrives.")
    rounds: tuple[PlannedRaise, ...] = rows(
        PlannedRaise, "Rounds", max_items=6, group="Plan", default=ROUNDS,
        help="In their order, the first one now. Each pays for all until the next has closed.")
    keep: float = number(
        "Months after the last milestone", default=12, low=0, high=60, unit="months", group="Plan", source=ASSUMED,
        help="For which money still has to last; counted from the last closing where that is later.")
    reserve: float = number(
        "Months of reserve", default=3, low=0, high=36, unit="months", group="Plan", source=ASSUMED,
        help="For which cash still lasts when a round closes: it may take longer, or fail.")
    first_month: date = day(
        "First month", default=date(2027, 1, 1), group="Plan",
        help="The month in which the plan starts; any day of it.")
    horizon: int = integer(
        "Horizon", default=54, low=6, high=LONGEST, fixed=True, unit="months", group="Plan",
        help="How far ahead to calculate.")
    starts_in: int = integer(
        "Raising starts in", default=0, low=0, high=60, unit="months", group="Raising", source=ASSUMED,
        help="Months from now to the first talk with an investor. May be a range.")
    months_to_raise: float = number(
        "Months to raise", likely=(4, 8), low=0.5, high=36, unit="months", group="Raising", source=ASSUMED,
        help="From the first talk to money in the bank.")
    size_by: str = choice(
        "Size of the first round", default=NEEDED, choices=SIZES, group="Raising",
        help="Work out what the plan needs, or see how far an amount goes.")
    amount_typed: float = number(
        "Amount of the first round", default=3_000_000, low=1, high=MOST, unit="USD", group="Raising", source=ASSUMED,
        when=("size_by", (TYPED,)), help="After fees. Later rounds pay for what it does not.")
    founders_now: float = number(
        "Founders now", default=0.85, low=0.001, high=1, unit="%", group="Ownership", source=ASSUMED,
        help="Part of all founders together, fully diluted, without SAFEs.")
    value_now: float = number(
        "Pre-money valuation now", likely=(7_000_000, 12_000_000), low=1, high=MOST, unit="USD", group="Ownership",
        source=ASSUMED, help="Of the first round, for all shares but those of the new money, new pool and SAFEs "
        "included.")
    safes: float = number(
        "SAFEs outstanding", default=500_000, low=0, high=MOST, unit="USD", fixed=True, group="Ownership",
        source=ASSUMED, help="Sum of the amounts; 0 for none. They convert in the first priced round.")
    safes_cap: float = number(
        "Their post-money cap", default=6_000_000, low=0, high=MOST, unit="USD", fixed=True, group="Ownership",
        source=ASSUMED, help="Of all of them, on average; 0 for none. The round calculator takes each by itself.")
    wanted: float = number(
        "Founders want to hold", default=0.4, low=0.001, high=1, unit="%", fixed=True, group="Ownership",
        source=ASSUMED, help="At least so much after all rounds: what must be true is worked out for it.")
    multiple: float = number(
        "Multiple of yearly revenue", likely=(12, 30), low=0.1, high=1000, unit="×", group="Ownership", source=ASSUMED,
        help="Pre-money valuation ÷ yearly revenue that investors accept in the last round.")
    cash: float = number(
        "Cash in the bank", default=1_300_000, low=0, high=MOST, unit="USD", group="Company", source=ASSUMED,
        quantity="cash", help="The balance at the start of the first month.")
    costs: float = number(
        "Running costs now", likely=(85_000, 110_000), low=0, high=MOST, unit="USD/month", group="Company",
        source=ASSUMED, quantity="monthly_costs",
        help="Payroll, compute and all else of the first month, without the cost of revenue and of milestones.")
    costs_growth: float = number(
        "Growth of running costs", likely=(0.01, 0.03), low=-0.5, high=0.5, unit="%/month", group="Company",
        source=ASSUMED, help="A month, through hires, raises and usage.")
    revenue: float = number(
        "Revenue now", default=15_000, low=0, high=MOST, unit="USD/month", group="Company", source=ASSUMED,
        quantity="monthly_revenue", help="Revenue of the first month.")
    growth: float = number(
        "Net growth of revenue", likely=(0.03, 0.07), low=-0.5, high=1, unit="%/month", group="Company",
        source=ASSUMED, quantity="revenue_growth", help="A month, churn taken off.")
    gross_margin: float = number(
        "Gross margin", default=0.75, low=0, high=1, unit="%", group="Company", source=ASSUMED,
        help="What is left of revenue after the cost of serving it, as far as that is not among the running costs.")
    bridge: float = number(
        "Bridge by SAFE", default=1_200_000, low=1, high=MOST, unit="USD", fixed=True, group="Bridge instead",
        source=ASSUMED, help="Raised now by a SAFE; one priced round after the first milestone pays for the rest.")
    bridge_cap: float = number(
        "Its post-money cap", default=9_000_000, low=0, high=MOST, unit="USD", fixed=True, group="Bridge instead",
        source=ASSUMED, help="0 for none.")
    bridge_discount: float = number(
        "Its discount", default=0.2, low=0, high=0.99, unit="%", fixed=True, group="Bridge instead", source=ASSUMED,
        help="Taken off the price of the round.")
    bridge_months: float = number(
        "Months to raise it", likely=(1, 3), low=0.1, high=36, unit="months", group="Bridge instead", source=ASSUMED,
        help="A SAFE needs fewer papers than a priced round.")
# fmt: on
