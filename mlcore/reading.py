"""From what people and programs send to an instance of declared inputs, and back to JSON.

Standard library only. Form, API, command line and URL all end here, so they accept and refuse the same things
in the same words. ``read_inputs`` raises ``Invalid`` with every problem found, by path (``one_offs.0.amount``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from types import SimpleNamespace
from typing import Any, TypeVar

from mlcore.numbers import Unreadable, check_finite, make_range, read_range, write_number
from mlcore.spec import Kind, Param, Range, params, series_along

T = TypeVar("T")

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a template for the reader's language and the values that fill it."""

    template: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return self.template.format(**self.values)


class Invalid(ValueError):
    """Raised with ``{path: [Problem, ...]}``; forms, API and command line render it as is."""

    def __init__(self, problems: Mapping[str, list[Problem]]) -> None:
        super().__init__(
            "; ".join(f"{path or 'input'}: {problem}" for path, found in problems.items() for problem in found)
        )
        self.problems = dict(problems)


def read_inputs(inputs: type[T], given: Any) -> T:
    """An instance of ``inputs`` from a mapping; a field that is not given keeps its starting value.

    Raises:
        Invalid: unknown names, and every value that is not what its declaration permits.
    """
    problems: dict[str, list[Problem]] = {}
    read = _read_record(inputs, given, "", problems)
    if problems := problems or series_problems(read):
        raise Invalid(problems)
    return read


def series_problems(inputs: Any) -> dict[str, list[Problem]]:
    """Every series of an instance that has more or fewer numbers than the table to whose rows they belong."""
    labels = {name: param.label for name, param, _ in params(type(inputs)) if param.row is not None}
    problems = {}
    for declared, table in series_along(type(inputs)):
        if table not in labels:
            continue  # a row by itself, without the table beside it
        wanted = len(getattr(inputs, table))
        for path, numbers in _values_at(inputs, declared):
            if len(numbers) != wanted:
                problems[path] = [wrong_length(wanted, labels[table], len(numbers))]
    return problems


def wrong_length(wanted: int, table: str, given: int) -> Problem:
    """What is said of a series that runs along the rows of another table but has not as many numbers."""
    return Problem(
        "Wanted {wanted} numbers, one for each row of “{table}”, got {given}.",
        {"wanted": wanted, "table": table, "given": given},
    )


def _values_at(inputs: Any, declared: str) -> Iterator[tuple[str, Any]]:
    """The values of a declared field, in each row where it stands in a table, with their paths."""
    name, _, inner = declared.partition(".")
    if not inner:
        yield name, getattr(inputs, name)
        return
    for index, row in enumerate(getattr(inputs, name)):
        yield from ((f"{name}.{index}.{path}", value) for path, value in _values_at(row, inner))


def read_value(param: Param, given: Any) -> Any:
    """One value of a declared field.

    Raises:
        Invalid: with paths below this field; its own problems stand under the empty path.
    """
    problems: dict[str, list[Problem]] = {}
    value = _read_value(param, given, "", problems)
    if problems:
        raise Invalid(problems)
    return value


def to_json(value: Any) -> Any:
    """What ``read_value`` reads back: numbers, text, ISO days, ``{low, high, family}``, lists of records."""
    if isinstance(value, Range):
        shape = {"low": value.low, "high": value.high, "family": value.family.value}
        return shape if value.mode is None else {**shape, "mode": value.mode}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    return value


def uncertain(inputs: Any) -> Iterator[tuple[str, Param, Range | float]]:
    """What a simulation draws: every range, and the probability of every event that is not settled, with its path."""
    for name, param, _ in params(type(inputs)):
        value = getattr(inputs, name)
        if _is_uncertain(param, value):
            yield name, param, value
        elif param.kind is Kind.ROWS:
            for index, row in enumerate(value):
                yield from ((f"{name}.{index}.{path}", inner, found) for path, inner, found in uncertain(row))


def ranges(inputs: Any) -> Iterator[tuple[str, Param, Range]]:
    """Every range in an instance, with its path and declaration."""
    return ((path, param, value) for path, param, value in uncertain(inputs) if isinstance(value, Range))


def resolve(inputs: Any, draw: Callable[[str, Param, Range | float], Any]) -> SimpleNamespace:
    """The instance with all that is ``uncertain`` replaced by ``draw(path, param, range or probability)``."""
    return _resolve(inputs, "", draw)


def _is_uncertain(param: Param, value: Any) -> bool:
    return isinstance(value, Range) or (param.event and 0 < value < 1)


def _resolve(inputs: Any, prefix: str, draw: Callable[[str, Param, Range | float], Any]) -> SimpleNamespace:
    resolved = {}
    for name, param, _ in params(type(inputs)):
        value = getattr(inputs, name)
        if _is_uncertain(param, value):
            value = draw(prefix + name, param, value)
        elif param.kind is Kind.ROWS:
            value = tuple(_resolve(row, f"{prefix}{name}.{index}.", draw) for index, row in enumerate(value))
        resolved[name] = value
    return SimpleNamespace(**resolved)


def _read_record(inputs: type, given: Any, prefix: str, problems: dict[str, list[Problem]]) -> Any:
    if not isinstance(given, Mapping):
        _refuse(problems, prefix.rstrip("."), "Wanted an object with named fields, got {given}.", given=_kind_of(given))
        return None
    declared = {name: (param, start) for name, param, start in params(inputs)}
    for name in given:
        if name not in declared:
            _refuse(
                problems,
                f"{prefix}{str(name)[:60]}",
                "Wanted one of the declared fields ({names}), got an unknown name.",
                names=", ".join(declared),
            )
    values = {}
    for name, (param, start) in declared.items():
        values[name] = _read_value(param, given[name], prefix + name, problems) if name in given else start
    return None if problems else inputs(**values)


def _read_value(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> Any:
    try:
        return _READERS[param.kind](param, given, path, problems)
    except Unreadable as problem:
        problems.setdefault(path, []).append(Problem(problem.template, problem.values))
        return None


def _read_numeric(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> float | Range:
    value: float | Range
    if isinstance(given, Mapping):
        value = _read_range_object(given)
    elif isinstance(given, str):
        value = read_range(given, unit=param.unit)
    elif isinstance(given, Range):
        value = given
    elif isinstance(given, int | float) and not isinstance(given, bool):
        value = check_finite(given)
    else:
        raise Unreadable("Wanted a number or a range, got {given}.", given=_kind_of(given))
    if isinstance(value, Range):
        if param.fixed:
            raise Unreadable("Wanted one number here, got a range.")
        for end in (value.low, value.high):
            _check_bounds(param, end)
        return value
    _check_bounds(param, value)
    if param.kind is Kind.INTEGER:
        if value != int(value):
            raise Unreadable("Wanted a whole number, got {given}.", given=write_number(value))
        return int(value)
    return value


def _read_range_object(given: Mapping[str, Any]) -> Range:
    if unknown := set(given) - {"low", "high", "family", "mode"}:
        raise Unreadable(
            "Wanted low, high, family and mode in a range, got {given}.", given=str(sorted(map(str, unknown))[0])[:40]
        )
    ends: list[Any] = []
    for name in ("low", "high", "mode"):
        end = given.get(name)
        if end is None and name == "mode":
            ends.append(None)
        elif isinstance(end, int | float) and not isinstance(end, bool):
            ends.append(check_finite(end))
        else:
            raise Unreadable("Wanted a number for {name} of the range, got {given}.", name=name, given=_kind_of(end))
    family = given.get("family")
    if family is not None and not isinstance(family, str):
        raise Unreadable("Wanted the family of the range as text, got {given}.", given=_kind_of(family))
    return make_range(ends[0], ends[1], family, ends[2])


def _check_bounds(param: Param, value: float) -> None:
    percent = param.unit.startswith("%")
    if param.low is not None and value < param.low:
        raise Unreadable(
            "Wanted at least {low}, got {given}.",
            low=write_number(param.low, percent=percent),
            given=write_number(value, percent=percent),
        )
    if param.high is not None and value > param.high:
        if percent and value <= 100:
            raise Unreadable(
                "Wanted at most {high}, got {given}. For {plain} percent write {plain}%.",
                high=write_number(param.high, percent=True),
                given=write_number(value, percent=True),
                plain=write_number(value),
            )
        raise Unreadable(
            "Wanted at most {high}, got {given}.",
            high=write_number(param.high, percent=percent),
            given=write_number(value, percent=percent),
        )


def _read_choice(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> str:
    permitted = [value for value, _ in param.choices]
    if given not in permitted:
        shown = given[:40] if isinstance(given, str) else _kind_of(given)
        raise Unreadable("Wanted one of {choices}, got {given}.", choices=", ".join(permitted), given=shown)
    return given


def _read_flag(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> bool:
    if isinstance(given, bool):
        return given
    words = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
        "": False,
    }
    if isinstance(given, str) and given.lower() in words:
        return words[given.lower()]
    raise Unreadable(
        "Wanted true or false, got {given}.", given=given[:40] if isinstance(given, str) else _kind_of(given)
    )


def _read_text(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> str:
    if not isinstance(given, str):
        raise Unreadable("Wanted text, got {given}.", given=_kind_of(given))
    if len(given) > param.max_length:
        raise Unreadable("Wanted at most {most} characters, got {count}.", most=param.max_length, count=len(given))
    if _UNPRINTABLE.search(given):
        raise Unreadable("Wanted text without control characters.")
    return given


def _read_day(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> date:
    if isinstance(given, date):
        return given
    if isinstance(given, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise Unreadable(
        "Wanted a day as YYYY-MM-DD, got {given}.", given=given[:40] if isinstance(given, str) else _kind_of(given)
    )


def _read_rows(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> tuple[Any, ...] | None:
    _check_list(param, given)
    assert param.row is not None
    here: dict[str, list[Problem]] = {}
    read = []
    for index, row in enumerate(given):
        found: dict[str, list[Problem]] = {}
        read.append(row if isinstance(row, param.row) else _read_record(param.row, row, f"{path}.{index}.", found))
        here |= found
    problems |= here
    return None if here else tuple(read)


def _read_series(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> tuple[float, ...] | None:
    if isinstance(given, str):  # pasted from a spreadsheet or typed; a comma alone would be ambiguous
        given = [part for part in re.split(r"[;\s]+|,\s+", given) if part]
    _check_list(param, given)
    one = replace(param, kind=Kind.NUMBER, fixed=True, along="")
    here: dict[str, list[Problem]] = {}
    read = tuple(_read_value(one, item, f"{path}.{index}", here) for index, item in enumerate(given))
    problems |= here
    return None if here else read


def _read_media(param: Param, given: Any, path: str, problems: dict[str, list[Problem]]) -> str:
    if isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9_-]{0,64}", given):
        return given
    raise Unreadable("Wanted the id of an upload, got {given}.", given=_kind_of(given))


def _check_list(param: Param, given: Any) -> None:
    if not isinstance(given, list | tuple):
        raise Unreadable("Wanted a list, got {given}.", given=_kind_of(given))
    if len(given) > param.max_items:
        raise Unreadable("Wanted at most {most} items, got {count}.", most=param.max_items, count=len(given))


def _refuse(problems: dict[str, list[Problem]], path: str, template: str, **values: Any) -> None:
    problems.setdefault(path, []).append(Problem(template, values))


def _kind_of(given: Any) -> str:
    if given is None:
        return "nothing"
    names = {bool: "true or false", str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(given), "something else")


_READERS: dict[Kind, Callable[[Param, Any, str, dict[str, list[Problem]]], Any]] = {
    Kind.NUMBER: _read_numeric,
    Kind.INTEGER: _read_numeric,
    Kind.CHOICE: _read_choice,
    Kind.FLAG: _read_flag,
    Kind.TEXT: _read_text,
    Kind.DAY: _read_day,
    Kind.ROWS: _read_rows,
    Kind.SERIES: _read_series,
    Kind.MEDIA: _read_media,
}

__all__ = [
    "Invalid", "Problem", "ranges", "read_inputs", "read_value", "resolve", "series_problems", "to_json", "uncertain",
    "wrong_length",
]  # fmt: skip
