"""What the runway calculator gives, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

GRAHAM = "Paul Graham, “Default Alive or Default Dead?”, October 2015, paulgraham.com/aord.html"
SACKS = "David Sacks, “The Burn Multiple”, April 2020"

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
        formula="{growth} − {churn}", quantity="revenue_growth",
    ),
    "cash_now": Output(
        label="Cash at the start", unit="USD", better="higher", quantity="cash",
        help="What other calculators take as cash in the bank.", formula="{cash}",
    ),
    "revenue_now": Output(
        label="Revenue, first month", unit="USD/month", better="higher", quantity="monthly_revenue",
        help="What other calculators take as revenue now.", formula="{revenue}",
    ),
    "yearly_revenue": Output(
        label="Yearly revenue now", unit="USD", better="higher", quantity="yearly_revenue",
        help="Revenue of the first month, over a year.", formula="12 × {revenue}",
    ),
    "running_costs": Output(
        label="Running costs, first month", unit="USD/month", better="lower", quantity="monthly_costs",
        help="Payroll, compute and other costs, without the cost of revenue, the training run and one-off payments.",
        formula="{payroll} + {model_compute} + {other_costs}",
    ),
    "break_even_revenue": Output(
        label="Revenue to break even today", unit="USD/month", never="no revenue is enough at this margin",
        better="lower", help="The revenue that would cover the running costs of the first month.",
        formula="{running_costs} ÷ {gross_margin}",
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
