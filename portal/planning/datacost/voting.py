"""How often the vote of several annotators is right, computed exactly.

Annotators are right with the same probability and independently of one another, and who errs takes each wrong class
equally often. The class with the most votes wins; a tie is broken by chance. For two classes this is Condorcet's jury
theorem of 1785, for more the plurality vote of List and Goodin, Journal of Political Philosophy 9(3), 2001.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, factorial
from typing import Any

import numpy as np

from portal.planning.finance import Array

MOST_ANNOTATORS = 25
ODD = tuple(range(1, MOST_ANNOTATORS + 1, 2))  # an even number helps little: with two classes not at all
_ROUNDING = 1e-12


def vote_accuracies(single: Any, classes: int) -> Array:
    """The chance that the vote is right, for 1 to ``MOST_ANNOTATORS`` annotators: shape (annotators, draws).

    ``single`` is the chance that one annotator is right, shape (draws,). Of n votes c are right with the binomial
    chance; ``win_chances`` says how often c right votes win.
    """
    right = np.atleast_1d(np.asarray(single, dtype=np.float64))
    powers, others = (base ** np.arange(MOST_ANNOTATORS + 1)[:, np.newaxis] for base in (right, 1 - right))
    table = np.zeros((MOST_ANNOTATORS, right.size))
    for row, annotators in zip(table, range(1, MOST_ANNOTATORS + 1), strict=True):
        for votes, wins in enumerate(win_chances(annotators, classes)):
            if wins:
                row += comb(annotators, votes) * wins * powers[votes] * others[annotators - votes]
    return table.clip(0, 1)


@lru_cache(maxsize=1024)
def win_chances(annotators: int, classes: int) -> tuple[float, ...]:
    """How often the right class wins when 0, 1, ... ``annotators`` of the votes are for it.

    The m votes that err fall evenly on the other K classes. That t of those tie and the rest have fewer votes has the
    chance m! [xᵐ] C(K, t) (yᶜ ÷ c!)ᵗ (Σ yʲ ÷ j! for j < c)^(K − t) with y = x ÷ K; then the right class wins one
    time in t + 1.
    """
    return tuple(_wins(votes, annotators - votes, classes - 1) for votes in range(annotators + 1))


def _wins(votes: int, errors: int, others: int) -> float:
    if votes == 0:
        return 0.0
    terms = np.array([1 / (others**at * factorial(at)) for at in range(errors + 1)])
    fewer = np.where(np.arange(errors + 1) < votes, terms, 0.0)
    total = 0.0
    for ties in range(min(others, errors // votes) + 1):
        left = errors - ties * votes
        rest = _power(fewer, others - ties)[left]
        tied = terms[votes] ** ties if ties else 1.0
        total += comb(others, ties) * tied * rest / (ties + 1)
    return float(factorial(errors) * total)


def _power(series: Array, exponent: int) -> Array:
    """A power of a polynomial, cut off after its length. All coefficients are positive, so nothing cancels."""
    length = len(series)
    result = np.zeros(length)
    result[0] = 1
    base = series
    while exponent:
        if exponent & 1:
            result = np.convolve(result, base)[:length]
        base = np.convolve(base, base)[:length]
        exponent >>= 1
    return result


def fewest(accuracies: Array, wanted: float) -> Array:
    """The fewest annotators whose vote is right as often as ``wanted``, shape (draws,); ``inf`` where none are enough.

    Each annotator more costs the same again, so the fewest are the cheapest.
    """
    enough = accuracies >= wanted - _ROUNDING
    return np.where(enough.any(axis=0), enough.argmax(axis=0) + 1.0, np.inf)


def expected_kappa(single: Any, classes: int) -> Any:
    """Agreement of two annotators beyond chance, for classes that are equally frequent.

    They agree with chance a = p² + (1 − p)² ÷ (k − 1), and by chance alone 1 ÷ k; (a − 1 ÷ k) ÷ (1 − 1 ÷ k) is the
    square below. As all annotators are alike, Cohen's kappa (Educational and Psychological Measurement 20, 1960) and
    Fleiss' (Psychological Bulletin 76, 1971) are the same.
    """
    return ((classes * single - 1) / (classes - 1)) ** 2
