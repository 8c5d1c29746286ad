"""What the venture debt calculator gives, with the convention behind every figure."""

from __future__ import annotations

from portal.planning.calculator import Output

NEVER = "not within the horizon"
BEYOND = "above 10,000% a year"
XIRR = (
    "The rate at which the dated flows are worth nothing on the day of closing: days ÷ 365, compounded once a year, as "
    "XIRR does. "
)

# fmt: off
OUTPUTS = {
    "effective_cost": Output(
        label="Effective cost without warrants", unit="%", better="lower", headline=True, never=BEYOND,
        help="What the loan costs a year, with all fees: the return of the lender before warrants.",
        method=XIRR + "Out: each of {drawdowns}, on the first day of its month. In: the upfront fee at closing and "
        "{payment_by_month} on the last day of each month."),
    "effective_cost_all": Output(
        label="Effective cost with warrants", unit="%", better="lower", headline=True, never=BEYOND,
        help="What the loan costs a year if the shares of the lender are counted at what they bring at the exit.",
        method=XIRR + "As {effective_cost}, and {warrant_value} comes in {exit_after} months after closing."),
    "drawn": Output(
        label="Drawn", unit="USD", help="What the company receives, before the upfront fee.",
        method="{commitment} × the shares of {drawdowns} that happen, summed."),
    "interest_paid": Output(
        label="Interest", unit="USD", better="lower", help="All interest until the loan is paid back.",
        method="Each month {rate} ÷ 12 on what is owed after that month's drawdown, summed."),
    "upfront_paid": Output(
        label="Upfront fee paid", unit="USD", better="lower", help="Paid at closing.",
        formula="{commitment} × {upfront_fee}"),
    "undrawn_paid": Output(
        label="Undrawn fee paid", unit="USD", better="lower", help="Paid for what could be drawn but was not.",
        method="{undrawn_fee} ÷ 12 of the undrawn commitment in each of {availability}, summed."),
    "end_paid": Output(
        label="End-of-term payment paid", unit="USD", better="lower",
        help="Due with the last payment, early or not.", formula="{drawn} × {end_fee}"),
    "prepayment_paid": Output(
        label="Prepayment fee paid", unit="USD", better="lower", help="Paid for paying back early.",
        method="{prepayment_fee} of what is still owed after the payment of {prepaid_after}; nothing if that is 0."),
    "finance_cost": Output(
        label="Interest and fees", unit="USD", better="lower", headline=True,
        help="What the loan costs in money, without warrants.",
        formula="{interest_paid} + {upfront_paid} + {undrawn_paid} + {end_paid} + {prepayment_paid}"),
    "total_paid": Output(
        label="Paid in all", unit="USD", better="lower", help="Principal, interest and fees.",
        formula="{drawn} + {finance_cost}"),
    "lender_multiple": Output(
        label="Paid ÷ drawn", unit="×", better="lower", never="nothing is drawn",
        help="How many times the lender gets its money back, without warrants.", formula="{total_paid} ÷ {drawn}"),
    "first_payment": Output(
        label="Payment of the first month", unit="USD/month", better="lower",
        help="Interest and principal, without fees.",
        method="{interest_by_month} and {principal_by_month} of month 1."),
    "later_payment": Output(
        label="Payment after the interest-only months", unit="USD/month", better="lower",
        help="Interest and principal of the first month after them, without fees. Nothing if all is paid back before.",
        method="{repayment} over what is left of {term}: an annuity, or what is owed ÷ the months left and interest."),
    "largest_payment": Output(
        label="Largest payment of a month", unit="USD/month", better="lower",
        help="With all fees of that month: often the last one, with the end-of-term payment.",
        method="The largest of {payment_by_month}."),
    "covered": Output(
        label="Warrant coverage in money", unit="USD", better="lower", help="What the warrants may buy shares for.",
        formula="{coverage} × ({on_commitment} × {commitment} + (1 − {on_commitment}) × {drawn})"),
    "warrants": Output(
        label="Warrants", unit="", better="lower", help="How many shares the lender may buy.",
        formula="{covered} ÷ {strike}"),
    "warrant_shares": Output(
        label="Shares issued for the warrants", unit="", better="lower",
        help="At the exit, when the warrants are used without cash: fewer shares, but nothing is paid for them.",
        method="{warrants} × ({exit_price} − {strike}) ÷ {exit_price} (treasury stock method); none below the strike."),
    "warrant_value": Output(
        label="Warrants at the exit", unit="USD", better="lower", help="What the lender's shares bring at the exit.",
        formula="{warrant_shares} × {exit_price}"),
    "warrant_dilution": Output(
        label="Dilution by the warrants", unit="%", better="lower", help="The lender's part of all shares at the exit.",
        formula="{warrant_shares} ÷ ({shares} + {warrant_shares})"),
    "runway_alone": Output(
        label="Runway without the loan", unit="months", better="higher", never=NEVER,
        help="Months until cash passes zero without new money.",
        method="{cash_alone_by_month}, falling evenly within the month in which it passes zero."),
    "runway_debt": Output(
        label="Runway with the loan", unit="months", better="higher", never=NEVER, headline=True,
        help="Months until cash passes zero, with what is drawn, and with interest, fees and repayment.",
        method="{cash_debt_by_month}, falling evenly within the month in which it passes zero."),
    "runway_equity": Output(
        label="Runway with equity instead", unit="months", better="higher", never=NEVER,
        help="Months until cash passes zero if the same sums come as equity in the same months.",
        method="{cash_equity_by_month}, falling evenly within the month in which it passes zero."),
    "months_gained": Output(
        label="Months gained by the loan", unit="months", better="higher", headline=True,
        help="How much longer cash lasts than without the loan, counted up to the horizon. Negative where repayment "
        "empties the account earlier.",
        method="{runway_debt} less {runway_alone}, each at most the horizon."),
    "zero_cash_alone": Output(
        label="Cash runs out without the loan", unit="month", better="higher", never=NEVER,
        help="The month in which cash passes zero.", method="{runway_alone}, counted from {first_month}."),
    "zero_cash_debt": Output(
        label="Cash runs out with the loan", unit="month", better="higher", never=NEVER,
        help="The month in which cash passes zero.", method="{runway_debt}, counted from {first_month}."),
    "zero_cash_equity": Output(
        label="Cash runs out with equity instead", unit="month", better="higher", never=NEVER,
        help="The month in which cash passes zero.", method="{runway_equity}, counted from {first_month}."),
    "breach_after": Output(
        label="Covenant broken after", unit="months", better="higher", never="not while anything is owed",
        help="Months to the first month's end at which cash is below the minimum while the loan is owed. The lender "
        "may then want all of it back at once.",
        method="{cash_debt_by_month} against {min_cash}, if that is above 0, while {balance_by_month} is above zero."),
    "safe_runway": Output(
        label="Runway until zero or the covenant", unit="months", better="higher", never=NEVER,
        help="How long the lender cannot call the loan: until cash is gone or the covenant is broken.",
        method="The smaller of {runway_debt} and {breach_after}."),
    "covenant_kept": Output(
        label="Covenant kept", unit="", boolean=True, better="higher",
        help="Cash never ends a month below the minimum while the loan is owed.",
        method="Yes when {breach_after} is never."),
    "paid_from_cash": Output(
        label="Paid back from cash", unit="", boolean=True, better="higher", headline=True,
        help="Cash lasts, on this plan and without a new round, until the last payment.",
        method="Yes when {cash_debt_by_month} is not below zero up to the end of {term}."),
    "equity_shares": Output(
        label="New shares if it were equity", unit="", better="lower",
        help="Shares that new investors would get for the same money.",
        formula="{shares} × {dilution} ÷ (1 − {dilution})"),
    "equity_price": Output(
        label="Price of a share if it were equity", unit="USD", better="higher",
        help="What the typed dilution means as a price.", formula="{drawn} ÷ {equity_shares}"),
    "equity_value": Output(
        label="Equity given, at the exit", unit="USD", better="lower",
        help="What the new shares bring at the exit.", formula="{equity_shares} × {exit_price}"),
    "equity_cost": Output(
        label="Effective cost of equity", unit="%", better="lower", never=BEYOND,
        help="The yearly return of the new investors at this exit: what equity costs the holders of today. −100% where "
        "a share is worth nothing.",
        method=XIRR + "Out: the sums of {drawdowns}. In: {equity_value}, {exit_after} months after closing."),
    "given_to_lender": Output(
        label="Given to the lender in all", unit="USD", better="lower",
        help="Payments, and shares at the exit. Equity is never paid back: compare with what the new shares bring.",
        formula="{total_paid} + {warrant_value}"),
    "debt_cheaper": Output(
        label="Debt costs less than equity", unit="", boolean=True,
        help="By effective cost a year, warrants included. Equity costs little exactly where the exit is poor, and it "
        "cannot make the company insolvent.",
        method="Yes when {effective_cost_all} is below {equity_cost}."),
    "lasts_by_way": Output(
        label="Cash lasts to the horizon", unit="", boolean=True, along=("way",), better="higher",
        help="Whether cash stays above zero without a further round; over the draws, how often.",
        method="Yes when {runway_alone}, {runway_debt} or {runway_equity} is never."),
    "cash_alone_by_month": Output(
        label="Cash without the loan", unit="USD", along=("month",), better="higher",
        help="The balance at the end of each month.",
        method="{cash}, and each month {gross_margin} of revenue less payroll, compute and {other_costs}."),
    "cash_debt_by_month": Output(
        label="Cash with the loan", unit="USD", along=("month",), better="higher",
        help="The balance at the end of each month.",
        method="{cash_alone_by_month}, with what is drawn up to then and without what is paid to the lender."),
    "cash_equity_by_month": Output(
        label="Cash with equity instead", unit="USD", along=("month",), better="higher",
        help="The balance at the end of each month.",
        method="{cash_alone_by_month}, with the sums of {drawdowns} up to then."),
    "balance_by_month": Output(
        label="Owed", unit="USD", along=("month",), better="lower", help="Principal owed at the end of each month.",
        method="What is drawn, less {principal_by_month} up to then."),
    "interest_by_month": Output(
        label="Interest of the month", unit="USD/month", along=("month",), better="lower",
        help="On what is owed after that month's drawdown.", method="What is owed × {rate} ÷ 12."),
    "principal_by_month": Output(
        label="Principal paid", unit="USD/month", along=("month",), help="Paid back in each month.",
        method="Nothing in {interest_only}; then as {repayment} says, and all of the rest after {prepaid_after}."),
    "fees_by_month": Output(
        label="Fees of the month", unit="USD/month", along=("month",), better="lower",
        help="Undrawn fee, end-of-term payment and prepayment fee; the upfront fee falls before month 1 and is left "
        "out.",
        method="{undrawn_fee}, {end_fee} and {prepayment_fee} in their months."),
    "payment_by_month": Output(
        label="Paid to the lender", unit="USD/month", along=("month",), better="lower",
        help="All that is paid on the last day of each month.",
        formula="{interest_by_month} + {principal_by_month} + {fees_by_month}"),
}
# fmt: on
COSTS = ("interest_paid", "upfront_paid", "undrawn_paid", "end_paid", "prepayment_paid")
