"""A byte-level BPE tokenizer (Sennrich et al. 2016; byte level as in Radford et al. 2019), trained on the text itself.

Every string can be encoded, because the alphabet is the 256 bytes; decoding is joining bytes, so streamed text can be
put together across the boundaries of characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, pre_tokenizers, trainers
from tokenizers import models as bpe_models

END_OF_TEXT = "<|endoftext|>"

# The pattern of GPT-2 with bounded runs: text without spaces, or hostile text, cannot make one endless word.
_WORDS = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}{1,24}| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]{1,24}|\s{1,24}(?!\S)|\s{1,24}"
_PIECE = 50_000  # characters that are handed to the library at once


class TextTokenizer:
    """Text to ids and ids to bytes. ``pieces[id]`` is what an id writes; the end of text writes nothing."""

    def __init__(self, backend: Tokenizer) -> None:
        # Otherwise "<|endoftext|>" typed by a person would become the special token.
        backend.encode_special_tokens = True
        self.backend = backend
        end = backend.token_to_id(END_OF_TEXT)
        if end is None:
            raise ValueError(f"tokenizer.json: wanted the token {END_OF_TEXT}, found none")
        self.end: int = end
        self.pieces = token_bytes(backend)

    @classmethod
    def train(cls, documents: list[str], *, vocab: int) -> TextTokenizer:
        """At most ``vocab`` tokens, fewer where the text has too few pairs that occur twice."""
        backend = Tokenizer(bpe_models.BPE())
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        trainer = trainers.BpeTrainer(
            vocab_size=vocab,
            min_frequency=2,
            special_tokens=[END_OF_TEXT],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        backend.train_from_iterator(_pieces(documents), trainer)
        return cls(backend)

    @classmethod
    def load(cls, path: Path) -> TextTokenizer:
        """From ``tokenizer.json``."""
        return cls.from_json(path.read_text(encoding="utf-8"))

    @classmethod
    def from_json(cls, text: str) -> TextTokenizer:
        try:
            backend = Tokenizer.from_str(text)
        except Exception as problem:  # the library raises bare Exception
            raise ValueError(f"tokenizer.json: wanted a tokenizer, got something else ({problem})") from problem
        return cls(backend)

    def to_json(self) -> str:
        return self.backend.to_str(pretty=False)

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(self, text: str) -> list[int]:
        return self.backend.encode(text).ids

    def encode_documents(self, documents: list[str]) -> list[int]:
        """All documents one after another, each closed by the end of text."""
        ids: list[int] = []
        for document in documents:
            for encoding in self.backend.encode_batch_fast(list(_pieces([document]))):
                ids.extend(encoding.ids)
            ids.append(self.end)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        return b"".join(self.pieces[i] for i in ids).decode("utf-8", errors="replace")


def token_bytes(backend: Tokenizer) -> list[bytes]:
    """What each id writes; special tokens write nothing.

    Raises:
        ValueError: the tokenizer is not byte-level, so its tokens cannot be joined as bytes.
    """
    byte_of = _byte_of_character()
    special = set(backend.get_added_tokens_decoder())
    pieces = [b""] * backend.get_vocab_size()
    for token, index in backend.get_vocab().items():
        if index in special:
            continue
        try:
            pieces[index] = bytes(byte_of[character] for character in token)
        except KeyError:
            raise ValueError(f"Wanted a byte-level tokenizer, got one with the token {token!r}") from None
    return pieces


def _byte_of_character() -> dict[str, int]:
    """The printable stand-in of each byte in byte-level vocabularies (Radford et al. 2019, their encoder.py)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(rest)}


def _pieces(documents: list[str]) -> Iterator[str]:
    """Documents in pieces that end with a line where they can; tokens do not cross the cuts."""
    for document in documents:
        start = 0
        while start < len(document):
            end = start + _PIECE
            if end < len(document):
                line = document.rfind("\n", start + _PIECE // 2, end)
                end = line + 1 if line > 0 else end
            yield document[start:end]
            start = end
