"""The calculation: scores with what is not known, places among those that fit, and whether the list fills the round."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.investing.facts import ANSWERED, COMMITTED, EITHER, LEADS, PASSED, day_of
from portal.planning.investing.filling import at_least, distribution, in_units
from portal.planning.investing.fit import CRITERIA, counts, excluded_by, may_exclude, points, post_money
from portal.planning.ranking.criteria import TOP
from portal.planning.ranking.methods import ranks, weighted_sum
from portal.planning.ranking.weights import shares

RAISED = tuple(step / 20 for step in range(21))  # of the round: where the distribution is told
OUT = -1.0  # a score below all, for who is excluded
WEEK = 7  # days


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    width = draws or 1
    weights = weights_of(x, width)
    excluded, doubtful = exclusions(x, width)
    results = {
        "weights": weights,
        "excluded": excluded,
        "fitting": (~excluded).sum(axis=0).astype(float),
        "doubtful": (~excluded & doubtful).sum(axis=0).astype(float),
        "sold": np.atleast_1d(x.round_size / post_money(x)),
        "overdue": np.array([float(len(overdue(x)))]),
        **_ranking(x, weights, excluded, doubtful),
        **_allocation(x, excluded, width),
    }
    return {name: settled(value, draws) for name, value in results.items()}


# Ranking


def weights_of(x: Any, width: int) -> Array:
    """Weights (criteria, draws) that sum to 1; a criterion that does not count has none."""
    asked = counts(x)
    return shares(
        np.array([np.broadcast_to(getattr(x, f"weight_{name}") if asked[name] else 0.0, width) for name in CRITERIA])
    )


def exclusions(x: Any, width: int) -> tuple[Any, Any]:
    """Who is excluded for certain, and who may be by what is not known: truths (investors, draws)."""
    certain = np.zeros((len(x.investors), width), dtype=bool)
    doubtful = np.zeros_like(certain)
    for at, row in enumerate(x.investors):
        for out in excluded_by(row, x).values():
            certain[at] |= out
        for may in may_exclude(row, x).values():
            doubtful[at] |= may
    return certain, doubtful


def scores(x: Any, weights: Array) -> tuple[Array, Array]:
    """Scores (investors, draws) from 0 to 10 if all that is missing turns out badly, and if it turns out well."""
    table = np.empty((2, len(x.investors), *weights.shape))
    for at, row in enumerate(x.investors):
        for column, ends in enumerate(points(row, x).values()):
            for end in (0, 1):
                table[end, at, column] = np.multiply(ends[end], TOP)
    more = np.ones(len(CRITERIA), dtype=bool)
    return weighted_sum(table[0], weights, more, TOP), weighted_sum(table[1], weights, more, TOP)


def _ranking(x: Any, weights: Array, excluded: Any, doubtful: Any) -> dict[str, Array]:
    low, high = scores(x, weights)
    middle = (low + high) / 2
    ranked = np.where(excluded, OUT, middle)
    place = np.where(excluded, np.inf, ranks(ranked))
    worst = np.stack([place_of(at, low[at], ranked) for at in range(len(ranked))])
    best = np.stack([place_of(at, high[at], ranked) for at in range(len(ranked))])
    return {
        "score": middle,
        "score_low": low,
        "score_high": high,
        "place": place,
        "among_first": place <= x.top,
        "among_first_at_worst": ~excluded & ~doubtful & (worst <= x.top),
        "among_first_at_best": ~excluded & (best <= x.top),
    }


def place_of(at: int, score: Any, ranked: Array) -> Array:
    """The place that investor ``at`` would have with another score ``(draws,)`` among the others of (investors,
    draws)."""
    others = np.delete(ranked, at, axis=0)
    return 1.0 + (others > score).sum(axis=0)


# Allocation


def probable_cheque(row: Any, x: Any) -> float:
    """What they said or were asked for; else the middle of what is known of their cheques; 0 where nothing is."""
    if row.amount:
        return float(row.amount)
    known = [min(end, x.round_size) for end in (row.cheque_low, row.cheque_high) if end]
    return float(sum(known) / len(known)) if known else 0.0


def _allocation(x: Any, excluded: Any, width: int) -> dict[str, Array]:
    cheques = [probable_cheque(row, x) for row in x.investors]
    amounts = np.array(cheques)[:, np.newaxis]
    chances = _chances(x, excluded, width)
    expected = amounts * chances
    units, parts = in_units(x.round_size, cheques)
    curve = at_least(distribution(units, parts, chances), RAISED)
    leads = np.array([row.leads in (LEADS, EITHER) for row in x.investors])[:, np.newaxis]
    total = expected.sum(axis=0)
    committed = sum(cheque for row, cheque in zip(x.investors, cheques, strict=True) if row.stage == COMMITTED)
    return {
        "committed": np.array([float(committed)]),
        "expected_of": expected,
        "expected": total,
        "expected_share": total / x.round_size,
        "chance_at_least": curve,
        "chance_filled": curve[-1],
        "chance_lead": 1 - np.where(leads, 1 - chances, 1.0).prod(axis=0),
        **_meetings(x, total, amounts, ~excluded),
    }


def _chances(x: Any, excluded: Any, width: int) -> Array:
    """The chance (investors, draws) that each ends up in the round: none for who passed or is excluded. Whoever has
    committed counts whatever the facts say of it."""
    found = np.zeros((len(x.investors), width))
    for at, row in enumerate(x.investors):
        if row.stage != PASSED:
            chance = np.broadcast_to(getattr(x, f"chance_{row.stage}"), width)
            found[at] = chance if row.stage == COMMITTED else np.where(excluded[at], 0.0, chance)
    return found


def _meetings(x: Any, expected: Array, amounts: Array, fits: Any) -> dict[str, Array]:
    """How many first meetings more would fill the round on average, with the cheques of those who fit."""
    usable = fits & (amounts > 0)
    count = usable.sum(axis=0)
    typical = np.divide((amounts * usable).sum(axis=0), count, out=np.zeros(count.shape), where=count > 0)
    gap = np.maximum(x.round_size - expected, 0.0)
    wanted = np.where(gap > 0, quotient(gap, x.chance_meeting * typical), 0.0)
    more = np.ceil(wanted - 1e-9)
    weeks = max(0, (x.close_by - x.as_of).days) / WEEK
    return {
        "typical_cheque": np.where(count > 0, typical, np.inf),
        "gap": gap,
        "more_meetings": more,
        "days_left": np.array([float(weeks * WEEK)]),
        "meetings_a_week": np.where(more > 0, quotient(more, weeks), 0.0),
    }


def overdue(x: Any) -> list[tuple[int, Any]]:
    """The investors, counted from 0, whose next step should have been done before the day of the list, the oldest
    first, each with its day."""
    found = [
        (at, due)
        for at, row in enumerate(x.investors)
        if row.stage not in ANSWERED and (due := day_of(row.due)) is not None and due < x.as_of
    ]
    return sorted(found, key=lambda each: each[1])
