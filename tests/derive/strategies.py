"""Hypothesis strategies for instances of declared inputs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from hypothesis import strategies as st

from mlcore.reading import Invalid, read_value
from mlcore.spec import Family, Kind, Param, Range, params, series_along

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=12)


@cache
def instances(inputs: type) -> st.SearchStrategy[Any]:
    """Instances of ``inputs``, every value permitted by its declaration."""
    built = st.builds(inputs, **{name: values(param) for name, param, _ in params(inputs)})
    return built.flatmap(_with_series_of_the_right_length) if any(series_along(inputs)) else built


@st.composite
def _with_series_of_the_right_length(draw: st.DrawFn, inputs: Any) -> Any:
    """The same, where every series along a table has a number for each of its rows."""
    for path, table in series_along(type(inputs)):
        name, _, inner = path.partition(".")
        if not hasattr(inputs, table):
            continue  # a row by itself, without the table beside it
        length = len(getattr(inputs, table))
        rows = getattr(inputs, name)
        param = next(p for field, p, _ in params(type(inputs)) if field == name)
        if inner and param.row is not None:
            one = next(p for field, p, _ in params(param.row) if field == inner)
            filled = tuple(replace(row, **{inner: draw(_series(one, length))}) for row in rows)
        else:
            filled = draw(_series(param, length))
        inputs = replace(inputs, **{name: filled})
    return inputs


def _series(param: Param, length: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.lists(_numbers(param), min_size=length, max_size=length).map(tuple)


def values(param: Param) -> st.SearchStrategy[Any]:
    match param.kind:
        case Kind.CHOICE:
            return st.sampled_from([value for value, _ in param.choices])
        case Kind.FLAG:
            return st.booleans()
        case Kind.TEXT:
            return _TEXT.map(lambda text: text[: param.max_length])
        case Kind.DAY:
            return st.dates(date(2020, 1, 1), date(2040, 1, 1))
        case Kind.ROWS:
            assert param.row is not None
            return st.lists(instances(param.row), max_size=min(3, param.max_items)).map(tuple)
        case Kind.SERIES:
            return st.lists(_numbers(param), max_size=min(5, param.max_items)).map(tuple)
        case Kind.MEDIA:
            return st.just("")
    single = st.integers(*map(int, _ends(param))) if param.kind is Kind.INTEGER else _numbers(param)
    return single if param.fixed else st.one_of(single, _ranges(param))


def _ends(param: Param) -> tuple[float, float]:
    return (-1e6 if param.low is None else param.low), (1e6 if param.high is None else min(param.high, 1e9))


@cache
def _numbers(param: Param) -> st.SearchStrategy[float]:
    return st.floats(*_ends(param), allow_subnormal=False).map(lambda value: value + 0.0)  # never −0


def _ranges(param: Param) -> st.SearchStrategy[Any]:
    ends = st.tuples(_numbers(param), _numbers(param)).map(sorted)

    def made(drawn: tuple[list[float], Family, bool]) -> Any:
        (first, second), family, has_mode = drawn
        mode = (first + second) / 2 if family in (Family.TRIANGLE, Family.PERT) and has_mode else None
        try:
            return read_value(param, Range(first, second, family, mode))
        except (ValueError, Invalid):
            return first if param.kind is not Kind.INTEGER else int(first)

    return st.tuples(ends, st.sampled_from(Family), st.booleans()).map(made)
