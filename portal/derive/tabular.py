"""Bytes or text that someone pasted or uploaded, as lines of cells: which encoding, which delimiter, and the cells.

Nothing is believed and nothing guessed in silence: what was found is told, so that a page can show it before anything
is used. What is no table is refused as ``mlcore.reading.Invalid``, under the empty path.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes
from django.utils.translation import gettext_noop as _

from mlcore.reading import Invalid, Problem

MOST_BYTES = 1_000_000
MOST_LINES = 2_000
SAMPLE = 50  # lines by which the delimiter is found
DELIMITERS = ("\t", ";", "|", ",")  # the comma last: it also stands within numbers and names

# How other files begin that people send by mistake, and what to call them.
_SIGNATURES = (
    (b"PK\x03\x04", "XLSX, ODS, ZIP"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"%PDF-", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3", "SQLite"),
)
# The longer mark first: that of UTF-32 begins as that of UTF-16 does.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_LEGACY = {"gb18030": "GB18030", "cp1252": "Windows-1252"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` is that of its first line in the text, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """Lines that hold anything, as they stand: not yet all of one length. ``encoding`` is empty for pasted text."""

    lines: tuple[Line, ...]
    delimiter: str
    encoding: str

    @property
    def width(self) -> int:
        """How many cells most lines have."""
        return Counter(len(line.cells) for line in self.lines).most_common(1)[0][0]


def read_cells(given: bytes | str, *, most_bytes: int = MOST_BYTES, most_lines: int = MOST_LINES) -> Cells:
    """
    Raises:
        Invalid: nothing, too much, another kind of file, an unknown encoding, control characters, quotation marks that
            do not close.
    """
    text, encoding = (given, "") if isinstance(given, str) else _decoded(given, most_bytes)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _refused(_NOTHING)
    if len(text) > most_bytes:
        raise _too_large(len(text), most_bytes)
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _refused(
            _("Wanted text, got a control character in line {line}, as in files that are no text."), line=line
        )
    count = text.count("\n") + 1
    if count > most_lines:
        raise _refused(_("Wanted at most {most} lines, got {given}."), most=f"{most_lines:,}", given=f"{count:,}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(text)
    lines = tuple(_lines(text, delimiter))
    if not lines:
        raise _refused(_NOTHING)
    return Cells(_without_empty_ends(lines), delimiter, encoding)


def _decoded(data: bytes, most_bytes: int) -> tuple[str, str]:
    if len(data) > most_bytes:
        raise _too_large(len(data), most_bytes)
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise _refused(
                _("Wanted a table as text, got a file of the kind {kind}. Save it as CSV in your spreadsheet."),
                kind=kind,
            )
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _strictly(data, codec, name), name
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if codec := _unmarked_utf16(data):
        return _strictly(data, codec, "UTF-16"), "UTF-16"
    if b"\x00" in data:
        raise _refused(_("Wanted a table as text, got a binary file. Save it as CSV in your spreadsheet."))
    return _legacy(data)


def _strictly(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as problem:
        raise _refused(
            _("The file says that it is {encoding}, but byte {position} is not. Save it again as UTF-8."),
            encoding=name, position=f"{problem.start + 1:,}",
        ) from None  # fmt: skip


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark: in a table every second byte of delimiters, digits and line ends is zero."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 or max(even, odd) < len(data) / 20 or min(even, odd) > max(even, odd) / 10:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _legacy(data: bytes) -> tuple[str, str]:
    """One of the two encodings that spreadsheets still write, by what reads more like a language."""
    best = from_bytes(data, cp_isolation=list(_LEGACY)).best()
    if best is None or best.encoding not in _LEGACY:
        raise _refused(_("The encoding of the file is not known. Save it again as UTF-8."))
    return str(best), _LEGACY[best.encoding]


def _delimiter(text: str) -> str:
    """The one that cuts most of the first lines into equally many cells, more than one; of equals the rarer sign."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths: Counter[int] = Counter()
        try:
            for row in csv.reader(io.StringIO(text), delimiter=delimiter):
                if any(cell.strip() for cell in row):
                    widths[len(row)] += 1
                if widths.total() >= SAMPLE:
                    break
        except csv.Error:
            return 0.0, 0
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        return (count / widths.total(), width) if width > 1 else (0.0, 0)

    return max(DELIMITERS, key=lambda delimiter: fit(delimiter))


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    number = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise _refused(
                _("The quotation marks in line {line} do not close. Write one that is meant as such twice."),
                line=number,
            ) from None
        if row is None:
            return
        cells = tuple(_SPACE.sub(" ", cell).strip() for cell in row)
        if any(cells):
            yield Line(number, cells)
        number = reader.line_num + 1


def _without_empty_ends(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Spreadsheets write the empty columns beside a table too."""
    used = max(max(at for at, cell in enumerate(line.cells, 1) if cell) for line in lines)
    return tuple(Line(line.number, line.cells[:used]) for line in lines)


_NOTHING = _("Wanted a table, got nothing.")


def _too_large(size: int, most: int) -> Invalid:
    return _refused(_("Wanted at most {most} bytes, got {given}."), most=f"{most:,}", given=f"{size:,}")


def _refused(template: str, **values: object) -> Invalid:
    return Invalid({"": [Problem(template, values)]})
