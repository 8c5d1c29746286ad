"""First-order optimisers, step by step: gradient descent, momentum, Adam, and the proximal step for an L1 penalty.

Updates are those of ``torch.optim`` (SGD without dampening, Adam without decoupled decay), so that what is seen here
is what a training run does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Gradient = Callable[[Array, int], Array]
"""Of weights (d,) at a step counted from 0."""

DESCENT, MOMENTUM, ADAM = "descent", "momentum", "adam"
METHODS = {DESCENT: "Gradient descent", MOMENTUM: "Gradient descent with momentum", ADAM: "Adam"}

BETA_1, BETA_2, TINY = 0.9, 0.999, 1e-8  # Kingma and Ba's own
FAR = 1e6  # the length of the weights beyond which a run is stopped, long before anything overflows

POLYAK = "B. T. Polyak, USSR Computational Mathematics and Mathematical Physics 4(5), 1964"
GOH = "G. Goh, “Why Momentum Really Works”, Distill, 2017, distill.pub/2017/momentum"
KINGMA = "D. P. Kingma and J. Ba, “Adam: A Method for Stochastic Optimization”, 2015, arxiv.org/abs/1412.6980"
NESTEROV = "Y. Nesterov, “Introductory Lectures on Convex Optimization”, Springer, 2004, section 2.1.5"
PARIKH = "N. Parikh and S. Boyd, “Proximal Algorithms”, Foundations and Trends in Optimization 1(3), 2014"


@dataclass(frozen=True, slots=True)
class Method:
    """``name`` is one of ``METHODS``; ``momentum`` counts for that method only."""

    name: str
    rate: float
    momentum: float = 0.0

    @property
    def memory(self) -> float:
        """The momentum in use; 0 for plain descent."""
        return self.momentum if self.name == MOMENTUM else 0.0

    def critical_rate(self, curvature: float) -> float:
        """The rate above which steps on a quadratic grow: 2(1 + β) ÷ λmax (Goh 2017); ``inf`` for Adam, on a plane."""
        if self.name == ADAM or curvature <= 0:
            return float("inf")
        return 2 * (1 + self.memory) / curvature


def soft_threshold(weights: Array, threshold: Array | float) -> Array:
    """Each weight moved towards 0 by ``threshold``, and to exactly 0 when nearer.

    The proximal operator of an L1 penalty (Parikh and Boyd 2014, chapter 6).
    """
    return weights - np.minimum(np.maximum(weights, -threshold), threshold)


def descend(method: Method, start: Array, gradient: Gradient, steps: int, shrink: Array | None = None) -> Array:
    """The way from ``start`` (d,): weights after each step, (taken + 1, d).

    Fewer than ``steps`` are taken when the weights grow beyond ``FAR``: the run diverges, and the last row is the last
    that was within.

    Args:
        shrink: strength of the L1 penalty on each weight, (d,); None for none. After each step of the smooth part
            comes its proximal step, at the rate that the method gives the weight.
    """
    way = np.empty((steps + 1, len(start)))
    way[0] = weights = start
    move = _MOVES[method.name](method, len(start))
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            change, rate = move(gradient(weights, step))
            weights = weights - change
            if shrink is not None:
                weights = soft_threshold(weights, rate * shrink)
            if not weights @ weights < FAR**2:  # NaN compares false
                return way[: step + 1]
            way[step + 1] = weights
    return way


# A move takes a gradient (d,) and gives what is taken off the weights, and the rate of each of them.
_Move = Callable[[Array], tuple[Array, Array | float]]


def _plain(method: Method, size: int) -> _Move:
    return lambda gradient: (method.rate * gradient, method.rate)


def _heavy(method: Method, size: int) -> _Move:
    velocity = np.zeros(size)

    def move(gradient: Array) -> tuple[Array, float]:
        nonlocal velocity
        velocity = method.momentum * velocity + gradient
        return method.rate * velocity, method.rate

    return move


def _adaptive(method: Method, size: int) -> _Move:
    mean, square, step = np.zeros(size), np.zeros(size), 0

    def move(gradient: Array) -> tuple[Array, Array]:
        nonlocal mean, square, step
        step += 1
        mean = BETA_1 * mean + (1 - BETA_1) * gradient
        square = BETA_2 * square + (1 - BETA_2) * gradient * gradient
        rate = method.rate / (np.sqrt(square / (1 - BETA_2**step)) + TINY)
        return rate * mean / (1 - BETA_1**step), rate

    return move


_MOVES: dict[str, Callable[[Method, int], _Move]] = {DESCENT: _plain, MOMENTUM: _heavy, ADAM: _adaptive}
assert _MOVES.keys() == METHODS.keys()
