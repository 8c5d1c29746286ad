"""How long customers stay: with the same churn every month, or each with a churn of its own.

The second is the shifted beta-geometric distribution: every customer leaves at the end of a month with a probability
of its own, which is spread over the customers as Beta(a, b). Those likely to leave go first, so the churn of a cohort
falls with its age, which one constant churn cannot show. Fader and Hardie, “How to Project Customer Retention”,
Journal of Interactive Marketing 21(1), 2007.

Age is the first axis of curves, draws the last. Month 0 is the first that is paid, so S(0) = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from scipy.special import betaln, digamma, hyp2f1

from portal.planning.finance import Array

# hyp2f1 holds 1e-6 for a and b in these bounds; beyond them its gamma functions overflow.
SMALLEST, LARGEST_A, LARGEST_B = 0.01, 30.0, 100.0
NO_DISCOUNT = 1e-9  # a month: below it 1 ÷ (1 + d) is too near 1 for hyp2f1


class Retention(Protocol):
    """Sums over the months of a customer's life, ``(1 or draws,)``; ``inf`` where they have no end."""

    def survival(self, months: int) -> Array:
        """S(0) to S(months), the share of customers still there, ``(months + 1, 1 or draws)``."""

    def lifetime(self) -> Array:
        """Σ S(t): the months that a customer pays, on average."""

    def growing_lifetime(self) -> Array:
        """Σ t S(t): what a revenue that rises by 1 each month brings."""

    def discounted_lifetime(self, discount: Array) -> Array:
        """Σ S(t) ÷ (1 + discount)^t; the first payment, at t = 0, is not discounted."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The same churn every month, from 0 to 1, ``(1 or draws,)``: S(t) = (1 − c)^t."""

    churn: Array

    def survival(self, months: int) -> Array:
        return (1 - self.churn) ** np.arange(months + 1)[:, None]

    def lifetime(self) -> Array:
        return _divide(np.ones_like(self.churn), self.churn)

    def growing_lifetime(self) -> Array:
        return _divide(1 - self.churn, self.churn**2)

    def discounted_lifetime(self, discount: Array) -> Array:
        return _divide(1 + discount, discount + self.churn)


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """Churn spread over customers as Beta(a, b), each ``(1 or draws,)``: S(t) = B(a, b + t) ÷ B(a, b)."""

    a: Array
    b: Array

    def survival(self, months: int) -> Array:
        age = np.arange(months + 1)[:, None]
        return np.exp(betaln(self.a, self.b + age) - betaln(self.a, self.b))

    def lifetime(self) -> Array:
        """The mean of 1/θ, which Beta(a, b) has only for a > 1."""
        return _divide(self.a + self.b - 1, self.a - 1)

    def growing_lifetime(self) -> Array:
        """The mean of (1 − θ)/θ², which Beta(a, b) has only for a > 2."""
        return _divide(self.b * (self.a + self.b - 1), (self.a - 1) * np.maximum(self.a - 2, 0))

    def discounted_lifetime(self, discount: Array) -> Array:
        """₂F₁(1, b; a + b; 1 ÷ (1 + d)): Fader and Hardie, Marketing Science 29(1), 2010, for a new customer."""
        discounted = hyp2f1(1, self.b, self.a + self.b, 1 / (1 + discount))
        return np.where(discount > NO_DISCOUNT, discounted, self.lifetime())


def fit(lost: Array, kept: Array) -> tuple[float, float]:
    """The a and b of ``BetaGeometric`` that make cohorts most likely, within its bounds.

    Several cohorts are fitted together by summing what they add to each age.

    Args:
        lost: ``lost[i]`` customers left at the end of their month ``i + 1``.
        kept: ``kept[i]`` customers had stayed for ``i + 1`` months when they were last counted.
    """
    # Half a second to load, and few ask for a fit: the page, the workers and the command line start without it.
    from scipy.optimize import minimize

    age = np.arange(1, len(lost) + 1)
    total = lost.sum() + kept.sum()

    def unlikely(logs: Array) -> tuple[float, Array]:
        """The negative log-likelihood of a customer, and its slopes in log a and log b."""
        a, b = np.exp(logs)
        told = lost @ betaln(a + 1, b + age - 1) + kept @ betaln(a, b + age)
        both = (lost + kept) @ digamma(a + b + age) - total * digamma(a + b)
        by_a = lost.sum() * digamma(a + 1) + kept.sum() * digamma(a) - total * digamma(a) - both
        by_b = lost @ digamma(b + age - 1) + kept @ digamma(b + age) - total * digamma(b) - both
        return float(betaln(a, b) - told / total), np.array([-a * by_a, -b * by_b]) / total

    # By logarithms and a head, so that cohorts of ten and of a million are searched alike.
    bounds = [(np.log(SMALLEST), np.log(LARGEST_A)), (np.log(SMALLEST), np.log(LARGEST_B))]
    exact = {"ftol": 1e-15, "gtol": 1e-10}
    found = minimize(unlikely, np.zeros(2), jac=True, method="L-BFGS-B", bounds=bounds, options=exact)
    a, b = np.exp(found.x)
    return float(np.clip(a, SMALLEST, LARGEST_A)), float(np.clip(b, SMALLEST, LARGEST_B))


@lru_cache(maxsize=64)
def fit_survivors(survivors: tuple[float, ...]) -> tuple[float, float]:
    """``fit`` of one cohort: those still there at the start and after each month, at least three numbers."""
    counts = np.asarray(survivors)
    kept = np.zeros(len(counts) - 1)
    kept[-1] = counts[-1]
    return fit(-np.diff(counts), kept)


def _divide(above: Array, below: Array) -> Array:
    """``inf`` where ``below`` is not above zero: the sum that this is has no end."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(above.shape, np.inf), where=below > 0)
