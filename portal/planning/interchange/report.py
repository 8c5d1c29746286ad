"""What a package loses on its way in or out, and what is wrong with one that is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcore.reading import Invalid, Problem

MOST_FAULTS = 100  # told of one package


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field of an object; ``object_id`` and ``field`` are empty where it is the whole file."""

    file: str
    object_id: str
    field: str
    problem: Problem

    @property
    def path(self) -> str:
        return "/".join(part for part in (self.file, self.object_id, self.field) if part)


class PackageRefused(Invalid):
    """A package that is not what it should be, with every fault found up to ``MOST_FAULTS``."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        self.more = len(faults) - len(self.faults)
        problems: dict[str, list[Problem]] = {}
        for fault in self.faults:
            problems.setdefault(fault.path, []).append(fault.problem)
        super().__init__(problems)


@dataclass(frozen=True, slots=True)
class Loss:
    """What was not carried over, of which objects; ``whole`` where the objects themselves are left out."""

    kind: str  # the type of the objects in the format, or the name of the event
    problem: Problem
    ids: tuple[str, ...]
    whole: bool = False


class Losses:
    """Gathers losses; those that say the same of objects of one kind are one line."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, bool], tuple[Problem, list[str]]] = {}

    def add(
        self, kind: str, template: Problem, about: str, *, whole: bool = False, values: Mapping[str, Any] | None = None
    ) -> None:
        """``values`` replace those of ``template``."""
        problem = Problem(template.template, values) if values is not None else template
        _, ids = self._found.setdefault((kind, problem.template, str(problem), whole), (problem, []))
        if about not in ids:
            ids.append(about)

    def told(self) -> tuple[Loss, ...]:
        return tuple(
            Loss(kind, problem, tuple(ids), whole) for (kind, _, _, whole), (problem, ids) in self._found.items()
        )
