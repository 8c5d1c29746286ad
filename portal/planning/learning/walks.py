"""How a walk over a surface ended: it converged, diverged, swings, is stuck on a saddle, or is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from portal.planning.learning.optimizers import Array, Method, descend
from portal.planning.learning.surfaces import Surface

REACHED = 0.01  # of the first loss: a walk that is below has converged
SWINGING = 0.5  # share of turns by more than a right angle from which a walk swings
FLAT = 1e-3  # length of a gradient that moves nothing any more


class Verdict(StrEnum):
    CONVERGED = "converged"
    DIVERGED = "diverged"
    STUCK = "stuck"
    SWINGING = "swinging"
    UNDERWAY = "underway"


@dataclass(frozen=True)
class Walk:
    """``way`` (taken + 1, 2) and ``losses`` (taken + 1,) on it; ``stopped`` when it grew out of all bounds."""

    way: Array
    losses: Array
    stopped: bool
    turns: float  # the share of steps that go against the one before
    verdict: Verdict

    @property
    def steps_to_reach(self) -> float:
        """Steps to 1% of the first loss; ``inf`` when it was not reached."""
        below = np.flatnonzero(self.losses <= REACHED * self.losses[0])
        return float(below[0]) if len(below) else float("inf")


def walk(surface: Surface, method: Method, start: tuple[float, float], steps: int) -> Walk:
    way = descend(method, np.array(start, dtype=np.float64), lambda weights, step: surface.gradient(weights), steps)
    losses = surface.loss(way)
    stopped = len(way) <= steps
    turns = _turns(np.diff(way, axis=0))
    return Walk(way, losses, stopped, turns, _verdict(surface, way, losses, stopped, turns))


def _turns(moves: Array) -> float:
    if len(moves) < 2:
        return 0.0
    return float(((moves[1:] * moves[:-1]).sum(axis=1) < 0).mean())


def _verdict(surface: Surface, way: Array, losses: Array, stopped: bool, turns: float) -> Verdict:
    first, last = losses[0], losses[-1]
    if stopped or last > first:
        return Verdict.DIVERGED
    if last <= REACHED * first:
        return Verdict.CONVERGED
    if surface.saddle and np.linalg.norm(surface.gradient(way[-1])) < FLAT:
        return Verdict.STUCK
    return Verdict.SWINGING if turns > SWINGING else Verdict.UNDERWAY
