"""What a customer costs, leaves and is worth: the arithmetic of unit economics.

Every value is ``(1 or draws,)`` and in dollars, or dollars a month; curves have the customer's age as first axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.finance import Array, first_below_zero, running_lows
from portal.planning.market.retention import BetaGeometric, Constant, Retention, fit_survivors

SIMPLE, DISCOUNTED, EXPANDING = "simple", "discounted", "expanding"
CONSTANT, BETA_GEOMETRIC, FITTED = "constant", "beta_geometric", "fitted"
TYPED, TOKENS = "typed", "tokens"
CASH, EBITDA = "cash", "ebitda"

MILLION = 1e6


def request_cost(x: Any) -> Array:
    """USD for a request: typed or measured, or from tokens and their prices.

    Each call pays for fresh and cached input and for output; embeddings, retrieval and tools come on top.
    """
    if x.cost_basis == TYPED:
        return np.atleast_1d(x.inference_cost)
    fresh = x.input_tokens * (1 - x.cached_share) * x.input_price
    cached = x.input_tokens * x.cached_share * x.cached_price
    call = (fresh + cached + x.output_tokens * x.output_price) / MILLION
    return np.atleast_1d(x.calls * call + x.extra_cost)


def retention_of(x: Any) -> Retention:
    """The curve that the inputs choose."""
    if x.retention == CONSTANT:
        return Constant(np.atleast_1d(x.churn))
    a, b = fit_survivors(x.survivors) if x.retention == FITTED else (x.sbg_a, x.sbg_b)
    return BetaGeometric(np.atleast_1d(a), np.atleast_1d(b))


def monthly(discount_a_year: Any) -> Array:
    return np.atleast_1d((1 + np.asarray(discount_a_year)) ** (1 / 12) - 1)


def lifetime_values(profit: Array, retention: Retention, rise: Array, discount: Array) -> dict[str, Array]:
    """How long a customer pays, and LTV by each formula, from the first payment at the start of month 0.

    Args:
        profit: gross profit of a customer in a month.
        rise: what it gains each month, as a share of ``profit``: expansion less contraction.
        discount: a month.

    Simple: profit × Σ S(t), which with a constant churn is profit ÷ churn. Discounted: each month divided by
    (1 + discount)^t. Expanding: profit × Σ (1 + rise × t) S(t), which with a constant churn c is Skok's
    a/c + m(1 − c)/c²; undefined for a negative rise, which would take revenue below zero.
    """
    lifetime, discounted = retention.lifetime(), retention.discounted_lifetime(discount)
    # Not a plain product: without a rise the growing months count nothing, even where they have no end.
    gained = np.where(rise > 0, rise * retention.growing_lifetime(), 0.0)
    return {
        "lifetime": lifetime,
        "discounted_lifetime": discounted,
        "ltv_simple": _worth(profit, lifetime),
        "ltv_discounted": _worth(profit, discounted),
        "ltv_expanding": _worth(profit, np.where(rise < 0, np.inf, lifetime + gained)),
    }


def cohort(x: Any, profit: Array, survival: Array, cost: Array, rise: Array, discount: Array) -> Array:
    """Gross profit less the cost of winning, for a customer won, at each age from 0, ``(months + 1, draws)``.

    It follows the chosen formula of LTV: without an end it would come to LTV less the cost. A rise that is negative
    stops at zero revenue.
    """
    age = np.arange(len(survival) - 1)[:, None]
    earned = profit * survival[:-1]
    if x.formula == EXPANDING:
        earned = earned * np.maximum(1 + rise * age, 0)
    if x.formula == DISCOUNTED:
        earned = earned / (1 + discount) ** age
    summed = np.cumsum(earned, axis=0) - cost
    start = np.broadcast_to(-cost, (1, summed.shape[1]))
    return np.concatenate([start, summed])


def paid_back(cumulative: Array) -> Array:
    """Months until the curve of a cohort rises above zero, a month's profit coming evenly; ``inf`` if it does not."""
    owed = -cumulative
    return first_below_zero(owed[0], owed[1:], running_lows(owed[0], owed[1:]))


def _worth(profit: Array, length: Array) -> Array:
    """``inf`` where the months have no end, also at a profit of nothing, where their product would be undefined."""
    return np.where(np.isfinite(length), profit * np.where(np.isfinite(length), length, 0.0), np.inf)
