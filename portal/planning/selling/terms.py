"""The contract terms one by one: what changes for whom if this term alone were another. Exactly, at one price."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from portal.planning.calculator import Table
from portal.planning.equity import reasons
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import ExitElection
from portal.planning.equity.waterfall import CARVE_OUT, COSTS, Outcome, Preferred, Waterfall
from portal.planning.raising.instruments import POST, PRE
from portal.planning.raising.whole import why
from portal.planning.selling.calculation import at_price, bends_of, exactly, waterfall_of
from portal.planning.selling.inputs import COMMON
from portal.planning.selling.instruments import names

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
NO_CAP = "Without its cap."
POST_FORM = "With a post-money cap."
PRE_FORM = "With a pre-money cap."
PAID_BACK = "Paid back with interest."
DOUBLED = "Twice its principal, and interest."
AT_ITS_CAP = "Converting at its cap."
COUNTED = "Caps leave out SAFEs whose holders are paid back."

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
    NO_CARVE_OUT, NO_CAP, POST_FORM, PRE_FORM, PAID_BACK, DOUBLED, AT_ITS_CAP, COUNTED, *HAPPENS.values(),
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
WHY_TITLE = "Why each gets what it gets"
WHY_NOTE = (
    "Step by step at the price, or the middle of its range. No class gains by choosing otherwise while the others keep "
    "their choice."
)
ABOUT = {reasons.EVERYBODY: "All classes", COSTS: "Costs", CARVE_OUT: "Carve-out"}


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    waterfall = waterfall_of(x)
    return [
        Table(title=TERMS_TITLE, note=TERMS_NOTE, columns=TERMS_COLUMNS, rows=tuple(_moved(x, waterfall))),
        Table(title=BENDS_TITLE, note=BENDS_NOTE, columns=BENDS_COLUMNS, rows=tuple(_bends(waterfall))),
        why(WHY_TITLE, WHY_NOTE, reasons.reasons(waterfall, at_price(waterfall, exactly(x.exit_value))), ABOUT),
    ]


def _bends(waterfall: Waterfall) -> Iterator[tuple[Any, ...]]:
    for each in bends_of(waterfall):
        for kind, name in each.causes:
            yield HAPPENS[kind], "" if kind == "costs paid" else name, float(each.exit_value)


def _moved(x: Any, waterfall: Waterfall) -> Iterator[tuple[Any, ...]]:
    price = exactly(x.exit_value)
    now = at_price(waterfall, price)
    mine = _own(x, now)
    named = set(names(x.classes))
    for name, term, other in (*switched(waterfall, named), *_of_instruments(x), *_counted(x, waterfall, price)):
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


def switched(waterfall: Waterfall, classes: Collection[str]) -> Iterator[tuple[str, str, Waterfall]]:
    """``(class, what its term is instead, the waterfall then)``; of terms of all classes the name is empty.

    ``classes`` are the names of preferred shares: SAFEs beside them have other terms.
    """
    found = [each for each in waterfall.preferred if each.name in classes]
    for each in found:
        for term, other in _terms(each):
            yield each.name, term, _with(waterfall, {each.name: other})
    orders = {SAME_RANK: [1] * len(found), LAST_FIRST: list(range(len(found), 0, -1))}
    ranks = [each.rank for each in found]
    for term, order in orders.items():
        if len(found) > 1 and not _same_order(ranks, order):
            yield "", term, _with(waterfall, {
                each.name: replace(each, rank=rank) for each, rank in zip(found, order, strict=True)
            })  # fmt: skip
    if waterfall.carve_out:
        yield "", NO_CARVE_OUT, replace(waterfall, carve_out=Fraction(0))


def _of_instruments(x: Any) -> Iterator[tuple[str, str, Waterfall]]:
    """Other terms of SAFEs and notes; those that leave no answer are left out."""
    changes: list[tuple[str, str, str, int, dict[str, Any]]] = []
    for at, (row, name) in enumerate(zip(x.safes, names(x.safes), strict=True)):
        if row.cap:
            form, term = (PRE, PRE_FORM) if row.form == POST else (POST, POST_FORM)
            changes += [("safes", name, term, at, {"form": form}), ("safes", name, NO_CAP, at, {"cap": 0.0})]
    for at, (row, name) in enumerate(zip(x.notes, names(x.notes), strict=True)):
        others = {ExitElection.REPAY: (PAID_BACK, 0.0), ExitElection.MULTIPLE: (DOUBLED, 2.0),
                  ExitElection.CONVERT: (AT_ITS_CAP, 0.0)}  # fmt: skip
        changes += [
            ("notes", name, term, at, {"at_sale": way.value, "multiple": multiple})
            for way, (term, multiple) in others.items()
            if way != row.at_sale
        ]
    for table, name, term, at, change in changes:
        rows = list(getattr(x, table))
        rows[at] = SimpleNamespace(**{**vars(rows[at]), **change})
        try:
            yield name, term, waterfall_of(SimpleNamespace(**{**vars(x), table: tuple(rows)}))
        except Refused:
            continue


def _counted(x: Any, waterfall: Waterfall, price: Fraction) -> Iterator[tuple[str, str, Waterfall]]:
    """The waterfall whose caps count exactly the SAFEs that then take shares, where that is another one."""
    safes = set(names(x.safes))
    counted, seen = frozenset(safes), set[frozenset[str]]()
    while counted not in seen:
        seen.add(counted)
        other = waterfall_of(x, {*counted, *names(x.notes)})
        took = at_price(other, price).converted & safes
        if took == counted:
            if other != waterfall:
                yield "", COUNTED, other
            return
        counted = frozenset(took)


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
