"""The formula behind a number: in words, with the numbers filled in, and as arithmetic that a test evaluates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.spec import params
from portal.planning.calculator import Calculator
from portal.planning.wording import figure as plain_figure

_PLACE = re.compile(r"\{(\w+)\}")
_OPERATORS = str.maketrans({"×": "*", "÷": "/", "−": "-", "^": "**"})


@dataclass(frozen=True, slots=True)
class Explanation:
    """``words`` is the formula or the method with labels for names. ``substituted`` is empty for a method, and for an
    output that has many values."""

    label: str
    help: str
    words: str
    substituted: str
    source: str


def explain(
    calculator: Calculator,
    name: str,
    values: Mapping[str, Any],
    *,
    figure: Callable[[Any, str], str] = plain_figure,
    translate: Callable[[str], str] = str,
) -> Explanation:
    """How output ``name`` comes about. ``values`` are those of a ``Case``.

    ``figure`` writes a value of a unit and ``translate`` a declared text in the reader's language.
    """
    output = calculator.outputs[name]
    known = _known(calculator)
    labels = {place: translate(known[place][0]) for place in output.names()}
    substituted = ""
    if output.formula:
        words = _fill(output.formula, labels.__getitem__)
        if not output.along:
            substituted = _fill(output.formula, lambda place: _operand(figure(values[place], known[place][1])))
    else:
        words = _fill(translate(output.method), lambda place: f"“{labels[place]}”")
    return Explanation(translate(output.label), translate(output.help), words, substituted, translate(output.source))


def arithmetic(formula: str) -> str:
    """The formula as a Python expression over the names: ``{cash} ÷ {burn}`` becomes ``cash / burn``."""
    return _fill(formula, str).translate(_OPERATORS)


def _known(calculator: Calculator) -> dict[str, tuple[str, str]]:
    """Label and unit of every input and output."""
    inputs = {name: (param.label, param.unit) for name, param, _ in params(calculator.inputs)}
    return inputs | {name: (output.label, output.unit) for name, output in calculator.outputs.items()}


def _fill(text: str, write: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda found: write(found.group(1)), text)


def _operand(text: str) -> str:
    return f"({text})" if text.startswith(("-", "−")) else text
