"""What unit economics compute, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.market.unit_inputs import FADER_HARDIE

SKOK = "David Skok, “SaaS Metrics 2.0” and “What's your TRUE customer lifetime value?”, forentrepreneurs.com"
SACKS = "David Sacks, “The Burn Multiple”, April 2020"
MAGIC = "Lars Leckie, Scale Venture Partners, “The Magic Number”, 2008"
FELD = "Brad Feld, “The Rule of 40% for a Healthy SaaS Company”, February 2015"

NO_END = "it has no end: some customers stay for good"
UNDEFINED = "undefined: customers stay for good, or contraction outweighs expansion"
NO_PROFIT = "a customer leaves no profit"
NO_REVENUE = "undefined: no revenue"

# fmt: off
OUTPUTS = {
    "cac": Output(
        label="Cost of winning a customer (CAC)", unit="USD", better="lower", headline=True,
        help="Fully loaded: with the people who sell, not the advertising alone.",
        formula="({programmes} + {sales_payroll}) ÷ {new_customers}", source=SKOK),
    "cac_programmes": Output(
        label="The same without people", unit="USD", better="lower",
        help="Advertising and events alone, for comparison. It flatters: the salaries are paid for the same customers.",
        formula="{programmes} ÷ {new_customers}"),
    "request_cost": Output(
        label="Cost of a request used", unit="USD/request", better="lower",
        help="What answering one request costs.",
        method="By {cost_basis}: {inference_cost}, or {calls} × ({input_tokens}, of which {cached_share} at "
        "{cached_price} and the rest at {input_price}, + {output_tokens} at {output_price}) + {extra_cost}."),
    "inference": Output(
        label="Inference of a customer", unit="USD/month", better="lower",
        help="What a month of a customer's requests costs.", formula="{requests} × {request_cost}"),
    "free_inference": Output(
        label="Inference of free users", unit="USD/month", better="lower",
        help="What a month of trials and free plans costs, for each paying customer.",
        formula="{free_requests} × {request_cost}"),
    "support": Output(
        label="Support and hosting of a customer", unit="USD/month", better="lower",
        help="What goes to support, hosting and storage.", formula="{arpa} × {support_share}"),
    "fees": Output(
        label="Payment fees of a customer", unit="USD/month", better="lower",
        help="What goes to those who collect the money.", formula="{arpa} × {fee_share}"),
    "gross_profit": Output(
        label="Gross profit of a customer", unit="USD/month", better="higher",
        help="What a customer leaves in a month after the cost of serving it, inference included.",
        formula="{arpa} − {inference} − {free_inference} − {support} − {fees}"),
    "gross_margin": Output(
        label="Gross margin", unit="%", never=NO_REVENUE, better="higher", headline=True,
        help="What is left of revenue after the cost of serving, inference included. AI companies that grow steadily "
        "have about 60%, the fastest about 25%.",
        formula="{gross_profit} ÷ {arpa}", source="Bessemer Venture Partners, “The State of AI 2025”"),
    "payback": Output(
        label="Payback", unit="months", never=NO_PROFIT, better="lower", headline=True,
        help="Months of gross profit that the cost of winning a customer takes, if the customer stays.",
        formula="{cac} ÷ {gross_profit}", source=SKOK),
    "cohort_payback": Output(
        label="Payback of a cohort", unit="months", never="not within the months shown", better="lower",
        help="Months until those who stay have paid for all who were won: later than the payback of one who stays.",
        method="Where {cumulative_profit} rises above zero; within the month the profit is taken to come evenly."),
    "lifetime": Output(
        label="Months of life", unit="months", never=NO_END, better="higher",
        help="Months that a customer pays, on average, the first included.",
        method="By {retention}: 1 ÷ {churn}; or (a + b − 1) ÷ (a − 1), which has no end for an a of 1 or less."),
    "discounted_lifetime": Output(
        label="Discounted months of life", unit="months", never=NO_END, better="higher",
        help="The same with later months counting less; the first payment, at once, counts in full.",
        method="The sum of {survival} ÷ (1 + d)^t over all t from 0, with d = (1 + {discount})^(1/12) − 1: (1 + d) ÷ "
        "(d + {churn}), or the hypergeometric ₂F₁(1, b; a + b; 1 ÷ (1 + d)).",
        source="Fader and Hardie, “Customer-Base Valuation in a Contractual Setting”, Marketing Science 29(1), 2010"),
    "ltv": Output(
        label="Lifetime value (LTV)", unit="USD", never=UNDEFINED, better="higher", headline=True,
        help="Gross profit that a customer brings over its life, by the formula chosen.",
        method="By {formula}: {ltv_simple}, {ltv_discounted} or {ltv_expanding}."),
    "ltv_simple": Output(
        label="Lifetime value, simple", unit="USD", never=NO_END, better="higher",
        help="Revenue × gross margin ÷ churn where churn is constant: no expansion, no discount.",
        formula="{gross_profit} × {lifetime}"),
    "ltv_discounted": Output(
        label="Lifetime value, discounted", unit="USD", never=NO_END, better="higher",
        help="Each month is worth less than the one before: the value today. No expansion.",
        formula="{gross_profit} × {discounted_lifetime}"),
    "ltv_expanding": Output(
        label="Lifetime value, with expansion", unit="USD", never=UNDEFINED, better="higher",
        help="Gross profit rises by the same dollars each month. Undefined where contraction outweighs expansion.",
        method="a ÷ c + m × (1 − c) ÷ c², with a = {gross_profit}, c = {churn} and m = a × ({expansion} − "
        "{contraction}); for churn that falls with age, the sum of (a + m t) × {survival} over all months t.",
        source=SKOK),
    "ltv_to_cac": Output(
        label="LTV ÷ CAC", unit="×", never="undefined: lifetime value has no end, or winning costs nothing",
        better="higher", headline=True,
        help="How many times a customer brings back what it cost to win. 3 and more is the usual aim.",
        formula="{ltv} ÷ {cac}", source=SKOK),
    "mrr": Output(
        label="Recurring revenue", unit="USD/month", better="higher", help="Revenue of a month from all customers.",
        formula="{customers} × {arpa}"),
    "new_revenue": Output(
        label="Revenue won", unit="USD/month", better="higher", help="Recurring revenue of the month's new customers.",
        formula="{new_customers} × {arpa}"),
    "expanded_revenue": Output(
        label="Revenue expanded", unit="USD/month", better="higher",
        help="Recurring revenue gained from customers who were there.", formula="{mrr} × {expansion}"),
    "contracted_revenue": Output(
        label="Revenue contracted", unit="USD/month", better="lower",
        help="Recurring revenue lost to customers who stay but pay less.", formula="{mrr} × {contraction}"),
    "churned_revenue": Output(
        label="Revenue churned", unit="USD/month", better="lower",
        help="Recurring revenue lost with customers who leave.", formula="{mrr} × {churn}"),
    "net_new_arr": Output(
        label="Net new yearly revenue", unit="USD", better="higher",
        help="What a month adds to recurring revenue a year (ARR).",
        formula="12 × ({new_revenue} + {expanded_revenue} − {contracted_revenue} − {churned_revenue})"),
    "nrr_month": Output(
        label="Net revenue retention, a month", unit="%", better="higher",
        help="What the customers of today pay a month later, of what they pay now.",
        method="1 + {expansion} − {contraction} − {churn}, but not below 0."),
    "nrr": Output(
        label="Net revenue retention (NRR)", unit="%", better="higher", headline=True,
        help="What the customers of today pay in 12 months, of what they pay now, at these rates. Above 100% revenue "
        "grows without new customers.",
        formula="{nrr_month} ^ 12"),
    "grr_month": Output(
        label="Gross revenue retention, a month", unit="%", better="higher",
        help="The same without expansion.",
        method="1 − {contraction} − {churn}, but not below 0. Expansion is left out, so it is at most 100%."),
    "grr": Output(
        label="Gross revenue retention (GRR)", unit="%", better="higher",
        help="What the customers of today pay in 12 months without any expansion. At most 100%.",
        formula="{grr_month} ^ 12"),
    "quick_ratio": Output(
        label="Quick ratio", unit="×", never="nothing is lost", better="higher",
        help="Recurring revenue gained for each dollar lost. 4 and more is the usual aim.",
        formula="({new_revenue} + {expanded_revenue}) ÷ ({churned_revenue} + {contracted_revenue})",
        source="Mamoon Hamid, Social Capital, “SaaS Quick Ratio”, 2015"),
    "burn_multiple": Output(
        label="Burn multiple", unit="×", never="undefined: revenue does not grow", better="lower",
        help="Cash burned in a month for each new dollar of yearly recurring revenue. Below 1 is amazing, to 1.5 "
        "great, to 2 good, to 3 suspect, above 3 bad.",
        formula="{net_burn} ÷ {net_new_arr}", source=SACKS),
    "profit_margin": Output(
        label="Profit margin", unit="%", never=NO_REVENUE, better="higher",
        help="The margin that the rule of 40 adds to growth.",
        method="By {margin_kind}: less {net_burn} ÷ {mrr}, or {ebitda_margin}."),
    "rule_of_40": Output(
        label="Rule of 40", unit="%", never=NO_REVENUE, better="higher",
        help="Growth of revenue in a year and profit margin, added. 40% and more is the usual aim. Which margin is "
        "meant must be said: here it is the one chosen.",
        formula="{revenue_growth} + {profit_margin}", source=FELD),
    "magic_number": Output(
        label="Magic number", unit="×", never="nothing is spent", better="higher",
        help="New yearly revenue for each dollar of sales and marketing. Below 0.5 look at the product, above 0.75 "
        "spend more. If the month's pace holds, it is the rise of quarterly revenue × 4 ÷ what the quarter before "
        "spent.",
        formula="{net_new_arr} ÷ ({programmes} + {sales_payroll})", source=MAGIC),
    "shape_a": Output(
        label="Beta parameter a used", unit="", never="churn is constant", help="Parameter a of the retention curve.",
        method="By {retention}: {sbg_a}, or the most likely one for {survivors}.", source=FADER_HARDIE),
    "shape_b": Output(
        label="Beta parameter b used", unit="", never="churn is constant", help="Parameter b of the retention curve.",
        method="By {retention}: {sbg_b}, or the most likely one for {survivors}.", source=FADER_HARDIE),
    "survival": Output(
        label="Customers still there", unit="%", along=("age",), better="higher",
        help="The share of the customers won that is still there after so many months.",
        method="(1 − {churn})^t; or, for churn that falls with age, B(a, b + t) ÷ B(a, b).", source=FADER_HARDIE),
    "churn_by_age": Output(
        label="Churn by age", unit="%/month", along=("age",), better="lower",
        help="The share of those still there that leaves at the end of the month.",
        method="1 − {survival} of the next month ÷ that of this one: {churn}, or a ÷ (a + b + t)."),
    "cumulative_profit": Output(
        label="Profit of a customer won", unit="USD", along=("age",), better="higher",
        help="Gross profit so far less the cost of winning, for an average customer won, those who left included.",
        method="Less {cac}, plus {gross_profit} × {survival} for each month paid; by {formula}, discounted or rising "
        "by {expansion} − {contraction} of the first each month. Without an end it comes to {ltv} − {cac}."),
}
# fmt: on
