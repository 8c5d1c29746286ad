"""Losses of two weights that can be seen as a landscape; each has its lowest point at 0.

Arrays of weights have the two as their last axis, so that one formula serves a step and a grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROSENBROCK = "H. H. Rosenbrock, The Computer Journal 3(3), 1960"
VALLEY_DEPTH = 10.0  # Rosenbrock took 100, whose contours nobody can see


@dataclass(frozen=True)
class Surface:
    """``loss`` takes weights (..., 2) and gives (...), ``gradient`` gives (..., 2).

    ``minimum`` is a lowest point, ``curvatures`` the eigenvalues of the second derivatives there, smaller first.
    ``quadratic`` surfaces have them everywhere.
    """

    loss: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    minimum: tuple[float, float]
    curvatures: tuple[float, float]
    quadratic: bool = False
    saddle: bool = False


def quadratic(stretch: float) -> Surface:
    """½(w₁² + stretch · w₂²): curvature 1 along the first weight and ``stretch`` along the second."""
    scale = np.array([1.0, stretch])
    return Surface(
        loss=lambda w: 0.5 * (scale * w**2).sum(axis=-1),
        gradient=lambda w: scale * w,
        minimum=(0.0, 0.0),
        curvatures=(min(1.0, stretch), max(1.0, stretch)),
        quadratic=True,
    )


def valley() -> Surface:
    """(1 − w₁)² + 10(w₂ − w₁²)²: a bent valley after Rosenbrock, easy to reach and hard to follow."""

    def loss(w: Array) -> Array:
        return (1 - w[..., 0]) ** 2 + VALLEY_DEPTH * (w[..., 1] - w[..., 0] ** 2) ** 2

    def gradient(w: Array) -> Array:
        off = w[..., 1] - w[..., 0] ** 2
        return np.stack([-2 * (1 - w[..., 0]) - 4 * VALLEY_DEPTH * w[..., 0] * off, 2 * VALLEY_DEPTH * off], axis=-1)

    bend = np.array([[2 + 8 * VALLEY_DEPTH, -4 * VALLEY_DEPTH], [-4 * VALLEY_DEPTH, 2 * VALLEY_DEPTH]])  # at (1, 1)
    low, high = np.linalg.eigvalsh(bend)
    return Surface(loss, gradient, minimum=(1.0, 1.0), curvatures=(float(low), float(high)))


def saddle() -> Surface:
    """½w₁² + ¼(w₂² − 1)²: minima at w₂ = ±1, and between them a saddle, flat at (0, 0) though not lowest there."""
    return Surface(
        loss=lambda w: 0.5 * w[..., 0] ** 2 + 0.25 * (w[..., 1] ** 2 - 1) ** 2,
        gradient=lambda w: np.stack([w[..., 0], w[..., 1] * (w[..., 1] ** 2 - 1)], axis=-1),
        minimum=(0.0, 1.0),
        curvatures=(1.0, 2.0),
        saddle=True,
    )
