"""How far rows stand from one another, and where on the map there is room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.planning.rivalry.maps import SMALL, PerceptualMap, between

Array = NDArray[np.float64]

STEPS = 40  # of the grid, on each side of the map


@dataclass(frozen=True, slots=True)
class WhiteSpace:
    """The emptiest ``spot`` (2) of the map; how ``far`` it is from the nearest rival and how far ``from_us``."""

    spot: Array
    far: float
    from_us: float


def nearest(apart: Array) -> tuple[NDArray[np.intp], Array]:
    """For each row of distances (rows, rows), which other row is nearest and how far; the first of equals."""
    others = apart + np.diag(np.full(len(apart), np.inf))
    return others.argmin(axis=1), others.min(axis=1)


def mean_distance(apart: Array) -> float:
    """The mean over all pairs of rows."""
    return float(apart[np.triu_indices(len(apart), k=1)].mean())


def white_space(drawn: PerceptualMap, weights: Array, us: int) -> WhiteSpace:
    """The point that is farthest from the rival nearest to it, among those that mixtures of the rows can reach.

    It is the centre of the largest empty circle with its centre in the convex hull (G. T. Toussaint, International
    Journal of Computer and Information Sciences 12, 1983), here to one fortieth of the map's sides. Distances
    count the attributes, as the map shows them, by their ``weights`` (attributes). We ourselves leave the space empty.
    """
    metric = drawn.fitted * np.sqrt(weights / weights.mean())
    grid = _grid(drawn.points)
    rivals = np.delete(drawn.points, us, axis=0) @ metric
    gaps = between(grid @ metric, rivals).min(axis=1)
    best = int(np.argmax(gaps >= gaps.max() * (1 - SMALL)))
    spot = grid[best]
    return WhiteSpace(spot, float(gaps[best]), float(np.linalg.norm((spot - drawn.points[us]) @ metric)))


def _grid(points: Array) -> Array:
    """Points (places, 2) of a grid over the map that lie in the convex hull of ``points``."""
    # It brings SciPy's sparse matrices along, which no other page needs.
    from scipy.spatial import ConvexHull

    low, span = points.min(axis=0), np.ptp(points, axis=0)
    across, up = (edge.ravel() for edge in np.meshgrid(np.linspace(0, 1, STEPS + 1), np.linspace(0, 1, STEPS + 1)))
    unit = np.column_stack((across, up))
    if span[1] <= SMALL * span[0]:  # all on one line, which is the first axis
        return low + np.linspace(0, 1, STEPS + 1)[:, np.newaxis] * span
    sides = ConvexHull((points - low) / span).equations  # normal and offset of each; inside is below zero
    inside = (unit @ sides[:, :2].T + sides[:, 2] <= SMALL).all(axis=1)
    return low + unit[inside] * span
