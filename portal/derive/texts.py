"""Every text that a declaration shows to people, for the translation catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from mlcore.registry import all_tasks
from mlcore.spec import params
from mlcore.task import Task
from portal.planning.calculator import Calculator
from portal.planning.catalog.offered import EDITED
from portal.planning.engine import evaluate
from portal.planning.evidence.family import Family
from portal.planning.evidence.registry import all_families
from portal.planning.registry import all_calculators


def declared_texts() -> Iterator[str]:
    """The texts of all calculators, tasks and families, each once, in the order in which they are declared; before them
    what every calculator may say."""
    found: dict[str, None] = {EDITED: None}
    for calculator in all_calculators().values():
        found |= dict.fromkeys(_of_calculator(calculator))
    for task in all_tasks().values():
        found |= dict.fromkeys(_of_task(task))
    for family in all_families().values():
        found |= dict.fromkeys(_of_family(family))
    return (text for text in found if text)


def _of_calculator(calculator: Calculator) -> Iterator[str]:
    yield from (calculator.title, calculator.summary, calculator.family)
    yield from _of_inputs(calculator.inputs)
    for output in calculator.outputs.values():
        yield from (output.label, output.help, output.method, output.never)
    yield from calculator.sentences
    yield from (chart.title for chart in calculator.charts)
    yield from (board.title for board in calculator.boards)
    yield from (preset.label for preset in calculator.presets)
    yield from (example.source for example in calculator.examples)
    for axis in calculator.axes.values():
        yield axis.label
        yield from (place for place in axis.places(calculator.inputs()) if isinstance(place, str))
    # Tables are made by code; the starting values give every one of them.
    for table in evaluate(calculator, calculator.inputs()).tables:
        yield from (table.title, table.note, *(label for label, _ in table.columns), *table.words)


def _of_inputs(inputs: type) -> Iterator[str]:
    for _, param, _ in params(inputs):
        yield from (param.group, param.label, param.help, param.source)
        yield from (label for _, label in param.choices)
        if param.row is not None:
            yield from _of_inputs(param.row)


def _of_family(family: Family) -> Iterator[str]:
    yield from (family.title, family.summary, family.rule_name, *family.meanings.values())
    for case in family.read():
        yield from (*case.shown, *case.rivals)


def _of_task(task: Task) -> Iterator[str]:
    yield from (task.title, task.summary, task.family)
    for action in task.actions:
        yield from (action.title, action.help)
        yield from _of_inputs(action.inputs)
        for result in action.results.values():
            yield from (result.label, result.help, *result.words.values())
        for curve in action.curves:
            yield from (curve.title, *curve.measures.values())
