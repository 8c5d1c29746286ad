"""What the priced round says: the answer, warnings, refusals, and the closing in whole shares beside the exact one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from portal.planning.calculator import Sentence, Table
from portal.planning.equity.legal import LegalTable, legal_table
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.table import Kind
from portal.planning.raising.inputs import EARLIEST, LATEST
from portal.planning.raising.outputs import OUTPUTS, PARTS
from portal.planning.raising.terms import SWITCHES, company, field_of, middle, name_of, rounding_of, terms_of

NO_INVESTOR = "Wanted at least one investor with new money. Add a row."
NOT_ALL = "Wanted shares of the new money that add up to 100%, got {sum}. Change a row of the investors."
NO_FOUNDER = "Wanted a founder with shares: mark at least one row of the holders."
WRONG_DAY = "Wanted a day from {earliest} to {latest}, got {given}."

KEEPS = (
    "At *{price}* a share founders keep *{after}* of the company, {before} before the round: new money takes {new}, "
    "SAFEs and notes {converted}, the pool {pool}."
)
LOWER_PRE_MONEY = (
    "The term sheet says {pre_money}, but the shares of before are worth {effective} at the round price: the rest is "
    "the new pool and what converts."
)
NO_IDENTITY = (
    "No price in whole shares gives itself back: at {price} the shares add up to {total}, which would give {implied}. "
    "Agree the number of shares in the documents."
)
NEARLY_UNDETERMINED = (
    "The terms hardly determine a round: each further share leaves only {margin} of a share over. Small changes of "
    "caps or amounts move a great deal."
)
WAIVED = (
    "Preferred holders are listed without a protected conversion price: their anti-dilution protection counts as "
    "waived."
)
PAST_DUE = "Interest of a note stops at its maturity, before the closing."

SENTENCES = (
    NO_INVESTOR, NOT_ALL, NO_FOUNDER, WRONG_DAY, KEEPS, LOWER_PRE_MONEY, NO_IDENTITY, NEARLY_UNDETERMINED, WAIVED,
    PAST_DUE,
)  # fmt: skip

CLOSE = 1e-6  # shares typed as thirds do not sum to 1 exactly
FELT = 0.95  # of the pre-money, below which the difference is worth a warning
SLIM = Fraction(1, 10)  # of a share

WHOLE_TITLE = "The cap table after the round, to the last share"
WHOLE_NOTE = (
    "Exact shares beside those of a closing: prices and shares rounded by the chosen rule, until the total gives the "
    "price back. What no rounding can share out is the difference."
)
WHOLE_COLUMNS = (
    ("Holder", ""), ("Paid", "USD"), ("Exact shares", ""), ("Whole shares", ""), ("Difference", ""),
    ("Part of the company", "%"),
)  # fmt: skip
CLAUSE_TITLE = "What each clause moves"
CLAUSE_NOTE = (
    "The round solved again with one clause set so and all else as typed, every range at its median. Caps stay the "
    "same number: in a negotiation a pre-money cap is set lower."
)
CLAUSE_COLUMNS = (("Clause", ""), ("Founders, percentage points", "points"), ("Founders, at the round price", "USD"))
PROOF_TITLE = "Price and proof"
PROOF_NOTE = (
    "A margin above zero proves that the terms have one solution: each further share in the total leaves at least so "
    "much over. The closing agrees with itself where the total in whole shares, rounded, gives the price back."
)
PROOF_COLUMNS = (
    ("Exact price", ""), ("Price of the closing", ""), ("Price that the total gives", ""), ("Agrees with itself", ""),
    ("Margin, shares", ""),
)  # fmt: skip
PLACES = 6  # decimal places of exact shares
PRICE_PLACES = 9


# Refused


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = _refuse_days(inputs)
    if not inputs.investors:
        found["investors"] = Sentence(NO_INVESTOR)
    elif abs((total := sum(row.share for row in inputs.investors)) - 1) > CLOSE:
        found["investors"] = Sentence(NOT_ALL, {"sum": (total, "%")})
    if not any(row.founder and row.shares for row in inputs.holders):
        found["holders"] = Sentence(NO_FOUNDER)
    return found or _refuse_round(middle(inputs))


def _refuse_days(inputs: Any) -> dict[str, Sentence]:
    days = {"closing": inputs.closing}
    for at, note in enumerate(inputs.notes):
        days |= {f"notes.{at}.issued": note.issued, f"notes.{at}.maturity": note.maturity}
    return {
        path: Sentence(WRONG_DAY, {"earliest": (EARLIEST, "day"), "latest": (LATEST, "day"), "given": (given, "day")})
        for path, given in days.items()
        if not EARLIEST <= given <= LATEST
    }


def _refuse_round(x: Any) -> dict[str, Sentence]:
    """What the exact engine says of the round at the median of every range, the closing in whole shares included."""
    try:
        legal_table(company(x), terms_of(x, protected=True), rounding_of(x))
    except Refused as refused:
        figures = {place: (str(value), "") for place, value in refused.problem.values.items()}
        return {field_of(refused.where, x): Sentence(refused.problem.template, figures)}
    return {}


# Said


def answer(outcome: Any) -> Sentence:
    named = {
        "price": ("price", "USD"), "after": ("founders_after", "%"), "before": ("founders_before", "%"),
        "new": ("new_share", "%"), "converted": ("converted_share", "%"), "pool": ("pool_share", "%"),
    }  # fmt: skip
    return Sentence(KEEPS, {place: (outcome.quantile(name, 0.5), unit) for place, (name, unit) in named.items()})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    if outputs["effective_pre_money"] < FELT * x.pre_money:
        figures = {"pre_money": (x.pre_money, "USD"), "effective": (outputs["effective_pre_money"], "USD")}
        found.append(Sentence(LOWER_PRE_MONEY, figures))
    closing = _closing(x)
    if not closing.identity:
        figures = {
            "price": (shown(closing.price, PRICE_PLACES), ""),
            "total": (shown(closing.total), ""),
            "implied": (shown(closing.implied_price, PRICE_PLACES), ""),
        }
        found.append(Sentence(NO_IDENTITY, figures))
    if closing.solution.margin < SLIM:
        found.append(Sentence(NEARLY_UNDETERMINED, {"margin": (shown(closing.solution.margin), "")}))
    if any(row.kind == Kind.PREFERRED and not row.protected_price for row in x.holders):
        found.append(Sentence(WAIVED))
    if any(note.maturity < x.closing for note in x.notes):
        found.append(Sentence(PAST_DUE))
    return found


def _closing(x: Any) -> LegalTable:
    return legal_table(company(x), terms_of(x), rounding_of(x))


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    closing = _closing(x)
    proof = (
        shown(closing.solution.price, PRICE_PLACES), shown(closing.price, PRICE_PLACES),
        shown(closing.implied_price, PRICE_PLACES), closing.identity, shown(closing.solution.margin),
    )  # fmt: skip
    return [
        Table(title=WHOLE_TITLE, note=WHOLE_NOTE, columns=WHOLE_COLUMNS, rows=tuple(_whole_rows(x, closing))),
        Table(title=CLAUSE_TITLE, note=CLAUSE_NOTE, columns=CLAUSE_COLUMNS, rows=tuple(_clauses(outputs))),
        Table(title=PROOF_TITLE, note=PROOF_NOTE, columns=PROOF_COLUMNS, rows=(proof,)),
    ]


def _clauses(outputs: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What is not determined with a clause is left out."""
    moved = zip(SWITCHES.values(), outputs["switch_points"], outputs["switch_dollars"], strict=True)
    return [row for row in moved if math.isfinite(row[1])]


def _whole_rows(x: Any, closing: LegalTable) -> list[tuple[Any, ...]]:
    lines: list[tuple[str, float | None, Fraction, int]] = [
        (name_of(row, at), None, Fraction(row.shares), int(row.shares)) for at, row in enumerate(x.holders)
    ]
    *bought, pool, total = closing.rows()
    paid = [*(each.amount for each in closing.conversions), *(each.amount for each in closing.purchases)]
    lines += [(row.name, float(amount), row.exact, row.whole) for row, amount in zip(bought, paid, strict=True)]
    lines += [(name, None, row.exact, row.whole) for name, row in ((PARTS[-1], pool), (OUTPUTS["total"].label, total))]
    return [
        (name, amount, shown(exact, PLACES), shown(whole), _signed(whole - exact), whole / closing.total)
        for name, amount, exact, whole in lines
    ]


def _signed(difference: Fraction) -> str:
    return shown(difference, PLACES).replace("-", "−")
