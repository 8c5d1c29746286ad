"""Inputs as flat text: what an address (``?cash=3.2M&growth=6%25~12%25``) and a submitted form carry.

One field is one name. A range is written in its box (``24~38``, ``24~38 as uniform``) and a form may name its
family beside it (``growth.family``). A table of rows is JSON in an address (``one_offs=[{"month":3}]``) and one name
a cell in a form (``one_offs.0.month``), announced by the bare name so that an emptied table is not a missing one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from django.http import QueryDict

from mlcore.numbers import Unreadable, read_range, write_number, write_range
from mlcore.reading import Invalid, read_inputs, read_value, to_json
from mlcore.spec import NUMERIC, Family, Kind, Param, Range, params
from portal.derive import strict_json

T = TypeVar("T")

FAMILY = ".family"
_AS = re.compile(r"\s+as\s+([a-zA-Z-]+)\s*$")
_CELL = re.compile(r"(\d{1,4})\.(.+)", re.ASCII)


def query_to_given(inputs: type, data: QueryDict | Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """The mapping for ``read_inputs`` that ``data`` writes; names that it does not hold are left out."""
    given: dict[str, Any] = {}
    for name, param, _start in params(inputs):
        at = prefix + name
        if param.kind is Kind.ROWS:
            if (found := _rows(param, data, at)) is not None:
                given[name] = found
        elif at in data:
            text = _text(data, at)
            given[name] = with_family(param, text, _text(data, at + FAMILY)) if param.kind in NUMERIC else text
    return given


def query_to_inputs(inputs: type[T], data: QueryDict | Mapping[str, str]) -> T:
    """The inputs that an address or form writes.

    Raises:
        Invalid: with every problem by its path.
    """
    return read_inputs(inputs, query_to_given(inputs, data))


def state_to_query(inputs: Any) -> str:
    """The address of ``inputs``, percent-encoded: only what differs from the declared starting values."""
    state = {}
    for name, param, start in params(type(inputs)):
        value = getattr(inputs, name)
        if value != start:
            state[name] = _address_text(param, value)
    return urlencode(state, quote_via=quote, safe="~,:")


def unknown_names(inputs: type, data: Mapping[str, Any], besides: set[str]) -> list[str]:
    """Names in ``data`` that no input has, so that a page can say that it does not know them."""
    declared = {name: param for name, param, _ in params(inputs)}

    def known(name: str) -> bool:
        top, _, rest = name.partition(".")
        return top in declared and (not rest or rest == "family" or declared[top].kind is Kind.ROWS)

    return [name[:60] for name in data if name not in besides and not known(name)]


def texts(inputs: type, given: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Flat names to what their boxes show, for ``given`` values as read from a form, an address or JSON."""
    flat: dict[str, str] = {}
    for name, param, start in params(inputs):
        value, at = given.get(name, start), prefix + name
        if param.kind is Kind.ROWS:
            flat |= _row_texts(param, value, at)
        elif param.kind in NUMERIC:
            flat[at], flat[at + FAMILY] = _box(param, value)
        elif param.kind is Kind.SERIES and not isinstance(value, str):
            # A cell is one line, which drops line ends from what it is given.
            flat[at] = (" " if prefix else "\n").join(_shown(param, item) for item in value)
        else:
            flat[at] = value if isinstance(value, str) else _shown(param, value)
    return flat


def row_count(flat: Mapping[str, str], name: str) -> int:
    """How many rows of the table ``name`` the flat texts hold."""
    cells = (_CELL.fullmatch(key[len(name) + 1 :]) for key in flat if key.startswith(name + "."))
    return 1 + max((int(cell[1]) for cell in cells if cell), default=-1)


def as_typed(param: Param, value: Any) -> Any:
    """``value`` in the shortest form that reads back as the same: ranges as text, rows as records of such."""
    if isinstance(value, Range):
        return write_range(value, percent=param.unit.startswith("%"))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if param.kind is Kind.ROWS:
        return [{name: as_typed(inner, getattr(row, name)) for name, inner, start in params(type(row))
                 if getattr(row, name) != start} for row in value]  # fmt: skip
    return to_json(value)


def typed(inputs: Any) -> dict[str, Any]:
    """The JSON that a person would write for ``inputs``: only what differs from the starting values."""
    return {
        name: as_typed(param, getattr(inputs, name))
        for name, param, start in params(type(inputs))
        if getattr(inputs, name) != start
    }


def with_family(param: Param, text: str, family: str) -> str:
    """The family that was chosen beside the box counts only where the box holds a range that does not name one."""
    if not family or _AS.search(text):
        return text
    try:
        return f"{text} as {family}" if isinstance(read_range(text, unit=param.unit), Range) else text
    except Unreadable:
        return text


def _text(data: QueryDict | Mapping[str, str], name: str) -> str:
    return str(data.get(name, ""))


def _rows(param: Param, data: QueryDict | Mapping[str, str], at: str) -> Any:
    if text := _text(data, at).strip():
        try:
            return strict_json.loads(text)
        except Invalid:
            return text  # which is no list, as the reader will say
    cells: dict[int, set[str]] = {}
    for key in data:
        if key.startswith(at + ".") and (found := _CELL.fullmatch(key[len(at) + 1 :])):
            cells.setdefault(int(found[1]), set()).add(key)
    if not cells:
        return [] if at in data else None
    assert param.row is not None
    # A row whose every box was emptied is a row that is not wanted.
    return [
        query_to_given(param.row, data, f"{at}.{index}.")
        for index, keys in sorted(cells.items())
        if any(_text(data, key).strip() for key in keys)
    ]


def _box(param: Param, value: Any) -> tuple[str, str]:
    """What the number box and the family beside it show."""
    text = value if isinstance(value, str) else _shown(param, value)
    if (found := _AS.search(text)) and found[1].lower() in set(Family):
        return text[: found.start()], found[1].lower()
    return text, ""


def _shown(param: Param, value: Any) -> str:
    percent = param.unit.startswith("%")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return write_number(value, percent=percent)
    if isinstance(value, Mapping):
        try:
            value = read_value(param, value)
        except Invalid:
            return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Range):
        return write_range(value, percent=percent)
    return str(to_json(value))


def _row_texts(param: Param, value: Any, at: str) -> dict[str, str]:
    assert param.row is not None
    flat: dict[str, str] = {}
    for index, row in enumerate(value if isinstance(value, list | tuple) else ()):
        record = row if isinstance(row, Mapping) else dict(_record(row))
        flat |= texts(param.row, record, f"{at}.{index}.")
    return flat


def _record(row: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(row, "__dataclass_fields__"):
        yield from ((name, getattr(row, name)) for name, _, _ in params(type(row)))


def _address_text(param: Param, value: Any) -> str:
    if param.kind is Kind.ROWS:
        return json.dumps(as_typed(param, value), ensure_ascii=False, separators=(",", ":"))
    if param.kind is Kind.SERIES:
        return " ".join(repr(item) for item in value)
    return _shown(param, value).replace(" to ", "~")
