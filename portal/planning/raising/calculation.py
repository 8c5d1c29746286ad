"""A round in numbers: exactly for a single case, in floats for draws, with what each cause and each switch moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.reading import Problem
from portal.planning.equity.draws import Draws, many_rounds
from portal.planning.equity.money import Refused, percent
from portal.planning.equity.round import solve_round
from portal.planning.equity.safes import converting
from portal.planning.equity.table import CapTable, Kind
from portal.planning.equity.terms import RoundTerms
from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.raising.instruments import name_of, typed
from portal.planning.raising.switches import SWITCHES, switched
from portal.planning.raising.terms import company, invalid, terms_of

NEAR = 1e-9  # relative difference below which two prices are one


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    try:
        table, terms = company(x), terms_of(x)
        found = solved(x, table, terms, draws)
        results = {
            **shares_of(x, table, found),
            **_holders(x, table, found),
            **instruments_of(x, terms, found),
            **_switches(x, table, terms, found, draws),
            "overhang": overhang(terms, found.shares),
        }
    except Refused as refused:
        raise invalid(refused, x) from None
    return {name: settled(value, draws) for name, value in results.items()}


@dataclass(frozen=True, slots=True)
class Solved:
    """A round in floats of shape (1,) or (draws,), and what each buyer gets of the new shares."""

    shares: Draws
    investors: list[Array]
    holders: list[Array]
    letters: dict[str, Array]


def solved(x: Any, table: CapTable, terms: RoundTerms, draws: int | None) -> Solved:
    """The round of ``terms`` at the valuation and new money of ``x``: exact where they are single numbers.

    Raises:
        Refused: as the engine, or pro-rata rights that take the whole round.
    """
    shares = _exactly(table, terms) if draws is None else _drawn(x, table, terms)
    return bought(x, table, terms, shares)


def _exactly(table: CapTable, terms: RoundTerms) -> Draws:
    solution = solve_round(table, terms)

    def single(value: Any) -> Array:
        return np.array([float(value)])

    return Draws(
        total=single(solution.total), price=single(solution.price), new=single(terms.new_money / solution.price),
        reserved=single(solution.reserved),
        conversions={each.name: single(each.shares) for each in solution.conversions},
    )  # fmt: skip


def _drawn(x: Any, table: CapTable, terms: RoundTerms) -> Draws:
    grown = float(terms.new_money / typed(x.new_money))  # by pro-rata rights that enlarge the round
    return many_rounds(table, terms, x.pre_money, np.multiply(x.new_money, grown))


def bought(x: Any, table: CapTable, terms: RoundTerms, shares: Draws) -> Solved:
    everything = float(table.fully_diluted) + sum(shares.conversions.values(), np.zeros(1))
    letters = {safe.name: shares.conversions[safe.name] / everything for safe in terms.safes if safe.pro_rata}
    stated = {each.holder: float(each.share) for each in terms.pro_rata}
    taken = sum(letters.values(), np.zeros(1)) + sum(stated.values())
    if np.any(taken >= 1):
        problem = Problem("The pro-rata rights take {stated} of the round: wanted less than all of it.",
                          {"stated": percent(typed(taken.max()))})  # fmt: skip
        raise Refused(problem, "pro_rata")
    # Where rights enlarge the round, its size has grown so much that the others' amounts are the same part of it.
    parts = [float(each.amount / sum(one.amount for one in terms.investors)) for each in terms.investors]
    return Solved(
        shares=shares,
        investors=[shares.new * (1 - taken) * part for part in parts],
        holders=[shares.new * stated.get(name_of(row, at), 0.0) for at, row in enumerate(x.holders)],
        letters={name: shares.new * part for name, part in letters.items()},
    )


def shares_of(x: Any, table: CapTable, found: Solved) -> dict[str, Array]:
    shares, before = found.shares, float(table.fully_diluted)
    zero = np.zeros_like(shares.total)
    safes = sum((shares.conversions[name_of(row, at)] for at, row in enumerate(x.safes)), zero)
    # A note that stays a debt has no shares.
    notes = sum((shares.conversions.get(name_of(row, at), zero) for at, row in enumerate(x.notes)), zero)
    increase = shares.reserved - float(table.reserved + table.topup)
    owned, bought = founders(x, found)
    founders_before = np.array([owned / before])
    after = (owned + bought) / shares.total
    lost = {
        "lost_to_new_money": founders_before * shares.new / shares.total - bought / shares.total,
        "lost_to_safes": founders_before * safes / shares.total,
        "lost_to_notes": founders_before * notes / shares.total,
        "lost_to_pool": founders_before * increase / shares.total,
    }
    others = float(table.shares + table.granted) - owned
    rights = sum(found.holders, zero) - bought
    return {
        "price": shares.price,
        "total": shares.total,
        "total_before": np.array([before]),
        "new_shares": shares.new,
        "safe_shares": safes,
        "note_shares": notes,
        "pool_increase": increase,
        "pool_after": shares.reserved,
        "pool_share": shares.reserved / shares.total,
        "new_share": shares.new / shares.total,
        "converted_share": (safes + notes) / shares.total,
        "post_money": shares.price * shares.total,
        "effective_pre_money": shares.price * before,
        "founders_shares": np.array([owned]),
        "founders_bought": bought,
        "founders_before": founders_before,
        "founders_after": after,
        "founders_lost": founders_before - after,
        "founders_value": shares.price * (owned + bought),
        **lost,
        "part_after": stacked(
            [after, (others + rights) / shares.total, safes / shares.total, notes / shares.total,
             (shares.new - bought - rights) / shares.total, shares.reserved / shares.total]
        ),
    }  # fmt: skip


def founders(x: Any, found: Solved) -> tuple[float, Array]:
    """Founders' shares before the round, and what they buy in it."""
    ours = [(float(row.shares), bought) for row, bought in zip(x.holders, found.holders, strict=True) if row.founder]
    zero = np.zeros_like(found.shares.total)
    return sum(owned for owned, _ in ours), sum((bought for _, bought in ours), zero)


def _holders(x: Any, table: CapTable, found: Solved) -> dict[str, Array]:
    shares, before = found.shares, float(table.fully_diluted)
    owned = [float(row.shares) for row in x.holders]
    after = [one + bought for one, bought in zip(owned, found.holders, strict=True)]
    price = np.minimum(shares.price, _cheapest(x, found))
    protected = [row.protected_price for row in x.holders if row.kind == Kind.PREFERRED]
    return {
        "held_before": np.array([[one / before] for one in owned]),
        "held_after": stacked([one / shares.total for one in after]),
        "held_value": stacked([one * shares.price for one in after]),
        "adjusts": np.any([price < one for one in [0.0, *protected]], axis=0),
    }


def _cheapest(x: Any, found: Solved) -> Array:
    """The lowest price at which anything converts."""
    amounts, conversions = _amounts(terms_of(x)), found.shares.conversions
    return np.minimum.reduce([found.shares.price, *(quotient(amounts[name], one) for name, one in conversions.items())])


def _amounts(terms: RoundTerms) -> dict[str, float]:
    """What each instrument brings if it converts."""
    owed = {note.name: float(note.owed(terms.closing)) for note in terms.notes}
    return {safe.name: float(safe.amount) for safe in terms.safes} | owed


def _discounts(terms: RoundTerms) -> dict[str, float]:
    """The largest that an instrument may take."""
    notes = {note.name: float(note.discount) for note in terms.notes}
    return notes | {each.name: max(float(one.discount) for one in each.terms) for each in converting(terms.safes)}


def instruments_of(x: Any, terms: RoundTerms, found: Solved) -> dict[str, Array]:
    """What each SAFE, note and investor gets, and whether cap or discount decides."""
    shares = found.shares
    amounts, discounts = _amounts(terms), _discounts(terms)
    zero = np.zeros_like(shares.total)
    results: dict[str, Array] = {}
    for kind, rows in (("safe", x.safes), ("note", x.notes)):
        names = [name_of(row, at) for at, row in enumerate(rows)]
        converted = [shares.conversions.get(name, zero) for name in names]
        prices = [quotient(amounts[name], each) for name, each in zip(names, converted, strict=True)]
        floor = [shares.price * (1 - discounts[name]) for name in names]
        at_cap = [price < least * (1 - NEAR) for price, least in zip(prices, floor, strict=True)]
        below = [(price < shares.price * (1 - NEAR)) & ~cap for price, cap in zip(prices, at_cap, strict=True)]
        results |= {
            f"{kind}_converts": stacked(converted, shares.total),
            f"{kind}_price": stacked(prices, shares.total),
            f"{kind}_part": stacked([each / shares.total for each in converted], shares.total),
            f"{kind}_value": stacked([each * shares.price for each in converted], shares.total),
            f"{kind}_at_cap": stacked(at_cap, shares.total).astype(bool),
            f"{kind}_at_discount": stacked(below, shares.total).astype(bool),
        }
    results["note_owed"] = np.array([[amounts[name_of(row, at)]] for at, row in enumerate(x.notes)]).reshape(-1, 1)
    results["investor_shares"] = stacked(found.investors)
    results["investor_part"] = stacked([each / shares.total for each in found.investors])
    results["investor_paid"] = stacked([each * shares.price for each in found.investors])
    return results


def overhang(terms: RoundTerms, shares: Draws) -> Array:
    """What the preferences of all that converts are above what was paid for it."""
    if terms.shadow_series:
        return np.zeros(1)
    amounts = _amounts(terms)
    more = [shares.price * one - amounts[name] * (one > 0) for name, one in shares.conversions.items()]
    return np.maximum(sum(more, np.zeros_like(shares.price)), 0.0)


def _switches(x: Any, table: CapTable, terms: RoundTerms, found: Solved, draws: int | None) -> dict[str, Array]:
    """Founders' part and money with each switch, less what they are; infinite where no round is determined then."""
    part, money = _stake(x, found)
    points, dollars = [], []
    for switch in SWITCHES:
        other = switched(terms, switch)
        try:
            then = (part, money) if other == terms else _stake(x, solved(x, table, other, draws))
        except Refused:
            then = np.full_like(part, np.inf), np.full_like(part, np.inf)
        points.append(100 * (then[0] - part))
        dollars.append(then[1] - money)
    return {"switch_points": stacked(points), "switch_dollars": stacked(dollars)}


def _stake(x: Any, found: Solved) -> tuple[Array, Array]:
    owned, bought = founders(x, found)
    return (owned + bought) / found.shares.total, (owned + bought) * found.shares.price


def stacked(values: list[Any], like: Array | None = None) -> Any:
    """Shape (values, draws); of no values (0, draws of ``like``)."""
    if not values:
        return np.zeros((0, 1 if like is None else like.size))
    return np.stack(np.broadcast_arrays(*values))
