"""The raise plan over draws: three ways to pay for the same milestones, and what must be true for the planned one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mlcore.reading import Invalid
from portal.planning.calendar import to_month
from portal.planning.equity.money import Refused
from portal.planning.equity.safes import Safe
from portal.planning.finance import Array, draw_count, first_below_zero, running_lows, settled
from portal.planning.milestones.inputs import TYPED
from portal.planning.milestones.owning import Parts, after_round, as_if_converted, bridge_of, needed_value, safes_of
from portal.planning.milestones.timeline import Funding, Way, alone, at, funded, way, worked

YEAR = 12  # months
ROUNDING = 1.0  # dollars below zero that are the rounding of a sum, not a missing month


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    try:
        results = _results(x)
    except Refused as refused:
        field = "rounds" if refused.where == "rounds" else "value_now"
        raise Invalid({field: [refused.problem]}) from None
    return {name: settled(value, draws) for name, value in results.items()}


def _results(x: Any) -> dict[str, Any]:
    base = alone(x)
    values = _values(x)
    planned = _planned(x, base, values)
    # All ways pay until the same day, so that what they raise can be compared.
    whole, bridged = _whole(x, base, planned.until), _bridged(x, base, values, planned.until)
    parts = _priced(x, planned, safes_of(x))
    founders = [
        _at_end(x, parts, safes_of(x), values[-1]),
        _at_end(x, _priced(x, whole, safes_of(x)), safes_of(x), values[-1]),
        _at_end(x, _priced(x, bridged, bridge_of(x), first=1), bridge_of(x), values[-1]),
    ]
    return {
        **_timing(x, base, planned),
        **_first(x, planned, parts, founders[0]),
        **_rounds(x, planned, parts),
        **_milestones(x, planned, values),
        **_ways(x, base, (planned, whole, bridged), founders, values[-1]),
    }


# Ways to raise


def _values(x: Any) -> list[Array]:
    """The pre-money that is supported now and after each milestone: that of the last one that was reached."""
    values = [np.atleast_1d(x.value_now)]
    for one in x.milestones:
        values.append(np.where(np.atleast_1d(one.reached) > 0, np.atleast_1d(one.value), values[-1]))
    return values


def _closing(x: Any) -> Array:
    return np.atleast_1d(x.starts_in + x.months_to_raise)


def _planned(x: Any, base: Array, values: list[Array]) -> Way:
    first = _closing(x)
    ends, spent = worked(x, first)
    closes = [first if row.after == 0 else ends[row.after - 1] + x.months_to_raise for row in x.rounds]
    end = np.maximum(np.maximum(ends[-1], closes[-1]) + x.keep, closes[-1] + x.reserve)
    until = [when + x.reserve for when in closes[1:]] + [end]
    funding = [
        Funding(closes=when, until=np.atleast_1d(last), value=values[row.after], pool=float(row.pool))
        for row, when, last in zip(x.rounds, closes, until, strict=True)
    ]
    if x.size_by == TYPED:
        funding[0] = replace(funding[0], fixed=np.atleast_1d(x.amount_typed))
    return way(x, base - spent, ends, funding)


def _whole(x: Any, base: Array, until: Array) -> Way:
    """One round now that pays for everything."""
    first = _closing(x)
    ends, spent = worked(x, first)
    only = Funding(closes=first, until=until, value=np.atleast_1d(x.value_now), pool=float(x.rounds[0].pool))
    return way(x, base - spent, ends, [only])


def _bridged(x: Any, base: Array, values: list[Array], until: Array) -> Way:
    """A SAFE now, and a round after the first milestone that pays for the rest."""
    first = np.atleast_1d(x.starts_in + x.bridge_months)
    ends, spent = worked(x, first)
    closes = ends[0] + x.months_to_raise
    pool = float(x.rounds[0].pool)
    safe = Funding(closes=first, until=closes, value=values[0], pool=0.0, fixed=np.atleast_1d(x.bridge))
    rest = Funding(closes=closes, until=np.maximum(until, closes + x.reserve), value=values[1], pool=pool)
    return way(x, base - spent, ends, [safe, rest])


def _priced(x: Any, found: Way, safes: tuple[Safe, ...], *, first: int = 0) -> list[Parts]:
    """What each round from the ``first`` on leaves to whom; SAFEs convert in the first in which money is raised."""
    waiting = np.full(1, bool(safes))
    parts = []
    for each, amount in list(zip(found.funding, found.amounts, strict=True))[first:]:
        parts.append(after_round(x, each.value, amount, each.pool, safes, waiting))
        waiting = waiting & (amount <= 0)
    return parts


# What they come to


def _founders(x: Any, parts: list[Parts]) -> list[Array]:
    """The founders' part after each round."""
    held, after = np.atleast_1d(x.founders_now), []
    for each in parts:
        held = held * each.kept
        after.append(held)
    return after


def _at_end(x: Any, parts: list[Parts], safes: tuple[Safe, ...], value: Array) -> Array:
    """The founders' part after all rounds, and as if SAFEs that none of them converted did so at ``value``."""
    waiting = ~np.any(np.broadcast_arrays(*(each.converts for each in parts)), axis=0)
    return np.asarray(_founders(x, parts)[-1] * np.where(waiting, as_if_converted(safes, value), 1.0))


def _timing(x: Any, base: Array, planned: Way) -> dict[str, Array]:
    start = int(to_month(x.first_month))
    opening = np.atleast_1d(x.cash)
    lasts = first_below_zero(opening, base, running_lows(opening, base))
    first = planned.funding[0]
    only = funded(planned, 1)
    with_first = first_below_zero(opening, only, running_lows(opening, only))
    return {
        "runway_alone": lasts,
        "zero_cash": start + lasts,
        "start_by": start + lasts - x.reserve - x.months_to_raise,
        "closes": start + first.closes,
        "in_time": lasts >= first.closes,
        "lasts_until": start + with_first,
        "may_slip": with_first - first.until,
        "plan_ends": start + planned.until,
        "plan_months": planned.until,
    }


def _first(x: Any, planned: Way, parts: list[Parts], end: Array) -> dict[str, Array]:
    first = planned.funding[0]
    lows = running_lows(np.atleast_1d(x.cash), planned.cash)
    return {
        "amount": planned.amounts[0],
        "amount_needed": np.maximum(-at(lows, first.until), 0.0),
        "sold": parts[0].sold,
        "given_up": 1 - parts[0].kept,
        "founders_first": _founders(x, parts)[0],
        "founders_end": end,
        "keeps": end >= x.wanted,
        "raised": sum(planned.amounts, np.zeros(1)),
    }


def _rounds(x: Any, planned: Way, parts: list[Parts]) -> dict[str, Array]:
    start = int(to_month(x.first_month))
    founders = _founders(x, parts)
    wanted = [x.wanted * each.kept / founders[-1] for each in parts]  # of a round, for all rounds together
    needed = [
        needed_value(amount, kept, float(row.pool), np.where(each.converts, x.safes, 0.0), x.safes_cap)
        for row, amount, kept, each in zip(x.rounds, planned.amounts, wanted, parts, strict=True)
    ]
    last = planned.funding[-1]
    arr = needed[-1] / x.multiple
    return {
        "round_closes": _stacked([start + each.closes for each in planned.funding]),
        "round_amount": _stacked(planned.amounts),
        "round_value": _stacked([each.value for each in planned.funding]),
        "round_sold": _stacked([each.sold for each in parts]),
        "round_converted": _stacked([each.converted for each in parts]),
        "founders_after": _stacked(founders),
        "value_needed": _stacked(needed),
        "needed_now": needed[0],
        "needed_last": needed[-1],
        "revenue_needed": arr,
        "growth_needed": _growth(np.atleast_1d(x.revenue), arr / YEAR, last.closes),
        "revenue_by_then": YEAR * x.revenue * (1 + np.atleast_1d(x.growth)) ** last.closes,
    }


def _growth(now: Array, then: Array, months: Array) -> Array:
    """The even growth a month that leads from ``now`` to ``then``; infinite where there is nothing to grow from."""
    now, then, months = np.broadcast_arrays(now, then, months)
    times = np.divide(then, now, out=np.full(now.shape, np.inf), where=now > 0)
    return np.where(then <= 0, -1.0, times ** (1 / months) - 1)


def _milestones(x: Any, planned: Way, values: list[Array]) -> dict[str, Array]:
    start = int(to_month(x.first_month))
    return {
        "done_by": _stacked([start + end for end in planned.ends]),
        "supported": _stacked(values[1:]),
    }


def _ways(x: Any, base: Array, ways: tuple[Way, ...], founders: list[Array], value: Array) -> dict[str, Any]:
    cash = [funded(found) for found in ways]
    opening = np.atleast_1d(x.cash)
    alone_until = first_below_zero(opening, base, running_lows(opening, base))
    lasts = [
        (at(running_lows(opening, left), found.until) > -ROUNDING) & (alone_until >= found.funding[0].closes)
        for left, found in zip(cash, ways, strict=True)
    ]
    planned, whole, bridged = cash
    return {
        "lasts": lasts[0],
        "lasts_by_way": _stacked(lasts),
        "raised_by_way": _stacked([sum(found.amounts, np.zeros(1)) for found in ways]),
        "founders_by_way": _stacked(founders),
        "value_by_way": _stacked([held * value for held in founders]),
        "value_at_end": value,
        "cash_by_month": planned,
        "cash_whole_by_month": whole,
        "cash_bridge_by_month": bridged,
    }


def _stacked(values: list[Any]) -> Any:
    return np.stack(np.broadcast_arrays(*values))
