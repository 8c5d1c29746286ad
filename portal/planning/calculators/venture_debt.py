"""What venture debt costs, month by month and as a yearly rate, and what it does to the day when cash runs out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from portal.planning.calculator import Axis, Bars, Calculator, Example, Fan, Lines, Parts, Preset
from portal.planning.calendar import from_month, to_month
from portal.planning.company.cash import follow
from portal.planning.debt.inputs import Inputs
from portal.planning.debt.loan import LEVEL, Schedule, Terms, net_exercised, schedule, warrants
from portal.planning.debt.outputs import COSTS, OUTPUTS
from portal.planning.debt.returns import internal_rate
from portal.planning.debt.words import SENTENCES, WAYS, answer, notices, refuse, tables
from portal.planning.finance import Array, draw_count, first_below_zero, months_while, quotient, running_lows, settled
from portal.planning.finance import scheduled as by_month

# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    months, start = max(x.horizon, x.term), int(to_month(x.first_month))
    received = by_month([(one.month, x.commitment * one.share * one.happens) for one in x.drawdowns], months)
    loan = schedule(_terms(x), received)
    drawn = loan.drawn.sum(axis=0)
    count = np.atleast_1d(warrants(x.coverage, x.commitment, drawn, x.on_commitment, x.strike))
    issued = net_exercised(count, x.strike, x.exit_price)
    warrant_value = issued * x.exit_price
    new_shares = np.atleast_1d(x.shares * x.dilution / (1 - x.dilution))
    results = {
        **_costs(loan, drawn),
        **_yields(x, loan, warrant_value, new_shares * x.exit_price, start),
        **_runways(x, loan, months, start),
        "first_payment": loan.interest[0] + loan.principal[0],
        "later_payment": loan.interest[x.interest_only] + loan.principal[x.interest_only],
        "largest_payment": loan.paid.max(axis=0),
        "covered": count * x.strike,
        "warrants": count,
        "warrant_shares": issued,
        "warrant_value": warrant_value,
        "warrant_dilution": issued / (x.shares + issued),
        "equity_shares": new_shares,
        "equity_price": drawn / new_shares,
        "equity_value": new_shares * x.exit_price,
        "balance_by_month": _padded(loan.balance, months),
        "interest_by_month": _padded(loan.interest, months),
        "principal_by_month": _padded(loan.principal, months),
        "fees_by_month": _padded(loan.undrawn + loan.end + loan.prepayment, months),
        "payment_by_month": _padded(loan.paid, months),
    }
    results["given_to_lender"] = results["total_paid"] + warrant_value
    results["debt_cheaper"] = results["effective_cost_all"] < results["equity_cost"]
    return {name: settled(value, draws) for name, value in results.items()}


def _terms(x: Any) -> Terms:
    return Terms(
        commitment=x.commitment, rate=x.rate, term=x.term, interest_only=x.interest_only, repayment=x.repayment,
        upfront_fee=x.upfront_fee, undrawn_fee=x.undrawn_fee, availability=x.availability, end_fee=x.end_fee,
        prepaid_after=x.prepaid_after, prepayment_fee=x.prepayment_fee,
    )  # fmt: skip


def _costs(loan: Schedule, drawn: Array) -> dict[str, Array]:
    sums = (loan.interest.sum(axis=0), loan.upfront, *(
        table.sum(axis=0) for table in (loan.undrawn, loan.end, loan.prepayment)
    ))  # fmt: skip
    cost = np.sum(sums, axis=0)
    multiple = quotient(drawn + cost, drawn)
    parts = dict(zip(COSTS, sums, strict=True))
    return {**parts, "drawn": drawn, "finance_cost": cost, "total_paid": drawn + cost, "lender_multiple": multiple}


def _yields(x: Any, loan: Schedule, warrant_value: Array, equity_value: Array, start: int) -> dict[str, Array]:
    """Yearly returns of the lender, without and with warrants, and of the investors who would pay in the same sums."""
    last = max(x.term, x.exit_after)
    days = [from_month(start + month) for month in range(last + 1)]
    width = max(loan.drawn.shape[1], warrant_value.size, equity_value.size)
    lender, investors = np.zeros((2, last + 1, width))
    lender[: x.term] -= loan.drawn
    investors[: x.term] -= loan.drawn
    lender[0] += loan.upfront
    lender[1 : x.term + 1] += loan.paid
    without = internal_rate(lender, days)
    lender[x.exit_after] += warrant_value
    investors[x.exit_after] += equity_value
    return {
        "effective_cost": without,
        "effective_cost_all": internal_rate(lender, days),
        "equity_cost": internal_rate(investors, days),
    }


def _runways(x: Any, loan: Schedule, months: int, start: int) -> dict[str, Any]:
    opening = np.atleast_1d(x.cash)
    alone = follow(_company(x, months)).alone
    received = np.cumsum(_padded(loan.drawn, months), axis=0)
    paid = np.cumsum(_padded(loan.paid, months), axis=0) + loan.upfront
    cash = {"alone": alone, "debt": alone + received - paid, "equity": alone + received}
    lows = {way: running_lows(opening, left) for way, left in cash.items()}
    runway = {way: first_below_zero(opening, left, lows[way]) for way, left in cash.items()}
    owed = _padded(loan.balance, months)
    covenant = np.atleast_1d(x.min_cash)
    kept = months_while((cash["debt"] >= covenant) | (owed <= 0) | (covenant == 0))
    breach = np.where(kept < months, kept + 1.0, np.inf)
    return {
        **{f"runway_{way}": found for way, found in runway.items()},
        **{f"zero_cash_{way}": start + found for way, found in runway.items()},
        **{f"cash_{way}_by_month": left for way, left in cash.items()},
        "months_gained": np.minimum(runway["debt"], months) - np.minimum(runway["alone"], months),
        "breach_after": breach,
        "safe_runway": np.minimum(runway["debt"], breach),
        "covenant_kept": np.isinf(breach),
        "paid_from_cash": lows["debt"][x.term - 1] >= 0,
        "lasts_by_way": np.stack(np.broadcast_arrays(*(np.isinf(found) for found in runway.values()))),
    }


def _company(x: Any, months: int) -> SimpleNamespace:
    """The company as the runway calculator follows it: without one-off payments, training run and funding."""
    nothing = {"churn": 0.0, "training_cost": 0.0, "training_month": 1, "one_offs": (), "funding": ()}
    return SimpleNamespace(**{**vars(x), **nothing, "horizon": months})


def _padded(table: Array, months: int) -> Array:
    """The months after the last payment, in which nothing is paid or owed."""
    return np.concatenate([table, np.zeros((months - len(table), table.shape[1]))])


# Declaration

# A loan without fees and warrants to a company without revenue and costs, drawn at once.
PLAIN = {
    "drawdowns": [{"share": 1, "month": 1, "happens": 1}], "interest_only": 0, "upfront_fee": 0, "end_fee": 0,
    "undrawn_fee": 0, "availability": 1, "coverage": 0, "cash": 0, "revenue": 0, "growth": 0, "payroll": 0,
    "payroll_growth": 0, "model_compute": 0, "compute_growth": 0, "other_costs": 0, "min_cash": 0, "exit_price": 1,
    "strike": 1,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={**PLAIN, "commitment": 2_000_000, "rate": 0.12, "term": 36, "interest_only": 6},
        expected={"first_payment": 20_000, "later_payment": 77_496.23, "total_paid": 2_444_886.78},
        source="Inputs of pry.co/docs/venture-debt-tutorial; the figures by the formula of an annuity over 30 months.",
    ),
    Example(
        inputs={**PLAIN, "commitment": 2_000_000, "rate": 0.1, "term": 24, "interest_only": 23, "end_fee": 0.03},
        expected={"total_paid": 2_460_000, "lender_multiple": 1.23, "end_paid": 60_000},
        source="Documents of an exit model, docs/debt.md D5: two years of simple interest at 10% and a 3% exit fee.",
    ),
    Example(
        inputs={**PLAIN, "commitment": 1_000_000, "rate": 0.1, "term": 12, "coverage": 0.12, "strike": 2,
                "exit_price": 4},
        expected={"covered": 120_000, "warrants": 60_000, "warrant_shares": 30_000, "warrant_value": 120_000},
        source="clpgrowth.com/our-blog/2016/1/4/warrants: 12% of a million at 2.00. At 4.00 half of them are issued.",
    ),
    Example(
        inputs={**PLAIN, "commitment": 1_200_000, "rate": 0.12, "term": 12, "repayment": LEVEL, "cash": 500_000,
                "other_costs": 100_000, "horizon": 12},
        expected={"interest_paid": 78_000, "first_payment": 112_000, "runway_alone": 5,
                  "runway_debt": 8 + 32_000 / 204_000, "months_gained": 3 + 32_000 / 204_000},
        source="By hand: 100,000 of principal a month, interest 12,000, 11,000 and so on; 100,000 of costs on top.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="milestone", label="Two parts, the second at a milestone", inputs={}),
    Preset(
        slug="bank",
        label="Bank loan after a seed round",
        inputs={
            "commitment": 1_000_000, "drawdowns": [{"label": "At closing", "month": 1, "share": 1, "happens": 1}],
            "term": 30, "interest_only": 6, "rate": "8% to 10.5%", "upfront_fee": "0.5%", "end_fee": "2%",
            "coverage": "3%", "availability": 6, "strike": 0.8, "exit_price": "0.6 to 5", "cash": 1_300_000,
            "payroll": 95_000, "model_compute": "10k to 22k", "other_costs": 20_000, "revenue": 30_000,
            "min_cash": 250_000, "dilution": "9%",
        },
    ),
    Preset(
        slug="growth-fund",
        label="Debt fund beside a large round",
        inputs={
            "commitment": 15_000_000, "term": 48, "interest_only": 18, "rate": "12% to 15%", "upfront_fee": "1%",
            "end_fee": "6%", "coverage": "8%", "availability": 18, "undrawn_fee": "1%", "strike": 6,
            "shares": 24_000_000, "exit_price": "4 to 30", "cash": 22_000_000, "revenue": 600_000,
            "payroll": 950_000, "model_compute": "350k to 600k", "other_costs": 180_000, "min_cash": 4_000_000,
            "horizon": 60, "dilution": "7%",
            "drawdowns": [{"label": "At closing", "month": 1, "share": 0.5, "happens": 1},
                          {"label": "At the revenue target", "month": 12, "share": 0.5, "happens": 0.5}],
        },
    ),
    Preset(
        slug="bridge",
        label="Bridge of a year, paid back early",
        inputs={
            "commitment": 750_000, "drawdowns": [{"label": "At closing", "month": 1, "share": 1, "happens": 1}],
            "term": 12, "interest_only": 11, "rate": "13% to 16%", "end_fee": "3%", "availability": 1,
            "prepaid_after": 8, "prepayment_fee": "3%", "coverage": "10%", "on_commitment": 1, "exit_price": "1 to 6",
            "cash": 900_000, "revenue": 60_000, "payroll": 85_000, "model_compute": "8k to 16k", "other_costs": 15_000,
            "min_cash": 100_000, "horizon": 24, "dilution": "6%",
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="venture-debt",
    version=1,
    title="Venture debt",
    summary="What a loan really costs with fees and warrants, and how much longer cash lasts, against equity and "
    "against neither.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="effective_cost_all",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"way": Axis(label="Way", places=lambda inputs: list(WAYS))},
    charts=(
        Lines(title="Cash in three ways",
              outputs=("cash_alone_by_month", "cash_debt_by_month", "cash_equity_by_month")),
        Fan(output="cash_debt_by_month", title="Cash with the loan"),
        Bars(output="lasts_by_way", title="How often cash lasts to the horizon"),
        Parts(title="What the loan costs", outputs=(*COSTS, "warrant_value")),
        Lines(title="Paid to the lender by month",
              outputs=("interest_by_month", "principal_by_month", "fees_by_month")),
        Lines(title="Owed by month", outputs=("balance_by_month",)),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
)  # fmt: skip
