"""Is what a task returned of the kinds that it declared? ``mlcore.task.Result`` tells their shapes.

Standard library only. A worker asks this when a run returns, so that a wrong shape fails the run with a sentence and
never reaches a page.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from mlcore.task import Action

MAX_MEDIA_BYTES = 8_000_000  # pictures and sounds of one result, which travel within a page
_STARTS = {"png": (0, b"\x89PNG\r\n\x1a\n"), "wav": (8, b"WAVE")}  # where in a file which bytes stand


class _Wrong(Exception):
    """What was wanted, and what came."""


def check_results(action: Action, returned: Mapping[str, Any]) -> None:
    """Nothing, when each declared result in ``returned`` is plain JSON of its kind or None.

    Raises:
        ValueError: naming the result, what was wanted and what came.
    """
    for name, result in action.results.items():
        try:
            check_value(result.kind, returned.get(name))
        except ValueError as problem:
            raise ValueError(f"Result {name!r} of kind {result.kind}: {problem}") from problem


def check_value(kind: str, value: Any) -> None:
    """The same for one value. Raises ValueError."""
    if value is None:
        return
    try:
        _CHECKS[kind](value)
    except _Wrong as problem:
        wanted, got = problem.args
        shown = repr(got)
        shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
        raise ValueError(f"wanted {wanted}, got {shown}.") from problem


def _want(met: bool, wanted: str, got: Any) -> None:
    if not met:
        raise _Wrong(wanted, got)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _text(value: Any) -> None:
    _want(isinstance(value, str), "a text", value)


def _number(value: Any) -> None:
    _want(_is_number(value), "a number", value)


def _flag(value: Any) -> None:
    _want(isinstance(value, bool), "true or false", value)


def _weighed(wanted: str, low: float) -> Callable[[Any], None]:
    """A check for a list of texts, each with a number from ``low`` to 1."""

    def check(value: Any) -> None:
        _want(isinstance(value, list), f"a list of {wanted}", value)
        for pair in value:
            fits = _is_pair(pair) and isinstance(pair[0], str) and _is_number(pair[1]) and low <= pair[1] <= 1
            _want(fits, wanted, pair)

    return check


def _named(value: Any) -> None:
    _want(_is_pair(value) and all(isinstance(part, str) for part in value), "[label, unit]", value)


def _table(value: Any) -> None:
    _keys(value, "columns", "rows")
    _want(isinstance(value["columns"], list) and bool(value["columns"]), "a list of columns", value["columns"])
    for column in value["columns"]:
        _named(column)
    width = len(value["columns"])
    _want(isinstance(value["rows"], list), "a list of rows", value["rows"])
    for row in value["rows"]:
        _want(isinstance(row, list) and len(row) == width, f"a row of {width} cells", row)
        for cell in row:
            _want(cell is None or isinstance(cell, str | bool) or _is_number(cell), "a number, a text or None", cell)


def _figure(value: Any) -> None:
    if isinstance(value, dict) and "grid" in value:
        for axis in ("x", "y"):
            _named(value.get(axis, ["", ""]))
        _grid(value["grid"])
        return
    _keys(value, "lines", "x", "y")
    _named(value["x"])
    _named(value["y"])
    _want(isinstance(value["lines"], list) and bool(value["lines"]), "a list of lines", value["lines"])
    for line in value["lines"]:
        _keys(line, "label", "x", "y")
        _text(line["label"])
        _numbers(line["x"], blanks=False)
        _numbers(line["y"])
        _want(len(line["x"]) == len(line["y"]), f"{len(line['x'])} numbers, as many as x", line["y"])


def _grid(value: Any) -> None:
    _keys(value, "rows", "columns", "values")
    for axis in ("rows", "columns"):
        fits = isinstance(value[axis], list) and value[axis] and all(isinstance(label, str) for label in value[axis])
        _want(bool(fits), f"a list of labels as {axis}", value[axis])
    height, width = len(value["rows"]), len(value["columns"])
    lines = value["values"]
    _want(isinstance(lines, list) and len(lines) == height, f"{height} rows of values", lines)
    for line in lines:
        _numbers(line)
        _want(len(line) == width, f"{width} values a row", line)


def _numbers(value: Any, *, blanks: bool = True) -> None:
    _want(isinstance(value, list), "a list of numbers", value)
    for number in value:
        _want(_is_number(number) or (blanks and number is None), "a number", number)


def _image(value: Any) -> None:
    images = value if isinstance(value, list) else [value]
    _within(sum(_media(image, "png") for image in images))
    for image in images:
        _want(isinstance(image.get("caption", ""), str), "a text as caption", image.get("caption"))


def _audio(value: Any) -> None:
    _within(_media(value, "wav"))


def _media(value: Any, kind: str) -> int:
    """The bytes of one picture or sound, which has to say in words what it is."""
    _keys(value, kind, "alt")
    _want(isinstance(value["alt"], str) and bool(value["alt"].strip()), "a text that says what it shows", value["alt"])
    try:
        content = base64.b64decode(value[kind], validate=True)
    except (binascii.Error, TypeError, ValueError) as problem:
        raise _Wrong(f"{kind} in base64", value[kind]) from problem
    at, start = _STARTS[kind]
    _want(content[at : at + len(start)] == start, f"the bytes of a {kind.upper()} file", content[:16])
    return len(content)


def _within(size: int) -> None:
    _want(size <= MAX_MEDIA_BYTES, f"at most {MAX_MEDIA_BYTES:,} bytes", f"{size:,} bytes")


def _keys(value: Any, *names: str) -> None:
    fits = isinstance(value, dict) and all(name in value for name in names)
    _want(fits, f"an object with {', '.join(names)}", sorted(value) if isinstance(value, dict) else value)


_CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "labels": _weighed("[label, score from 0 to 1]", 0),
    "marks": _weighed("[piece, weight from −1 to 1]", -1),
    "table": _table,
    "figure": _figure,
    "image": _image,
    "audio": _audio,
}
