"""The closing of a round in whole shares beside the exact one, and why every number in it is so: as tables."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from portal.planning.calculator import Sentence, Table
from portal.planning.equity import trace
from portal.planning.equity.legal import LegalTable, legal_table
from portal.planning.equity.money import shown
from portal.planning.equity.trace import Step
from portal.planning.raising.instruments import name_of
from portal.planning.raising.outputs import OUTPUTS, PARTS
from portal.planning.raising.terms import SERIES, company, rounding_of, terms_of

PLACES = 6  # decimal places of exact shares
PRICE_PLACES = 9

WHOLE_TITLE = "The cap table after the round, to the last share"
WHOLE_NOTE = (
    "Exact shares beside those of a closing: prices and shares rounded by the chosen rule, until the total gives the "
    "price back. What no rounding can share out is the difference."
)
WHOLE_COLUMNS = (
    ("Holder", ""), ("Paid", "USD"), ("Exact shares", ""), ("Whole shares", ""), ("Difference", ""),
    ("Part of the company", "%"),
)  # fmt: skip
PROOF_TITLE = "Price and proof"
PROOF_NOTE = (
    "A margin above zero proves that the terms have one solution: each further share in the total leaves at least so "
    "much over. The closing agrees with itself where the total in whole shares, rounded, gives the price back."
)
PROOF_COLUMNS = (
    ("Exact price", ""), ("Price of the closing", ""), ("Price that the total gives", ""), ("Agrees with itself", ""),
    ("Margin, shares", ""),
)  # fmt: skip
EXACT_TITLE = "Why each exact number is so"
EXACT_NOTE = "Every step of the solution in exact numbers, shown to six decimal places."
LEGAL_TITLE = "Why each whole share is so"
LEGAL_NOTE = (
    "The same steps as a closing takes them: with the rounded price, and each holder's shares in whole numbers."
)
WHY_COLUMNS = (("About", ""), ("Why", ""))
ABOUT = {SERIES: "Round", "pool": PARTS[-1]}


@lru_cache(maxsize=16)
def _legal(*what: Any) -> LegalTable:
    return legal_table(*what)


def closing_of(x: Any, *, protected: bool = False) -> LegalTable:
    """The closing in whole shares; kept, as refusal, warnings and tables of one case ask for the same.

    Raises:
        Refused: as ``equity.legal.legal_table``; ``protected`` classes refuse a round below their price.
    """
    return _legal(company(x), terms_of(x, protected=protected), rounding_of(x))


def whole_tables(x: Any) -> list[Table]:
    """The closing to the last share."""
    rows = tuple(_whole_rows(x, closing_of(x)))
    return [Table(title=WHOLE_TITLE, note=WHOLE_NOTE, columns=WHOLE_COLUMNS, rows=rows)]


def reasons(x: Any) -> list[Table]:
    """The proof that there is one solution, and the steps to every number, exact and in whole shares."""
    closing = closing_of(x)
    proof = (
        shown(closing.solution.price, PRICE_PLACES), shown(closing.price, PRICE_PLACES),
        shown(closing.implied_price, PRICE_PLACES), closing.identity, shown(closing.solution.margin),
    )  # fmt: skip
    return [
        Table(title=PROOF_TITLE, note=PROOF_NOTE, columns=PROOF_COLUMNS, rows=(proof,)),
        why(EXACT_TITLE, EXACT_NOTE, closing.solution.steps, ABOUT),
        why(LEGAL_TITLE, LEGAL_NOTE, closing.steps, ABOUT),
    ]


def why(title: str, note: str, steps: Iterable[Step], about: dict[str, str]) -> Table:
    """Steps as a table; ``about`` has the words for what is no holder. What stays as it was needs no reason."""
    rows = tuple(
        (about.get(each.about, each.about), Sentence(each.text, {at: (said, "") for at, said in each.values.items()}))
        for each in steps
        if each.text != trace.KEPT
    )
    return Table(title=title, note=note, columns=WHY_COLUMNS, rows=rows, words=tuple(about.values()))


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
