"""What the raise plan gives, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

YC = "YC Post-Money Safe User Guide"
LASTS_ON = "cash lasts through the horizon"
NOT_BY_VALUE = "no valuation is enough"
ROUND = (
    "The round solved with {value_now} or what a milestone supports, its new pool inside the pre-money, priced by "
    "percentage ownership; {safes} convert at {safes_cap} or at its price, whichever gives more shares."
)
PATH = (
    "Cash of each month from {cash}: {revenue} and {costs} grow by {growth} and {costs_growth}; each of {milestones} "
    "costs evenly over its time"
)

# fmt: off
OUTPUTS = {
    "amount": Output(
        label="Raise now", unit="USD", better="lower", headline=True, quantity="new_money",
        help="The first round: until the next has closed, with the reserve, or to the end where none comes.",
        method="As {size_by} says: {amount_needed}, or {amount_typed}."),
    "amount_needed": Output(
        label="Needed from the first round", unit="USD", better="lower",
        help="Without which cash falls below zero before the next closing and the reserve.",
        method=PATH + ". How far it falls below zero by the month that the first round pays for."),
    "start_by": Output(
        label="Start raising by", unit="month", better="higher", headline=True, never=LASTS_ON,
        help="Later, money arrives when less than the reserve is left.",
        method="{zero_cash} less {reserve} and {months_to_raise}."),
    "sold": Output(
        label="Sold in the first round", unit="%", better="lower", headline=True,
        help="What new investors then hold of the company.", method=ROUND),
    "founders_first": Output(
        label="Founders after the first round", unit="%", better="higher", headline=True, help="Fully diluted.",
        formula="{founders_now} × (1 − {given_up})"),
    "founders_end": Output(
        label="Founders after all rounds", unit="%", better="higher", headline=True, help="Fully diluted.",
        method="{founders_now}, less what each of {rounds} takes. SAFEs that no round converts count as if they did."),
    "keeps": Output(
        label="Founders hold what they want", unit="", boolean=True, better="higher",
        help="After all rounds.", method="{founders_end} is at least {wanted}."),
    "lasts": Output(
        label="Money is always there in time", unit="", boolean=True, better="higher", headline=True,
        help="Cash never falls below zero until the end of the plan: the first round closes before cash runs out, and "
        "an amount that is typed is enough.",
        method="{cash_by_month} up to {plan_ends}, within the horizon."),
    "given_up": Output(
        label="Given up in the first round", unit="%", better="lower",
        help="Part of what each holder of before held: to new money, the new pool and SAFEs.", method=ROUND,
        source=YC),
    "raised": Output(
        label="Raised in all rounds", unit="USD", better="lower", help="As planned.",
        method="The sum of {round_amount}."),
    "in_time": Output(
        label="Cash lasts until the first closing", unit="", boolean=True, better="higher",
        help="Without any new money.", method="{runway_alone} is not less than {starts_in} and {months_to_raise}."),
    "closes": Output(
        label="First closing", unit="month", better="lower", help="Money in the bank.",
        method="{first_month}, {starts_in} and {months_to_raise}."),
    "runway_alone": Output(
        label="Runway without new money", unit="months", better="higher", never=LASTS_ON,
        help="Without the milestones, which wait for the money.",
        method="Cash followed month by month: {cash}, {costs} growing by {costs_growth}, {revenue} by {growth}."),
    "zero_cash": Output(
        label="Cash runs out without new money", unit="month", better="higher", never=LASTS_ON,
        help="Running costs alone.", method="{first_month} and {runway_alone}."),
    "lasts_until": Output(
        label="The first round lasts until", unit="month", better="higher", never=LASTS_ON,
        help="If no other followed and the work went on.", method="{cash_by_month} with the first round alone."),
    "may_slip": Output(
        label="Work may take longer by", unit="months", better="higher", never=LASTS_ON,
        help="Beyond what was counted, until the money of the first round is gone. Negative where it is too little.",
        method="Months until {lasts_until}, less those that the first round has to pay for."),
    "plan_months": Output(
        label="Length of the plan", unit="months", better="lower",
        help="Until the last milestone or closing, and the months after it.",
        method="First closing, the work of {milestones} with its slip, or the last closing where that is later, and "
        "{keep}; not less than {reserve} after the last closing."),
    "plan_ends": Output(
        label="End of the plan", unit="month", better="lower", help="So long the money of all rounds lasts.",
        method="{first_month} and {plan_months}."),
    "needed_now": Output(
        label="Pre-money needed now", unit="USD", better="lower", never=NOT_BY_VALUE,
        help="In the first round, so that founders hold what they want in the end, all else as planned.",
        method="{value_needed} of the first round."),
    "needed_last": Output(
        label="Pre-money needed in the last round", unit="USD", better="lower", never=NOT_BY_VALUE,
        help="So that founders hold what they want, all else as planned.",
        method="{value_needed} of the last round."),
    "revenue_needed": Output(
        label="Yearly revenue needed", unit="USD", better="lower", never=NOT_BY_VALUE,
        help="At the closing of the last round, for the valuation that it needs.",
        formula="{needed_last} ÷ {multiple}"),
    "growth_needed": Output(
        label="Growth of revenue needed", unit="%/month", better="lower", never="no growth is enough",
        help="A month from now to the closing of the last round.",
        method="The even growth from {revenue} to {revenue_needed} ÷ 12 at the last of {round_closes}."),
    "revenue_by_then": Output(
        label="Yearly revenue by then", unit="USD", better="higher", help="At the growth that is planned.",
        method="12 × {revenue}, grown by {growth} until the last of {round_closes}."),
    "value_at_end": Output(
        label="Pre-money supported in the end", unit="USD", better="higher",
        help="By the last milestone that is reached.", method="The last of {supported}."),
    "round_closes": Output(
        label="Closes", unit="month", along=("rounds",), better="lower", help="Money in the bank.",
        method="The milestone before it is done, and {months_to_raise}."),
    "round_amount": Output(
        label="Amount", unit="USD", along=("rounds",), better="lower",
        help="Until the next round has closed, with the reserve.",
        method=PATH + ". How far it falls below zero by then, less what was raised before."),
    "round_value": Output(
        label="Pre-money", unit="USD", along=("rounds",), better="higher",
        help="What the last milestone reached before it supports.", method="{value_now}, or {supported}."),
    "round_sold": Output(
        label="Sold", unit="%", along=("rounds",), better="lower", help="To new investors.",
        method="{round_amount} ÷ ({round_value} + {round_amount})."),
    "round_converted": Output(
        label="To SAFEs", unit="%", along=("rounds",), better="lower", help="That convert in it.", method=ROUND),
    "founders_after": Output(
        label="Founders", unit="%", along=("rounds",), better="higher", help="After the round, fully diluted.",
        method=ROUND),
    "value_needed": Output(
        label="Pre-money needed", unit="USD", along=("rounds",), better="lower", never=NOT_BY_VALUE,
        help="In this round, the others as planned, so that founders hold what they want in the end.",
        method="The round solved for its valuation, given {wanted} and what the other rounds take."),
    "done_by": Output(
        label="Done", unit="month", along=("milestones",), better="lower", help="With its slip.",
        method="The first closing, and the months of {milestones} up to it."),
    "supported": Output(
        label="Pre-money then", unit="USD", along=("milestones",), better="higher",
        help="If it is not reached, what the one before supports.", method="As typed in {milestones}."),
    "raised_by_way": Output(
        label="Raised", unit="USD", along=("way",), better="lower", help="In all.",
        method="What each way needs; the bridge is {bridge} and the rest."),
    "founders_by_way": Output(
        label="Founders in the end", unit="%", along=("way",), better="higher", help="Fully diluted.",
        method="{founders_now}, less what the rounds of the way take."),
    "value_by_way": Output(
        label="Founders' part in the end", unit="USD", along=("way",), better="higher",
        help="On paper, at the pre-money that the last milestone reached supports.",
        method="{founders_by_way} × {value_at_end}."),
    "lasts_by_way": Output(
        label="Money is there in time", unit="", along=("way",), boolean=True, better="higher",
        help="Cash never falls below zero until the end of the plan. Rounds are as large as each case needs; the "
        "bridge, and a first round that is typed, are not.",
        method="{cash_by_month}, {cash_whole_by_month} and {cash_bridge_by_month} up to the end of each way."),
    "cash_by_month": Output(
        label="Cash as planned", unit="USD", along=("month",), better="higher", help="At the end of each month.",
        method=PATH + "; with the money of {rounds}."),
    "cash_whole_by_month": Output(
        label="Cash with all money now", unit="USD", along=("month",), better="higher",
        help="At the end of each month.", method=PATH + "; with one round now for everything."),
    "cash_bridge_by_month": Output(
        label="Cash with a bridge", unit="USD", along=("month",), better="higher", help="At the end of each month.",
        method=PATH + "; with {bridge} after {bridge_months}, and a round after the first milestone."),
}
# fmt: on
