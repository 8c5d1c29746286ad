"""Reading text: what is shipped, what a person uploads, and what is held out."""

from __future__ import annotations

import bz2
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlcore.data import text as text_module
from mlcore.data.text import AUSTEN, MIN_CHARACTERS, read_text, shipped, split_tail

ENOUGH = b"word " * MIN_CHARACTERS


def written(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def test_the_shipped_text_is_six_whole_novels() -> None:
    novels = shipped(AUSTEN)
    assert [novel.splitlines()[0].title() for novel in novels] == [
        "Sense And Sensibility", "Pride And Prejudice", "Mansfield Park", "Emma", "Northanger Abbey", "Persuasion",
    ]  # fmt: skip
    assert "It is a truth universally acknowledged, that a single man in possession of a good fortune" in novels[1]
    assert not any("###" in novel or "_" in novel for novel in novels)


def test_a_damaged_shipped_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / AUSTEN.file).write_bytes(bz2.compress(b"another text"))
    monkeypatch.setattr(text_module, "_HERE", tmp_path)
    with pytest.raises(ValueError, match="damaged"):
        shipped(AUSTEN)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"too short", "Wanted at least 20,000 characters to learn from, got 9"),
        (ENOUGH + b"\x00", "U\\+0000 at character 100,000: this looks like a binary file"),
        (ENOUGH + b"\x89PNG\r\n\x1a\n", "Wanted text in UTF-8, got a byte that is not \\(0x89 at byte 100,000\\)"),
        (b"\xff\xfe" + ENOUGH, "UTF-16. Save it again with the encoding UTF-8"),
        (ENOUGH + "é".encode("latin-1") + b"!", "Wanted text in UTF-8"),
        (b"", "got 0"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_text(written(tmp_path, content))


def test_a_text_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: a terabyte that takes no space, and would not fit into memory
    with pytest.raises(ValueError, match="at most 16,777,216 bytes, got 1,099,511,627,776"):
        read_text(path)


def test_an_upload_is_read_in_one_form(tmp_path: Path) -> None:
    [read] = read_text(written(tmp_path, b"\xef\xbb\xbf" + "cafe\u0301\r\nnext\rlast\n".encode() * 2_000))
    assert read.startswith("café\nnext\nlast\ncafé")
    assert unicodedata.is_normalized("NFC", read)


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=5), st.floats(0.01, 0.9))
@example(["0"], 0.75)
def test_the_held_out_text_is_the_tail_and_nothing_else(documents: list[str], share: float) -> None:
    training, held_out = split_tail(documents, share)
    assert "".join(training) + "".join(held_out) == "".join(documents)
    total = len("".join(documents))
    # Never more than asked for; less only by the rest of a line.
    assert len("".join(held_out)) <= share * total
    assert "".join(training)


def test_the_cut_is_at_the_start_of_a_line() -> None:
    [kept], [held_out] = split_tail(["First line.\n\nSecond line.\n\nThird line."], 0.5)
    assert (kept, held_out) == ("First line.\n\nSecond line.\n\n", "Third line.")
