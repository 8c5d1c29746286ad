"""A text made ready for training: tokenizer and tokens, kept in the run's folder so that a resumed run has the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mlcore.data.text import split_tail
from mlcore.data.tokenizer import TextTokenizer
from mlcore.storage import Damaged, read_checked, read_json, read_tensors, write_atomic, write_json, write_tensors

HELD_OUT_SHARE = 0.05
_VERSION = 1  # of what is computed here; another version makes the tokens again


@dataclass(frozen=True, slots=True)
class Prepared:
    tokenizer: TextTokenizer
    training: np.ndarray  # int32
    held_out: np.ndarray  # int32


def prepare(documents: list[str], *, vocab: int, folder: Path) -> Prepared:
    """Tokenizer and tokens of ``documents``, from ``folder`` where it has them.

    The tokenizer is trained on the training part only, so nothing of the held-out text leaks into it.
    """
    key = _key(documents, vocab)
    try:
        return _load(folder, key)
    except (Damaged, FileNotFoundError, KeyError):
        made = _make(documents, vocab)
    folder.mkdir(parents=True, exist_ok=True)
    _store(folder, key, made)
    return made


def _make(documents: list[str], vocab: int) -> Prepared:
    training, held_out = split_tail(documents, HELD_OUT_SHARE)
    tokenizer = TextTokenizer.train(training, vocab=vocab)
    return Prepared(
        tokenizer,
        np.array(tokenizer.encode_documents(training), dtype=np.int32),
        np.array(tokenizer.encode_documents(held_out), dtype=np.int32),
    )


def _key(documents: list[str], vocab: int) -> str:
    digest = hashlib.sha256(f"{_VERSION} {vocab} {HELD_OUT_SHARE}".encode())
    for document in documents:
        digest.update(hashlib.sha256(document.encode()).digest())
    return digest.hexdigest()


def _store(folder: Path, key: str, made: Prepared) -> None:
    tensors = {"training": torch.from_numpy(made.training), "held_out": torch.from_numpy(made.held_out)}
    tokens_sha256 = write_tensors(folder / "tokens.safetensors", tensors)
    tokenizer = made.tokenizer.to_json().encode()
    write_atomic(folder / "tokenizer.json", tokenizer)
    facts = {"key": key, "tokens": tokens_sha256, "tokenizer": hashlib.sha256(tokenizer).hexdigest()}
    write_json(folder / "tokens.json", facts)


def _load(folder: Path, key: str) -> Prepared:
    facts = read_json(folder / "tokens.json")
    if facts["key"] != key:
        raise KeyError(key)
    tensors = read_tensors(folder / "tokens.safetensors", sha256=facts["tokens"])
    tokenizer = read_checked(folder / "tokenizer.json", sha256=facts["tokenizer"]).decode()
    return Prepared(TextTokenizer.from_json(tokenizer), tensors["training"].numpy(), tensors["held_out"].numpy())
