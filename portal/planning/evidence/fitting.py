"""Fits coefficients of a physical model within their bounds, and near what is expected where data say little."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

NOISE = 0.15  # log error that is nothing unusual; what lies further off counts less and less (pseudo-Huber)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is expected of a coefficient before any data.

    A ``share`` stays between 0 and 1, with a normal distribution of its log odds; another one above 0, with one of its
    log. ``spread`` is the standard deviation of that.
    """

    expected: float
    meaning: str  # with the unit
    spread: float = 0.5
    share: bool = False

    def value(self, shift: float) -> float:
        """The coefficient ``shift`` standard deviations off."""
        if not self.share:
            return float(self.expected * np.exp(shift * self.spread))
        odds = self.expected / (1 - self.expected) * np.exp(shift * self.spread)
        return float(odds / (1 + odds))


def fit_near(
    priors: Mapping[str, Prior],
    predict: Callable[[Mapping[str, float]], NDArray[np.float64]],
    measured: ArrayLike,
    *,
    noise: ArrayLike = NOISE,
) -> dict[str, float]:
    """The most likely coefficients given log errors of ``noise`` and the priors (ridge regression where linear).

    Args:
        predict: shape (cases,), above 0, of coefficients by name.
        measured: shape (cases,), above 0.
        noise: one number, or (cases,) where some are known to be less alike than others.

    Raises:
        ValueError: there is no case, or a measured value is not above 0.
    """
    from scipy.optimize import least_squares

    logs, usual = np.log(np.asarray(measured, dtype=float)), np.asarray(noise, dtype=float)
    if not logs.size or not np.isfinite(logs).all():
        raise ValueError(f"wanted measured values above 0, got {measured!r}")

    def named(shifts: NDArray[np.float64]) -> dict[str, float]:
        return {name: prior.value(shift) for (name, prior), shift in zip(priors.items(), shifts, strict=True)}

    def residuals(shifts: NDArray[np.float64]) -> NDArray[np.float64]:
        off = (np.log(predict(named(shifts))) - logs) / usual
        robust = np.sign(off) * np.sqrt(2 * (np.sqrt(1 + off**2) - 1))
        return np.concatenate([robust, shifts])

    return named(least_squares(residuals, np.zeros(len(priors)), xtol=1e-6, ftol=1e-6, max_nfev=100).x)
