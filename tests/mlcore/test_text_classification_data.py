"""Texts with classes: the shipped reviews, tables of every bad kind, the vocabulary and the order of batches."""

from __future__ import annotations

import bz2
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.data import labelled
from mlcore.data.labelled import read_labelled, shipped_reviews, split
from mlcore.data.shuffle import ShuffledBatches
from mlcore.data.words import PAD, UNKNOWN, Words

LINES = [f"text number {n} of {'one' if n % 2 else 'two'},{'one' if n % 2 else 'two'}" for n in range(120)]
TABLE = "\n".join(["text,label", *LINES])


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# The shipped reviews


def test_the_shipped_reviews_are_split_without_a_leak() -> None:
    parts = shipped_reviews()
    training, validation, test = (set(part.texts) for part in (parts.training, parts.validation, parts.test))
    assert len(training | validation | test) == len(training) + len(validation) + len(test)
    assert len(training) == len(parts.training)
    assert (len(parts.training), len(parts.validation), len(parts.test)) == (3_575, 398, 1_000)
    assert parts.test.classes == ("other", "great")
    assert int(parts.test.labels.sum()) == 658
    # Stratified: each part has the same share of great reviews.
    assert parts.training.labels.mean() == pytest.approx(parts.validation.labels.mean(), abs=0.002)


def test_damaged_reviews_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / labelled._FILE).write_bytes(bz2.compress(b"part,score,review\n"))
    monkeypatch.setattr(labelled, "_HERE", tmp_path)
    with pytest.raises(ValueError, match="damaged; install the package again"):
        shipped_reviews.__wrapped__()


# Uploaded tables


def test_a_table_is_read(tmp_path: Path) -> None:
    table = "id,Label,Text\n" + "".join(f'{n},{n % 3},"a ""quoted"" text, {n}\nof  two lines"\n' for n in range(120))
    found = read_labelled(written(tmp_path, b"\xef\xbb\xbf" + table.replace("\n", "\r\n").encode()))
    assert found.classes == ("0", "1", "2")
    assert found.texts[7] == 'a "quoted" text, 7 of two lines'
    assert found.labels[:4].tolist() == [0, 1, 2, 0]


def test_a_text_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    found = read_labelled(written(tmp_path, "\n".join([TABLE, LINES[0], "text number 1 of one,two"])))
    assert len(found) == 120
    assert Counter(found.labels.tolist()) == {0: 60, 1: 60}


@given(seed=st.integers(0, 2**32 - 2))
def test_a_split_leaves_nothing_out_and_keeps_the_shares(seed: int) -> None:
    whole = labelled._labelled([tuple(line.rsplit(",", 1)) for line in LINES], ("one", "two"))
    parts = split(whole, seed=seed)
    each = (parts.training, parts.validation, parts.test)
    assert sorted(text for part in each for text in part.texts) == sorted(whole.texts)
    assert [len(part) for part in each] == [97, 11, 12]
    assert all(abs(part.labels.mean() - 0.5) <= 0.05 for part in each)
    again = split(whole, seed=seed)
    assert again.test.texts == parts.test.texts


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the columns text and label in the first line, got: nothing"),
        ("text;label\na;b\n", "separated by semicolons; save it with commas"),
        ("text\tlabel\na\tb\n", "separated by tabs; save it with commas"),
        ("review,score\na,b\n", "got: review, score. Name them so"),
        ("text,label\n", "got no rows"),
        ("text,label\n" + "a b,one\n" * 200, "at least two labels to tell apart, got only 'one'"),
        (
            "\n".join(TABLE.splitlines()[:60]),
            "at least 100 different texts to learn from and to test with, got 59",
        ),
        (TABLE + "\nanother,three", "Wanted at least 20 different texts of each label.*got 1 of 'three'"),
        ("text,label\n" + "".join(f"t{n},{n}\n" for n in range(200)), "at most 20 labels, got 200"),
        (TABLE + "\n,one", "Line 122: wanted a text and a label, got one that is empty"),
        (TABLE + "\na text, ", "Line 122: wanted a text and a label, got one that is empty"),
        (TABLE + "\na text, with a comma,one", "Line 122: wanted 2 columns, got 3"),
        (TABLE + '\n"unclosed,one', "wanted CSV, got something else"),
        (TABLE + "\n" + "x" * 20_001 + ",one", "at most 20,000 characters, got 20,001"),
        (TABLE + "\n" + "x" * 200_000 + ",one", "wanted CSV, got something else.*field larger"),
        (TABLE + "\na text," + "x" * 61, "a label of at most 60 characters, got 61"),
        (TABLE.encode("utf-16"), "Wanted a table in UTF-8, got UTF-16"),
        (TABLE.replace("text number 3", "café").encode("latin-1"), r"got a byte that is not \(0xE9 at byte"),
        (TABLE.replace("number", "编号").encode("gbk"), "Wanted a table in UTF-8, got a byte that is not"),
        (b"PK\x03\x04" + TABLE.encode(), r"got the control character U\+0003: this looks like a spreadsheet"),
        (TABLE + "\na\x00b,one", r"control character U\+0000"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_labelled(written(tmp_path, content))


def test_a_table_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most 100 bytes, got"):
        read_labelled(written(tmp_path, TABLE), max_bytes=100)


# Words


def test_case_accents_markup_and_apostrophes_make_no_difference() -> None:
    words = Words.train(["I don’t like the Café.<br />It was great!"] * 2, vocab=50)
    first = words.encode(["i DON'T like the cafe. it was great!"], length=12)
    assert np.array_equal(first, words.encode(["I don’t like the Café.<br />It was great!"], length=12))
    assert UNKNOWN not in first
    assert "br" not in words.backend.get_vocab()


def test_what_is_read_stands_as_in_the_text() -> None:
    words = Words.train(["good tea here"] * 2, vocab=50)
    read = words.read("  GOOD<b>téa</b> 不 7!", length=4)
    assert read.pieces == ("GOOD", "téa", "不", "7")
    assert (read.spelled, read.known, read.total) == (3, 2, 5)
    assert [number == UNKNOWN for number in read.ids] == [False, False, True, True]
    assert words.read("tea", length=4).ids[1:].tolist() == [PAD] * 3


def test_a_typed_special_token_is_only_text() -> None:
    words = Words.train(["pad unk"] * 2, vocab=50)
    assert PAD not in words.read("[PAD] [UNK]", length=6).ids.tolist()


def test_a_word_met_once_is_not_learnt() -> None:
    words = Words.train(["often often rare"], vocab=50)
    assert "often" in words.backend.get_vocab()
    assert "rare" not in words.backend.get_vocab()


def test_a_vocabulary_survives_its_file_and_another_file_is_refused() -> None:
    words = Words.train(["good tea, bad tea"] * 3, vocab=50)
    again = Words.from_json(words.to_json())
    assert np.array_equal(again.encode(["tea is bad"], length=5), words.encode(["tea is bad"], length=5))
    with pytest.raises(ValueError, match="wanted a vocabulary, got something else"):
        Words.from_json("{}")
    with pytest.raises(ValueError, match="begins with"):
        Words.from_json(words.to_json().replace("[PAD]", "[QAD]"))


@given(text=st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    words = Words.train(["good tea"] * 2, vocab=50)
    read = words.read(text, length=8)
    assert read.known <= read.spelled <= len(read.pieces) <= min(8, read.total)
    assert np.array_equal(words.encode([text], length=8)[0], read.ids)


# The order of batches


@given(count=st.integers(1, 40), batch=st.integers(1, 50), seed=st.integers(0, 2**32 - 1))
def test_every_epoch_holds_each_example_once(count: int, batch: int, seed: int) -> None:
    order = ShuffledBatches(count, batch=batch, seed=seed)
    drawn = np.concatenate([order.next() for _ in range(-(-3 * count // batch))])[: 3 * count].reshape(3, count)
    assert (np.sort(drawn, axis=1) == np.arange(count)).all()


@given(count=st.integers(2, 40), batch=st.integers(1, 50), skipped=st.integers(0, 30))
def test_the_order_goes_on_where_it_was(count: int, batch: int, skipped: int) -> None:
    order = ShuffledBatches(count, batch=batch, seed=5)
    for _ in range(skipped):
        order.next()
    other = ShuffledBatches(count, batch=batch, seed=5)
    other.restore(order.state())
    assert np.array_equal(order.next(), other.next())
