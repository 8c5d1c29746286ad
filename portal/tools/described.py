"""A calculator's declaration as JSON: what the API's detail and ``calculate --schema`` say."""

from __future__ import annotations

from typing import Any

from portal.derive.schema import component_name, document
from portal.planning.calculator import Calculator, Output


def listed(calculator: Calculator) -> dict[str, Any]:
    """What one line of a list says."""
    return {
        "slug": calculator.slug,
        "version": calculator.version,
        "title": calculator.title,
        "summary": calculator.summary,
        "family": calculator.family,
    }


def described(calculator: Calculator) -> dict[str, Any]:
    """Everything: inputs as JSON Schema, outputs with formulas, presets, worked examples and sources."""
    return {
        **listed(calculator),
        "inputs": document(calculator.inputs, component_name(calculator.slug, "Inputs")),
        "outputs": {name: _output(output) for name, output in calculator.outputs.items()},
        "explains": calculator.explains,
        "presets": [{"slug": p.slug, "label": p.label, "inputs": dict(p.inputs)} for p in calculator.presets],
        "examples": [
            {"inputs": dict(e.inputs), "expected": dict(e.expected), "rtol": e.rtol, "source": e.source}
            for e in calculator.examples
        ],
        "sources": list(calculator.sources),
    }


def _output(output: Output) -> dict[str, Any]:
    return {
        "label": output.label,
        "unit": output.unit,
        "help": output.help,
        "formula": output.formula,
        "method": output.method,
        "source": output.source,
        "along": list(output.along),
        "boolean": output.boolean,
        "never": output.never,
        "quantity": output.quantity,
    }
