"""Fit a polynomial to noisy points of a known function, step by step, and judge the fit by points that were held out.

The model is a sum of Legendre polynomials on [−1, 1], scaled so that each has a mean square of 1 there: weights are
then of one size, and a few hundred steps reach what powers of x would need millions for. Shapes: n points, d = degree
+ 1 weights, s steps. The objective is

    mean (fit − y)² + l2 · Σ w² + l1 · Σ |w|

where the constant term is not penalised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.legendre import legvander

from portal.planning.learning.optimizers import Array, Method, descend

HELD_OUT = 100  # points that no step sees: enough that their loss is of the fit and not of their own luck

TRUTHS: dict[str, Callable[[Array], Array]] = {
    "wave": lambda x: np.sin(np.pi * x),
    "bump": lambda x: 1.5 * np.exp(-20 * x**2) - 0.5,
    "bend": lambda x: np.abs(x) - 0.5,
    "line": lambda x: 0.8 * x,
}


@dataclass(frozen=True, slots=True)
class Points:
    """Points ``x`` and ``y`` (n,), and what the true function has there, ``truth`` (n,)."""

    x: Array
    y: Array
    truth: Array

    @property
    def noise_floor(self) -> float:
        """The mean squared error that the true function itself has: what noise alone makes."""
        return float(((self.y - self.truth) ** 2).mean())


@dataclass(frozen=True, slots=True)
class Penalty:
    """Strengths; 0 for none."""

    l1: float = 0.0
    l2: float = 0.0

    def of(self, size: int) -> tuple[Array, Array]:
        """Strength on each weight, (size,) twice: the constant is free."""
        free = np.arange(size) > 0
        return np.multiply(self.l1, free), np.multiply(self.l2, free)


def draw_points(truth: str, number: int, noise: float, sample: int) -> tuple[Points, Points]:
    """Points to train on and ``HELD_OUT`` others, one x in each equal part of [−1, 1], y with normal noise of this
    deviation.

    Each has its own stream: more points to train on leave the held-out ones as they are.
    """
    return _points(truth, number, noise, (sample, 0)), _points(truth, HELD_OUT, noise, (sample, 1))


def _points(truth: str, number: int, noise: float, seed: tuple[int, int]) -> Points:
    random = np.random.default_rng(seed)
    # Not uniform over all: in a wide gap a polynomial may be off by millions, and one would see nothing but the gap.
    x = -1 + 2 * (np.arange(number) + random.uniform(size=number)) / number
    exact: Array = TRUTHS[truth](x)
    return Points(x, exact + noise * random.standard_normal(number), exact)


def features(x: Array, degree: int) -> Array:
    """Scaled Legendre polynomials 0 to ``degree`` at ``x``: (n, degree + 1)."""
    scales = np.sqrt(2 * np.arange(degree + 1) + 1)
    return np.asarray(legvander(x, degree) * scales, dtype=np.float64)


def mean_squares(inputs: Array, y: Array, weights: Array) -> Array:
    """The mean squared error of each row of ``weights`` (s, d): (s,)."""
    return ((weights @ inputs.T - y) ** 2).mean(axis=-1)


def curvature(inputs: Array, penalty: Penalty) -> float:
    """The largest eigenvalue of the second derivatives of the smooth part of the objective."""
    _l1, l2 = penalty.of(inputs.shape[1])
    return float(np.linalg.eigvalsh(2 * inputs.T @ inputs / len(inputs) + 2 * np.diag(l2))[-1])


def gradient_of(inputs: Array, y: Array, penalty: Penalty, batch: int, sample: int) -> Callable[[Array, int], Array]:
    """The gradient of the smooth part, of all points or of batches without replacement, shuffled anew each epoch."""
    number, size = inputs.shape
    _l1, l2 = penalty.of(size)
    if not 0 < batch < number:
        square, slope = 2 * inputs.T @ inputs / number + 2 * np.diag(l2), 2 * inputs.T @ y / number
        return lambda weights, step: square @ weights - slope
    random = np.random.default_rng((sample, 2))
    starts = range(0, number, batch)
    order = np.arange(number)

    def gradient(weights: Array, step: int) -> Array:
        nonlocal order
        at = step % len(starts)
        if at == 0:
            order = random.permutation(number)
        mine = order[starts[at] : starts[at] + batch]
        chosen = inputs[mine]
        return 2 * chosen.T @ (chosen @ weights - y[mine]) / len(mine) + 2 * l2 * weights

    return gradient


def exact_weights(inputs: Array, y: Array, penalty: Penalty) -> Array:
    """The minimum of the objective without its L1 part: ridge regression in closed form (Hoerl and Kennard 1970).

    Solved as least squares with √(n·l2) appended as rows, which is stable; where it is not unique, the shortest.
    """
    number, size = inputs.shape
    _l1, l2 = penalty.of(size)
    return np.linalg.lstsq(np.vstack([inputs, np.diag(np.sqrt(number * l2))]), np.append(y, np.zeros(size)))[0]


@dataclass(frozen=True)
class Recipe:
    """``batch`` 0 takes all points in each step; ``patience`` 0 stops only at the last step."""

    method: Method
    penalty: Penalty
    steps: int
    batch: int = 0
    patience: int = 0


@dataclass(frozen=True)
class Fit:
    """A training that has ended. ``way`` (s, d) has the weights from 0 on, both losses (s,) are mean squared errors."""

    train: Points
    held_out: Points
    degree: int
    recipe: Recipe
    way: Array
    train_losses: Array
    held_out_losses: Array
    diverged: bool
    stopped_early: bool

    @cached_property
    def best_step(self) -> int:
        """The step with the smallest held-out loss."""
        return int(self.held_out_losses.argmin())

    @property
    def kept_step(self) -> int:
        """Whose weights are kept: with patience the best one's, else the last."""
        return self.best_step if self.recipe.patience else len(self.way) - 1

    @property
    def weights(self) -> Array:
        return self.way[self.kept_step]

    @cached_property
    def inputs(self) -> Array:
        return features(self.train.x, self.degree)

    def curve(self, x: Array) -> Array:
        """The fit at ``x``."""
        return features(x, self.degree) @ self.weights


def fit(train: Points, held_out: Points, degree: int, recipe: Recipe, sample: int) -> Fit:
    """Train from weights 0. A step does not depend on what was held out, so that early stopping only cuts the way."""
    inputs = features(train.x, degree)
    l1, _l2 = recipe.penalty.of(degree + 1)
    way = descend(
        recipe.method, np.zeros(degree + 1), gradient_of(inputs, train.y, recipe.penalty, recipe.batch, sample),
        recipe.steps, l1 if recipe.penalty.l1 else None,
    )  # fmt: skip
    held_out_losses = mean_squares(features(held_out.x, degree), held_out.y, way)
    taken = patient(held_out_losses, recipe.patience)
    stopped = taken < len(way) - 1
    way = way[: taken + 1]
    losses = mean_squares(inputs, train.y, way)
    diverged = bool(losses[-1] > losses[0]) or (not stopped and len(way) <= recipe.steps)
    return Fit(train, held_out, degree, recipe, way, losses, held_out_losses[: taken + 1], diverged, stopped)


def patient(losses: Array, patience: int) -> int:
    """At which step early stopping ends: the first that is ``patience`` after the lowest loss so far, or the last.

    After L. Prechelt, “Early Stopping – But When?”, 1998, with the number of steps without a new lowest.
    """
    last = len(losses) - 1
    if not patience:
        return last
    lows = np.minimum.accumulate(losses)
    fresh = np.flatnonzero(np.append(True, lows[1:] < lows[:-1]))
    gaps = np.diff(np.append(fresh, last + patience + 1))  # the end itself interrupts no wait
    return int(min(fresh[np.flatnonzero(gaps > patience)[0]] + patience, last))
