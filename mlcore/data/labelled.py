"""Texts with a class each: the reviews that are shipped, and tables that a person uploads."""

from __future__ import annotations

import bz2
import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from mlcore.data.text import CONTROL, decoded

MAX_BYTES = 16 * 1024 * 1024
MOST_CLASSES = 20
FEWEST_TEXTS = 100  # below this a held-out part of a tenth says nothing
FEWEST_OF_A_CLASS = 20  # two are then tested, and one or two validate
MAX_CHARACTERS = 20_000  # of one text
_HELD_OUT_SHARE = 0.1

_HERE = Path(__file__).parent
_FILE = "reviews.csv.bz2"
_SHA256 = "a29f7a7aff76eaded3b79d159f75823a612b747cf271751f79dadd49cb065dca"
_SPLIT_SEED = 1

TITLE = "5,000 reviews of food sold by Amazon, great or other"
LICENCE = "MIT, that of the R package modeldata; see mlcore/data/README.md"


@dataclass(frozen=True, slots=True)
class Labelled:
    """``labels`` are numbers of ``classes``."""

    texts: tuple[str, ...]
    labels: np.ndarray  # (N,) int64
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, indices: Sequence[int]) -> Labelled:
        return Labelled(tuple(self.texts[at] for at in indices), self.labels[list(indices)], self.classes)


@dataclass(frozen=True, slots=True)
class Parts:
    """``validation`` chooses the best weights; ``test`` is read once, for the figures."""

    training: Labelled
    validation: Labelled
    test: Labelled


@cache
def shipped_reviews() -> Parts:
    """The shipped reviews: training and test as their publisher split them, no product in both.

    Reviews that stand in the training part twice, or word for word in the test part, are left out of the training
    part, because a model is not to be asked what it was told. The validation part is drawn from the training part.

    Raises:
        ValueError: the file is not the one that was shipped.
    """
    raw = bz2.decompress((_HERE / _FILE).read_bytes())
    if hashlib.sha256(raw).hexdigest() != _SHA256:
        raise ValueError(f"{_FILE}: the reviews are damaged; install the package again")
    rows = list(csv.DictReader(io.StringIO(raw.decode())))
    classes = ("other", "great")  # the second is the one whose precision and recall are stated
    test = _labelled([(row["review"], row["score"]) for row in rows if row["part"] == "test"], classes)
    told = set(test.texts)
    training = [(row["review"], row["score"]) for row in rows if row["part"] == "train" and row["review"] not in told]
    kept, validation = _split(_labelled(_once(training), classes), _SPLIT_SEED)
    return Parts(kept, validation, test)


def split(labelled: Labelled, *, seed: int) -> Parts:
    """81 % to learn from, 9 % to validate, 10 % to test, with the same share of every class in each."""
    rest, test = _split(labelled, seed)
    training, validation = _split(rest, seed + 1)
    return Parts(training, validation, test)


def read_labelled(path: Path, *, max_bytes: int = MAX_BYTES) -> Labelled:
    """An uploaded table: CSV in UTF-8 with the columns ``text`` and ``label``. A text that comes twice is kept once.

    Raises:
        ValueError: too large, not UTF-8, not such a table, or too little to learn from; the message says what to do.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise ValueError(f"Wanted a table of at most {max_bytes:,} bytes, got {size:,}. Leave rows out.")
    text = decoded(path.read_bytes(), wanted="a table", again="as CSV UTF-8")
    if found := CONTROL.search(text):
        raise ValueError(
            f"Wanted a table as plain text, got the control character U+{ord(found.group()):04X}: this looks like a "
            "spreadsheet or another binary file. Export it as CSV UTF-8."
        )
    rows = _once(list(_rows(text)))
    counts = Counter(label for _, label in rows)
    _check_counts(counts)
    return _labelled(rows, tuple(sorted(counts)))


def _rows(text: str) -> Iterator[tuple[str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        places = _places(header)
        for row in reader:
            if row:
                yield _row(row, reader.line_num, header, places)
    except csv.Error as problem:
        raise ValueError(
            f"Line {reader.line_num:,}: wanted CSV, got something else ({problem}). Put texts with commas or "
            'line breaks into double quotes, and write a quote inside as "".'
        ) from None


def _places(header: list[str]) -> tuple[int, int]:
    if {"text", "label"} <= set(header):
        return header.index("text"), header.index("label")
    shown = ", ".join(header)[:200] or "nothing"
    separator = next((name for sign, name in {";": "semicolons", "\t": "tabs"}.items() if sign in shown), "")
    advice = f"It seems to be separated by {separator}; save it with commas." if separator else "Name them so."
    raise ValueError(f"Wanted the columns text and label in the first line, got: {shown}. {advice}")


def _row(row: list[str], line: int, header: list[str], places: tuple[int, int]) -> tuple[str, str]:
    if len(row) != len(header):
        raise ValueError(
            f"Line {line:,}: wanted {len(header)} columns, got {len(row)}. Put texts with commas into double quotes."
        )
    text, label = (" ".join(row[at].split()) for at in places)
    if not text or not label:
        raise ValueError(f"Line {line:,}: wanted a text and a label, got one that is empty. Fill it or delete the row.")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"Line {line:,}: wanted a text of at most {MAX_CHARACTERS:,} characters, got {len(text):,}.")
    if len(label) > 60:
        raise ValueError(f"Line {line:,}: wanted a label of at most 60 characters, got {len(label):,}.")
    return text, label


def _check_counts(counts: Counter[str]) -> None:
    total = sum(counts.values())
    if not total:
        raise ValueError("Wanted a table of texts, got no rows. Put a text and its label into each line.")
    if len(counts) == 1:
        raise ValueError(f"Wanted at least two labels to tell apart, got only {next(iter(counts))!r}.")
    if len(counts) > MOST_CLASSES:
        raise ValueError(
            f"Wanted at most {MOST_CLASSES} labels, got {len(counts):,}. Is label the column of the classes?"
        )
    if total < FEWEST_TEXTS:
        raise ValueError(f"Wanted at least {FEWEST_TEXTS} different texts to learn from and to test with, got {total}.")
    label, fewest = counts.most_common()[-1]
    if fewest < FEWEST_OF_A_CLASS:
        raise ValueError(
            f"Wanted at least {FEWEST_OF_A_CLASS} different texts of each label, so that each can be tested; got "
            f"{fewest} of {label!r}. Add some, or leave the label out."
        )


def _labelled(rows: Sequence[tuple[str, str]], classes: tuple[str, ...]) -> Labelled:
    number = {name: at for at, name in enumerate(classes)}
    labels = np.array([number[label] for _, label in rows], dtype=np.int64)
    return Labelled(tuple(text for text, _ in rows), labels, classes)


def _once(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each text once, with the label that it has first: a copy in the held-out part would be a leak."""
    first: dict[str, str] = {}
    for text, label in rows:
        first.setdefault(text, label)
    return list(first.items())


def _split(labelled: Labelled, seed: int) -> tuple[Labelled, Labelled]:
    kept, held_out = train_test_split(
        np.arange(len(labelled)), test_size=_HELD_OUT_SHARE, random_state=seed, stratify=labelled.labels
    )
    return labelled.take(np.sort(kept).tolist()), labelled.take(np.sort(held_out).tolist())
