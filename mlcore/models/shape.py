"""The sizes of a decoder, and what follows from them: parameters and FLOPs. Standard library only, so that a page can
quote a training run without torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """The shape of a model.

    Raises:
        ValueError: sizes that do not fit one another, naming both.
    """

    vocab: int
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    context: int
    """Positions that the model has been trained on, and the most that it attends to."""
    dropout: float = 0.0
    rope_base: float = 10_000.0
    norm_eps: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("vocab", "layers", "hidden", "heads", "kv_heads", "ffn", "context"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: wanted at least 1, got {getattr(self, name)}")
        if self.hidden % (2 * self.heads):
            raise ValueError(
                f"hidden {self.hidden} and heads {self.heads}: wanted heads of equal, even width; "
                "make hidden a multiple of twice the heads"
            )
        if self.heads % self.kv_heads:
            raise ValueError(f"heads {self.heads} and kv_heads {self.kv_heads}: wanted kv_heads to divide heads")

    @property
    def head_width(self) -> int:
        return self.hidden // self.heads

    def matmul_parameters(self) -> int:
        """Weights that each token is multiplied by: all matrices, the tied embedding once, as the output head."""
        attention = 2 * self.hidden * self.head_width * (self.heads + self.kv_heads)
        return self.layers * (attention + 3 * self.hidden * self.ffn) + self.vocab * self.hidden

    def parameters(self) -> int:
        """Every weight: the matrices, two norms a layer and the last norm (Touvron et al. 2023, section 2.2)."""
        return self.matmul_parameters() + (2 * self.layers + 1) * self.hidden

    def training_flops_per_token(self, length: int) -> float:
        """FLOPs of forward and backward for one token in sequences of ``length``: 6 N + 6 L E S.

        6 N for the matrices: a multiply and an add, once forward and twice backward (Kaplan et al. 2020, section
        2.1). The attention term is that of Chowdhery et al. 2022 (PaLM), appendix B, 12 L E S for the full square,
        halved because a causal model needs half of it.
        """
        return 6.0 * self.matmul_parameters() + 6.0 * self.layers * self.hidden * length

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
