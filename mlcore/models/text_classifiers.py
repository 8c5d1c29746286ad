"""Networks that tell classes of text apart: the classic one, and a transformer encoder.

Shapes: B texts, L words of each (padded with ``PAD``), E the width, C outputs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from mlcore.data.words import PAD
from mlcore.models.text_shape import TextClassifierConfig


class TextClassifier(nn.Module):
    """Word ids (B, L) to logits (B, C); an attribution enters in between, at the embedded words (B, L, E)."""

    def __init__(self, config: TextClassifierConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, ids: Tensor) -> Tensor:
        return self.from_embedded(self.embed(ids), ids)

    def embed(self, ids: Tensor) -> Tensor:
        """(B, L, E); padding is zeros."""
        raise NotImplementedError

    def from_embedded(self, embedded: Tensor, ids: Tensor) -> Tensor:
        """Logits (B, C) of (B, L, E); ``ids`` say which places hold a word."""
        raise NotImplementedError


class ClassicNetwork(TextClassifier):
    """Embedding, flatten, dense: each word weighs by itself and by its place."""

    def __init__(self, config: TextClassifierConfig) -> None:
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab, config.width, padding_idx=PAD)
        self.dropout = nn.Dropout(config.dropout)
        self.dense = nn.Linear(config.length * config.width, config.outputs)
        # As wide as Keras draws it; torch's unit variance would drown the dense layer in noise.
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        with torch.no_grad():
            self.embedding.weight[PAD] = 0

    def embed(self, ids: Tensor) -> Tensor:
        return self.embedding(ids)

    def from_embedded(self, embedded: Tensor, ids: Tensor) -> Tensor:
        return self.dense(self.dropout(embedded.flatten(1)))


class EncoderClassifier(TextClassifier):
    """A small BERT (Devlin et al. 2019) without its pooler; the mean over words is classified."""

    def __init__(self, config: TextClassifierConfig) -> None:
        super().__init__(config)
        bert = BertConfig(
            vocab_size=config.vocab,
            hidden_size=config.width,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=config.ffn,
            max_position_embeddings=config.length,
            type_vocab_size=1,
            hidden_dropout_prob=config.dropout,
            # On processors attention with dropout has no fused kernel and takes twice as long; the other places do.
            attention_probs_dropout_prob=0.0,
            pad_token_id=PAD,
        )
        self.encoder = BertModel(bert, add_pooling_layer=False)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.width, config.outputs)

    def embed(self, ids: Tensor) -> Tensor:
        return self.encoder.embeddings.word_embeddings(ids)

    def from_embedded(self, embedded: Tensor, ids: Tensor) -> Tensor:
        there = ids != PAD  # (B, L)
        # A text without a word would be attention over nothing, which is not a number.
        there[:, 0] = True
        hidden = self.encoder(inputs_embeds=embedded, attention_mask=there.long()).last_hidden_state  # (B, L, E)
        weights = there.unsqueeze(2).to(hidden.dtype)
        return self.head(self.dropout((hidden * weights).sum(dim=1) / weights.sum(dim=1)))


def build(config: TextClassifierConfig) -> TextClassifier:
    """A network with weights drawn from torch's generator."""
    return ClassicNetwork(config) if config.kind == "classic" else EncoderClassifier(config)
