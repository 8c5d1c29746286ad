"""How well an investor fits: points by criterion, and what excludes it; where a fact is missing, both ends of each.

All values are shares from 0 to 1, numbers or arrays ``(draws,)``. ``x`` are the resolved inputs, ``row`` one investor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from portal.planning.investing.facts import (
    COMMITTED,
    EITHER,
    LEADS,
    ORDER,
    PASSED,
    UNKNOWN,
    in_common,
    listed,
    names_any,
    same_names,
)

Ends = tuple[Any, Any]
"""A value if the missing fact turns out badly, and if it turns out well; the same twice where nothing is missing."""

CRITERIA = {
    "cheque": "Cheque",
    "ownership": "Ownership wanted",
    "lead": "Leads",
    "sector": "Sectors",
    "place": "Geography",
    "fund": "Age of the fund",
    "reserves": "Reserves",
    "compute": "Compute",
    "intro": "Way in",
}
# The field of an investor that a criterion asks for first.
FACT_OF = {
    "cheque": "cheque_high", "ownership": "ownership", "lead": "leads", "sector": "sectors", "place": "places",
    "fund": "vintage", "reserves": "reserves", "compute": "compute", "intro": "intro",
}  # fmt: skip
OPEN_ENDED = (0.0, 1.0)
GENERALIST = 0.5  # of a sector: who takes all knows none so well
CLOSE = 1e-9  # of a product that is compared with what it was typed as

_LEAD = {LEADS: 1.0, EITHER: 1.0, "follows": 0.0}
_RESERVES = {"yes": 1.0, "no": 0.0}
_COMPUTE = {"cluster": 1.0, "credits": 0.5, "none": 0.0}
_INTRO = {"close": 1.0, "known": 0.5, "cold": 0.0}


def counts(x: Any) -> dict[str, bool]:
    """Whether a criterion says anything of this company: leading only where a lead is needed, and so on."""
    asked = {
        "lead": x.needs_lead, "compute": x.needs_compute, "sector": bool(listed(x.sectors)),
        "place": bool(listed(x.places)),
    }  # fmt: skip
    return {name: bool(asked.get(name, True)) for name in CRITERIA}


def post_money(x: Any) -> Any:
    return x.pre_money + x.round_size


def largest_cheque(row: Any, x: Any) -> Ends:
    """How much of the round its largest cheque pays, in dollars. A cheque that was named bounds what is not known from
    below, a fund of known size from above."""
    if row.cheque_high:
        most = min(max(row.cheque_high, row.amount), x.round_size)
        return most, most
    least = min(max(row.cheque_low, row.amount), x.round_size)
    return least, max(least, min(_bound(row, x), x.round_size))


# Points


def points(row: Any, x: Any) -> dict[str, Ends]:
    """From 0 to 1 by each criterion."""
    return {name: _POINTS[name](row, x) for name in CRITERIA}


def _cheque(row: Any, x: Any) -> Ends:
    least, most = largest_cheque(row, x)
    return least / x.round_size, most / x.round_size


def _ownership(row: Any, x: Any) -> Ends:
    if not row.ownership:
        return OPEN_ENDED
    left = np.clip(1 - row.ownership * post_money(x) / x.round_size, 0.0, 1.0)
    return left, left


def _fund(row: Any, x: Any) -> Ends:
    if not row.vintage:
        return OPEN_ENDED
    left = float(np.clip(1 - (x.as_of.year - row.vintage) / x.investment_period, 0.0, 1.0))
    return left, left


def _sector(row: Any, x: Any) -> Ends:
    return _listed(row.sectors, x.sectors, GENERALIST)


def _place(row: Any, x: Any) -> Ends:
    return _listed(row.places, x.places, 1.0)


def _listed(theirs: str, ours: str, for_any: float) -> Ends:
    if not theirs.strip():
        return OPEN_ENDED
    found = 1.0 if in_common(theirs, ours) else for_any if names_any(theirs) else 0.0
    return found, found


def _chosen(field: str, worth: Mapping[str, float]) -> Callable[[Any, Any], Ends]:
    def ends(row: Any, x: Any) -> Ends:
        chosen = getattr(row, field)
        return OPEN_ENDED if chosen == UNKNOWN else (worth[chosen], worth[chosen])

    return ends


_POINTS: dict[str, Callable[[Any, Any], Ends]] = {
    "cheque": _cheque,
    "ownership": _ownership,
    "lead": _chosen("leads", _LEAD),
    "sector": _sector,
    "place": _place,
    "fund": _fund,
    "reserves": _chosen("reserves", _RESERVES),
    "compute": _chosen("compute", _COMPUTE),
    "intro": _chosen("intro", _INTRO),
}

# Exclusions


def excluded_by(row: Any, x: Any) -> dict[str, Any]:
    """What rules an investor out for certain, by its name: truths or arrays of them."""
    at, first, last = _rounds(row, x)
    wanted = row.ownership * post_money(x)
    return {
        "stage": at < (at if first is None else first) or at > (at if last is None else last),
        "cheque": bool(row.cheque_low > x.round_size),
        "ownership": wanted > largest_cheque(row, x)[1] * (1 + CLOSE),
        "conflict": bool(same_names(row.portfolio, x.competitors)),
        "passed": row.stage == PASSED,
    }


def may_exclude(row: Any, x: Any) -> dict[str, Any]:
    """The fields whose missing facts may still rule an investor out: truths or arrays of them.

    Whoever has committed has seen the terms, so nothing unknown stands against it.
    """
    if row.stage == COMMITTED:
        return {}
    least, most = largest_cheque(row, x)
    wanted = row.ownership * post_money(x)
    at, first, last = _rounds(row, x)
    smallest_known = row.cheque_low or 0 < row.amount <= x.round_size
    return {
        # Where one end is this round, or the wrong side of it, the other has nothing to say.
        "first_round": first is None and (last is None or last > at),
        "last_round": last is None and (first is None or first < at),
        "cheque_low": not smallest_known and (row.cheque_high or _bound(row, x)) > x.round_size,
        "cheque_high": (wanted > least * (1 + CLOSE)) & (wanted <= most * (1 + CLOSE)),
        "ownership": not row.ownership,
        "portfolio": bool(listed(x.competitors)) and not row.portfolio.strip(),
    }


def _rounds(row: Any, x: Any) -> tuple[int, int | None, int | None]:
    """This round, and the first and the last that an investor takes part in, by their order; None if not known."""
    return ORDER[x.this_round], ORDER.get(row.first_round), ORDER.get(row.last_round)


def _bound(row: Any, x: Any) -> float:
    """What one company gets of a fund of known size, at most."""
    return float(x.fund_share * row.fund_size) if row.fund_size else np.inf


def missing(row: Any, x: Any) -> list[str]:
    """The fields of an investor that are not known and would say something of its fit, in the order of the row."""
    asked = {FACT_OF[name] for name, asks in counts(x).items() if asks and _is_open(points(row, x)[name])}
    doubts = {field for field, may in may_exclude(row, x).items() if np.any(may)}
    return [field for field in vars(row) if field in asked | doubts]


def _is_open(ends: Ends) -> bool:
    return bool(np.any(ends[0] != ends[1]))
