"""What the runway calculator asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import chance, day, integer, number, rows, text

ASSUMED = "Assumption: put in your own."

LONGEST = 120  # months
MOST = 1e12  # dollars


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
