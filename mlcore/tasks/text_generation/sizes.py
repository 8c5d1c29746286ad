"""The model sizes that a person can choose. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.models.shape import DecoderConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    title: str
    vocab: int
    """Wanted of the tokenizer; a short text may give fewer."""
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    dropout: float

    def config(self, *, vocab: int, context: int) -> DecoderConfig:
        return DecoderConfig(
            vocab=vocab,
            layers=self.layers,
            hidden=self.hidden,
            heads=self.heads,
            kv_heads=self.kv_heads,
            ffn=self.ffn,
            context=context,
            dropout=self.dropout,
        )


SIZES = {
    "tiny": Size(title="Tiny", vocab=1024, layers=3, hidden=128, heads=4, kv_heads=4, ffn=352, dropout=0.0),
    "small": Size(title="Small", vocab=2048, layers=4, hidden=256, heads=4, kv_heads=4, ffn=688, dropout=0.1),
    "medium": Size(title="Medium", vocab=4096, layers=8, hidden=384, heads=6, kv_heads=2, ffn=1024, dropout=0.1),
}


def model_results(config: DecoderConfig) -> dict[str, Any]:
    """The results that say what a model looks like, by the names of their declaration."""
    return {
        "layers": config.layers,
        "hidden": config.hidden,
        "heads": config.heads,
        "kv_heads": config.kv_heads,
        "ffn": config.ffn,
        "vocab": config.vocab,
        "gated": True,
        "tied": True,
    }
