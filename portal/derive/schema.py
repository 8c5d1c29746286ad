"""Declarations as JSON Schema (2020-12), which is also what OpenAPI 3.1 components hold.

``inputs_schema`` and ``outputs_schema`` are the one source of the API's components, of ``calculate --schema`` and of
the calculator's detail. References are made by ``ref``, so that a component and a document of its own share the code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlcore.numbers import MAX_CHARACTERS
from mlcore.reading import to_json
from mlcore.spec import NUMBER_LIMIT, Family, Kind, Param, params
from portal.planning.calculator import Calculator, Output
from portal.planning.outcome import BANDS

_QUANTILES = tuple(f"p{round(share * 100)}" for share in BANDS)

Schema = dict[str, Any]
Ref = Callable[[str, Schema], Schema]
"""Given a component's name and schema, what stands in its place."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RANGE: Schema = {
    "type": "object",
    "title": "Range",
    "description": "An uncertain number. For lognormal, normal and beta, low and high are the 5th and 95th percentile; "
    "for uniform, triangle and pert they are the ends. Without a family: lognormal when both are above zero, else "
    "normal. mode shapes triangle and pert. Both ends lie within the bounds of the field.",
    "properties": {
        "low": {"type": "number"},
        "high": {"type": "number"},
        "family": {"type": "string", "enum": [family.value for family in Family]},
        "mode": {"type": "number"},
    },
    "required": ["low", "high"],
    "additionalProperties": False,
}


def component_name(slug: str, suffix: str = "") -> str:
    """``training-run`` as a component is called: ``TrainingRun``."""
    return "".join(word.capitalize() for word in slug.split("-")) + suffix


def inputs_schema(inputs: type, name: str, ref: Ref) -> Schema:
    """The object of all inputs of a declaration; nothing is required, since everything has a starting value."""
    return {
        "type": "object",
        "title": name,
        "properties": {field: param_schema(param, start, ref) for field, param, start in params(inputs)},
        "additionalProperties": False,
    }


def param_schema(param: Param, start: Any, ref: Ref) -> Schema:
    about = {"title": param.label, "description": _description(param), "default": to_json(start)}
    return {**about, **_SHAPES[param.kind](param, ref)}


def outputs_schema(calculator: Calculator, ref: Ref, *, simulated: bool) -> Schema:
    """The ``outputs`` object of a report."""
    return _exact(
        {
            name: _output(output, simulated and calculator.has_spread(name), ref)
            for name, output in calculator.outputs.items()
        }
    )


def report_schema(calculator: Calculator, ref: Ref, *, simulated: bool) -> Schema:
    """What ``portal.planning.engine.report`` gives for one case or for many draws."""
    inputs_name = component_name(calculator.slug, "Inputs")
    origin = {"type": "object", "properties": {"kind": {"type": "string"}, "text": {"type": "string"}},
              "required": ["kind"]}  # fmt: skip
    names = [name for name, _param, _start in params(calculator.inputs)]
    properties: Schema = {
        "calculator": {"type": "string", "const": calculator.slug},
        "version": {"type": "integer", "const": calculator.version},
        "inputs": ref(inputs_name, inputs_schema(calculator.inputs, inputs_name, ref)),
        "outputs": outputs_schema(calculator, ref, simulated=simulated),
        "warnings": {"type": "array", "items": {"type": "string"}},
        "provenance": _exact(dict.fromkeys(names, ref("Origin", origin))),
    }
    if simulated:
        properties |= {"answer": {"type": "string"}, "draws": {"type": "integer"}, "seed": {"type": "integer"}}
    return _exact(properties, {"tables": {"type": "array", "items": ref("Table", _TABLE)}})


_TABLE: Schema = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "note": {"type": "string"},
        "columns": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"label": {"type": "string"}, "unit": {"type": "string"}},
                "required": ["label", "unit"],
            },
        },
        "rows": {"type": "array", "items": {"type": "array", "items": {"type": ["number", "string", "null"]}}},
    },
    "required": ["title", "note", "columns", "rows"],
}


def document(inputs: type, name: str) -> Schema:
    """The inputs as a JSON Schema document that stands alone."""
    definitions: dict[str, Schema] = {}

    def ref(component: str, schema: Schema) -> Schema:
        definitions[component] = schema
        return {"$ref": f"#/$defs/{component}"}

    schema = inputs_schema(inputs, name, ref)
    return {"$schema": DIALECT, **schema, "$defs": definitions} if definitions else {"$schema": DIALECT, **schema}


def _description(param: Param) -> str:
    parts = [param.help]
    if param.unit.startswith("%"):
        parts.append("A share as a fraction (0.12), or as text with a percent sign (12%).")
    if param.unit and param.unit != "%":
        parts.append(f"Unit: {param.unit}.")
    if param.event:
        parts.append("The probability of an event; a simulation draws whether it happens.")
    if param.kind is Kind.CHOICE:
        parts.append("; ".join(f"{value}: {label}" for value, label in param.choices) + ".")
    if param.source:
        parts.append(f"Source of the starting value: {param.source.rstrip('.')}.")
    if param.along:
        parts.append(f"One number for each row of {param.along}.")
    if param.when:
        parts.append(f"Counts when {param.when[0]} is {' or '.join(param.when[1])}.")
    return " ".join(parts)


def _number(param: Param) -> Schema:
    return {
        "type": "integer" if param.kind is Kind.INTEGER else "number",
        "minimum": -NUMBER_LIMIT if param.low is None else param.low,
        "maximum": NUMBER_LIMIT if param.high is None else param.high,
    }


def _numeric(param: Param, ref: Ref) -> Schema:
    words = "A number as people write it (10k, 3.2M, 320万, 12%)"
    shapes = [_number(param), {"type": "string", "maxLength": MAX_CHARACTERS, "description": f"{words}."}]
    if not param.fixed:
        shapes[1]["description"] = f"{words}, or a range (24 to 38, 24~38, 24 to 38 as uniform)."
        shapes.append(ref("Range", RANGE))
    return {"oneOf": shapes}


def _choice(param: Param, _ref: Ref) -> Schema:
    return {"type": "string", "enum": [value for value, _label in param.choices]}


def _rows(param: Param, ref: Ref) -> Schema:
    assert param.row is not None
    name = param.row.__qualname__
    return {"type": "array", "maxItems": param.max_items, "items": ref(name, inputs_schema(param.row, name, ref))}


def _series(param: Param, _ref: Ref) -> Schema:
    numbers = {"type": "array", "items": _number(param), "maxItems": param.max_items}
    return {"oneOf": [numbers, {"type": "string", "description": "Numbers separated by spaces or line ends."}]}


def _output(output: Output, spread: bool, ref: Ref) -> Schema:
    name, shape = _output_shape(output, spread)
    parts = [f"{output.label}.", output.help, f"= {output.formula}" if output.formula else output.method]
    if output.unit:
        parts.append(f"Unit: {output.unit}.")
    if output.along:
        parts.append(f"One value for each of: {', then '.join(output.along)}.")
    if output.never:
        parts.append(f"Null: {output.never}.")
    return {**ref(name, shape), "description": " ".join(parts)}


def _output_shape(output: Output, spread: bool) -> tuple[str, Schema]:
    """The component that all outputs of one kind share: its name and its schema."""
    never = {"never": {"type": "boolean", "const": True, "description": "Present when value is null."}}
    share: Schema = {"type": "number", "minimum": 0, "maximum": 1}
    value = _listed(_value(output), output)
    shape: Schema = {"value": value, "unit": {"type": "string"}, "label": {"type": "string"}}
    name = "Truth" if output.boolean else "Month" if output.unit == "month" else "Number"
    if output.boolean:
        extra = {"share": {**_listed(share, output), "description": "Of the draws in which it is true."}}
    elif output.along:
        extra = dict.fromkeys(_QUANTILES, value)
    else:
        extra = dict.fromkeys((*_QUANTILES, "mean"), value) | {"share_never": share}
    if output.along:
        name += ("List", "Grid")[len(output.along) - 1]
        shape["along"] = {"type": "array", "items": _ALONG, "description": "What the values are in order of."}
    if output.never:
        name += "OrNever"
    if spread:
        name, shape = f"{name}Spread", {**shape, **extra}
    return f"{name}Output", _exact(shape, never if output.never and not output.along else None)


_ALONG: Schema = {
    "type": "object",
    "properties": {
        "axis": {"type": "string"},
        "places": {"type": "array", "items": {"type": ["number", "string"]}, "description": "What each is called."},
    },
    "required": ["axis", "places"],
    "additionalProperties": False,
}


def _listed(value: Schema, output: Output) -> Schema:
    for _axis in output.along:
        value = {"type": "array", "items": value}
    return value


def _value(output: Output) -> Schema:
    if output.boolean:
        return {"type": "boolean"}
    single = "string" if output.unit == "month" else "number"
    shape: Schema = {"type": [single, "null"] if output.never else single}
    return {**shape, "format": "date"} if output.unit == "month" else shape


def _exact(properties: Schema, optional: Schema | None = None) -> Schema:
    """An object with just these properties."""
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


_SHAPES: dict[Kind, Callable[[Param, Ref], Schema]] = {
    Kind.NUMBER: _numeric,
    Kind.INTEGER: _numeric,
    Kind.CHOICE: _choice,
    Kind.FLAG: lambda param, ref: {"type": "boolean"},
    Kind.TEXT: lambda param, ref: {"type": "string", "maxLength": param.max_length},
    Kind.DAY: lambda param, ref: {"type": "string", "format": "date"},
    Kind.ROWS: _rows,
    Kind.SERIES: _series,
    Kind.MEDIA: lambda param, ref: {"type": "string", "pattern": "^[A-Za-z0-9_-]{0,64}$"},
}
