"""What the priced round says: the answer, warnings and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.equity import trace
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.table import Kind
from portal.planning.raising.instruments import EARLIEST, LATEST, days_of, name_of
from portal.planning.raising.terms import field_of, middle
from portal.planning.raising.whole import PRICE_PLACES, closing_of

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
STAYS = "The note of {name} stays a debt: {owed} are owed at the closing and are not among the shares."
OVERHANG = "Without a shadow series SAFEs and notes are paid {overhang} more before common shares than they brought."
TWO_SHEETS = "Two term sheets have the name {name}. Rename this row."

SENTENCES = (
    NO_INVESTOR, NOT_ALL, NO_FOUNDER, WRONG_DAY, KEEPS, LOWER_PRE_MONEY, NO_IDENTITY, NEARLY_UNDETERMINED, WAIVED,
    PAST_DUE, STAYS, OVERHANG, TWO_SHEETS, *trace.SENTENCES,
)  # fmt: skip

CLOSE = 1e-6  # shares typed as thirds do not sum to 1 exactly
FELT = 0.95  # of the pre-money, below which the difference is worth a warning
SLIM = Fraction(1, 10)  # of a share

# Refused


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = _refuse_days(inputs)
    if not inputs.investors:
        found["investors"] = Sentence(NO_INVESTOR)
    elif abs((total := sum(row.share for row in inputs.investors)) - 1) > CLOSE:
        found["investors"] = Sentence(NOT_ALL, {"sum": (total, "%")})
    if not any(row.founder and row.shares for row in inputs.holders):
        found["holders"] = Sentence(NO_FOUNDER)
    return found or _refuse_sheets(inputs) or _refuse_round(middle(inputs))


def _refuse_days(inputs: Any) -> dict[str, Sentence]:
    days = {"closing": inputs.closing, **dict(days_of(inputs.notes))}
    return {
        path: Sentence(WRONG_DAY, {"earliest": (EARLIEST, "day"), "latest": (LATEST, "day"), "given": (given, "day")})
        for path, given in days.items()
        if not EARLIEST <= given <= LATEST
    }


def _refuse_round(x: Any) -> dict[str, Sentence]:
    """What the exact engine says of the round at the median of every range, the closing in whole shares included."""
    try:
        closing_of(x, protected=True)
    except Refused as refused:
        return {field_of(refused.where, x): said(refused)}
    return {}


def _refuse_sheets(inputs: Any) -> dict[str, Sentence]:
    names = [name_of(row, at) for at, row in enumerate(inputs.sheets)]
    twice = [at for at, name in enumerate(names) if name in names[:at]]
    return {f"sheets.{at}.name": Sentence(TWO_SHEETS, {"name": (names[at], "")}) for at in twice}


def said(refused: Refused) -> Sentence:
    return Sentence(
        refused.problem.template, {place: (str(value), "") for place, value in refused.problem.values.items()}
    )


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
    closing = closing_of(x)
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
    for at, note in enumerate(x.notes):
        if not outputs["note_converts"][at]:
            figures = {"name": (name_of(note, at), ""), "owed": (outputs["note_owed"][at], "USD")}
            found.append(Sentence(STAYS, figures))
    if outputs["overhang"] > 1:
        found.append(Sentence(OVERHANG, {"overhang": (outputs["overhang"], "USD")}))
    return found
