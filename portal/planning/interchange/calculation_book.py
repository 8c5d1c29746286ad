"""Any calculator's figures as a workbook: its inputs, and every output that has a formula as a live one.

The declaration is enough: ``formula`` over names becomes a formula over cells. What only a method gives is pasted, and
the workbook says so beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlcore.spec import Kind, Param, Range, params
from portal.planning.calculator import MONTH, Output, row_names
from portal.planning.calendar import from_month
from portal.planning.explain import arithmetic, explain
from portal.planning.interchange.sheets import Look, Sheet, Workbook
from portal.planning.interchange.words import (
    BOOK_HEAD,
    FORMULA,
    HOW,
    INPUTS,
    INPUTS_NOTE,
    MONTHS,
    NEVER,
    PASTED,
    PLACE,
    RESULTS,
    RESULTS_HEAD,
    RESULTS_NOTE,
)
from portal.planning.outcome import Case

Translate = Callable[[str], str]
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(slots=True)
class _Book:
    case: Case
    translate: Translate
    book: Workbook = field(default_factory=Workbook)
    single: dict[str, str] = field(default_factory=dict)  # addresses of single values, by name
    along: dict[str, tuple[Sheet, int, int]] = field(default_factory=dict)  # where the first place of an output stands
    live: set[str] = field(default_factory=set)


def calculation_book(case: Case, *, translate: Translate = str) -> Workbook:
    """The workbook of a case; every range stands at its median, with its ends beside it."""
    made = _Book(case, translate)
    _inputs(made)
    _outputs(made)
    return made.book


def _inputs(made: _Book) -> None:
    calculator, resolved = made.case.calculator, made.case.resolved
    sheet = made.book.sheet(made.translate(INPUTS))
    sheet.put(1, 1, made.translate(calculator.title), Look.TITLE)
    sheet.put(2, 1, made.translate(INPUTS_NOTE), Look.NOTE)
    sheet.line(4, map(made.translate, BOOK_HEAD), Look.HEAD)
    row = 5
    for name, param, _start in params(calculator.inputs):
        if param.kind is Kind.ROWS:
            _table(made, name, param)
            continue
        value, typed = getattr(resolved, name), getattr(made.case.inputs, name)
        if param.kind is Kind.SERIES:
            continue
        sheet.put(row, 1, made.translate(param.label))
        made.single[name] = sheet.put(row, 2, _shown(made, param, value), Look.INPUT, param.unit)
        if isinstance(typed, Range):
            sheet.put(row, 3, typed.low, Look.LABEL, param.unit)
            sheet.put(row, 4, typed.high, Look.LABEL, param.unit)
        sheet.put(row, 5, made.translate(param.help), Look.NOTE)
        row += 1


def _shown(made: _Book, param: Param, value: Any) -> Any:
    if param.kind is Kind.CHOICE:
        return made.translate(dict(param.choices)[value])
    return plain(value)


def plain(value: Any) -> Any:
    """Numbers of NumPy as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _table(made: _Book, name: str, param: Param) -> None:
    """A table of rows on a sheet of its own."""
    rows = getattr(made.case.resolved, name)
    assert param.row is not None
    fields = [(key, each) for key, each, _start in params(param.row) if each.kind is not Kind.SERIES]
    sheet = made.book.sheet(made.translate(param.label))
    sheet.put(1, 1, made.translate(param.label), Look.TITLE)
    sheet.put(2, 1, made.translate(param.help), Look.NOTE)
    sheet.line(4, [made.translate(each.label) for _key, each in fields], Look.HEAD)
    for at, row in enumerate(rows):
        for column, (key, each) in enumerate(fields, 1):
            sheet.put(5 + at, column, _shown(made, each, getattr(row, key)), Look.INPUT, each.unit)


def _outputs(made: _Book) -> None:
    calculator = made.case.calculator
    sheet = made.book.sheet(made.translate(RESULTS))
    sheet.put(1, 1, made.translate(calculator.title), Look.TITLE)
    sheet.put(2, 1, made.translate(RESULTS_NOTE), Look.NOTE)
    sheet.line(4, map(made.translate, RESULTS_HEAD), Look.HEAD)
    single = {name: output for name, output in calculator.outputs.items() if not output.along}
    for at, name in enumerate(single):
        made.single[name] = sheet.at(5 + at, 2)
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, output in calculator.outputs.items():
        if output.along:
            groups.setdefault(output.along, []).append(name)
    for along, names in groups.items():
        _place(made, along, names)
    made.live = _live(made)
    for at, (name, output) in enumerate(single.items()):
        sheet.put(5 + at, 1, made.translate(output.label))
        _value(made, sheet, 5 + at, 2, name, output, ())
        kind, words = _how(made, name, output)
        sheet.put(5 + at, 3, kind, Look.NOTE)
        sheet.put(5 + at, 4, words, Look.NOTE)
    for along, names in groups.items():
        _fill_group(made, along, names)


def _how(made: _Book, name: str, output: Output) -> tuple[str, str]:
    told = explain(made.case.calculator, name, made.case.values, translate=made.translate)
    return made.translate(FORMULA if name in made.live else PASTED), told.words


def _live(made: _Book) -> set[str]:
    """The outputs whose formula names cells with numbers. Formulas that name each other in a circle determine their
    values together, which a spreadsheet does not compute: the last of them is pasted."""
    outputs = made.case.calculator.outputs
    found: set[str] = set()
    for name, output in outputs.items():
        if _has_cells(made, output) and name not in _named_by(output, outputs, found):
            found.add(name)
    return found


def _named_by(output: Output, outputs: Mapping[str, Output], live: set[str]) -> set[str]:
    """All outputs that a formula rests on, by those that are live."""
    found: set[str] = set()
    waiting = [name for name in output.names() if name in outputs]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in outputs[name].names() if name in live and other in outputs]
    return found


def _has_cells(made: _Book, output: Output) -> bool:
    if not output.formula or output.boolean:
        return False
    units = {name: made.case.calculator.outputs[name].unit for name in output.names() & set(made.case.outputs)}
    known = all(name in made.single or _runs_along(made, name, output) for name in output.names())
    return known and MONTH not in units.values()


def _runs_along(made: _Book, name: str, output: Output) -> bool:
    other = made.case.calculator.outputs.get(name)
    return other is not None and bool(other.along) and other.along == output.along


def _place(made: _Book, along: tuple[str, ...], names: list[str]) -> None:
    """Say where outputs along the same will stand, so that formulas can name each other."""
    if len(along) == 1:
        sheet = made.book.sheet(_axis(made, along[0]))
        for at, name in enumerate(names):
            made.along[name] = (sheet, 5, 2 + at)
        return
    for name in names:
        made.along[name] = (made.book.sheet(made.translate(made.case.calculator.outputs[name].label)), 5, 2)


def _axis(made: _Book, axis: str) -> str:
    calculator = made.case.calculator
    if axis == MONTH:
        return made.translate(MONTHS)
    if axis in calculator.axes:
        return made.translate(calculator.axes[axis].label)
    label = next(param.label for name, param, _start in params(calculator.inputs) if name == axis)
    return f"{made.translate(label)} {made.translate(RESULTS)}"


def _fill_group(made: _Book, along: tuple[str, ...], names: list[str]) -> None:
    outputs = made.case.calculator.outputs
    places = [_places(made, axis, names[0], depth) for depth, axis in enumerate(along)]
    for name in names:
        sheet, first, column = made.along[name]
        sheet.put(1, 1, sheet.title, Look.TITLE)
        sheet.put(4, 1, made.translate(PLACE), Look.HEAD)
        for at, place in enumerate(places[0]):
            sheet.put(first + at, 1, _named(made, along[0], place))
        if len(along) == 1:
            kind, _words = _how(made, name, outputs[name])
            sheet.put(3, column, kind, Look.NOTE)
            sheet.put(4, column, made.translate(outputs[name].label), Look.HEAD)
            for at in range(len(places[0])):
                _value(made, sheet, first + at, column, name, outputs[name], (at,))
            continue
        sheet.put(2, 1, " ".join((made.translate(HOW), _how(made, name, outputs[name])[0])), Look.NOTE)
        for across, place in enumerate(places[1]):
            sheet.put(4, column + across, _named(made, along[1], place), Look.HEAD)
            for at in range(len(places[0])):
                _value(made, sheet, first + at, column + across, name, outputs[name], (at, across))


def _places(made: _Book, axis: str, name: str, depth: int) -> list[Any]:
    calculator = made.case.calculator
    if axis in calculator.tables_of_rows():
        return row_names(getattr(made.case.inputs, axis))
    found = calculator.places(axis, made.case.inputs)
    return list(range(1, np.shape(made.case.outputs[name])[depth] + 1)) if found is None else list(found)


def _named(made: _Book, axis: str, place: Any) -> Any:
    declared = axis in made.case.calculator.axes
    return made.translate(place) if declared and isinstance(place, str) else plain(place)


def _value(made: _Book, sheet: Sheet, row: int, column: int, name: str, output: Output, at: tuple[int, ...]) -> None:
    value = made.case.outputs[name]
    for index in at:
        value = value[index]
    if name in made.live:
        text = _NAME.sub(lambda found: _address(made, found.group(0), at), arithmetic(output.formula))
        text = text.replace("**", "^")
        if output.never:
            text = f'IFERROR({text},"{made.translate(NEVER)}")'
        sheet.formula(row, column, text, output.unit)
    elif isinstance(value, float) and math.isinf(value):
        sheet.put(row, column, made.translate(output.never or NEVER), Look.PASTED)
    elif output.unit == MONTH:
        sheet.put(row, column, from_month(value), Look.PASTED, output.unit)
    else:
        sheet.put(row, column, plain(value), Look.PASTED, output.unit)


def _address(made: _Book, name: str, at: tuple[int, ...]) -> str:
    if name in made.single:
        return made.single[name]
    sheet, row, column = made.along[name]
    return sheet.at(row + at[0], column + (at[1] if len(at) == 2 else 0))
