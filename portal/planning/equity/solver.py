"""The one equation of a round, solved in closed form.

Every quantity of a round is a straight line in ``x``, the shares after it, but what converts takes the best of
several lines. What is left over, ``g(x) = left(x) − Σ max(lines(x))``, is therefore concave: where its last slope is
above zero it rises everywhere and has exactly one root. That slope, the margin, is the proof of uniqueness; below
zero the round is refused. (Rule and proof: ogulcan-ozyavuz/algorithmic-game-theory-for-private-equity, docs/rounds.md.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.planning.equity.lines import Line
from portal.planning.equity.safes import Terms


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to convert: the shares as a line in the total. ``at_cap`` tells a cap from the round price."""

    shares: Line
    terms: Terms
    at_cap: bool


def margin(left: Line, choices: Sequence[Sequence[Branch]]) -> Fraction:
    """What each further share leaves over when the total is large: the last and smallest slope of ``g``."""
    return left.slope - sum((max(branch.shares.slope for branch in each) for each in choices), Fraction(0))


def solve(left: Line, choices: Sequence[Sequence[Branch]]) -> tuple[Fraction, list[Branch]]:
    """The root of ``g`` and the branch that each conversion takes there; wants a margin above zero.

    Newton's method on a concave piecewise straight function: the first step comes from the last piece, each further
    one moves right to another piece, so it ends at the root itself after at most as many steps as there are pieces.
    """
    taken = [max(each, key=lambda branch: (branch.shares.slope, branch.shares.start)) for each in choices]
    while True:
        total = _root(left, taken)
        best = [_best(each, total) for each in choices]
        if all(a.shares(total) == b.shares(total) for a, b in zip(taken, best, strict=True)):
            return total, best
        taken = best


def _root(left: Line, taken: Sequence[Branch]) -> Fraction:
    for branch in taken:
        left = left - branch.shares
    return left.root()


def _best(branches: Sequence[Branch], total: Fraction) -> Branch:
    """The branch with the most shares; of equal ones the first, which is the instrument's own cap."""
    return max(branches, key=lambda branch: branch.shares(total))
