"""The traffic and the price at which a way costs what the API costs.

The traffic is the same in every month here. Then both costs are known in closed form: the API's is a straight line,
and the way's a straight line with a step for each copy, so that the lead of the way,

    lead(R) = b R − F − P n(R),    n(R) = max(n0, ceil(k R)),

rises with the requests R and falls at each step. ``first`` is the least R at which it is not below zero and
``lasting`` the R from which it never is again; between them the answer turns with each copy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portal.planning.finance import Array
from portal.planning.sourcing.costs import Costs
from portal.planning.sourcing.ways import API_SELLER, Course, Fleet, Way, present


@dataclass(frozen=True, slots=True)
class Lead:
    """Present values: ``gained`` (b) by each request a month, ``fixed`` (F) more than the API's own, ``copy`` (P) of a
    copy kept from the first month in which the way runs; ``load`` (k) copies a request and ``least`` (n0) copies."""

    gained: Array
    fixed: Array
    copy: Array
    load: Array
    least: int


def lead(months: Course, chosen: Way, api: Way) -> Lead:
    risk = 1 + months.risk[API_SELLER]
    gained = present(chosen.taken * months.api, months.worth) * (1 - chosen.fallback) * risk
    for payee, cost in chosen.by_request.items():
        gained = gained - present(chosen.taken * cost, months.worth) * (1 + months.risk.get(payee, 0.0))
    fixed = sum(chosen.once.values(), np.zeros(1))
    for sign, paid in ((1, chosen.always), (-1, api.always)):
        fixed = fixed + sign * sum(paid.values()) * months.worth.sum(axis=0)
    for cost in chosen.repeated.values():
        fixed = fixed + cost * present(chosen.runs, months.worth)
    copy, load, least = np.zeros(1), np.zeros(1), 0
    if chosen.fleet:
        copy, load, least = _copy(months, chosen.fleet, chosen.runs), chosen.fleet.load, chosen.fleet.least
    gained, fixed, copy, load = np.broadcast_arrays(gained, fixed, copy, load)
    return Lead(gained, fixed, copy, load, least)


def _copy(months: Course, fleet: Fleet, runs: Array) -> Array:
    """Present value of one copy from the month in which the way begins to run."""
    cost = np.zeros(1)
    for payee, bill in fleet.running.items():
        cost = cost + present(runs * bill, months.worth) * (1 + months.risk.get(payee, 0.0))
    if fleet.price is None or fleet.resale is None:
        return cost
    begins = np.diff(runs, axis=0, prepend=0)
    sale = present(begins, fleet.resale) * months.worth[-1]
    return cost + present(begins * fleet.price, months.start) - sale


def first(at: Lead) -> Array:
    """Requests a month from which the way costs no more than the API for the first time; ``inf`` where it never does.

    A copy that is used in full gains c = b ÷ k − P. The first n copies that have earned F are n c ≥ F.
    """
    step = _gain_of_a_copy(at)
    earned = np.divide(at.fixed, step, out=np.full(step.shape, np.inf), where=step > 0)
    copies = np.maximum(np.ceil(earned), at.least)
    # Where further copies gain nothing, the first ones have to pay alone, within what they can answer.
    copies = np.where(step > 0, copies, np.where(at.least * step >= at.fixed, at.least, np.inf))
    needed = at.fixed + at.copy * np.where(np.isfinite(copies), copies, 0)
    straight = at.load <= 0
    reached = np.where(straight, at.gained > 0, np.isfinite(copies) & (at.gained > 0))
    needed = np.where(straight, at.fixed + at.copy * at.least, needed)
    at_zero = at.fixed + at.copy * at.least <= 0
    return np.where(at_zero, 0.0, np.where(reached, _divided(needed, at.gained), np.inf))


def lasting(at: Lead) -> Array:
    """Requests a month from which on the way never costs more than the API; ``inf`` where there is no such traffic.

    The last step that puts the way behind is the largest n with (n − 1) b ÷ k < F + P n.
    """
    step = _gain_of_a_copy(at)
    behind = np.divide(at.fixed + _by_copy(at), step, out=np.zeros(step.shape), where=step > 0)
    copies = np.where(at.load > 0, np.maximum(np.ceil(behind) - 1, at.least), at.least)
    reached = np.where(at.load > 0, (step > 0) & (at.gained > 0), at.gained > 0)
    flat = (at.load <= 0) & (at.gained == 0) & (at.fixed <= 0)
    found = np.maximum(_divided(at.fixed + at.copy * copies, at.gained), 0.0)
    return np.where(reached, found, np.where(flat, 0.0, np.inf))


def even_price(mine: Costs, api: Costs) -> Array:
    """API prices over those of today at which both cost the same; above, the way is cheaper. 0 where it always is,
    ``inf`` where it never is."""
    paid, saved = mine.total - mine.api - mine.api_risk, api.api + api.api_risk - mine.api - mine.api_risk
    more = paid - (api.total - api.api - api.api_risk)
    even = np.divide(more, saved, out=np.full(np.broadcast(more, saved).shape, np.inf), where=saved > 0)
    return np.maximum(np.where((saved <= 0) & (more <= 0), 0.0, even), 0.0)


def _gain_of_a_copy(at: Lead) -> Array:
    return _by_copy(at) - at.copy


def _by_copy(at: Lead) -> Array:
    """What the requests that keep one copy busy gain; 0 where nothing is served by copies."""
    return np.divide(at.gained, at.load, out=np.zeros(at.gained.shape), where=at.load > 0)


def _divided(above: Array, below: Array) -> Array:
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(above.shape, np.inf), where=below > 0)
