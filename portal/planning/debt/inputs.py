"""What the venture debt calculator asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import chance, choice, day, integer, number, rows, text
from portal.planning.debt.loan import ANNUITY, LEVEL

ASSUMED = "Assumption: put in your own."
LONGEST = 120  # months
MOST = 1e12  # USD
REPAYMENTS = {ANNUITY: "Level payments", LEVEL: "Level principal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    label: str = text("Drawdown", default="At closing", max_length=120, help="A name for this part of the loan.")
    month: int = integer(
        "Month drawn", default=1, low=1, high=LONGEST, fixed=True,
        help="Drawn on the first day of this month, counted from 1; 1 is at closing.",
    )  # fmt: skip
    share: float = number(
        "Share of the commitment", default=1.0, low=0, high=1, unit="%", fixed=True,
        help="How much of the commitment is drawn then.",
    )  # fmt: skip
    happens: float = chance(
        "Chance that it is drawn", default=1.0,
        help="Below 100% where it depends on a milestone. A single case counts it in full above 50%, else not at all.",
    )  # fmt: skip


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    commitment: float = number(
        "Commitment", default=2_000_000, low=1, high=MOST, unit="USD", group="Loan", source=ASSUMED,
        help="What the lender promises in all.")
    drawdowns: tuple[Drawdown, ...] = rows(
        Drawdown, "Drawdowns", max_items=24, group="Loan",
        default=(Drawdown(share=0.6), Drawdown(label="At the milestone", month=9, share=0.4, happens=0.6)),
        help="When how much of it is drawn; together at most 100%.")
    first_month: date = day(
        "Closing month", default=date(2027, 1, 1), group="Loan",
        help="The month on whose first day the loan is signed and month 1 begins; any day of it.")
    term: int = integer(
        "Term", default=36, low=1, high=LONGEST, fixed=True, unit="months", group="Loan",
        help="Months from closing to the last payment.")
    interest_only: int = integer(
        "Interest-only months", default=12, low=0, high=LONGEST, fixed=True, unit="months", group="Loan",
        help="Months from closing in which only interest is paid. One less than the term: all principal is due at the "
        "end.")
    rate: float = number(
        "Interest rate", likely=(0.11, 0.135), low=0, high=1, unit="%", group="Loan", source=ASSUMED,
        help="A year, nominal: each month a twelfth of it is due on what is drawn. A floating rate is a range.")
    repayment: str = choice(
        "Repayment", default=ANNUITY, choices=REPAYMENTS, group="Loan",
        help="After the interest-only months: level payments of interest and principal together (an annuity), or the "
        "same principal each month and falling interest.")
    upfront_fee: float = number(
        "Upfront fee", default=0.01, low=0, high=0.5, unit="%", group="Fees", source=ASSUMED,
        help="Of the commitment, paid at closing.")
    end_fee: float = number(
        "End-of-term payment", default=0.04, low=0, high=1, unit="%", group="Fees", source=ASSUMED,
        help="Of what was drawn, due with the last payment, and in full when the loan is paid back early.")
    undrawn_fee: float = number(
        "Undrawn fee", default=0.005, low=0, high=1, unit="%", group="Fees", source=ASSUMED,
        help="A year, on what is not drawn yet, each month while it can be drawn.")
    availability: int = integer(
        "Months in which it can be drawn", default=12, low=1, high=LONGEST, fixed=True, unit="months", group="Fees",
        help="From closing. Afterwards nothing can be drawn and no undrawn fee is due.")
    prepaid_after: int = integer(
        "Paid back early after", default=0, low=0, high=LONGEST, fixed=True, unit="months", group="Fees",
        help="Months after which all that is still owed is paid back with that month's payment; 0: never.")
    prepayment_fee: float = number(
        "Prepayment fee", default=0.02, low=0, high=1, unit="%", group="Fees", source=ASSUMED,
        help="Of what is paid back early.")
    coverage: float = number(
        "Warrant coverage", default=0.06, low=0, high=2, unit="%", group="Warrants", source=ASSUMED,
        help="The lender may buy shares worth this part of the loan at the strike price; 0 for no warrants.")
    on_commitment: float = number(
        "Part earned on signing", default=0.5, low=0, high=1, unit="%", group="Warrants", source=ASSUMED,
        help="How much of the coverage is counted on the commitment, at once; the rest is counted on what is drawn.")
    strike: float = number(
        "Strike price", default=1.5, low=1e-6, high=1e9, unit="USD", group="Warrants", source=ASSUMED,
        help="What a share costs the lender, often the price of the last round.")
    shares: float = number(
        "Shares today", default=10_000_000, low=1, high=1e12, group="Warrants", source=ASSUMED,
        help="All shares, options and pool included, before the warrants.")
    exit_price: float = number(
        "Price of a share at the exit", likely=(1.2, 9), low=0, high=1e9, unit="USD", group="Warrants", source=ASSUMED,
        help="What a share of this kind brings when the company is sold. Warrants are then used without cash, if the "
        "price is above the strike.")
    exit_after: int = integer(
        "Months to the exit", default=60, low=1, high=LONGEST, fixed=True, unit="months", group="Warrants",
        help="Months from closing to the sale.")
    cash: float = number(
        "Cash in the bank", default=2_400_000, low=0, high=MOST, unit="USD", group="Company", source=ASSUMED,
        quantity="cash", help="The balance at closing, without the loan.")
    revenue: float = number(
        "Revenue now", default=70_000, low=0, high=MOST, unit="USD/month", group="Company", source=ASSUMED,
        quantity="monthly_revenue", help="Revenue of the first month.")
    growth: float = number(
        "Net growth of revenue", likely=(0.03, 0.075), low=-0.5, high=1, unit="%/month", group="Company",
        source=ASSUMED, quantity="revenue_growth", help="A month, churn taken off.")
    gross_margin: float = number(
        "Gross margin before compute", default=0.85, low=0, high=1, unit="%", group="Company", source=ASSUMED,
        help="What is left of revenue before the cost of running models.")
    payroll: float = number(
        "Payroll now", default=150_000, low=0, high=MOST, unit="USD/month", group="Company", source=ASSUMED,
        quantity="monthly_payroll", help="Salaries of the first month with taxes and benefits.")
    payroll_growth: float = number(
        "Payroll growth", likely=(0.004, 0.016), low=-0.5, high=0.5, unit="%/month", group="Company", source=ASSUMED,
        quantity="payroll_growth", help="Growth a month through hires and raises.")
    model_compute: float = number(
        "Compute for models now", likely=(22_000, 45_000), low=0, high=MOST, unit="USD/month", group="Company",
        quantity="monthly_compute_cost", source=ASSUMED,
        help="Accelerators and model APIs in the first month: serving and everyday experiments.")
    compute_growth: float = number(
        "Compute growth", likely=(0.01, 0.03), low=-0.5, high=1, unit="%/month", group="Company", source=ASSUMED,
        help="Growth a month, with usage and experiments.")
    other_costs: float = number(
        "Other costs", default=35_000, low=0, high=MOST, unit="USD/month", group="Company", source=ASSUMED,
        help="All other payments, the same every month.")
    min_cash: float = number(
        "Minimum cash covenant", default=400_000, low=0, high=MOST, unit="USD", group="Company", source=ASSUMED,
        help="While anything is owed, cash at the end of each month may not fall below this; 0 for no covenant.")
    horizon: int = integer(
        "Horizon", default=48, low=6, high=LONGEST, fixed=True, unit="months", group="Company",
        help="How far ahead cash is followed; never less than the term.")
    dilution: float = number(
        "Share sold for the same money", default=0.1, low=1e-4, high=0.9, unit="%", group="Equity instead",
        source=ASSUMED,
        help="What new investors would hold of the company if the sum that is drawn were raised as equity.")
# fmt: on
