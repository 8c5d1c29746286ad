"""JSON as the portal accepts it, from the API, the command line and the address: one loader for all three.

Stricter than the standard: numbers are finite and of bounded length, keys do not repeat, nesting is bounded, text
holds no half characters. What is refused is named by its path.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as _

from mlcore.reading import Invalid, Problem

MAX_DEPTH = 16
MAX_DIGITS = 400  # of one number; Python's own limit for whole numbers is 4,300


def loads(text: str | bytes) -> Any:
    """The value that ``text`` writes.

    Raises:
        Invalid: naming the path of the first value that is refused, or the empty path for text that is no JSON.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()
        value = json.loads(
            text,
            object_pairs_hook=_Pairs,
            parse_int=lambda digits: int(digits) if len(digits) <= MAX_DIGITS else math.inf,
        )
    except UnicodeDecodeError:
        raise _invalid("", _("Wanted JSON in UTF-8, got other bytes.")) from None
    except RecursionError:
        raise _invalid("", _("Wanted at most {most} levels of nesting, got more."), most=MAX_DEPTH) from None
    except json.JSONDecodeError as problem:
        raise _invalid(
            "", _("Wanted JSON, got text that ends or errs at line {line}, column {column}."),
            line=problem.lineno, column=problem.colno,
        ) from None  # fmt: skip
    return _plain(value, ())


class _Pairs(list[tuple[str, Any]]):
    """An object as read, with its keys still in order and possibly repeated."""


def _plain(value: Any, path: tuple[str, ...]) -> Any:
    if len(path) > MAX_DEPTH:
        raise _invalid(".".join(path), _("Wanted at most {most} levels of nesting, got more."), most=MAX_DEPTH)
    if isinstance(value, _Pairs):
        return dict(_items(value, path))
    if isinstance(value, list):
        return [_plain(item, (*path, str(index))) for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            raise _invalid(".".join(path), _("Wanted a number, got NaN."))
        raise _invalid(".".join(path), _("Wanted a number between −10^18 and 10^18, got a larger one."))
    if isinstance(value, str):
        _check_text(value, path)
    return value


def _items(pairs: _Pairs, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, value in pairs:
        _check_text(key, path)
        here = (*path, key[:60])
        if key in seen:
            raise _invalid(".".join(here), _("Wanted each name once, got it twice."))
        seen.add(key)
        yield key, _plain(value, here)


def _check_text(text: str, path: tuple[str, ...]) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _invalid(".".join(path), _("Wanted text of whole characters, got half of one."))


def _invalid(path: str, template: str, **values: Any) -> Invalid:
    return Invalid({path: [Problem(template, values)]})
