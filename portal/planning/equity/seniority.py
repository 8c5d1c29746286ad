"""Ranks from what charters say pair by pair: this class is paid before that one."""

from __future__ import annotations

from collections.abc import Iterable

from mlcore.reading import Problem
from portal.planning.equity.money import Refused


def ranks(names: Iterable[str], before: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The rank of each class, 1 first, from pairs ``(senior, junior)``; what no pair tells apart shares a rank.

    Raises:
        Refused: a name that is not declared, or pairs that go round in a circle.
    """
    found = dict.fromkeys(names, 1)
    pairs = list(before)
    for name in (name for pair in pairs for name in pair):
        if name not in found:
            problem = Problem("Wanted one of {names}, got {given}.", {"names": ", ".join(found), "given": name})
            raise Refused(problem, "seniority")
    for _ in found:
        lower = [(junior, found[senior] + 1) for senior, junior in pairs if found[junior] <= found[senior]]
        if not lower:
            return found
        for junior, rank in lower:
            found[junior] = max(found[junior], rank)
    circle = sorted({junior for senior, junior in pairs if found[junior] <= found[senior]})
    if circle:
        problem = Problem("The order of payment goes round in a circle through {names}.", {"names": ", ".join(circle)})
        raise Refused(problem, "seniority")
    return found
