"""Text that is shipped with the package, and text that a person uploads. Both arrive as a list of documents."""

from __future__ import annotations

import bz2
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024
MIN_CHARACTERS = 20_000  # below this a model repeats its few examples and the held-out loss means little

_HERE = Path(__file__).parent
_HEADING = re.compile(r"^### .*\n", re.MULTILINE)
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A text inside this package; ``sha256`` is that of the unpacked bytes."""

    title: str
    file: str
    sha256: str
    licence: str
    origin: str


AUSTEN = Corpus(
    title="Six novels by Jane Austen",
    file="austen.txt.bz2",
    sha256="dc9fb3e9784d4d95ef3d67d25fb65f4ed014231e597d5ad7a5c51874794221d7",
    licence="Public domain",
    origin="Project Gutenberg, by way of the R package janeaustenr 1.0.0 (MIT)",
)


def shipped(corpus: Corpus) -> list[str]:
    """The documents of a shipped text, one a work.

    Raises:
        ValueError: the file is not the one that was shipped.
    """
    raw = bz2.decompress((_HERE / corpus.file).read_bytes())
    if hashlib.sha256(raw).hexdigest() != corpus.sha256:
        raise ValueError(f"{corpus.file}: the text is damaged; install the package again")
    return [work.strip() for work in _HEADING.split(raw.decode()) if work.strip()]


def read_text(path: Path, *, max_bytes: int = MAX_BYTES) -> list[str]:
    """An uploaded text as one document: UTF-8, normal form C, line ends as ``\\n``.

    Raises:
        ValueError: too large, too short, not UTF-8 or not text; the message says what to do.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise ValueError(f"Wanted a text of at most {max_bytes:,} bytes, got {size:,}. Cut it, or join fewer files.")
    text = decoded(path.read_bytes())
    if found := CONTROL.search(text):
        raise ValueError(
            f"Wanted plain text, got the control character U+{ord(found.group()):04X} at character {found.start():,}: "
            "this looks like a binary file. Export it as plain text (UTF-8)."
        )
    text = unicodedata.normalize("NFC", re.sub("\r\n?", "\n", text)).strip()
    if len(text) < MIN_CHARACTERS:
        raise ValueError(
            f"Wanted at least {MIN_CHARACTERS:,} characters to learn from, got {len(text):,}. "
            "Join several texts into one file."
        )
    return [text]


def split_tail(documents: list[str], share: float) -> tuple[list[str], list[str]]:
    """Training and held-out documents: the last ``share`` of all characters is held out, in one piece.

    A contiguous tail, because sentences drawn at random would leave their neighbours in the training part. The cut
    falls at the end of a line where there is one nearby, so that no word is shared.
    """
    assert 0 < share < 1
    held_out_left = int(share * sum(map(len, documents)))  # rounded down: something is left to learn from
    for index in reversed(range(len(documents))):
        document = documents[index]
        if len(document) > held_out_left:
            cut = _line_start(document, len(document) - held_out_left)
            return [*documents[:index], document[:cut]], [document[cut:], *documents[index + 1 :]]
        held_out_left -= len(document)
    raise AssertionError("the share is below one")


def _line_start(text: str, wanted: int) -> int:
    """Where the first line with words after ``wanted`` begins, if one begins within 2,000 characters."""
    found = re.compile(r"\n+(?=.)").search(text, wanted, wanted + 2_000)
    return found.end() if found else wanted


def decoded(raw: bytes, *, wanted: str = "text", again: str = "with the encoding UTF-8") -> str:
    """UTF-8, with or without a byte order mark, as text.

    Raises:
        ValueError: saying what was ``wanted``, what came, and how to save it ``again``.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError(f"Wanted {wanted} in UTF-8, got UTF-16. Save it again {again}.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(
            f"Wanted {wanted} in UTF-8, got a byte that is not (0x{raw[problem.start]:02X} at byte "
            f"{problem.start:,}). Save it again {again}."
        ) from None
    return text
