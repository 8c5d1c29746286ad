"""Perceptual maps: rows of scores as points on a plane, attributes as arrows.

Two ways: principal components of the standardised columns (singular value decomposition), and classical scaling of
the distances between rows (W. S. Torgerson, Psychometrika 17, 1952). Attributes are laid over either map by least
squares, as in property fitting (J. D. Carroll and J.-J. Chang, 1964); for principal components that gives the loadings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

AXES = 2
SMALL = 1e-9  # a share of the largest: what is smaller is rounding


@dataclass(frozen=True, slots=True)
class Columns:
    """``standard`` (rows, attributes) has mean 0 and deviation 1; a column in which rows do not differ is 0 there.

    ``centre`` and ``spread`` (attributes) lead back: ``centre + spread × standard``.
    """

    standard: Array
    centre: Array
    spread: Array

    @property
    def differs(self) -> NDArray[np.bool_]:
        return self.spread > 0


@dataclass(frozen=True, slots=True)
class PerceptualMap:
    """``points`` (rows, 2); ``fitted`` (2, attributes) takes a point to standardised attributes.

    ``explained`` (2) is the share that each axis shows, of the variance or of the squared distances.
    ``correlations`` (2, attributes) are those of attributes with axes; an axis that shows nothing has 0.
    """

    points: Array
    fitted: Array
    correlations: Array
    explained: Array
    stress: float


def standardise(scores: Array) -> Columns:
    """Columns of scores (rows, attributes) about their means, in units of their deviations (of all rows)."""
    centre = scores.mean(axis=0)
    spread = scores.std(axis=0)
    spread = np.where(np.ptp(scores, axis=0) > SMALL * np.abs(scores).max(axis=0), spread, 0.0)
    standard = np.divide(scores - centre, spread, out=np.zeros_like(scores), where=spread > 0)
    return Columns(standard, centre, spread)


def distances(standard: Array, weights: Array) -> Array:
    """Weighted Euclidean distances (rows, rows); ``weights`` (attributes) are taken to have the mean 1."""
    scaled = standard * np.sqrt(weights / weights.mean())
    return between(scaled, scaled)


def between(rows: Array, others: Array) -> Array:
    """Euclidean distances (rows, others) of rows of coordinates."""
    return np.linalg.norm(rows[:, np.newaxis] - others, axis=-1)


def by_components(standard: Array) -> PerceptualMap:
    """The first two principal components of standardised columns (rows, attributes)."""
    points, sizes = principal_components(standard)
    return _laid_over(points, sizes, standard, between(standard, standard))


def by_scaling(standard: Array, weights: Array) -> PerceptualMap:
    """Classical scaling of the weighted distances. With equal weights it is the map of the principal components."""
    apart = distances(standard, weights)
    points, sizes = classical_scaling(apart)
    return _laid_over(points, sizes, standard, apart)


def principal_components(centred: Array) -> tuple[Array, Array]:
    """Points (rows, 2) on the first two axes, and the squared singular values of all."""
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    singular = np.where(singular > SMALL * singular[0], singular, 0.0)
    return _plane(left * singular), singular**2


def classical_scaling(apart: Array) -> tuple[Array, Array]:
    """Points (rows, 2) whose distances come near ``apart`` (rows, rows), and the eigenvalues, largest first.

    Squared distances are centred by rows and columns. Eigenvalues below zero, which only distances of no Euclidean
    space have, put no point anywhere.
    """
    squares = np.square(apart)
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1, keepdims=True) + squares.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    values, vectors = values[::-1], vectors[:, ::-1]
    lengths = np.sqrt(np.where(values > SMALL * values[0], values, 0.0))
    return _plane(vectors * lengths), np.where(np.abs(values) > SMALL * values[0], values, 0.0)


def stress(apart: Array, points: Array) -> float:
    """Kruskal's stress-1, with the distances themselves for the fitted ones: 0 where the map keeps all of them.

    √(Σ(d − d̂)² ÷ Σ d²) over pairs of rows, d being measured on the map; J. B. Kruskal, Psychometrika 29, 1964.
    """
    on_map = between(points, points)
    return float(np.sqrt(np.square(on_map - apart).sum() / np.square(on_map).sum()))


def _plane(points: Array) -> Array:
    """The first two columns, with one of zeros where there is no second."""
    kept = points[:, :AXES]
    return np.pad(kept, ((0, 0), (0, AXES - kept.shape[1])))


def _laid_over(points: Array, sizes: Array, standard: Array, apart: Array) -> PerceptualMap:
    fitted: Array = np.linalg.lstsq(points, standard, rcond=SMALL)[0].astype(np.float64)
    # Which end of an axis is which is arbitrary: the attribute that it shows most points to the right, or up.
    sign = np.sign([row[_first_largest(np.abs(row))] for row in fitted])
    sign = np.where(sign == 0, 1.0, sign)
    points, fitted = points * sign + 0.0, fitted * sign[:, np.newaxis] + 0.0
    correlations = fitted * points.std(axis=0)[:, np.newaxis]
    explained: Array = np.pad(sizes[:AXES], (0, max(0, AXES - len(sizes)))) / np.abs(sizes).sum()
    return PerceptualMap(points, fitted, correlations, explained, stress(apart, points))


def _first_largest(values: Array) -> int:
    """The first of those that are largest but for rounding, so that a tie does not turn the map round."""
    return int(np.argmax(values >= values.max() * (1 - SMALL)))
