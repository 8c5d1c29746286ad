"""The contract terms one by one: what changes for whom if this term alone were another. Exactly, at one price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from portal.planning.calculator import Table
from portal.planning.equity.waterfall import CARVE_OUT, Outcome, Preferred, Waterfall
from portal.planning.selling.calculation import at_price, bends_of, exactly, names, waterfall_of
from portal.planning.selling.inputs import COMMON

NOT_PARTICIPATING = "Without participation."
PARTICIPATING = "With full participation."
CAPPED_AT_3 = "With participation up to 3×."
WITHOUT_CAP = "With participation without a cap."
ONCE = "With a preference of 1×."
TWICE = "With a preference of 2×."
NO_DIVIDENDS = "Without unpaid dividends."
SAME_RANK = "All preferences of one rank."
LAST_FIRST = "The last preferred row is paid first, then the one above it."
NO_CARVE_OUT = "Without the carve-out."

HAPPENS = {
    "costs paid": "The fixed costs are paid in full.",
    "debt paid": "Paid back in full.",
    "preference paid": "Its preference is paid in full.",
    "exercised": "It pays to exercise them.",
    "cap reached": "Its participation reaches the cap.",
    "converts": "It pays to convert.",
}
TERMS_SAID = (
    NOT_PARTICIPATING, PARTICIPATING, CAPPED_AT_3, WITHOUT_CAP, ONCE, TWICE, NO_DIVIDENDS, SAME_RANK, LAST_FIRST,
    NO_CARVE_OUT, *HAPPENS.values(),
)  # fmt: skip

TERMS_TITLE = "What each contract term moves"
TERMS_NOTE = "At the price, or the middle of its range: each term alone as it says, and all others as they are."
TERMS_COLUMNS = (
    ("Term instead", ""), ("Class", ""), ("You would get", "USD"), ("Change for you", "USD"),
    ("Change for all common", "USD"), ("Change for the class", "USD"),
)  # fmt: skip
BENDS_TITLE = "Breakpoints"
BENDS_NOTE = "Prices at which somebody's part of the next dollar changes."
BENDS_COLUMNS = (("From here on", ""), ("Class or debt", ""), ("Price of the company", "USD"))
CAP = Fraction(3)


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    waterfall = waterfall_of(x)
    return [
        Table(title=TERMS_TITLE, note=TERMS_NOTE, columns=TERMS_COLUMNS, rows=tuple(_moved(x, waterfall))),
        Table(title=BENDS_TITLE, note=BENDS_NOTE, columns=BENDS_COLUMNS, rows=tuple(_bends(waterfall))),
    ]


def _bends(waterfall: Waterfall) -> Iterator[tuple[Any, ...]]:
    for each in bends_of(waterfall):
        for kind, name in each.causes:
            yield HAPPENS[kind], "" if kind == "costs paid" else name, float(each.exit_value)


def _moved(x: Any, waterfall: Waterfall) -> Iterator[tuple[Any, ...]]:
    price = exactly(x.exit_value)
    now = at_price(waterfall, price)
    mine = _own(x, now)
    for name, term, other in switched(waterfall):
        then = at_price(other, price)
        own = _own(x, then)
        change = then.payments[name] - now.payments[name] if name else None
        common = _to_common(x, then) - _to_common(x, now)
        yield term, name, float(own), float(own - mine), float(common), "" if change is None else float(change)


def _own(x: Any, outcome: Outcome) -> Fraction:
    shares, part = exactly(x.own_shares), exactly(x.own_carve_out)
    return shares * outcome.per_share + part * outcome.payments[CARVE_OUT]


def _to_common(x: Any, outcome: Outcome) -> Fraction:
    common = [name for row, name in zip(x.classes, names(x.classes), strict=True) if row.kind == COMMON]
    return sum((outcome.payments[name] for name in common), Fraction(0))


def switched(waterfall: Waterfall) -> Iterator[tuple[str, str, Waterfall]]:
    """``(class, what its term is instead, the waterfall then)``; of terms of all classes the name is empty."""
    for each in waterfall.preferred:
        for term, other in _terms(each):
            yield each.name, term, _with(waterfall, {each.name: other})
    found = waterfall.preferred
    orders = {SAME_RANK: [1] * len(found), LAST_FIRST: list(range(len(found), 0, -1))}
    ranks = [each.rank for each in found]
    for term, order in orders.items():
        if len(found) > 1 and not _same_order(ranks, order):
            yield "", term, _with(waterfall, {
                each.name: replace(each, rank=rank) for each, rank in zip(found, order, strict=True)
            })  # fmt: skip
    if waterfall.carve_out:
        yield "", NO_CARVE_OUT, replace(waterfall, carve_out=Fraction(0))


def _same_order(ranks: list[int], others: list[int]) -> bool:
    def order(given: list[int]) -> list[int]:
        places = sorted(set(given))
        return [places.index(rank) for rank in given]

    return order(ranks) == order(others)


def _with(waterfall: Waterfall, changed: Mapping[str, Preferred]) -> Waterfall:
    return replace(waterfall, classes=tuple(changed.get(each.name, each) for each in waterfall.classes))


def _terms(each: Preferred) -> Iterator[tuple[str, Preferred]]:
    """Every single change of its terms that a negotiation may bring, and that is possible with the others."""
    if each.participating:
        yield NOT_PARTICIPATING, replace(each, participating=False, cap=None)
    else:
        yield PARTICIPATING, replace(each, participating=True)
    if each.participating and each.cap is None and CAP * each.invested >= each.preference:
        yield CAPPED_AT_3, replace(each, cap=CAP)
    if each.cap is not None:
        yield WITHOUT_CAP, replace(each, cap=None)
    term, multiple = (TWICE, Fraction(2)) if each.multiple == 1 else (ONCE, Fraction(1))
    if each.cap is None or each.cap * each.invested >= multiple * each.invested + each.dividends:
        yield term, replace(each, multiple=multiple)
    if each.dividends:
        yield NO_DIVIDENDS, replace(each, dividends=Fraction(0))
