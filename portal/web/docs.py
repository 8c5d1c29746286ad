"""The documents: what every calculator and task takes and gives, the settings, the API, and how to add more.

All of it is made from the declarations and from the files beside the code, so it cannot fall behind them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from mlcore import tasks
from mlcore.reading import read_inputs
from mlcore.registry import all_tasks
from mlcore.spec import Kind, Param, params
from mlcore.task import Action, Task
from portal.derive.along import along_words
from portal.derive.query import as_typed, state_to_query
from portal.derive.samples import samples
from portal.derive.values import value_words
from portal.derive.wording import bounds_words, figure, unit_name
from portal.planning import calculators
from portal.planning.calculator import Calculator, Example
from portal.planning.engine import evaluate
from portal.planning.explain import explain
from portal.planning.registry import all_calculators
from portal.settings.env import SETTINGS, Setting
from portal.web.markdown import html_of

GUIDES = {
    "calculator": (gettext_lazy("Add a calculator"), calculators),
    "task": (gettext_lazy("Add a task"), tasks),
}
"""How-to pages: the package whose README.md each shows."""


@dataclass(frozen=True, slots=True)
class InputRow:
    name: str
    label: str
    help: str
    kind: str
    permitted: str
    default: str
    source: str
    cells: tuple[InputRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputRow:
    name: str
    label: str
    help: str
    unit: str
    formula: str
    substituted: str
    source: str
    along: str  # what it has one value for each of, or empty


@dataclass(frozen=True, slots=True)
class Worked:
    """A worked example: what goes in, what comes out, and the page filled with it."""

    inputs: list[tuple[str, str]]
    expected: list[tuple[str, str]]
    source: str
    query: str


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    context = {"calculators": all_calculators().values(), "tasks": all_tasks().values(), "guides": _guides()}
    return render(request, "docs/index.html", context)


@require_GET
def calculator(request: HttpRequest, slug: str) -> HttpResponse:
    found = _found(all_calculators(), slug)
    context = {
        "calculator": found,
        "inputs": input_rows(found.inputs),
        "samples": samples(found.inputs),
        "outputs": _output_rows(found),
        "examples": [_worked(found, example) for example in found.examples],
        "sources": [gettext(source) for source in found.sources],
        "call": _call(request, found),
    }
    return render(request, "docs/calculator.html", context)


@require_GET
def task(request: HttpRequest, slug: str) -> HttpResponse:
    found = _found(all_tasks(), slug)
    actions = [
        {"action": action, "inputs": input_rows(action.inputs), "results": _result_rows(action)}
        for action in found.actions
    ]
    return render(request, "docs/task.html", {"task": found, "actions": actions, "card": html_of(_card(found))})


@require_GET
def environment(request: HttpRequest) -> HttpResponse:
    rows = [
        {"name": s.name, "type": s.type, "default": _default_words(s), "help": gettext(s.help), "secret": s.secret}
        for s in SETTINGS
    ]
    return render(request, "docs/settings.html", {"settings": rows})


@require_GET
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    title, package = _found(GUIDES, slug)
    text = files(package).joinpath("README.md").read_text(encoding="utf-8")
    return render(request, "docs/guide.html", {"title": title, "text": html_of(text)})


def input_rows(inputs: type) -> list[InputRow]:
    """The declared inputs as a table tells them; rows of sub-records have ``cells`` of their own."""
    return [_input_row(name, param, start) for name, param, start in params(inputs)]


def _input_row(name: str, param: Param, start: Any) -> InputRow:
    return InputRow(
        name=name,
        label=gettext(param.label),
        help=gettext(param.help),
        kind=param.kind.value,
        permitted=_permitted(param),
        default=_start_words(param, start),
        source=gettext(param.source) if param.source else "",
        cells=tuple(input_rows(param.row)) if param.row else (),
    )


def _permitted(param: Param) -> str:
    match param.kind:
        case Kind.NUMBER | Kind.INTEGER:
            parts = [bounds_words(param), "" if param.fixed else gettext("may be a range")]
            return ", ".join(part for part in parts if part)
        case Kind.CHOICE:
            return ", ".join(value for value, _label in param.choices)
        case Kind.TEXT:
            return gettext("at most {count} characters").format(count=figure(param.max_length))
        case Kind.ROWS:
            return gettext("at most {count} rows").format(count=figure(param.max_items))
        case Kind.SERIES:
            return gettext("at most {count} numbers").format(count=figure(param.max_items))
        case Kind.MEDIA:
            return gettext("{types}, at most {count} bytes").format(
                types=", ".join(param.accept), count=figure(param.max_bytes)
            )
    return ""


def _start_words(param: Param, start: Any) -> str:
    if param.kind is Kind.ROWS and start:
        return json.dumps(as_typed(param, start), ensure_ascii=False)
    return value_words(param, start)


def _output_rows(calculator: Calculator) -> list[OutputRow]:
    """Every output with its formula, filled with what the starting values give."""
    values = evaluate(calculator, calculator.inputs()).values
    rows = []
    for name, output in calculator.outputs.items():
        told = explain(calculator, name, values, figure=figure, translate=gettext)
        unit = unit_name(output.unit)
        along = along_words(calculator, output)
        rows.append(OutputRow(name, told.label, told.help, unit, told.words, told.substituted, told.source, along))
    return rows


def _worked(calculator: Calculator, example: Example) -> Worked:
    inputs: Any = read_inputs(calculator.inputs, example.inputs)
    declared = {name: param for name, param, _start in params(calculator.inputs)}
    given = [
        (gettext(declared[name].label), _start_words(declared[name], getattr(inputs, name))) for name in example.inputs
    ]
    expected = [
        (gettext(calculator.outputs[name].label), _values_words(value, calculator.outputs[name].unit))
        for name, value in example.expected.items()
    ]
    return Worked(given, expected, gettext(example.source), state_to_query(inputs))


def _values_words(value: Any, unit: str) -> str:
    """One value, or those along something, in order."""
    if isinstance(value, list | tuple):
        return "; ".join(_values_words(each, unit) for each in value)
    return figure(value, unit)


def _call(request: HttpRequest, calculator: Calculator) -> str:
    url = request.build_absolute_uri(reverse(f"tools-api:{calculator.slug}-evaluate"))
    given = dict(calculator.examples[0].inputs) if calculator.examples else {}
    body = json.dumps(given, ensure_ascii=False, indent=1)
    return f"curl -s {url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"


def _result_rows(action: Action) -> list[dict[str, str]]:
    return [
        {"name": name, "label": gettext(result.label), "help": gettext(result.help) if result.help else "",
         "kind": result.kind, "unit": unit_name(result.unit)}
        for name, result in action.results.items()
    ]  # fmt: skip


def _card(task: Task) -> str:
    """The task's card, from its folder."""
    module = type(task).__module__ if not task.actions else task.actions[0].entry.partition(":")[0]
    folder = Path(str(files(module.rpartition(".")[0])))
    return (folder / task.card).read_text(encoding="utf-8")


def _default_words(setting: Setting) -> str:
    if setting.default in ("", ()):
        return ""
    if isinstance(setting.default, bool):
        return "yes" if setting.default else "no"
    return ", ".join(setting.default) if isinstance(setting.default, tuple) else str(setting.default)


def _guides() -> list[dict[str, Any]]:
    return [{"slug": slug, "title": title} for slug, (title, _package) in GUIDES.items()]


def _found(known: Mapping[str, Any], slug: str) -> Any:
    try:
        return known[slug]
    except KeyError:
        raise Http404 from None
