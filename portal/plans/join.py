"""Put measured and computed values into a calculator's inputs, by the names of quantities. Pure: no database.

An input says with ``Param.quantity`` which measured or computed value may be sent to it; a job's ``measures`` and a
calculator's outputs carry the same names. Nothing here knows any quantity, calculator or task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.reading import Invalid, Problem, read_value, to_json
from mlcore.spec import Kind, Param, params


@dataclass(frozen=True, slots=True)
class Filled:
    """Stored inputs after the join: which fields were filled, and what was refused with the reason."""

    inputs: dict[str, Any]
    names: tuple[str, ...]
    refused: dict[str, Problem] = field(default_factory=dict)


def accepts(inputs: type, quantities: Mapping[str, Any]) -> tuple[str, ...]:
    """The inputs to which any of the quantities can be sent."""
    return tuple(name for name, param, _ in params(inputs) if param.quantity and param.quantity in quantities)


def fill(inputs: type, base: Mapping[str, Any], values: Mapping[str, Any]) -> Filled:
    """``base`` (stored inputs) with every field filled whose quantity is among ``values``.

    A field that is shown only while a choice has some value (``when``) makes that choice: a measured layer count
    turns the preset to "custom". Of two fields that want different choices, the one declared first is filled.
    """
    declared = {name: param for name, param, _ in params(inputs)}
    result, names, refused = dict(base), [], {}
    made: dict[str, str] = {}
    for name in accepts(inputs, values):
        param = declared[name]
        if param.kind is Kind.CHOICE and name in made:
            continue
        try:
            read = read_value(param, values[param.quantity])
        except Invalid as problem:
            refused[name] = next(iter(problem.problems.values()))[0]
            continue
        choices = _choices(declared, param, result, made)
        if choices is None:
            continue
        made |= choices
        result |= choices
        result[name] = to_json(read)
        names.append(name)
    return Filled(result, tuple(dict.fromkeys([*names, *made])), refused)


def _choices(
    declared: Mapping[str, Param], param: Param, now: Mapping[str, Any], made: Mapping[str, str]
) -> dict[str, str] | None:
    """The choices that show ``param``, outermost last; None when an earlier field wants another."""
    needed: dict[str, str] = {}
    while param.when is not None:
        chooser, permitted = param.when
        current = made.get(chooser)
        if current is None:
            needed[chooser] = now[chooser] if now.get(chooser) in permitted else next(iter(permitted))
        elif current not in permitted:
            return None
        param = declared[chooser]
    return needed
