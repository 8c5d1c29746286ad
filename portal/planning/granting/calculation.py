"""The pool that a hiring plan needs, over draws: what is granted when, the round that makes the pool, the expense."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from mlcore.reading import Invalid, Problem
from portal.planning.equity.draws import Draws, many_rounds
from portal.planning.equity.money import Refused, exact, percent
from portal.planning.equity.option_pricing import call_value
from portal.planning.equity.table import CapTable, Position
from portal.planning.equity.terms import Basis, Counting, Investor, PoolTarget, Pricing, RoundTerms
from portal.planning.finance import Array, draw_count, settled
from portal.planning.granting.grants import Sum, come_back, part_each, sums
from portal.planning.granting.schedule import YEAR
from portal.planning.granting.sizing import Sized, shared_total, size

TARGETS = tuple(point / 100 for point in range(0, 31, 3))


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    try:
        results = _results(x)
    except Refused as refused:
        field = refused.where if refused.where in ("hires", "asked") else "pre_money"
        raise Invalid({field: [refused.problem]}) from None
    return {name: settled(value, draws) for name, value in results.items()}


def _results(x: Any) -> dict[str, Array]:
    found = sums(x)
    used = found["granted"] * (1 + np.atleast_1d(x.buffer)) + come_back(x, found) * -1.0
    held = float(x.founders_shares + x.other_shares + x.granted)
    post = np.atleast_1d(x.pre_money + x.new_money)
    sold = np.atleast_1d(x.new_money) / post
    sized = size(used.part, used.fixed, held, float(x.pool_now), sold)
    return {
        **_round(x, sized, held, post, sold),
        **_asked(x, sized, post, used),
        **_plan(x, found, sized, post),
        **_by_row(x, sized.total, post),
        **_by_target(x),
    }


# What it does


def _round(x: Any, sized: Sized, held: float, post: Array, sold: Array) -> dict[str, Array]:
    founders, before = float(x.founders_shares), np.array([held + x.pool_now])
    share = sized.needed / sized.total
    unchanged = before / (1 - sold)  # all shares after a round that adds nothing to the pool
    price, price_without = post / sized.total, post / unchanged
    everybody = shared_total(
        sized.pool / sized.total, held, float(x.pool_now), np.atleast_1d(x.new_money / x.pre_money)
    )
    return {
        "total": sized.total,
        "total_before": before,
        "new_shares": sized.total * sold,
        "price": price,
        "price_without": price_without,
        "post_money": post,
        "effective_pre_money": price * before,
        "pool_needed": sized.needed,
        "pool_share": share,
        "pool_share_before": sized.needed / (sized.total * (1 - sold)),
        "pool_after": sized.pool,
        "topup": sized.pool - x.pool_now,
        "founders_before": founders / before,
        "founders_without": founders / unchanged,
        "founders_after": founders / sized.total,
        "founders_shared": founders / everybody,
        "pool_costs": founders / unchanged - founders / sized.total,
        "pool_costs_value": founders * (price_without - price),
        "not_pool": np.array([held]),
        "point_founders": np.array([founders / held]),
        "point_price": post / held / 100,
        "point_pre_money": post / held * before / 100,
    }


def _asked(x: Any, sized: Sized, post: Array, used: Sum) -> dict[str, Array]:
    sold = np.atleast_1d(x.new_money) / post
    if np.any(sold + x.asked >= 1):
        problem = Problem(
            "The pool that is asked for and the new money take the whole company: {asked} and {sold}. Put in less.",
            {"asked": percent(exact(float(x.asked))), "sold": percent(exact(float(sold.max())))},
        )
        raise Refused(problem, "asked")
    found = _with_target(x, exact(float(x.asked)))
    founders, price = float(x.founders_shares), post / sized.total
    return {
        "founders_asked": founders / found.total,
        "price_asked": found.price,
        "pool_asked": found.reserved,
        "asked_costs": founders / sized.total - founders / found.total,
        "asked_costs_value": founders * (price - found.price),
        "asked_enough": found.reserved >= used.shares(found.total).max(axis=0),
    }


def _with_target(x: Any, share: Fraction) -> Draws:
    """The round with a pool of so large a part, by the engine.

    Raises:
        Refused: pool and new money take the whole company.
    """
    table = CapTable(
        positions=(
            Position(holder="founders", security="founders", quantity=Fraction(x.founders_shares)),
            Position(holder="others", security="others", quantity=Fraction(x.other_shares + x.granted)),
        ),
        reserved=Fraction(x.pool_now),
    )
    money, value = (exact(float(np.ravel(given)[0])) for given in (x.new_money, x.pre_money))
    terms = RoundTerms(
        series="round", closing=x.first_month, pre_money=value, investors=(Investor(name="new", amount=money),),
        pricing=Pricing.PERCENTAGE_OWNERSHIP,
        pool=PoolTarget(share=share, counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY),
    )  # fmt: skip
    return many_rounds(table, terms, np.atleast_1d(x.pre_money), np.atleast_1d(x.new_money))


def _by_target(x: Any) -> dict[str, Array]:
    """Founders and price at every target of the axis; infinite where the target leaves no round."""
    founders, prices = [], []
    for target in TARGETS:
        try:
            found = _with_target(x, exact(target))
        except Refused:
            undetermined = np.full(1, np.inf)
            founders.append(undetermined)
            prices.append(undetermined)
        else:
            founders.append(x.founders_shares / found.total)
            prices.append(found.price)
    return {"founders_by_target": _stacked(founders), "price_by_target": _stacked(prices)}


def _stacked(values: list[Array]) -> Array:
    return np.stack(np.broadcast_arrays(*values)) if values else np.zeros((0, 1))


def _plan(x: Any, found: dict[str, Sum], sized: Sized, post: Array) -> dict[str, Array]:
    total = sized.total
    granted, forfeited, lapsed, vested = (
        found[name].shares(total) for name in ("granted", "forfeited", "lapsed", "vested")
    )
    back = come_back(x, found).shares(total)
    first = sum((_joined(x, row) * row.people * part_each(x, row) for row in x.hires), np.zeros(1)) * total
    option = _option(x, post / total)
    earned = found["earned"].shares(total) * option
    expense = np.diff(earned, axis=0, prepend=np.zeros((1, earned.shape[1])))
    promised = np.array([float(x.promised)])
    return {
        "to_hires": first,
        "to_promised": promised,
        "to_refresh": granted[-1] - first - promised,
        "kept_free": granted[-1] * x.buffer,
        "come_back": back[-1],
        "available_by_month": sized.pool - granted + back,
        "granted_by_month": granted,
        "vested_by_month": vested,
        "forfeited_by_month": forfeited,
        "lapsed_by_month": lapsed,
        "option_value": option,
        "strike": post / total * x.common_part,
        "grant_value": option * granted[-1],
        "expense_year": expense[:YEAR].sum(axis=0),
        "expense_by_month": expense,
    }


def _joined(x: Any, row: Any) -> Array:
    """1 where the people of a row join within the horizon, else 0."""
    return np.where(np.atleast_1d(row.month) <= x.horizon, 1.0, 0.0)


def _option(x: Any, price: Array) -> Array:
    """What an option at the value of a common share is worth when it is granted (Black and Scholes)."""
    common = price * x.common_part
    life = np.atleast_1d(x.option_life)
    return np.asarray(call_value(common, common, np.atleast_1d(x.volatility), life, np.atleast_1d(x.risk_free)))


def _by_row(x: Any, total: Array, post: Array) -> dict[str, Array]:
    parts = [part_each(x, row) for row in x.hires]
    return {
        "part_each": _stacked(parts),
        "shares_each": _stacked([part * total for part in parts]),
        "worth_each": _stacked([part * post for part in parts]),
        "row_shares": _stacked([row.people * part * total for row, part in zip(x.hires, parts, strict=True)]),
    }
