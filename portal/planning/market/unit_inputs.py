"""What unit economics depend on. A measured job fills the cost of a request."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import choice, integer, number, series
from portal.planning.market.retention import LARGEST_A, LARGEST_B, SMALLEST
from portal.planning.market.units import (
    BETA_GEOMETRIC,
    CASH,
    CONSTANT,
    DISCOUNTED,
    EBITDA,
    EXPANDING,
    FITTED,
    SIMPLE,
    TOKENS,
    TYPED,
)

ASSUMED = "Assumption: put in your own."
FADER_HARDIE = "Fader and Hardie, “How to Project Customer Retention”, Journal of Interactive Marketing 21(1), 2007"
HIGH_END = "Fader and Hardie (2007), customers of the high end; theirs are years"
CLAUDE = "Anthropic, list price of Claude Sonnet 4, 2025"

MOST, MOST_PRICE, MOST_REQUESTS = 1e12, 1e6, 1e9

COST_BASES = {TYPED: "Typed, or measured by a job", TOKENS: "From tokens and their prices"}
FORMULAS = {
    SIMPLE: "Simple: gross profit × months of life",
    DISCOUNTED: "Discounted: later months count less",
    EXPANDING: "With expansion in equal steps (Skok)",
}
RETENTIONS = {
    CONSTANT: "The same churn every month",
    BETA_GEOMETRIC: "Churn that falls with age: a and b",
    FITTED: "Churn that falls with age: fitted to a cohort",
}
MARGINS = {CASH: "Free cash flow: net burn ÷ revenue, negated", EBITDA: "EBITDA margin that I type"}

_TYPED, _TOKENS = ("cost_basis", (TYPED,)), ("cost_basis", (TOKENS,))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    programmes: float = number(
        "Advertising and events", default=30_000, low=0, high=MOST, unit="USD/month", group="Winning customers",
        source=ASSUMED, help="What is paid to others to win customers.")
    sales_payroll: float = number(
        "Sales and marketing people", default=55_000, low=0, high=MOST, unit="USD/month", group="Winning customers",
        source=ASSUMED, help="Salaries with taxes, commissions and tools of those who win customers.")
    new_customers: float = number(
        "New customers a month", likely=(35, 60), low=0.01, high=1e9, unit="customers", group="Winning customers",
        source=ASSUMED,
        help="Customers won with that money. One in a hundred months is 0.01; without any there is no cost of winning "
        "one.")
    arpa: float = number(
        "Revenue of a customer", likely=(320, 420), low=0, high=MOST, unit="USD/month", group="Revenue",
        source=ASSUMED, help="What an average customer pays in a month (ARPA).")
    customers: float = number(
        "Customers now", default=600, low=0, high=1e10, unit="customers", group="Revenue", source=ASSUMED,
        help="Paying customers at the start of the month.")
    revenue_growth: float = number(
        "Growth of revenue, last 12 months", default=0.9, low=-1, high=100, unit="%", group="Revenue", source=ASSUMED,
        help="Revenue of the last month against the same month a year ago.")
    requests: float = number(
        "Requests of a customer", likely=(2_500, 7_000), low=0, high=MOST_REQUESTS, unit="requests",
        group="Cost of serving", source=ASSUMED, help="Requests that an average customer sends in a month.")
    free_requests: float = number(
        "Requests of free users", default=500, low=0, high=MOST_REQUESTS, unit="requests", group="Cost of serving",
        source=ASSUMED, help="Requests of trials and free plans in a month, for each paying customer.")
    cost_basis: str = choice(
        "Cost of a request", default=TYPED, choices=COST_BASES, group="Cost of serving",
        help="Typed, sent here by a job that measured it, or worked out from a price list.")
    inference_cost: float = number(
        "Inference cost", likely=(0.006, 0.02), low=0, high=MOST_PRICE, unit="USD/request", group="Cost of serving",
        quantity="usd_per_request", when=_TYPED, source=ASSUMED,
        help="What it costs to answer one request. A job on your own machine can measure it and send it here.")
    calls: float = number(
        "Model calls of a request", default=1.5, low=0, high=1e4, unit="×", group="Cost of serving", when=_TOKENS,
        source=ASSUMED, help="Calls to the model that one request makes, retries included.")
    input_tokens: float = number(
        "Input of a call", default=2_000, low=0, high=1e8, unit="tokens", group="Cost of serving", when=_TOKENS,
        source=ASSUMED, help="Instructions, context and question.")
    cached_share: float = number(
        "Cached share of the input", default=0.4, low=0, high=1, unit="%", group="Cost of serving", when=_TOKENS,
        source=ASSUMED, help="The part of the input that the provider has seen before and charges less for.")
    output_tokens: float = number(
        "Output of a call", default=400, low=0, high=1e8, unit="tokens", group="Cost of serving", when=_TOKENS,
        source=ASSUMED, help="Tokens of the answer, reasoning included.")
    input_price: float = number(
        "Price of a million input tokens", default=3, low=0, high=MOST_PRICE, unit="USD", group="Cost of serving",
        when=_TOKENS, source=CLAUDE, help="For input that is not cached.")
    cached_price: float = number(
        "Price of a million cached tokens", default=0.3, low=0, high=MOST_PRICE, unit="USD", group="Cost of serving",
        when=_TOKENS, source=CLAUDE, help="For input that the provider reads from its cache.")
    output_price: float = number(
        "Price of a million output tokens", default=15, low=0, high=MOST_PRICE, unit="USD", group="Cost of serving",
        when=_TOKENS, source=CLAUDE, help="For the answer.")
    extra_cost: float = number(
        "Other cost of a request", default=0.0006, low=0, high=MOST_PRICE, unit="USD/request",
        group="Cost of serving", when=_TOKENS, source=ASSUMED, help="Embeddings, retrieval and tools.")
    support_share: float = number(
        "Support and hosting", likely=(0.07, 0.13), low=0, high=1, unit="%", group="Cost of serving", source=ASSUMED,
        help="Share of revenue that goes to support, hosting and storage.")
    fee_share: float = number(
        "Payment fees", default=0.03, low=0, high=1, unit="%", group="Cost of serving",
        source="Stripe, list price for cards in the United States, 2025: 2.9% and 30 cents",
        help="Share of revenue that goes to those who collect it.")
    churn: float = number(
        "Churn", likely=(0.015, 0.035), low=0, high=1, unit="%/month", group="Keeping customers", source=ASSUMED,
        help="Customers lost in a month, as a share of those at its start, old and new together.")
    expansion: float = number(
        "Expansion", default=0.01, low=0, high=10, unit="%/month", group="Keeping customers", source=ASSUMED,
        help="Revenue gained in a month from customers who were there, as a share of theirs.")
    contraction: float = number(
        "Contraction", default=0.004, low=0, high=1, unit="%/month", group="Keeping customers", source=ASSUMED,
        help="Revenue lost in a month to customers who stay but pay less, as a share of theirs.")
    retention: str = choice(
        "How long customers stay", default=CONSTANT, choices=RETENTIONS, group="Keeping customers",
        help="Those likely to leave go first: in most cohorts churn falls with age, and one churn for all is too dark.")
    sbg_a: float = number(
        "Beta parameter a", default=0.668, low=SMALLEST, high=LARGEST_A, group="Keeping customers",
        when=("retention", (BETA_GEOMETRIC,)), source=HIGH_END,
        help="a ÷ (a + b) of the customers leave after the first month. Small a and b: customers differ much.")
    sbg_b: float = number(
        "Beta parameter b", default=3.806, low=SMALLEST, high=LARGEST_B, group="Keeping customers",
        when=("retention", (BETA_GEOMETRIC,)), source=HIGH_END, help="The other parameter of the beta distribution.")
    survivors: tuple[float, ...] = series(
        "Customers of one cohort", default=(1000, 869, 743, 653, 593, 551, 517, 491), low=0, high=MOST, max_items=121,
        group="Keeping customers", when=("retention", (FITTED,)), source=HIGH_END,
        help="How many were won in one month, then how many were still there after one month, two, three and so on.")
    formula: str = choice(
        "Formula of lifetime value", default=SIMPLE, choices=FORMULAS, group="Method",
        help="All three are shown; this one is compared with the cost of winning a customer.")
    discount: float = number(
        "Discount rate a year", likely=(0.08, 0.15), low=0, high=10, unit="%", group="Method", source=ASSUMED,
        help="What money a year later is worth less. Only the discounted formula uses it.")
    horizon: int = integer(
        "Months shown", default=36, low=3, high=120, fixed=True, unit="months", group="Method",
        help="How long to follow a customer in the charts.")
    net_burn: float = number(
        "Net burn", default=140_000, low=-MOST, high=MOST, unit="USD/month", group="Company", source=ASSUMED,
        help="Money out less money in, in a month, without funding. Negative when cash grows.")
    margin_kind: str = choice(
        "Margin in the rule of 40", default=CASH, choices=MARGINS, group="Company",
        help="Which profit is added to growth. Say it beside the figure.")
    ebitda_margin: float = number(
        "EBITDA margin", default=-0.5, low=-100, high=1, unit="%", group="Company", when=("margin_kind", (EBITDA,)),
        source=ASSUMED, help="Earnings before interest, taxes, depreciation and amortisation, ÷ revenue.")
# fmt: on
