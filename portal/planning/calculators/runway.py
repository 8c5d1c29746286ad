"""How long the money lasts: cash month by month, with ranges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from mlcore.spec import chance, day, integer, number, rows, text
from portal.planning.calculator import Calculator, Example, Fan, Output, Parts, Preset
from portal.planning.calendar import to_month
from portal.planning.company.cash import YEAR, follow, with_funding
from portal.planning.company.words import SENTENCES, answer, notices, refuse
from portal.planning.finance import draw_count, first_below_zero, months_while, quotient, running_lows, settled

GRAHAM = "Paul Graham, “Default Alive or Default Dead?”, October 2015, paulgraham.com/aord.html"
SACKS = "David Sacks, “The Burn Multiple”, April 2020"
ASSUMED = "Assumption: put in your own."

LONGEST = 120  # months
MOST = 1e12  # dollars


# Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    label: str = text("What for", default="", help="A name for this payment.", max_length=120)
    month: int = integer("Month", default=1, low=1, high=LONGEST, help="When it is paid, counted from 1.")
    amount: float = number(
        "Amount", default=0, low=-MOST, high=MOST, unit="USD", help="Money in is positive, money out is negative."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    label: str = text("Round", default="", help="A name for this round or loan.", max_length=120)
    month: int = integer("Month", default=12, low=1, high=LONGEST, help="When the money arrives, counted from 1.")
    amount: float = number("Amount", default=0, low=0, high=MOST, unit="USD", help="Money received, after fees.")
    closes: float = chance(
        "Chance that it closes",
        default=1.0,
        help="In a simulation the round closes in this share of the draws and fails in the others. A single case "
        "counts it in full above 50%, else not at all.",
    )


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    cash: float = number(
        "Cash in the bank", default=3_200_000, low=0, high=MOST, unit="USD", group="Cash", source=ASSUMED,
        help="The balance at the start of the first month.")
    first_month: date = day(
        "First month", default=date(2027, 1, 1), group="Cash",
        help="The month in which the plan starts; any day of it.")
    horizon: int = integer(
        "Horizon", default=36, low=6, high=LONGEST, fixed=True, unit="months", group="Cash",
        help="How far ahead to calculate.")
    revenue: float = number(
        "Revenue now", default=55_000, low=0, high=MOST, unit="USD/month", group="Revenue", source=ASSUMED,
        help="Revenue of the first month.")
    growth: float = number(
        "New revenue", likely=(0.055, 0.11), low=0, high=1, unit="%/month", group="Revenue", source=ASSUMED,
        help="Revenue won each month, from new and existing customers, as a share of that month's revenue. Revenue "
        "grows by this less churn.")
    churn: float = number(
        "Churn", likely=(0.015, 0.04), low=0, high=1, unit="%/month", group="Revenue", source=ASSUMED,
        help="Revenue lost each month, to cancelled and reduced contracts, as a share of that month's revenue.")
    gross_margin: float = number(
        "Gross margin before compute", default=0.85, low=0, high=1, unit="%", group="Revenue", source=ASSUMED,
        help="What is left of revenue after payment fees, support and hosting, but before the cost of running models, "
        "which has its own line.")
    payroll: float = number(
        "Payroll now", default=135_000, low=0, high=MOST, unit="USD/month", group="Costs", source=ASSUMED,
        quantity="monthly_payroll", help="Salaries of the first month with taxes and benefits.")
    payroll_growth: float = number(
        "Payroll growth", likely=(0.004, 0.016), low=-0.5, high=0.5, unit="%/month", group="Costs", source=ASSUMED,
        quantity="payroll_growth", help="Growth a month through hires and raises.")
    other_costs: float = number(
        "Other costs", default=28_000, low=0, high=MOST, unit="USD/month", group="Costs", source=ASSUMED,
        help="Rent, tools, lawyers, travel, marketing: the same every month.")
    model_compute: float = number(
        "Compute for models now", likely=(22_000, 45_000), low=0, high=MOST, unit="USD/month", group="Compute",
        quantity="monthly_compute_cost", source=ASSUMED,
        help="Accelerators and model APIs in the first month: serving and everyday experiments.")
    compute_growth: float = number(
        "Compute growth", likely=(0.01, 0.04), low=-0.5, high=1, unit="%/month", group="Compute", source=ASSUMED,
        help="Growth a month, with usage and experiments.")
    training_cost: float = number(
        "Planned training run", likely=(60_000, 160_000), low=0, high=MOST, unit="USD", group="Compute",
        quantity="training_cost", source=ASSUMED,
        help="The cost of one large training run; 0 for none. The training run calculator works it out.")
    training_month: int = integer(
        "Month of the training run", default=5, low=1, high=LONGEST, group="Compute", source=ASSUMED,
        help="When the training run is paid, counted from 1. May be a range.")
    one_offs: tuple[OneOff, ...] = rows(
        OneOff, "One-off items", default=(OneOff(label="Security audit", month=4, amount=-35_000),), max_items=40,
        group="One-off items and funding", help="Single payments: equipment, a deposit, a grant, a tax refund.")
    funding: tuple[Funding, ...] = rows(
        Funding, "Planned funding", max_items=20, group="One-off items and funding",
        help="Money from investors or lenders. It counts as cash but never as revenue, and not towards default alive.")
# fmt: on


# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    start = int(to_month(x.first_month))
    opening = np.atleast_1d(x.cash)
    paths = follow(x)
    cash = with_funding(paths)
    lows_alone = paths.alone_lows
    lows = running_lows(opening, cash) if paths.raised else lows_alone
    runway = first_below_zero(opening, cash, lows)
    runway_alone = first_below_zero(opening, paths.alone, lows_alone) if paths.raised else runway
    losing = months_while(paths.losing)
    break_even = np.where(losing < x.horizon, losing, np.inf)
    lowest_at = np.where(lows[-1] < opening, months_while(lows > lows[-1]), 0)
    net_growth = np.atleast_1d(x.growth - x.churn)
    net_new_arr = YEAR * (x.revenue * ((1 + net_growth) ** YEAR - 1))
    spent = {
        "spent_on_revenue": paths.revenue.sum(axis=0) * (1 - x.gross_margin),
        "spent_on_payroll": paths.payroll,
        "spent_on_compute": paths.compute,
        "spent_on_training": paths.training,
        "spent_on_other": paths.one_off + x.other_costs * x.horizon,
    }
    results = {
        "zero_cash_month": start + runway,
        "runway": runway,
        "default_alive": np.isinf(runway_alone) & np.isfinite(break_even),
        "funded": np.isinf(runway),
        "gross_burn": paths.costs[0],
        "net_burn": paths.net_burn[0],
        "net_burn_3": paths.net_burn[:3].sum(axis=0) / 3,
        "break_even_month": start + break_even,
        "break_even_after": break_even,
        "money_to_break_even": _money_to(losing, lows_alone),
        "burn_multiple": quotient(paths.net_burn_year, net_new_arr),
        "net_burn_year": paths.net_burn_year,
        "net_new_arr": net_new_arr,
        "net_growth": net_growth,
        "break_even_revenue": quotient(np.atleast_1d(x.payroll + x.model_compute + x.other_costs), x.gross_margin),
        "flat_runway": quotient(opening, paths.net_burn[0]),
        "runway_alone": runway_alone,
        "lowest_cash": lows[-1],
        "lowest_cash_month": start + lowest_at,
        "cash_at_horizon": cash[-1],
        **spent,
        "spent": sum(spent.values()),
        "cash_by_month": cash,
        "revenue_by_month": paths.revenue,
        "costs_by_month": paths.costs,
        "net_burn_by_month": paths.net_burn,
    }
    return {name: settled(value, draws) for name, value in results.items()}


def _money_to(losing: np.ndarray, lows: np.ndarray) -> np.ndarray:
    """How far the balance falls below zero in the months before break-even; ``inf`` where that is never reached."""
    reached = losing < len(lows)
    last = np.clip(losing - 1, 0, len(lows) - 1)
    deepest = np.where(losing > 0, lows[last, np.arange(lows.shape[1])], 0.0)
    return np.where(reached, np.maximum(-deepest, 0.0), np.inf)


# Declaration

NEVER = "not within the horizon"
BY_MONTH = "Opening cash, less the net burn of each month, plus {funding} in the month in which it arrives."

OUTPUTS = {
    "zero_cash_month": Output(
        label="Cash runs out", unit="month", never=NEVER, better="higher",
        help="The month in which the balance passes zero.",
        method="The months of {runway}, counted from {first_month}.",
    ),
    "runway": Output(
        label="Runway", unit="months", never=NEVER, better="higher", headline=True,
        help="Months until the balance passes zero. Growth, one-off items and funding are counted month by month: "
        "dividing cash by burn is wrong as soon as burn changes.",
        method="Cash is followed month by month ({cash_by_month}); within the month in which it passes zero it is "
        "taken to fall evenly.",
    ),
    "default_alive": Output(
        label="Default alive", unit="", boolean=True, better="higher", headline=True,
        help="On this plan the company becomes profitable on the money that it has.",
        method="Yes when {break_even_month} is within {horizon} and cash, without {funding}, never falls below zero "
        "up to the horizon.",
        source=GRAHAM,
    ),
    "funded": Output(
        label="Funded through the horizon", unit="", boolean=True, better="higher", headline=True,
        help="Cash, with planned funding, never falls below zero within the horizon.",
        method="Yes when {runway} is longer than {horizon}.",
    ),
    "gross_burn": Output(
        label="Gross burn, first month", unit="USD/month", better="lower", help="All money out in the first month.",
        method="{payroll}, {model_compute}, {other_costs}, what {gross_margin} takes from {revenue}, and the training "
        "run and one-off payments if they fall in that month.",
    ),
    "net_burn": Output(
        label="Net burn, first month", unit="USD/month", better="lower",
        help="Money out less money in, in the first month, without funding. Negative when cash grows.",
        method="{gross_burn} less {revenue} and one-off money received in that month.",
    ),
    "net_burn_3": Output(
        label="Net burn, next 3 months", unit="USD/month", better="lower", headline=True,
        help="Money out less money in, without funding: the average of the first three months.",
        method="The first three values of {net_burn_by_month}, divided by three.",
    ),
    "break_even_month": Output(
        label="Break-even", unit="month", never=NEVER, better="lower",
        help="The first month in which revenue covers the running costs; one-off items and the training run are left "
        "out.",
        method="{break_even_after}, counted from {first_month}.",
    ),
    "break_even_after": Output(
        label="Months to break-even", unit="months", never=NEVER, better="lower",
        help="Months with a running loss before the first without.",
        method="The first month in which {revenue}, grown by {net_growth}, is at least the cost of revenue, payroll, "
        "compute and other costs of that month.",
    ),
    "money_to_break_even": Output(
        label="Money needed to break even", unit="USD", never="break-even is not within the horizon", better="lower",
        help="New money without which cash does not last until break-even; 0 when it does.",
        method="How far cash without {funding} falls below zero in the months before {break_even_month}.",
    ),
    "burn_multiple": Output(
        label="Burn multiple", unit="×", never="undefined: revenue does not grow", better="lower",
        help="Cash burned for each new dollar of yearly recurring revenue over the next 12 months. Below 1 is amazing, "
        "to 1.5 great, to 2 good, to 3 suspect, above 3 bad.",
        formula="{net_burn_year} ÷ {net_new_arr}",
        source=SACKS,
    ),
    "net_burn_year": Output(
        label="Net burn, next 12 months", unit="USD", better="lower",
        help="Money out less money in over the first 12 months, without funding.",
        method="The first twelve values of {net_burn_by_month}, summed.",
    ),
    "net_new_arr": Output(
        label="Net new yearly revenue", unit="USD", better="higher",
        help="Recurring revenue a year, 12 months from now, less that of today.",
        formula="12 × {revenue} × ((1 + {growth} − {churn}) ^ 12 − 1)",
    ),
    "net_growth": Output(
        label="Net growth", unit="%/month", better="higher", help="What revenue grows by each month.",
        formula="{growth} − {churn}",
    ),
    "break_even_revenue": Output(
        label="Revenue to break even today", unit="USD/month", never="no revenue is enough at this margin",
        better="lower", help="The revenue that would cover the running costs of the first month.",
        formula="({payroll} + {model_compute} + {other_costs}) ÷ {gross_margin}",
    ),
    "flat_runway": Output(
        label="Cash divided by burn", unit="months", never="cash does not fall", better="higher",
        help="What a division says, for comparison: it takes the burn of the first month to stay as it is.",
        formula="{cash} ÷ {net_burn}",
    ),
    "runway_alone": Output(
        label="Runway without funding", unit="months", never=NEVER, better="higher",
        help="Months until the balance passes zero when no planned funding arrives.",
        method="As {runway}, without {funding}.",
    ),
    "lowest_cash": Output(
        label="Lowest cash", unit="USD", better="higher",
        help="The lowest balance within the horizon, the opening one included. Below zero, it is the money missing.",
        method="The smallest of {cash} and {cash_by_month}.",
    ),
    "lowest_cash_month": Output(
        label="Month of the lowest cash", unit="month",
        help="The month at whose end cash is lowest; the first one when the opening balance is.",
        method="The month of {lowest_cash}, counted from {first_month}.",
    ),
    "cash_at_horizon": Output(
        label="Cash at the horizon", unit="USD", better="higher", help="The balance at the end of the last month.",
        method="The last value of {cash_by_month}.",
    ),
    "spent_on_revenue": Output(
        label="Cost of revenue", unit="USD", help="Payment fees, support and hosting through the horizon.",
        method="The share of revenue that {gross_margin} leaves out, summed over {horizon}.",
    ),
    "spent_on_payroll": Output(
        label="Payroll", unit="USD", help="Payroll through the horizon.",
        method="{payroll}, grown by {payroll_growth} a month, summed over {horizon}.",
    ),
    "spent_on_compute": Output(
        label="Compute for models", unit="USD", help="Monthly compute through the horizon, without the training run.",
        method="{model_compute}, grown by {compute_growth} a month, summed over {horizon}.",
    ),
    "spent_on_training": Output(
        label="Training run", unit="USD", help="The planned training run, if it falls within the horizon.",
        method="{training_cost}, if {training_month} is within {horizon}.",
    ),
    "spent_on_other": Output(
        label="Other and one-off costs", unit="USD", help="Other costs and one-off payments through the horizon.",
        method="{other_costs} for each month of {horizon}, and the payments among {one_offs}.",
    ),
    "spent": Output(
        label="All costs through the horizon", unit="USD", help="All money out within the horizon.",
        formula="{spent_on_revenue} + {spent_on_payroll} + {spent_on_compute} + {spent_on_training} + "
        "{spent_on_other}",
    ),
    "cash_by_month": Output(
        label="Cash", unit="USD", along=("month",), better="higher", help="The balance at the end of each month.",
        method=BY_MONTH,
    ),
    "revenue_by_month": Output(
        label="Revenue", unit="USD/month", along=("month",), better="higher", help="Revenue of each month.",
        method="{revenue} in the first month, then each month {growth} more and {churn} less of the month before.",
    ),
    "costs_by_month": Output(
        label="Costs", unit="USD/month", along=("month",), better="lower", help="All money out in each month.",
        method="Cost of revenue, {payroll}, {model_compute} and {other_costs} of the month, with {training_cost} and "
        "the payments among {one_offs} in theirs.",
    ),
    "net_burn_by_month": Output(
        label="Net burn", unit="USD/month", along=("month",), better="lower",
        help="Money out less money in of each month, without funding.",
        method="{costs_by_month} less {revenue_by_month} and the one-off money received.",
    ),
}  # fmt: skip

# A company without revenue or costs, for cases that state only a few of them.
PLAIN = {
    "payroll": 0, "growth": 0, "churn": 0, "gross_margin": 1, "payroll_growth": 0, "other_costs": 0, "model_compute": 0,
    "compute_growth": 0, "training_cost": 0, "one_offs": [], "funding": [], "revenue": 0,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={**PLAIN, "cash": 500_000, "payroll": 62_500},
        expected={"runway": 8, "flat_runway": 8, "default_alive": False},
        source="By hand: 500,000 ÷ 62,500, with a burn that does not change.",
    ),
    Example(
        inputs={**PLAIN, "cash": 800_000, "revenue": 20_000, "growth": "10%", "payroll": 80_000},
        expected={"flat_runway": 13.333333, "break_even_after": 15, "lowest_cash": 235_449.63, "default_alive": True},
        source="Inputs of runwaymodeler.net/blog-default-alive.html. The page divides, finds 13.3 months of runway "
        "before month 15 and says default dead; month by month the company never falls below $235,449.",
    ),
    Example(
        inputs={
            **PLAIN,
            "cash": 100_000,
            "payroll": 10_000,
            "one_offs": [{"label": "Equipment", "month": 3, "amount": -20_000}],
            "funding": [{"label": "Loan", "month": 5, "amount": 50_000, "closes": 1}],
        },
        expected={"runway": 13, "runway_alone": 8, "lowest_cash": -230_000, "default_alive": False, "funded": False},
        source="By hand: 90, 80, 50, 40, 80 thousand, then 10 less each month; 36 months in all.",
    ),
)

PRESETS = (
    Preset(
        slug="lean",
        label="Lean",
        inputs={
            "cash": 650_000, "revenue": 14_000, "growth": "5% to 12%", "churn": "2% to 5%", "gross_margin": "88%",
            "payroll": 42_000, "payroll_growth": "0.2% to 1%", "other_costs": 7_000, "model_compute": "4k to 9k",
            "compute_growth": "1% to 5%", "training_cost": "4k to 15k", "training_month": 3,
            "one_offs": [{"label": "Research grant", "month": 6, "amount": 50_000}],
        },
    ),
    Preset(slug="base", label="Base", inputs={}),
    Preset(
        slug="aggressive",
        label="Aggressive",
        inputs={
            "cash": 9_000_000, "revenue": 90_000, "growth": "8% to 18%", "churn": "2% to 6%", "payroll": 340_000,
            "payroll_growth": "1.5% to 4%", "other_costs": 75_000, "model_compute": "90k to 200k",
            "compute_growth": "4% to 9%", "training_cost": "600k to 2M", "training_month": "5 to 8 as uniform",
            "funding": [{"label": "Series A", "month": "10 to 16 as uniform", "amount": "10M to 18M", "closes": "55%"}],
        },
    ),
    Preset(
        slug="api-7b",
        label="API company with a 7B model",
        # 6 × 7e9 × 2e12 tokens = 8.4e22 FLOP: 59,000 H100 hours at 40% of 989 TFLOP/s, at $2 to $4, with restarts.
        inputs={
            "cash": 5_000_000, "revenue": 95_000, "growth": "7% to 15%", "churn": "3% to 7%", "gross_margin": "90%",
            "payroll": 190_000, "payroll_growth": "0.5% to 2%", "other_costs": 35_000, "model_compute": "55k to 120k",
            "compute_growth": "3% to 7%", "training_cost": "120k to 300k", "training_month": 4,
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="runway",
    version=1,
    title="Runway",
    summary="When the money runs out, month by month, and whether the company lives without raising more.",
    family="Company",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="cash_at_horizon",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    charts=(
        Fan(output="cash_by_month", title="Cash balance"),
        Parts(
            title="Where the money goes",
            outputs=(
                "spent_on_payroll", "spent_on_compute", "spent_on_training", "spent_on_revenue", "spent_on_other",
            ),
        ),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(GRAHAM, SACKS),
)  # fmt: skip
