"""Rows of a table as an address asks for them: searched, filtered, in an order, a page at a time.

An address names ``q`` (words that a row must hold), ``sort`` (a column, with a minus for the largest first), ``page``
and the filters of the page; what it names wrongly is as if it were not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator

PAGE = 25  # rows
LONGEST = 100  # characters of what is searched

Line = Mapping[str, Any]  # name of a column to a number, a text or None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    unit: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A heading that sorts: ``query`` is the address that does, ``order`` the value of ``aria-sort``."""

    label: str
    numeric: bool
    query: str
    order: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A column whose values can be chosen: (value, how many rows have it), the most frequent first."""

    name: str
    label: str
    options: tuple[tuple[str, int], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Listing:
    page: Page[Any]
    heads: tuple[Head, ...]
    filters: tuple[Filter, ...]
    q: str
    sort: str
    found: int
    total: int
    newer: str  # address of the page before, or empty
    older: str


def listed(
    lines: Sequence[Line],
    columns: Sequence[Column],
    asked: Mapping[str, str],
    *,
    filters: Sequence[str] = (),
    sort: str = "",
    searched: Callable[[Line], str] | None = None,
) -> Listing:
    """The lines that ``asked`` wants.

    Args:
        filters: names of columns whose values can be chosen.
        sort: the order that holds when the address names none.
        searched: the text of a line in which words are looked for; all its cells when not given.
    """
    by_name = {column.name: column for column in columns}
    q = asked.get("q", "").replace("\x00", "")[:LONGEST].strip()
    chosen = {name: asked.get(name, "") for name in filters}
    order = asked.get("sort", sort)
    if order.removeprefix("-") not in by_name:
        order = sort
    kept = [line for line in lines if _holds(line, q, searched) and _is_chosen(line, chosen)]
    if order:
        kept = _sorted(kept, order.removeprefix("-"), backwards=order.startswith("-"))
    page = Paginator(kept, PAGE).get_page(asked.get("page"))
    state = {"q": q, **chosen, "sort": order if order != sort else ""}
    return Listing(
        page=page,
        heads=tuple(_head(column, order, state, sort) for column in columns),
        filters=tuple(_filter(by_name[name], lines, chosen[name]) for name in filters),
        q=q,
        sort=state["sort"],
        found=len(kept),
        total=len(lines),
        newer=_query({**state, "page": page.previous_page_number()}) if page.has_previous() else "",
        older=_query({**state, "page": page.next_page_number()}) if page.has_next() else "",
    )


def _holds(line: Line, q: str, searched: Callable[[Line], str] | None) -> bool:
    text = searched(line) if searched else " ".join(str(value) for value in line.values() if value is not None)
    return all(word in text.casefold() for word in q.casefold().split())


def _is_chosen(line: Line, chosen: Mapping[str, str]) -> bool:
    return all(not value or str(line[name]) == value for name, value in chosen.items())


def _sorted(lines: list[Line], name: str, *, backwards: bool) -> list[Line]:
    """What is not known comes last in either order."""
    known = [line for line in lines if line[name] not in (None, "")]
    unknown = [line for line in lines if line[name] in (None, "")]
    return sorted(known, key=lambda line: _key(line[name]), reverse=backwards) + unknown


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _head(column: Column, order: str, state: Mapping[str, str], usual: str) -> Head:
    """One more click turns the order round; numbers begin with the largest."""
    now = {column.name: "ascending", f"-{column.name}": "descending"}.get(order, "")
    first, second = (f"-{column.name}", column.name) if column.numeric else (column.name, f"-{column.name}")
    wanted = second if order == first else first
    return Head(column.label, column.numeric, _query({**state, "sort": "" if wanted == usual else wanted}), now)


def _filter(column: Column, lines: Sequence[Line], chosen: str) -> Filter:
    counts = Counter(str(line[column.name]) for line in lines if line[column.name] not in (None, ""))
    options = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Filter(column.name, column.label, tuple(options), chosen)


def _query(state: Mapping[str, Any]) -> str:
    return "?" + urlencode({name: value for name, value in state.items() if value})
