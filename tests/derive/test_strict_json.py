"""What the one JSON loader refuses, and how it names it."""

from __future__ import annotations

import time

import pytest

from mlcore.reading import Invalid
from portal.derive.strict_json import loads


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a": NaN}', "a"),
        ('{"a": [1, Infinity]}', "a.1"),
        ('{"a": {"b": -Infinity}}', "a.b"),
        ('{"a": 1e999}', "a"),
        ('{"a": -1e999}', "a"),
        ('{"a": ' + "9" * 5000 + "}", "a"),
        ('{"a": 1, "a": 2}', "a"),
        ('{"a": "\\ud800"}', "a"),
        ("", ""),
        ("{", ""),
        ('{"a": 1} x', ""),
        ("[" * 100_000, ""),
        ('{"a":' * 50_000, ""),
        ("\ufeff{}", ""),
    ],
)
def test_refused(text: str, path: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Invalid) as raised:
        loads(text)
    assert list(raised.value.problems) == [path]
    assert time.perf_counter() - began < 0.5


def test_nesting_is_bounded_even_where_python_could_read_it() -> None:
    with pytest.raises(Invalid, match="levels of nesting"):
        loads("[" * 40 + "]" * 40)
    assert loads("[[[1]]]") == [[[1]]]


def test_bytes_are_utf8() -> None:
    assert loads('{"a": "万"}'.encode()) == {"a": "万"}
    with pytest.raises(Invalid, match="UTF-8"):
        loads('{"a": "万"}'.encode("gb18030"))


def test_what_is_plain_json_passes() -> None:
    assert loads('{"a": [1, 2.5, true, null, "x"], "b": {}}') == {"a": [1, 2.5, True, None, "x"], "b": {}}
