"""What the venture debt calculator says: the answer, warnings, what it refuses, and three ways side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlcore.spec import Range
from portal.planning.calculator import Sentence, Table
from portal.planning.calendar import from_month, to_month
from portal.planning.company.words import WRONG_YEAR
from portal.planning.company.words import refuse as refuse_month

NO_DRAWDOWN = (
    "Wanted a drawdown in month 1 that is sure: before money flows to the company no rate of cost is determined. Set "
    "month 1, a share above 0% and a chance of 100% in one row."
)
DRAWN_TOO_MUCH = "Wanted drawdowns of at most 100% of the commitment together, got {share}. Lower a share."
DRAWN_LATE = (
    "Wanted a drawdown within the {availability} in which the loan can be drawn, got month {month}. Draw earlier, or "
    "let it be drawn for longer."
)
AVAILABLE_TOO_LONG = (
    "Wanted a loan that can be drawn for at most its term, {term}, got {availability}: what is drawn after the last "
    "payment would never be paid back."
)
NOTHING_LEFT_TO_REPAY = (
    "Wanted fewer interest-only months than the term, {term}, got {interest_only}. For all principal at the end type "
    "{most}."
)
PREPAID_LATE = "Wanted an early repayment within the term, {term}, or 0 for none, got {prepaid_after}."
PREPAID_TOO_EARLY = (
    "Wanted an early repayment not before the last drawdown, month {month}, got {prepaid_after}: take that drawdown "
    "out, or pay back later."
)
FEE_EATS_LOAN = (
    "Wanted an upfront fee below what is drawn at closing, {share} of the commitment, got {fee}: the company would "
    "receive nothing then."
)

COSTS = (
    "The loan costs *{cost}* a year with all fees and *{cost_all}* with warrants: {money} for {drawn}. Cash lasts "
    "{gained} longer."
)
COSTS_WITHOUT_GAIN = (
    "The loan costs *{cost}* a year with all fees and *{cost_all}* with warrants: {money} for {drawn}. Cash does not "
    "last longer within the horizon."
)
COSTS_RUNWAY = (
    "The loan costs *{cost}* a year with all fees and *{cost_all}* with warrants: {money} for {drawn}. Repayment "
    "empties the account *{gained}* earlier than without the loan."
)
COSTS_BEYOND = "With its fees and warrants the loan costs more than 10,000% a year: {money} for *{drawn}*."

BREACH = (
    "Cash falls below the covenant's {least} at the end of {month}, while {owed} is owed. The lender may then want all "
    "of it back: raise before, or negotiate a lower minimum."
)
NOT_PAID_BACK = (
    "On this plan cash runs out in {month}, before the last payment. The loan is then paid back from the next round or "
    "not at all."
)
SHORTENS = "With the loan cash runs out earlier than without: it buys time now and costs more of it later."
BALLOON = "The largest payment, {payment}, falls in month {month}: {times} what is paid on average."
WORTHLESS = "At this exit price the warrants are not used: the price is not above the strike."
EXIT_BEFORE_END = (
    "The exit comes before the last payment. Lenders are then paid back at the exit: type its month as an early "
    "repayment."
)
UNDRAWN_WARRANTS = "{share} of the coverage is earned on signing, whether or not all of the loan is ever drawn."

SENTENCES = (
    WRONG_YEAR, NO_DRAWDOWN, DRAWN_TOO_MUCH, DRAWN_LATE, AVAILABLE_TOO_LONG, NOTHING_LEFT_TO_REPAY, PREPAID_LATE,
    PREPAID_TOO_EARLY, FEE_EATS_LOAN, COSTS, COSTS_WITHOUT_GAIN, COSTS_RUNWAY, COSTS_BEYOND, BREACH, NOT_PAID_BACK,
    SHORTENS, BALLOON, WORTHLESS, EXIT_BEFORE_END, UNDRAWN_WARRANTS,
)  # fmt: skip

FULL = 1 + 1e-9  # shares typed as thirds do not sum to 1 exactly
FELT = 0.05  # months below which nothing is gained or lost
BALLOON_TIMES = 3

WAYS = ("Neither", "Loan", "Equity instead")
WAYS_TITLE = "Three ways"
WAYS_NOTE = (
    "The same money as a loan, as equity, or not at all. Costs are a year, by dated flows; equity is counted at the "
    "price of the exit."
)
WAYS_COLUMNS = (
    ("Way", ""), ("Runway", "months"), ("Cost a year", "%"), ("Given until the exit", "USD"), ("Dilution", "%"),
)  # fmt: skip


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = dict(refuse_month(inputs))
    term, months = (inputs.term, "months"), [one.month for one in inputs.drawdowns if one.share > 0]
    if inputs.interest_only >= inputs.term:
        figures = {"term": term, "interest_only": (inputs.interest_only, "months"), "most": (inputs.term - 1, "")}
        found["interest_only"] = Sentence(NOTHING_LEFT_TO_REPAY, figures)
    if inputs.availability > inputs.term:
        figures = {"term": term, "availability": (inputs.availability, "months")}
        found["availability"] = Sentence(AVAILABLE_TOO_LONG, figures)
    prepaid = inputs.prepaid_after
    if prepaid > inputs.term:
        found["prepaid_after"] = Sentence(PREPAID_LATE, {"term": term, "prepaid_after": (prepaid, "months")})
    elif prepaid and months and prepaid < max(months):
        figures = {"month": (max(months), ""), "prepaid_after": (prepaid, "months")}
        found["prepaid_after"] = Sentence(PREPAID_TOO_EARLY, figures)
    return found | _refuse_drawdowns(inputs)


def _refuse_drawdowns(inputs: Any) -> dict[str, Sentence]:
    found = {
        f"drawdowns.{at}.month": Sentence(
            DRAWN_LATE, {"availability": (inputs.availability, "months"), "month": (one.month, "")}
        )
        for at, one in enumerate(inputs.drawdowns)
        if one.month > inputs.availability
    }
    total = sum(one.share for one in inputs.drawdowns)
    first = sum(one.share for one in inputs.drawdowns if one.month == 1 and one.happens == 1)
    fee = inputs.upfront_fee.high if isinstance(inputs.upfront_fee, Range) else inputs.upfront_fee
    if total > FULL:
        found["drawdowns"] = Sentence(DRAWN_TOO_MUCH, {"share": (total, "%")})
    elif first == 0:
        found["drawdowns"] = Sentence(NO_DRAWDOWN)
    elif fee >= first:
        found["upfront_fee"] = Sentence(FEE_EATS_LOAN, {"share": (first, "%"), "fee": (fee, "%")})
    return found


def answer(outcome: Any) -> Sentence:
    names = ("effective_cost", "effective_cost_all", "finance_cost", "drawn", "months_gained")
    cost, cost_all, money, drawn, gained = (outcome.quantile(name, 0.5) for name in names)
    figures = {"money": (money, "USD"), "drawn": (drawn, "USD")}
    if not np.isfinite(cost_all):
        return Sentence(COSTS_BEYOND, figures)
    figures |= {"cost": (cost, "%"), "cost_all": (cost_all, "%")}
    if abs(gained) < FELT:
        return Sentence(COSTS_WITHOUT_GAIN, figures)
    return Sentence(COSTS if gained > 0 else COSTS_RUNWAY, {**figures, "gained": (abs(gained), "months")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    breach = outputs["breach_after"]
    if np.isfinite(breach) and breach <= outputs["runway_debt"]:
        month = from_month(int(to_month(x.first_month)) + breach - 1)
        owed = outputs["balance_by_month"][int(breach) - 1]
        figures = {"least": (x.min_cash, "USD"), "month": (month, "month"), "owed": (owed, "USD")}
        found.append(Sentence(BREACH, figures))
    if not outputs["paid_from_cash"]:
        found.append(Sentence(NOT_PAID_BACK, {"month": (from_month(outputs["zero_cash_debt"]), "month")}))
    if outputs["months_gained"] < -FELT:
        found.append(Sentence(SHORTENS))
    return found + _about_contract(x, outputs)


def _about_contract(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    payments = np.asarray(outputs["payment_by_month"])
    largest, usual = payments.max(), payments[payments > 0].mean() if payments.any() else 0.0
    if largest > BALLOON_TIMES * usual:
        figures = {
            "payment": (largest, "USD"),
            "month": (int(payments.argmax()) + 1, ""),
            "times": (largest / usual, "×"),
        }
        found.append(Sentence(BALLOON, figures))
    if x.coverage > 0 and x.exit_price <= x.strike:
        found.append(Sentence(WORTHLESS))
    if x.exit_after < (x.prepaid_after or x.term):
        found.append(Sentence(EXIT_BEFORE_END))
    if x.coverage * x.on_commitment > 0 and outputs["drawn"] < x.commitment / FULL:
        found.append(Sentence(UNDRAWN_WARRANTS, {"share": (x.on_commitment, "%")}))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    neither, loan, equity = WAYS
    rows = (
        (neither, outputs["runway_alone"], 0.0, 0.0, 0.0),
        (loan, outputs["runway_debt"], outputs["effective_cost_all"], outputs["given_to_lender"],
         outputs["warrant_dilution"]),
        (equity, outputs["runway_equity"], outputs["equity_cost"], outputs["equity_value"], x.dilution),
    )  # fmt: skip
    return [Table(title=WAYS_TITLE, note=WAYS_NOTE, columns=WAYS_COLUMNS, rows=rows)]
