"""From typed terms to the waterfall of the equity engine, and from its payments to the calculator's outputs.

A single price is solved exactly, in rational numbers. Many prices follow the same straight lines in floats: payments
by ``payoffs``, and what a common share gets under other terms by ``per_common_share``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning.equity.payoffs import Breakpoint, Payoffs, breakpoints, payoffs
from portal.planning.equity.waterfall import (
    CARVE_OUT,
    COSTS,
    Common,
    Debt,
    Outcome,
    Preferred,
    Waterfall,
    payout,
    solve,
)
from portal.planning.finance import quotient
from portal.planning.selling.inputs import CAPPED, KINDS, NONE, PREFERRED
from portal.planning.selling.instruments import names, outstanding, owed, ranks_of

Array = NDArray[np.float64]
POINTS = 61  # of a chart, besides the breakpoints
ROUNDING = 1e-11  # of an amount: what a few operations on floats may lose


def exactly(value: Any) -> Fraction:
    """The number as it was typed: 0.1 is one tenth."""
    return Fraction(repr(float(value)))


def waterfall_of(inputs: Any, counted: Collection[str] | None = None) -> Waterfall:
    """The terms, from ``Inputs`` or from resolved numbers; ``counted`` are the SAFEs and notes that caps count.

    Raises:
        Refused: two entries of one name, a cap below the preference, an order that goes round in a circle, or
            SAFEs and notes whose terms do not determine what they get.
    """
    ranks, instruments = ranks_of(inputs), outstanding(inputs, counted)
    rows = zip(inputs.classes, names(inputs.classes), strict=True)
    classes = [_class_of(row, name, ranks.get(name, 1)) for row, name in rows]
    debts = [
        Debt(name=name, claim=exactly(row.claim), rank=int(row.rank))
        for row, name in zip(inputs.debts, names(inputs.debts), strict=True)
    ]
    return Waterfall(
        classes=(*classes, *instruments.safes, *instruments.converted), debts=(*debts, *instruments.debts),
        costs=exactly(inputs.costs), cost_share=exactly(inputs.cost_share), carve_out=exactly(inputs.carve_out),
    )  # fmt: skip


def _class_of(row: Any, name: str, rank: int) -> Common | Preferred:
    if row.kind != PREFERRED:
        return Common(name=name, shares=exactly(row.shares), strike=exactly(row.strike))
    return Preferred(
        name=name, shares=exactly(row.shares), invested=exactly(row.invested), multiple=exactly(row.multiple),
        participating=row.participation != NONE, cap=exactly(row.cap) if row.participation == CAPPED else None,
        dividends=exactly(row.dividends), rank=rank,
    )  # fmt: skip


# A price, and many of them


@lru_cache(maxsize=32)
def lines(waterfall: Waterfall) -> Payoffs:
    """``payoffs``, kept: a simulation asks for the same terms as the single case before it."""
    return payoffs(waterfall)


@lru_cache(maxsize=256)
def at_price(waterfall: Waterfall, price: Fraction) -> Outcome:
    return solve(waterfall, price)


@dataclass(frozen=True, slots=True)
class Paid:
    """Payments by name, each a number or an array of the prices' shape."""

    payments: Mapping[str, Any]
    converts: list[Any]


def paid(waterfall: Waterfall, prices: Any) -> Paid:
    """What is paid at a price, exactly, or at an array of prices."""
    if np.ndim(prices) == 0:
        outcome = at_price(waterfall, exactly(prices))
        payments = {name: float(amount) for name, amount in outcome.payments.items()}
        converts = [
            each.name in outcome.converted if isinstance(each, Preferred) else 0 < each.strike < outcome.per_share
            for each in waterfall.classes
        ]
        return Paid(payments, converts)
    found = lines(waterfall)(prices)
    return Paid(found, [_converted(each, found[each.name]) for each in waterfall.classes])


def _converted(each: Common | Preferred, payments: Array) -> NDArray[np.bool_]:
    """A class that keeps its preference gets at most its limit, and one that converts gets more."""
    if isinstance(each, Common):
        return (payments > 0) & bool(each.strike)
    return np.zeros(payments.shape, dtype=bool) if each.limit is None else payments > float(each.limit)


def per_common_share(waterfall: Waterfall, equity: Any) -> Any:
    """What a common share without a strike gets when ``equity`` is left for all classes."""
    at = np.array([float(paid) for paid in waterfall.paid])
    heights = np.array([float(level) for level in waterfall.levels])
    slope = float(waterfall.slopes[-1])
    return np.interp(equity, at, heights) + np.maximum(equity - at[-1], 0.0) / slope


def as_common(waterfall: Waterfall, *names: str) -> Waterfall:
    """The same with these preferred classes as plain common shares."""
    return Waterfall(
        classes=tuple(
            Common(name=each.name, shares=each.shares) if each.name in names else each for each in waterfall.classes
        ),
        debts=waterfall.debts, costs=waterfall.costs, cost_share=waterfall.cost_share, carve_out=waterfall.carve_out,
    )  # fmt: skip


def gap(without: Any, with_terms: Any) -> Any:
    """How much more is paid without the terms; what floats lose in the subtraction is nothing."""
    more = np.subtract(without, with_terms)
    return np.where(np.abs(more) > ROUNDING * np.abs(without), more, 0.0)


# Breakpoints, and the places of the charts


@lru_cache(maxsize=32)
def bends_of(waterfall: Waterfall) -> tuple[Breakpoint, ...]:
    return breakpoints(waterfall)


def price_places(inputs: Any) -> list[float]:
    """Even steps up to the largest price, and every breakpoint on the way."""
    largest = float(inputs.largest_price)
    kinks = {float(each.exit_value) for each in bends_of(waterfall_of(inputs))}
    return sorted({*np.linspace(0, largest, POINTS).tolist(), *(kink for kink in kinks if kink < largest)})


def _price_for(waterfall: Waterfall, level: Fraction) -> float:
    """The price at which a common share gets ``level``."""
    owed = sum((debt.claim for debt in waterfall.debts), Fraction(0))
    net = owed + payout(waterfall, level) / (1 - waterfall.carve_out)
    return float((net + waterfall.costs) / (1 - waterfall.cost_share))


def _all_convert_at(waterfall: Waterfall) -> float:
    found = [each.converts_above for each in waterfall.preferred if each.convertible]
    return np.inf if None in found else _price_for(waterfall, max([Fraction(0), *(each for each in found if each)]))


# The calculator's outputs


def compute(x: Any) -> dict[str, Any]:
    waterfall, prices = waterfall_of(x), x.exit_value
    found, rows = paid(waterfall, prices), len(x.classes)
    everybody = [found.payments[each.name] for each in waterfall.classes]
    by_class, classes = everybody[:rows], waterfall.classes[:rows]
    shares = np.array([float(each.shares) for each in classes])
    invested = [float(each.invested) if isinstance(each, Preferred) else 0.0 for each in classes]
    carved = found.payments[CARVE_OUT]
    common = next(at for at, each in enumerate(classes) if _is_plain(each))
    per_share = by_class[common] / shares[common]
    equity = sum(everybody)
    own = x.own_shares * per_share + x.own_carve_out * carved
    preferences = float(sum((each.preference for each in waterfall.preferred), Fraction(0)))
    of_kind = [(amount, row.kind) for amount, row in zip(by_class, x.classes, strict=True)]
    totals = {name: _total(prices, [amount for amount, kind in of_kind if kind == name]) for name in KINDS}
    by_shares = x.own_shares * per_common_share(_all_common(waterfall), equity) + x.own_carve_out * carved
    diluted = float(sum(each.shares for each in waterfall.classes if _may_be_shares(each))) + float(x.pool)
    return {
        "own_proceeds": own,
        "own_share": own / prices,
        "own_ownership": x.own_shares / diluted,
        "own_by_shares": by_shares,
        "preference_cost": gap(by_shares, own),
        "common_per_share": per_share,
        "nothing_for_common": per_share <= 0,
        "costs_paid": found.payments[COSTS],
        "debt_paid": _total(prices, [found.payments[each.name] for each in waterfall.debts]),
        "carved_out": carved,
        "for_classes": equity,
        **{f"to_{kind}": amount for kind, amount in totals.items()},
        "debt_claims": float(sum((debt.claim for debt in waterfall.debts), Fraction(0))),
        "preferences": preferences,
        "overhang": preferences / prices,
        "common_starts_at": _price_for(waterfall, Fraction(0)),
        "all_convert_at": _all_convert_at(waterfall),
        "fully_diluted": diluted,
        "class_proceeds": np.stack(by_class),
        "class_per_share": np.stack([amount / each for amount, each in zip(by_class, shares, strict=True)]),
        "class_share": np.stack([amount / prices for amount in by_class]),
        "class_ownership": shares / diluted,
        "class_multiple": np.stack([quotient(amount, put) for amount, put in zip(by_class, invested, strict=True)]),
        "converts": np.stack(found.converts[:rows]),
        "terms_cost": np.stack([_terms_cost(x, waterfall, each, equity, per_share) for each in classes]),
        "debt_proceeds": _each(prices, [found.payments[name] for name in names(x.debts)]),
        **_instruments(x, waterfall, found),
        **_by_price(x, waterfall, common),
    }


def _total(prices: Any, amounts: list[Any]) -> Any:
    return sum(amounts, np.zeros_like(prices))


def _each(prices: Any, amounts: list[Any]) -> Any:
    """Shape (rows, draws); of no rows (0, draws)."""
    return np.stack(amounts) if amounts else np.zeros((0, *np.shape(prices)))


def _instruments(x: Any, waterfall: Waterfall, found: Paid) -> dict[str, Any]:
    """What SAFEs and notes get; the notes that convert are shares, the others debts."""
    prices, by_name = x.exit_value, {each.name: each for each in waterfall.classes}
    converts = {each.name: took for each, took in zip(waterfall.classes, found.converts, strict=True)}
    safes, notes = names(x.safes), names(x.notes)
    shares = [float(by_name[name].shares) if _may_be_shares(by_name[name]) else 0.0 for name in safes]
    note_shares = [float(by_name[name].shares) if name in by_name else 0.0 for name in notes]
    gets = [found.payments[name] for name in safes]
    return {
        "to_safes": _total(prices, gets),
        "to_notes": _total(prices, [found.payments[name] for name in notes if name in by_name]),
        "safe_gets": _each(prices, gets),
        "safe_multiple": _each(prices, [got / row.amount for got, row in zip(gets, x.safes, strict=True)]),
        "safe_shares": np.array(shares),
        "safe_converts": _each(prices, [converts[name] for name in safes]).astype(bool),
        "note_owed": np.array(owed(x)),
        "note_gets": _each(prices, [found.payments[name] for name in notes]),
        "note_shares": np.array(note_shares),
    }


def _is_plain(each: Common | Preferred) -> bool:
    return isinstance(each, Common) and not each.strike


def _may_be_shares(each: Common | Preferred) -> bool:
    """A SAFE without a cap never becomes shares in a sale."""
    return isinstance(each, Common) or each.convertible


def _all_common(waterfall: Waterfall) -> Waterfall:
    return as_common(waterfall, *(each.name for each in waterfall.preferred if each.convertible))


def _terms_cost(x: Any, waterfall: Waterfall, each: Common | Preferred, equity: Any, per_share: Any) -> Any:
    if isinstance(each, Common):
        return np.zeros_like(equity)
    return x.own_shares * gap(per_common_share(as_common(waterfall, each.name), equity), per_share)


def holders(inputs: Any) -> list[str]:
    """Classes, SAFEs and notes, by name."""
    return names(inputs.classes) + names(inputs.safes) + names(inputs.notes)


def _by_price(x: Any, waterfall: Waterfall, common: int) -> dict[str, Any]:
    """Along the axis of prices, whatever the price of this case is."""
    payments = lines(waterfall)(price_places(x))
    mine, plain = x.own_carve_out * payments[CARVE_OUT], waterfall.classes[common]
    equity = np.sum([payments[each.name] for each in waterfall.classes], axis=0)
    return {
        "proceeds_by_price": np.stack([payments[name] for name in holders(x)]),
        "own_by_price": x.own_shares * payments[plain.name] / float(plain.shares) + mine,
        "own_by_shares_by_price": x.own_shares * per_common_share(_all_common(waterfall), equity) + mine,
    }
