"""The shape of a decoder-only transformer, as far as its cost depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Biases = Literal["none", "qkv", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1). Widths per head but for the ranks."""

    query_rank: int  # 0: queries are projected directly
    kv_rank: int
    rope_dim: int
    nope_dim: int
    value_dim: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Experts:
    """A mixture-of-experts feed-forward block: ``active`` of ``count`` are computed for each token."""

    count: int
    active: int
    ffn: int
    shared: int = 0  # experts of the same width that every token passes
    dense_layers: int = 0  # first layers that have the plain feed-forward block instead
    balanced: bool = False  # a bias per expert that only steers the choice (DeepSeek-V3, arXiv 2412.19437, 2.1.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Whole numbers that fix parameter count and work per token.

    Raises:
        ValueError: heads that the key-value heads do not divide, more active than present experts, and the like.
    """

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    gated: bool  # SwiGLU and kin: two matrices up, one down
    vocabulary: int
    tied: bool  # one matrix serves as embedding and as output projection
    biases: Biases = "none"
    norm_vectors: int = 1  # vectors of a norm: 1 for RMSNorm, 2 for LayerNorm with bias
    inner_norms: int = 2  # norms of a layer over its whole width; 4 where what a block gives is normed too (Gemma 2)
    outer_norms: int = 1  # norms outside the layers; BLOOM has one behind the embedding too
    qk_norm: bool = False  # a norm over each head of queries and keys
    sinks: bool = False  # a learned score for each head, to which attention may go instead of a token (gpt-oss)
    positions: int = 0  # rows of a learned table of positions
    experts: Experts | None = None
    latent: Latent | None = None
    window: int = 0  # tokens that a layer with sliding-window attention looks back on; 0 for none
    windowed_layers: int = 0  # how many layers have it; the others see the whole sequence

    def __post_init__(self) -> None:
        sizes = (self.layers, self.hidden, self.heads, self.kv_heads, self.head_dim, self.vocabulary)
        if min(sizes) < 1 or min(self.ffn, self.positions) < 0:
            raise ValueError(f"layers, widths, heads and vocabulary are at least 1, got {self}")
        if self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads cannot be shared out among {self.kv_heads} key-value heads")
        if not 0 <= self.windowed_layers <= self.layers or bool(self.window) != bool(self.windowed_layers):
            raise ValueError(f"{self.windowed_layers} of {self.layers} layers cannot have a window of {self.window}")
        if self.experts and not 1 <= self.experts.active <= self.experts.count:
            raise ValueError(f"{self.experts.active} of {self.experts.count} experts cannot be active")
        if self.experts and not 0 <= self.experts.dense_layers <= self.layers:
            raise ValueError(f"{self.experts.dense_layers} dense layers do not fit into {self.layers} layers")

    @property
    def expert_layers(self) -> int:
        """How many layers have experts instead of one feed-forward block."""
        return self.layers - self.experts.dense_layers if self.experts else 0

    @property
    def matrices(self) -> int:
        """Matrices of a feed-forward block."""
        return 3 if self.gated else 2

    @property
    def score_dim(self) -> int:
        """Width over which a query meets a key."""
        return self.latent.nope_dim + self.latent.rope_dim if self.latent else self.head_dim

    @property
    def value_dim(self) -> int:
        """Width of what a head sums up."""
        return self.latent.value_dim if self.latent else self.head_dim
