"""Fits coefficients of a physical model within their bounds, and near what is expected where data say little."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

NOISE = 0.15  # log error that is nothing unusual; what lies further off counts less and less (pseudo-Huber)
MOST_TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is expected of a coefficient before any data.

    A ``share`` stays between 0 and 1, with a normal distribution of its log odds; another one above 0, with one of its
    log. ``spread`` is the standard deviation of that; ``least`` and ``most`` are physical bounds.
    """

    expected: float
    meaning: str = ""  # with the unit
    spread: float = 0.5
    share: bool = False
    least: float = 0.0
    most: float = np.inf

    def value(self, shift: float) -> float:
        """The coefficient ``shift`` standard deviations off."""
        if not self.share:
            return float(self.expected * np.exp(shift * self.spread))
        odds = self.expected / (1 - self.expected) * np.exp(shift * self.spread)
        return float(odds / (1 + odds))

    @property
    def bounds(self) -> tuple[float, float]:
        """Standard deviations by which it can be off; a share ends nowhere but at 0 and 1."""
        if self.share:
            return -np.inf, np.inf
        with np.errstate(divide="ignore"):
            least, most = np.log(np.array([self.least, self.most]) / self.expected) / self.spread
        return float(least), float(most)


def fit_near(
    priors: Mapping[str, Prior],
    predict: Callable[[Mapping[str, float]], Floats],
    measured: ArrayLike,
    *,
    noise: ArrayLike = NOISE,
    weights: ArrayLike = 1.0,
) -> dict[str, float]:
    """The most likely coefficients given log errors of ``noise`` and the priors (ridge regression where linear).

    Args:
        predict: shape (cases,), above 0, of coefficients by name.
        measured: shape (cases,), above 0.
        noise: one number, or (cases,) where some are known to be less alike than others.
        weights: how much each case counts, one number or (cases,).

    Raises:
        ValueError: there is no case, or a measured value is not above 0.
    """
    from scipy.optimize import least_squares

    logs, usual = np.log(np.asarray(measured, dtype=float)), np.asarray(noise, dtype=float)
    if not logs.size or not np.isfinite(logs).all():
        raise ValueError(f"wanted measured values above 0, got {measured!r}")
    roots = np.sqrt(np.asarray(weights, dtype=float))
    least, most = zip(*(prior.bounds for prior in priors.values()), strict=True)

    def named(shifts: Floats) -> dict[str, float]:
        return {name: prior.value(shift) for (name, prior), shift in zip(priors.items(), shifts, strict=True)}

    def residuals(shifts: Floats) -> Floats:
        off = (np.log(predict(named(shifts))) - logs) / usual
        return np.concatenate([damped(off) * roots, shifts])

    found = least_squares(
        residuals, np.zeros(len(priors)), bounds=(least, most), xtol=1e-6, ftol=1e-6, max_nfev=MOST_TRIES
    )
    return named(found.x)


def damped(errors: Floats) -> Floats:
    """Roots of the pseudo-Huber loss: small errors count squared, large ones by their size."""
    return np.sign(errors) * np.sqrt(2 * (np.sqrt(1 + errors**2) - 1))
