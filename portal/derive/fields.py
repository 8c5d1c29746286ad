"""What a template needs to draw one declared field: text, unit, chip, slider, choices, cells, problems."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from mlcore.reading import Invalid, read_value
from mlcore.spec import NUMERIC, Family, Kind, Param, Range, params
from portal.derive.query import FAMILY, row_count, texts, with_family
from portal.derive.wording import FAMILIES, bounds_words, figure, spread_words, unit_name

BLANK = "__row__"  # stands for the index in the row that a page copies to add one
STEPS = 1000  # positions of a slider
MOST_COLUMNS = 4  # of a table that fits beside the results
LONG_TEXT = 200  # characters from which a text gets several lines


@dataclass(frozen=True, slots=True)
class Slider:
    """A slider from ``low`` to ``high``; ``position`` of 0 to 1000 is on a logarithmic scale when ``log``.

    ``values`` are the numbers in the box: one, the two ends of a range, or three with its mode. Moving the slider
    multiplies them (``log``) or shifts them, so a range keeps its relative or absolute width.
    """

    low: float
    high: float
    log: bool
    values: tuple[float, ...]
    position: int
    words: str  # for aria-valuetext

    @property
    def scale(self) -> str:
        return "log" if self.log else "linear"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, said under its box; ``linked`` when it was measured or computed elsewhere."""

    text: str
    url: str = ""
    linked: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One field as drawn. ``name`` is the form name, ``path`` the same with which problems are named."""

    name: str
    id: str
    kind: str
    label: str
    help: str
    text: str
    unit: str = ""
    percent: bool = False
    whole: bool = False
    least: float | None = None
    most: float | None = None
    bounds: str = ""
    family: str = ""
    chip: str = ""
    may_range: bool = False
    slider: Slider | None = None
    choices: tuple[tuple[str, str], ...] = ()
    columns: tuple[View, ...] = ()  # of rows: one blank cell each, for the headings and for adding a row
    records: tuple[Record, ...] = ()
    accept: str = ""
    max_length: int = 0
    hint: str = ""  # of a series along a table: for which of its rows each number stands
    errors: tuple[str, ...] = ()
    source: Source | None = None
    shown: bool = True
    when: tuple[str, str] | None = None  # the id of the field it depends on, the values that show it

    @property
    def checked(self) -> bool:
        return self.text == "true"

    @property
    def column_labels(self) -> str:
        return ", ".join(column.label for column in self.columns)

    @property
    def is_broad(self) -> bool:
        """A table that does not fit beside the results: it can be opened over the page."""
        return len(self.columns) > MOST_COLUMNS

    @property
    def long(self) -> bool:
        return self.kind == Kind.SERIES or (self.kind == Kind.TEXT and self.max_length > LONG_TEXT)


@dataclass(frozen=True, slots=True)
class Record:
    index: str
    cells: tuple[View, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; the heading may be empty."""

    title: str
    views: list[View] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return gettext(self.title) if self.title else ""


def view(
    name: str, param: Param, flat: Mapping[str, str], problems: Mapping[str, list[str]], *, id_prefix: str = "f",
    shown: bool = True, source: Source | None = None, start: Any = None,
    rows: Mapping[str, Sequence[str]] | None = None,
) -> View:  # fmt: skip
    """The field ``name`` with the ``flat`` texts of a form; ``start`` is its starting value, for the slider.

    ``rows`` says what the rows of each table are called, for series that run along one.
    """
    text = flat.get(name, "")
    common: dict[str, Any] = {
        "name": name,
        "id": f"{id_prefix}_{name.replace('.', '_')}",
        "kind": param.kind.value,
        "label": gettext(param.label),
        "help": gettext(param.help),
        "text": text,
        "errors": _errors(name, param, problems),
        "source": source,
        "shown": shown,
        "max_length": param.max_length,
    }
    if param.when:
        # In a row of a table it depends on a cell of the same row.
        beside = name[: name.rfind(".") + 1].replace(".", "_")
        common["when"] = (f"{id_prefix}_{beside}{param.when[0]}", " ".join(param.when[1]))
    if param.kind in NUMERIC:
        return View(**common, **_numeric(param, text, flat.get(name + FAMILY, ""), start))
    if param.kind is Kind.CHOICE:
        return View(**common, choices=tuple((value, gettext(label)) for value, label in param.choices))
    if param.kind is Kind.ROWS:
        return View(**common, **_table(name, param, flat, problems, id_prefix, rows))
    if param.along and rows is not None:
        common["hint"] = gettext("one for each: {axes}").format(axes=", ".join(rows[param.along]))
    return View(**common, unit=unit_name(param.unit), accept=",".join(param.accept))


def _errors(name: str, param: Param, problems: Mapping[str, list[str]]) -> tuple[str, ...]:
    """What is wrong with a field; with a series, also what is with its numbers, which have no boxes of their own."""
    found = list(problems.get(name, ()))
    if param.kind is Kind.SERIES:
        found += [text for path, texts in problems.items() if path.startswith(f"{name}.") for text in texts]
    return tuple(found)


def names_of_rows(inputs: type, flat: Mapping[str, str]) -> dict[str, list[str]]:
    """What the rows of each table of a form are called: by their first text, else by their number."""
    return {
        name: [_row_name(param.row, flat, f"{name}.{at}.") or str(at + 1) for at in range(row_count(flat, name))]
        for name, param, _start in params(inputs)
        if param.row is not None
    }


def _row_name(row: type, flat: Mapping[str, str], prefix: str) -> str:
    titles = (name for name, param, _start in params(row) if param.kind is Kind.TEXT)
    return flat.get(prefix + next(titles, ""), "")


def family_choices(param: Param, value: Any) -> tuple[tuple[str, str], ...]:
    """The families that fit a range, the usual one first and without a name of its own."""
    usual = Family.LOGNORMAL
    if isinstance(value, Range):
        usual = Family.PERT if value.mode is not None else Range.of(value.low, value.high).family
    fitting = [family for family in Family if not isinstance(value, Range) or _fits(value, family)]
    ordered = sorted(fitting, key=lambda family: family is not usual)
    return tuple(("" if family is usual else family.value, gettext(FAMILIES[family])) for family in ordered)


def slider(param: Param, value: float | Range) -> Slider | None:
    """A slider about ``value``: a decade to each side on a logarithmic scale, the permitted span where that is short.

    None where nothing tells what span is sensible: at zero without an upper bound.
    """
    values = _numbers(value)
    centre = math.sqrt(values[0] * values[-1]) if values[0] > 0 else (values[0] + values[-1]) / 2
    low, high = _span(param, centre)
    low, high = min(low, values[0]), max(high, values[-1])
    if not low < high:
        return None
    log = low > 0 and high / low > 20
    share = math.log(centre / low) / math.log(high / low) if log else (centre - low) / (high - low)
    return Slider(low, high, log, values, round(share * STEPS), figure(value, param.unit))


def _span(param: Param, centre: float) -> tuple[float, float]:
    least = -math.inf if param.low is None else param.low
    most = math.inf if param.high is None else param.high
    if math.isfinite(least) and math.isfinite(most) and (centre <= 0 or most <= 4 * centre):
        return least, most
    if centre > 0:
        return max(least, centre / 10), min(most, centre * 10)
    if centre < 0:
        return max(least, centre * 2), min(most, -centre)
    return (0.0, 0.0)


def _numbers(value: float | Range) -> tuple[float, ...]:
    if not isinstance(value, Range):
        return (float(value),)
    return (value.low, value.high) if value.mode is None else (value.low, value.mode, value.high)


def _numeric(param: Param, text: str, family: str, start: Any) -> dict[str, Any]:
    try:
        value = read_value(param, with_family(param, text, family))
    except Invalid:
        value = None
    percent = param.unit.startswith("%")
    return {
        "unit": unit_name(param.unit) if param.unit != "%" else "",
        "percent": percent,
        "whole": param.kind is Kind.INTEGER,
        "least": param.low,
        "most": param.high,
        "bounds": bounds_words(param),
        "family": family,
        "chip": spread_words(value),
        "may_range": not param.fixed,
        "choices": () if param.fixed else family_choices(param, value),
        # What cannot be read yet has the slider of the starting value; a cell, which has none, no slider.
        "slider": None if start is None else slider(param, start if value is None else value),
    }


def _fits(value: Range, family: Family) -> bool:
    try:
        Range(value.low, value.high, family, value.mode)
    except ValueError:
        return False
    return True


def _table(
    name: str, param: Param, flat: Mapping[str, str], problems: Mapping[str, list[str]], id_prefix: str,
    rows: Mapping[str, Sequence[str]] | None,
) -> dict[str, Any]:  # fmt: skip
    row = param.row
    assert row is not None

    def cells(index: str, texts_of_row: Mapping[str, str]) -> tuple[View, ...]:
        return tuple(
            view(f"{name}.{index}.{inner_name}", inner, texts_of_row, problems, id_prefix=id_prefix, rows=rows,
                 shown=shown(f"{name}.{index}.", inner_name, inner, texts_of_row))
            for inner_name, inner, _start in params(row)
        )  # fmt: skip

    def shown(at: str, inner_name: str, inner: Param, texts_of_row: Mapping[str, str]) -> bool:
        """What has a problem can be corrected only where it is seen."""
        counts = inner.when is None or texts_of_row.get(at + inner.when[0], "") in inner.when[1]
        return counts or at + inner_name in problems

    blank = cells(BLANK, texts(row, {}, f"{name}.{BLANK}."))
    records = tuple(
        Record(str(index), cells(str(index), flat), tuple(problems.get(f"{name}.{index}", ())))
        for index in range(row_count(flat, name))
    )
    return {"columns": blank, "records": records}
