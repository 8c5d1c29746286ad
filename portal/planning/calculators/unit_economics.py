"""What a customer costs to win and to serve, what it leaves, and how long that takes to pay back."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.calculator import Axis, Calculator, Example, Fan, Parts, Preset
from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.market import units
from portal.planning.market.retention import BetaGeometric
from portal.planning.market.unit_inputs import FADER_HARDIE, Inputs
from portal.planning.market.unit_outputs import FELD, MAGIC, OUTPUTS, SACKS, SKOK
from portal.planning.market.unit_words import SENTENCES, answer, notices, refuse

# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    spent = np.atleast_1d(x.programmes + x.sales_payroll)
    cac = spent / x.new_customers
    serving = _serving(x)
    profit = serving["gross_profit"]
    retention = units.retention_of(x)
    rise, discount = np.atleast_1d(x.expansion - x.contraction), units.monthly(x.discount)
    values = units.lifetime_values(profit, retention, rise, discount)
    survival = retention.survival(x.horizon + 1)
    cumulative = units.cohort(x, profit, survival[:-1], cac, rise, discount)
    ltv = values[f"ltv_{x.formula}"]
    shape = (retention.a, retention.b) if isinstance(retention, BetaGeometric) else (np.full(1, np.inf),) * 2
    results = {
        "cac": cac,
        "cac_programmes": np.atleast_1d(x.programmes / x.new_customers),
        **serving,
        "payback": quotient(cac, profit),
        "cohort_payback": units.paid_back(cumulative),
        **values,
        "ltv": ltv,
        "ltv_to_cac": quotient(ltv, cac),
        **_company(x, spent),
        "shape_a": shape[0],
        "shape_b": shape[1],
        "survival": survival[:-1],
        "churn_by_age": _churn_by_age(survival),
        "cumulative_profit": cumulative,
    }
    return {name: settled(value, draws) for name, value in results.items()}


def _serving(x: Any) -> dict[str, Array]:
    """A month of one customer."""
    cost = units.request_cost(x)
    parts = {
        "inference": x.requests * cost,
        "free_inference": x.free_requests * cost,
        "support": np.atleast_1d(x.arpa * x.support_share),
        "fees": np.atleast_1d(x.arpa * x.fee_share),
    }
    profit = x.arpa - sum(parts.values())
    return {"request_cost": cost, **parts, "gross_profit": profit, "gross_margin": quotient(profit, x.arpa)}


def _company(x: Any, spent: Array) -> dict[str, Array]:
    """A month of all customers."""
    mrr = np.atleast_1d(x.customers * x.arpa)
    new, expanded = np.atleast_1d(x.new_customers * x.arpa), mrr * x.expansion
    contracted, churned = mrr * x.contraction, mrr * x.churn
    net_new_arr = 12 * (new + expanded - contracted - churned)
    nrr_month = np.maximum(np.atleast_1d(1 + x.expansion - x.contraction - x.churn), 0.0)
    grr_month = np.maximum(np.atleast_1d(1 - x.contraction - x.churn), 0.0)
    cash_margin = quotient(-np.atleast_1d(x.net_burn), mrr)
    margin = cash_margin if x.margin_kind == units.CASH else np.atleast_1d(x.ebitda_margin)
    return {
        "mrr": mrr,
        "new_revenue": new,
        "expanded_revenue": expanded,
        "contracted_revenue": contracted,
        "churned_revenue": churned,
        "net_new_arr": net_new_arr,
        "nrr_month": nrr_month,
        "nrr": nrr_month**12,
        "grr_month": grr_month,
        "grr": grr_month**12,
        "quick_ratio": quotient(new + expanded, churned + contracted),
        "burn_multiple": quotient(np.atleast_1d(x.net_burn), net_new_arr),
        "profit_margin": margin,
        "rule_of_40": x.revenue_growth + margin,
        "magic_number": quotient(net_new_arr, spent),
    }


def _churn_by_age(survival: Array) -> Array:
    """The share of those left that leaves; where nobody is left, nobody leaves."""
    here, later = survival[:-1], survival[1:]
    return np.where(here > 0, 1 - np.divide(later, here, out=np.ones_like(here), where=here > 0), 0.0)


# Declaration

# A company of which only what a case states is not nothing.
PLAIN = {
    "programmes": 0, "sales_payroll": 0, "new_customers": 1, "arpa": 0, "customers": 0, "revenue_growth": 0,
    "requests": 0, "free_requests": 0, "support_share": 0, "fee_share": 0, "churn": 0,
    "expansion": 0, "contraction": 0, "discount": 0, "net_burn": 0,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={**PLAIN, "arpa": 40, "support_share": 0.25, "churn": 0.04, "programmes": 250},
        expected={"gross_profit": 30, "lifetime": 25, "ltv": 750, "ltv_to_cac": 3, "payback": 250 / 30},
        source="datarekha.com, “Customer lifetime value”: $40 a month at 75% margin and 4% churn; a CAC of $250 added.",
    ),
    Example(
        inputs={
            **PLAIN, "cost_basis": "tokens", "calls": 1, "input_tokens": 2_000, "cached_share": 0,
            "output_tokens": 500, "input_price": 0.5, "output_price": 1.5, "extra_cost": 0, "requests": 1_000,
            "arpa": 10,
        },
        expected={"request_cost": 0.00175, "inference": 1.75, "gross_margin": 0.825},
        source="calcaas.com, “LLM inference cost at scale”: $0.00175 a request; 1,000 requests for $10 added.",
    ),
    Example(
        inputs={
            **PLAIN, "customers": 1_000, "arpa": 100, "new_customers": 200, "expansion": 0.15, "contraction": 0.05,
            "churn": 0.08, "sales_payroll": 50_000, "revenue_growth": 0.25, "margin_kind": "ebitda",
            "ebitda_margin": 0.15, "net_burn": 792_000,
        },
        expected={
            "nrr_month": 1.02, "grr_month": 0.87, "nrr": 1.02**12, "rule_of_40": 0.4, "burn_multiple": 3,
            "net_new_arr": 264_000, "magic_number": 5.28, "quick_ratio": 35 / 13,
        },
        source="runfutureproof.com, “NRR”: $100,000 with 15,000 expanded, 5,000 contracted and 8,000 churned. Growth "
        "of 25% and a margin of 15% are Feld's rule; a burn of three dollars for one of new revenue is Sacks's "
        "suspect end.",
    ),
    Example(
        inputs={
            **PLAIN, "arpa": 1, "retention": "fitted", "formula": "discounted", "discount": 0.1, "horizon": 12,
            "programmes": 1,
        },
        expected={"shape_a": 0.668, "shape_b": 3.806},
        source="Fader and Hardie (2007), table 1 and the fit to seven years of the high end: a = 0.668, b = 3.806.",
        rtol=1e-3,
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="assistant", label="Assistant sold by the seat", inputs={}),
    Preset(
        slug="api",
        label="API billed by use",
        inputs={
            "programmes": 12_000, "sales_payroll": 40_000, "new_customers": "60 to 140", "arpa": "150 to 320",
            "customers": 900, "revenue_growth": 1.4, "requests": "20k to 60k", "free_requests": 4_000,
            "cost_basis": "tokens", "calls": 1, "input_tokens": "600 to 1500", "output_tokens": "100 to 300",
            "cached_share": "20% to 50%", "input_price": 0.5, "cached_price": 0.05, "output_price": 1.5,
            "extra_cost": 0, "support_share": "5% to 10%", "churn": "3% to 6%", "expansion": "3% to 7%",
            "contraction": "1% to 2%", "formula": "discounted", "net_burn": 90_000,
        },
    ),
    Preset(
        slug="consumer",
        label="Consumer app",
        inputs={
            "programmes": 90_000, "sales_payroll": 30_000, "new_customers": "4k to 8k", "arpa": "11 to 15",
            "customers": 30_000, "revenue_growth": 2.2, "requests": "80 to 200", "free_requests": 150,
            "inference_cost": "0.004 to 0.012", "support_share": "5% to 10%", "fee_share": "15% to 30%",
            "churn": "6% to 11%", "expansion": 0, "contraction": 0, "retention": "beta_geometric",
            "sbg_a": "0.6 to 1.2", "sbg_b": "3 to 6", "formula": "discounted", "net_burn": 180_000,
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="unit-economics",
    version=1,
    title="Unit economics",
    summary="What a customer costs to win and to serve, what it leaves over its life, and when it has paid back.",
    family="Market",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="ltv_to_cac",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"age": Axis(label="Months since the customer came",
                      places=lambda x: [float(month) for month in range(x.horizon + 1)], unit="months")},
    charts=(
        Fan(output="cumulative_profit", title="Profit of a customer won, by age"),
        Fan(output="survival", title="Customers still there, by age"),
        Parts(title="What serving a customer costs", outputs=("inference", "free_inference", "support", "fees")),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(SKOK, FADER_HARDIE, SACKS, FELD, MAGIC),
)  # fmt: skip
