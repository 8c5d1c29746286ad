"""The model sizes that a person can choose, for each kind of network. Standard library only."""

from __future__ import annotations

from typing import Any

from mlcore.models.text_shape import TextClassifierConfig

VOCAB = 4_000  # words wanted; a table with fewer that occur twice gives fewer

SIZES: dict[str, dict[str, dict[str, Any]]] = {
    "classic": {
        "small": {"width": 16, "dropout": 0.3},
        "medium": {"width": 32, "dropout": 0.3},
    },
    "transformer": {
        "small": {"width": 96, "layers": 2, "heads": 4, "ffn": 192, "dropout": 0.3},
        "medium": {"width": 128, "layers": 3, "heads": 4, "ffn": 256, "dropout": 0.3},
    },
}


def shape(kind: str, size: str, *, vocab: int, length: int, classes: int) -> TextClassifierConfig:
    return TextClassifierConfig(kind=kind, vocab=vocab, length=length, classes=classes, **SIZES[kind][size])
