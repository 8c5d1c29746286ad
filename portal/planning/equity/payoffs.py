"""The waterfall as straight lines between breakpoints: for charts, and for many exit values at once in floats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.reading import Problem
from portal.planning.equity.money import Refused
from portal.planning.equity.waterfall import (
    COSTS,
    Common,
    Waterfall,
    solve,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakpoint:
    """An exit value at which somebody's share of the next dollar changes, and who: ``(kind, name)``.

    Kinds: "costs paid", "debt paid", "preference paid", "exercised", "cap reached", "converts".
    """

    exit_value: Fraction
    causes: tuple[tuple[str, str], ...]


def breakpoints(waterfall: Waterfall) -> tuple[Breakpoint, ...]:
    """All of them, by rising exit value."""
    found: dict[Fraction, list[tuple[str, str]]] = {}

    def add(net: Fraction, kind: str, name: str) -> None:
        found.setdefault(_gross(waterfall, net), []).append((kind, name))

    if waterfall.costs:
        add(Fraction(0), "costs paid", COSTS)
    owed = Fraction(0)
    for rank in sorted({debt.rank for debt in waterfall.debts}):
        tier = [debt for debt in waterfall.debts if debt.rank == rank]
        owed += sum((debt.claim for debt in tier), Fraction(0))
        for debt in tier:
            add(owed, "debt paid", debt.name)
    kept = 1 - waterfall.carve_out
    preferred = Fraction(0)
    for rank in sorted({each.rank for each in waterfall.preferred}):
        in_tier = [each for each in waterfall.preferred if each.rank == rank]
        preferred += sum((each.preference for each in in_tier), Fraction(0))
        for each in in_tier:
            add(owed + preferred / kept, "preference paid", each.name)
    for level, paid in zip(waterfall.levels, waterfall.paid, strict=True):
        for kind, name in _causes(waterfall, level):
            add(owed + paid / kept, kind, name)
    return tuple(Breakpoint(exit_value=value, causes=tuple(found[value])) for value in sorted(found))


def _causes(waterfall: Waterfall, level: Fraction) -> list[tuple[str, str]]:
    causes = []
    for each in waterfall.classes:
        if isinstance(each, Common):
            if each.strike == level and level:
                causes.append(("exercised", each.name))
            continue
        if each.capped_at == level:
            causes.append(("cap reached", each.name))
        if each.converts_above == level:
            causes.append(("converts", each.name))
    return causes


def _gross(waterfall: Waterfall, net: Fraction) -> Fraction:
    """The exit value that leaves ``net`` after costs."""
    return (net + waterfall.costs) / (1 - waterfall.cost_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoffs:
    """Payments as piecewise straight functions of the exit value: ``at[name]`` are those at the ``knots``."""

    knots: NDArray[np.float64]
    at: dict[str, NDArray[np.float64]]
    slopes: dict[str, float]  # of the next dollar beyond the last knot

    def __call__(self, exit_values: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Payments by name, each of the shape of ``exit_values``.

        Raises:
            Refused: a value below zero, or one that is not finite.
        """
        values = np.asarray(exit_values, dtype=float)
        if not np.all((values >= 0) & np.isfinite(values)):
            raise Refused(Problem("Wanted exit values of zero or more, and finite ones.", {}), "exit_values")
        beyond = np.maximum(values - self.knots[-1], 0.0)
        return {name: np.interp(values, self.knots, at) + beyond * self.slopes[name] for name, at in self.at.items()}


def payoffs(waterfall: Waterfall) -> Payoffs:
    """The exact payments at every breakpoint, as floats between which lines run."""
    exits = sorted({Fraction(0), *(each.exit_value for each in breakpoints(waterfall))})
    exact = [solve(waterfall, value).payments for value in exits]
    beyond = solve(waterfall, exits[-1] + 1).payments
    return Payoffs(
        knots=np.array([float(value) for value in exits]),
        at={name: np.array([float(each[name]) for each in exact]) for name in beyond},
        slopes={name: float(beyond[name] - exact[-1][name]) for name in beyond},
    )
