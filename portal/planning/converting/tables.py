"""SAFEs and notes at other valuations, at their maturity and under other elections, and why each number is so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from portal.planning.calculator import Table
from portal.planning.converting.cases import FOUNDERS, NAMES, NEW, as_round, at_maturity, at_valuations, names_of, sale
from portal.planning.converting.inputs import AT_MATURITY
from portal.planning.equity import reasons as waterfall_reasons
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.round import solve_round
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.equity.waterfall import solve
from portal.planning.raising.instruments import CLAUSES, notes_of, safes_of
from portal.planning.raising.outputs import PARTS
from portal.planning.raising.sheets import clause_table
from portal.planning.raising.terms import company, terms_of
from portal.planning.raising.whole import reasons, why

OTHER_TITLE = "What each becomes at other valuations"
OTHER_NOTE = "Who owns what after the next round, from the lowest to the highest valuation of the charts."
OTHER_COLUMNS = (
    ("Pre-money", "USD"), ("Holder", ""), ("Converts at", "USD"), ("Shares", ""), ("Part after", "%"),
    ("Worth at the round price", "USD"),
)  # fmt: skip
DUE_TITLE = "At maturity"
DUE_NOTE = "What becomes of each note if no round came before: SAFEs stay what they are."
DUE_COLUMNS = (
    ("Convertible note", ""), ("Maturity", ""), ("Owed", "USD"), ("Then", ""), ("Shares", ""),
    ("Part of the company", "%"),
)  # fmt: skip
ELECTED_TITLE = "What each election of a most-favoured-nation clause gives"
ELECTED_NOTE = "In the next round at the valuation above. Which one is best may depend on the valuation."
ELECTED_COLUMNS = (
    ("SAFE", ""), ("Election", ""), ("As typed", ""), ("Converts at", "USD"), ("Shares", ""), ("Part after", "%"),
    ("Worth at the round price", "USD"),
)  # fmt: skip
AS_TYPED = "as typed"
SALE_TITLE = "Why each gets what it gets in a sale"
SALE_NOTE = (
    "Step by step at the price, or the middle of its range. A cap counts every SAFE with a cap as converted, also "
    "where its holder is paid back in the end; a form that leaves these out gives the others somewhat less. A SAFE "
    "with a discount and no cap claims its amount ÷ (1 − discount)."
)
ABOUT_SALE = {waterfall_reasons.EVERYBODY: "All shares"}
VALUATIONS = 5


def tables(x: Any, outputs: Any) -> list[Table]:
    next_round = as_round(x)
    found = [
        Table(title=OTHER_TITLE, note=OTHER_NOTE, columns=OTHER_COLUMNS, rows=tuple(_others(x)),
              words=(FOUNDERS, NEW, PARTS[-1])),
        Table(title=DUE_TITLE, note=DUE_NOTE, columns=DUE_COLUMNS, rows=tuple(_due(x)),
              words=tuple(AT_MATURITY.values())),
        Table(title=ELECTED_TITLE, note=ELECTED_NOTE, columns=ELECTED_COLUMNS, rows=tuple(_elected(x)),
              words=(AS_TYPED,)),
        clause_table(next_round), *reasons(next_round), _sale(x),
    ]  # fmt: skip
    return [table for table in found if table.rows]


def _others(x: Any) -> Iterator[tuple[Any, ...]]:
    places = np.linspace(float(x.lowest), float(x.largest), VALUATIONS)
    found = at_valuations(x, places)
    amounts = {safe.name: float(safe.amount) for safe in safes_of(x)}
    amounts |= {note.name: float(note.owed(x.closing)) for note in notes_of(x)}
    for at, valuation in enumerate(places.tolist()):
        total, price = float(found.total[at]), float(found.price[at])
        lines: list[tuple[str, float | None, float]] = [(FOUNDERS, None, float(x.founders))]
        for name, amount in amounts.items():
            shares = float(found.conversions[name][at]) if name in found.conversions else 0.0
            lines.append((name, amount / shares if shares else None, shares))
        lines += [(NEW, price, float(found.new[at])), (PARTS[-1], None, float(found.reserved[at]))]
        for name, paid, shares in lines:
            yield valuation, name, paid, shares, shares / total, shares * price


def _due(x: Any) -> Iterator[tuple[Any, ...]]:
    for row, name, (owed, shares, part) in zip(x.notes, names_of(x.notes), at_maturity(x), strict=True):
        yield name, str(row.maturity), float(owed), AT_MATURITY[row.at_maturity], float(shares), float(part)


def _elected(x: Any) -> Iterator[tuple[Any, ...]]:
    next_round = as_round(x)
    table, terms = company(next_round), terms_of(next_round)
    for at, safe in enumerate(terms.safes):
        if safe.mfn is None:
            continue
        for label, other in _elections(safe, terms.safes[at + 1 :]):
            changed = replace(terms, safes=(*terms.safes[:at], other, *terms.safes[at + 1 :]))
            same = AS_TYPED if other == safe else ""
            try:
                solution = solve_round(table, changed)
            except Refused:
                yield safe.name, label, same, None, None, None, None
                continue
            shares = solution.conversions[at].shares
            numbers = (solution.conversions[at].price, shares, shares / solution.total, shares * solution.price)
            yield safe.name, label, same, *map(float, numbers)


def _elections(safe: Safe, later: tuple[Safe, ...]) -> Iterator[tuple[str, Safe]]:
    """Everything that the holder may have elected."""
    for way in (Mfn.UNAMENDED, Mfn.BEST_PRICE):
        yield CLAUSES[way], replace(safe, mfn=way, elects=None)
    for each in later:
        if each.mfn is None:
            yield each.name, replace(safe, mfn=Mfn.STATED, elects=each.name)


def _sale(x: Any) -> Table:
    waterfall = sale(x)
    outcome = solve(waterfall, exact(float(x.sale_price)))
    table = why(SALE_TITLE, SALE_NOTE, waterfall_reasons.reasons(waterfall, outcome), ABOUT_SALE)
    return replace(table, words=(*table.words, *NAMES))
