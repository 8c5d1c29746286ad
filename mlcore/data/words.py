"""Words and their numbers: the vocabulary of a text classifier, learnt from its training texts.

Whole words rather than pieces: what is marked in a text is then something that a reader knows, and a text in another
language is recognised as one of which no word is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, trainers
from tokenizers import models as word_models

PAD, UNKNOWN = 0, 1
_SPECIAL = ["[PAD]", "[UNK]"]
_FEWEST = 2  # times that a word occurs: a word met once teaches only its one text
# A word with its apostrophe ("don't" tells more than "don"), a number, or one sign; runs are bounded against hostile
# text that is one endless word.
_WORDS = r"\p{L}{1,40}(?:'\p{L}{1,8})?|\p{N}{1,20}|[^\s\p{L}\p{N}]"


@dataclass(frozen=True, slots=True)
class Read:
    """One text as a model reads it."""

    ids: np.ndarray
    """(length,) int64, padded."""
    pieces: tuple[str, ...]
    """The words that are read, as they stand in the text."""
    spelled: int
    """How many of them have letters; numbers and signs are the same in all languages."""
    known: int
    """How many of those are in the vocabulary."""
    total: int
    """Words and signs of the whole text."""


class Words:
    """Text to word numbers; upper case, accents and markup make no difference."""

    def __init__(self, backend: Tokenizer) -> None:
        # Otherwise "[PAD]" typed by a person would become the special token.
        backend.encode_special_tokens = True
        backend.no_padding()
        backend.no_truncation()
        if [backend.token_to_id(token) for token in _SPECIAL] != [PAD, UNKNOWN]:
            raise ValueError(f"tokenizer.json: wanted a vocabulary that begins with {' and '.join(_SPECIAL)}")
        self.backend = backend

    @classmethod
    def train(cls, texts: Sequence[str], *, vocab: int) -> Words:
        """The ``vocab`` commonest words of ``texts``, fewer where there are fewer that occur twice."""
        backend = Tokenizer(word_models.WordLevel(unk_token=_SPECIAL[UNKNOWN]))
        backend.normalizer = normalizers.Sequence(
            [
                normalizers.Replace(Regex(r"<[^<>]{1,40}>"), " "),
                normalizers.Replace("’", "'"),
                normalizers.BertNormalizer(lowercase=True, strip_accents=True),
            ]
        )
        backend.pre_tokenizer = pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True)
        trainer = trainers.WordLevelTrainer(
            vocab_size=vocab, min_frequency=_FEWEST, special_tokens=_SPECIAL, show_progress=False
        )
        backend.train_from_iterator(texts, trainer)
        return cls(backend)

    @classmethod
    def from_json(cls, text: str) -> Words:
        try:
            backend = Tokenizer.from_str(text)
        except Exception as problem:  # the library raises bare Exception
            raise ValueError(f"tokenizer.json: wanted a vocabulary, got something else ({problem})") from problem
        return cls(backend)

    def to_json(self) -> str:
        return self.backend.to_str(pretty=False)

    def __len__(self) -> int:
        return self.backend.get_vocab_size()

    def encode(self, texts: Sequence[str], *, length: int) -> np.ndarray:
        """(N, length) int64: the first ``length`` words of each text, padded behind."""
        ids = np.full((len(texts), length), PAD, dtype=np.int64)
        for row, encoding in zip(ids, self.backend.encode_batch_fast(list(texts)), strict=True):
            read = encoding.ids[:length]
            row[: len(read)] = read
        return ids

    def read(self, text: str, *, length: int) -> Read:
        """One text, with what is needed to show a person what was read."""
        encoding = self.backend.encode(text)
        read = encoding.ids[:length]
        ids = np.full(length, PAD, dtype=np.int64)
        ids[: len(read)] = read
        pieces = tuple(text[start:end] for start, end in encoding.offsets[:length])
        spelled = [number for number, piece in zip(read, pieces, strict=True) if any(map(str.isalpha, piece))]
        known = sum(number != UNKNOWN for number in spelled)
        return Read(ids, pieces, spelled=len(spelled), known=known, total=len(encoding.ids))
