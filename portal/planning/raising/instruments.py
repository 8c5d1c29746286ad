"""SAFEs and notes as they are typed into a calculator, and as the equity engine knows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from mlcore.spec import choice, day, flag, number, text
from portal.planning.equity.capitalization import (
    POST_MONEY_SAFE,
    PRE_MONEY_SAFE,
    SWITCHES,
    TYPICAL_NOTE,
    CapitalizationRules,
)
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.money import exact
from portal.planning.equity.notes import Election, Note
from portal.planning.equity.safes import Mfn, Safe

MOST = 1e12  # USD, and shares
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

POST, PRE, USUAL, OWN = "post", "pre", "usual", "own"
FORMS = {POST: "Post-money cap", PRE: "Pre-money cap", OWN: "Own definition"}
NOTE_FORMS = {
    USUAL: "Shares, options and pool of before",
    POST: "As a post-money SAFE",
    PRE: "As a pre-money SAFE",
    OWN: "Own definition",
}
NO_CLAUSE = "none"
CLAUSES = {
    NO_CLAUSE: "No such clause",
    Mfn.UNAMENDED.value: "Nothing elected",
    Mfn.STATED.value: "The SAFE named beside it",
    Mfn.BEST_PRICE.value: "The best price at conversion",
}
UNSAID = "unsaid"
ELECTIONS = {UNSAID: "Not said", Election.CONVERT.value: "Converts", Election.KEEP.value: "Stays a debt"}
DAY_COUNTS = {
    DayCount.ACTUAL_365_FIXED.value: "Actual days ÷ 365",
    DayCount.ACTUAL_360.value: "Actual days ÷ 360",
    DayCount.ACTUAL_ACTUAL_ISDA.value: "Actual days ÷ days of the year",
    DayCount.THIRTY_360_US.value: "30 days a month ÷ 360",
}
COMPOUNDINGS = {
    Compounding.SIMPLE.value: "Not at all",
    Compounding.ANNUAL.value: "Yearly",
    Compounding.SEMIANNUAL.value: "Half-yearly",
    Compounding.QUARTERLY.value: "Quarterly",
    Compounding.MONTHLY.value: "Monthly",
}
PARTIALS = {
    PartialPeriod.REFUSE.value: "Not said",
    PartialPeriod.SIMPLE.value: "Simple interest for its days",
    PartialPeriod.NOTHING.value: "Nothing",
}
OWN_GROUP = "Own definition of the capitalization"
SWITCH_LABELS = {
    "include_outstanding_shares": "Shares in issue",
    "include_outstanding_options": "Options granted",
    "include_outstanding_unissued_options": "Pool not granted",
    "include_this_security": "The instrument itself",
    "include_other_converting_securities": "Other SAFEs and notes",
    "include_option_pool_topup_for_promised_options": "Top-up for promised options",
    "include_additional_option_pool_topup": "Pool increase of the round",
    "include_new_money": "Shares of the new money",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSafe:
    name: str = text("SAFE of", default="Angel", max_length=120, help="Its holder; another name for each SAFE.")
    amount: float = number(
        "Amount", default=100_000, low=1, high=MOST, unit="USD", fixed=True, help="What was paid for it."
    )
    cap: float = number(
        "Valuation cap", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="The cap limits the price from above, never from below. 0 for none.",
    )  # fmt: skip
    discount: float = number(
        "Discount", default=0, low=0, high=0.99, unit="%", fixed=True,
        help="What is taken off the round price: a Discount Rate of 85% in the form is a discount of 15%.",
    )  # fmt: skip
    form: str = choice(
        "Form of the cap", default=POST, choices=FORMS,
        help="Post-money: the cap counts all SAFEs and notes and no pool increase. Pre-money: the other way round. "
        "Own: what the switches of the own definition say.",
    )  # fmt: skip
    mfn: str = choice(
        "Most favoured nation", default=NO_CLAUSE, choices=CLAUSES,
        help="For a SAFE without terms of its own: what its holder elected among later SAFEs (rows further down).",
    )  # fmt: skip
    elects: str = text("Elected SAFE", default="", max_length=120, help="The name of its row; else empty.")
    pro_rata: bool = flag(
        "Pro-rata side letter", help="Its holder buys the same part of the new shares as the SAFE's part before them."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundNote:
    name: str = text("Note of", default="Lender", max_length=120, help="Its holder; another name for each note.")
    principal: float = number(
        "Principal", default=100_000, low=1, high=MOST, unit="USD", fixed=True, help="What was lent."
    )
    rate: float = number(
        "Interest a year", default=0.06, low=0, high=1, unit="%", fixed=True, help="Until maturity."
    )  # fmt: skip
    compounding: str = choice(
        "Interest compounds", default=Compounding.SIMPLE.value, choices=COMPOUNDINGS,
        help="How often interest is added to what bears interest. Most notes: not at all.",
    )  # fmt: skip
    partial: str = choice(
        "A part of a period earns", default=PartialPeriod.REFUSE.value, choices=PARTIALS,
        help="Only where interest compounds and the last period is not complete: what the note says of it.",
    )  # fmt: skip
    issued: date = day("Interest from", default=date(2026, 1, 1), help="The day from which interest runs.")
    maturity: date = day("Maturity", default=date(2028, 1, 1), help="The day it is due; interest stops then.")
    cap: float = number(
        "Valuation cap of the note", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Divided by what the form beside it counts. 0 for none.",
    )  # fmt: skip
    discount: float = number(
        "Discount of the note", default=0.2, low=0, high=0.99, unit="%", fixed=True, help="Taken off the round price."
    )
    form: str = choice(
        "Its cap counts", default=USUAL, choices=NOTE_FORMS,
        help="Notes differ: read the definition. Own: what the switches of the own definition say.",
    )  # fmt: skip
    threshold: float = number(
        "Qualified from", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="New money from which a financing is qualified and converts the note by itself; 0 for any.",
    )  # fmt: skip
    below: str = choice(
        "Below that", default=UNSAID, choices=ELECTIONS,
        help="What its holder chose where the financing is not qualified; needed only there.",
    )  # fmt: skip
    past_due: str = choice(
        "Past its maturity", default=UNSAID, choices=ELECTIONS,
        help="What its holder agreed to where the closing is after the maturity; needed only there.",
    )  # fmt: skip


def own_switch(name: str, *, default: bool) -> Any:
    """An input for one of the eight switches, which must have the switch's ``name``."""
    return flag(SWITCH_LABELS[name], default=default, group=OWN_GROUP, help=SWITCHES[name])


def typed(value: Any) -> Fraction:
    """What was typed, exactly; of draws the first, where only the shape of the round matters."""
    return _exactly(float(value if isinstance(value, (int, float)) else np.ravel(value)[0]))


@lru_cache(maxsize=4096)
def _exactly(value: float) -> Fraction:
    """Kept, as reading a float as the decimal that it writes takes longer than most sums with it."""
    return exact(value)


def name_of(row: Any, at: int) -> str:
    return row.name or str(at + 1)


def rules_of(x: Any, form: str) -> CapitalizationRules:
    if form == OWN:
        return CapitalizationRules(**{name: bool(getattr(x, name)) for name in SWITCHES})
    return {POST: POST_MONEY_SAFE, PRE: PRE_MONEY_SAFE, USUAL: TYPICAL_NOTE}[form]


def safes_of(x: Any) -> tuple[Safe, ...]:
    """In the order of their rows, which is that of their issue.

    Raises:
        Refused: a clause that contradicts the row's other terms.
    """
    return tuple(_safe(x, row, name_of(row, at)) for at, row in enumerate(x.safes))


def notes_of(x: Any) -> tuple[Note, ...]:
    """Raises:
    Refused: days out of order.
    """
    return tuple(_note(x, row, name_of(row, at)) for at, row in enumerate(x.notes))


def _safe(x: Any, row: Any, name: str) -> Safe:
    return Safe(
        name=name, holder=name, amount=typed(row.amount), cap=typed(row.cap) if row.cap else None,
        discount=typed(row.discount), rules=rules_of(x, row.form),
        mfn=None if row.mfn == NO_CLAUSE else Mfn(row.mfn), elects=row.elects or None, pro_rata=row.pro_rata,
    )  # fmt: skip


def _note(x: Any, row: Any, name: str) -> Note:
    return Note(
        name=name, holder=name, principal=typed(row.principal), rate=typed(row.rate), issued=row.issued,
        maturity=row.maturity, day_count=DayCount(x.day_count), compounding=Compounding(row.compounding),
        partial_period=PartialPeriod(row.partial), cap=typed(row.cap) if row.cap else None,
        discount=typed(row.discount), rules=rules_of(x, row.form), threshold=typed(row.threshold),
        below_threshold=_elected(row.below), past_maturity=_elected(row.past_due),
    )  # fmt: skip


def _elected(said: str) -> Election | None:
    return None if said == UNSAID else Election(said)


def days_of(notes: Any) -> Iterator[tuple[str, date]]:
    """The path and the value of every day in a table of notes."""
    for at, row in enumerate(notes):
        yield f"notes.{at}.issued", row.issued
        yield f"notes.{at}.maturity", row.maturity
