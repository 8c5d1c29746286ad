"""Pasted and uploaded tables as cells: encodings, delimiters, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid
from portal.derive.tabular import MOST_BYTES, read_cells

WESTERN = "Company;Price;Quality\nCafé Müller;3;4\nNaïve & Söhne;2;1\n"
CHINESE = "公司,市场份额,价格\n百度,12%,3\n阿里巴巴,20%,4\n"


@pytest.mark.parametrize(
    ("text", "codec", "told"),
    [
        (WESTERN, "utf-8", "UTF-8"), (WESTERN, "utf-8-sig", "UTF-8"), (WESTERN, "utf-16", "UTF-16"),
        (WESTERN, "utf-16-le", "UTF-16"), (WESTERN, "utf-32", "UTF-32"), (WESTERN, "cp1252", "Windows-1252"),
        (CHINESE, "utf-8", "UTF-8"), (CHINESE, "utf-16-be", "UTF-16"), (CHINESE, "gb18030", "GB18030"),
        ("百度;3\n", "gb18030", "GB18030"), ("Café;3\n", "cp1252", "Windows-1252"),
    ],
)  # fmt: skip
def test_encodings_are_found_and_told(text: str, codec: str, told: str) -> None:
    cells = read_cells(text.encode(codec))
    assert cells.encoding == told
    assert [line.cells for line in cells.lines] == [line.cells for line in read_cells(text).lines]


@pytest.mark.parametrize(
    ("text", "delimiter", "first"),
    [
        ("a\tb\n1,5\t2\n", "\t", ("a", "b")),
        ("a;1,5\nb;2,5\n", ";", ("a", "1,5")),
        ("a;1,5;2,5\nb;2,5;3,5\n", ";", ("a", "1,5", "2,5")),
        ('"Smith, John"|5\n"Doe, Jane"|6\n', "|", ("Smith, John", "5")),
        ('name,b\n"x\ny",1\n', ",", ("name", "b")),
        ("a;b;;\n1;2;;\n", ";", ("a", "b")),
        ("\n\na,b\n\n1,2", ",", ("a", "b")),
        ("\ufeffa,b\n1,2", ",", ("a", "b")),
    ],
)
def test_delimiters_are_found(text: str, delimiter: str, first: tuple[str, ...]) -> None:
    cells = read_cells(text)
    assert (cells.delimiter, cells.lines[0].cells) == (delimiter, first)


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    cells = read_cells('name,b\n"x\ny",1\n\nz,2\n')
    assert [(line.number, line.cells) for line in cells.lines] == [
        (1, ("name", "b")),
        (2, ("x y", "1")),
        (5, ("z", "2")),
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "got nothing"), (b"", "got nothing"), (b" \n\n", "got nothing"), ('""\n', "got nothing"),
        (b"PK\x03\x04rest", "got a file of the kind XLSX"), (b"%PDF-1.7", "of the kind PDF"),
        (bytes(range(256)) * 8, "got a binary file"), (b"a,b\n\x00,1\n", "a control character in line 2"),
        ("a,b\n1,\x07\n", "a control character in line 2"), ("a,b\n" * 100_000, "at most 2,000 lines, got 100,001"),
        (b"x" * (MOST_BYTES + 1), "at most 1,000,000 bytes, got 1,000,001"),
        ('a,b\n"x,1\ny,2\n', "quotation marks in line 2 do not close"),
        ("Москва;3\nПетербург;4\n".encode("cp1251"), "encoding of the file is not known"),
        (b"\xff\xfea\x00,\x00\x00\xd8\x00\xd8", "says that it is UTF-16, but byte"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_reason(given: str | bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_cells(given)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_anything_is_read_or_refused(given: bytes | str) -> None:
    try:
        cells = read_cells(given)
    except Invalid as refused:
        assert list(refused.problems) == [""]  # noqa: PT017
        return
    assert all(any(line.cells) for line in cells.lines)


_CELL = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 4).flatmap(lambda width: st.lists(st.tuples(*[_CELL] * width), min_size=1, max_size=6)))
def test_what_a_spreadsheet_copies_reads_back(rows: list[tuple[str, ...]]) -> None:
    text = "\r\n".join("\t".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    assert [line.cells for line in read_cells(text).lines] == rows
