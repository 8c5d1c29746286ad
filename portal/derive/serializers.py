"""One exact OpenAPI component for each calculator and for each action of a task."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mlcore.registry import all_tasks
from portal.derive.schema import Schema, component_name, inputs_schema, report_schema
from portal.planning.catalog.edits import version
from portal.planning.registry import all_calculators


def reference(component: str) -> Schema:
    return {"$ref": f"#/components/schemas/{component}"}


def action_component(task: str, action: str) -> str:
    """The name of the inputs component of a task's action."""
    return component_name(f"{task}-{action}", "Inputs")


def components() -> dict[str, Schema]:
    """Every derived component by name, with the choices that the catalogue gives now.

    Raises:
        RuntimeError: two declarations want one name for different things.
    """
    return _components(version())


@lru_cache(maxsize=1)
def _components(_catalogue: int) -> dict[str, Schema]:
    found: dict[str, Schema] = {}

    def ref(name: str, schema: Schema) -> Schema:
        if found.setdefault(name, schema) != schema:
            raise RuntimeError(f"two declarations make different OpenAPI components called {name}: rename one class")
        return reference(name)

    for calculator in all_calculators().values():
        for suffix, simulated in (("Evaluation", False), ("Simulation", True)):
            ref(component_name(calculator.slug, suffix), report_schema(calculator, ref, simulated=simulated))
    for task in all_tasks().values():
        for action in task.actions:
            name = action_component(task.slug, action.slug)
            ref(name, inputs_schema(action.inputs, name, ref))
    return found


def add_components(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """A drf-spectacular hook: put the derived components beside those that serializers made."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(components())
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result
