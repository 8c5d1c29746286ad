"""The shape of a text classifier, and what follows from it by arithmetic. Standard library only: quotes count too."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

KINDS = ("classic", "transformer")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextClassifierConfig:
    """``classic`` is embedding, flatten, dense; ``transformer`` an encoder whose mean over words is classified.

    Raises:
        ValueError: naming the number, what was wanted and what came.
    """

    kind: str
    vocab: int
    length: int
    """Words that are read of a text; shorter ones are padded."""
    classes: int
    width: int
    layers: int = 0
    heads: int = 0
    ffn: int = 0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: wanted one of {', '.join(KINDS)}, got {self.kind!r}")
        encoder = ("layers", "heads", "ffn") if self.kind == "transformer" else ()
        for name, least in {"vocab": 3, "length": 1, "classes": 2, "width": 1, **dict.fromkeys(encoder, 1)}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name}: wanted at least {least}, got {getattr(self, name)}")
        if encoder and self.width % self.heads:
            raise ValueError(f"heads: wanted a divisor of the width {self.width}, got {self.heads}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout: wanted 0 or more and less than 1, got {self.dropout}")

    @property
    def outputs(self) -> int:
        """The classic network tells two classes apart by one sigmoid."""
        return 1 if self.kind == "classic" and self.classes == 2 else self.classes

    def parameters(self) -> int:
        if self.kind == "classic":
            return self.vocab * self.width + self.length * self.width * self.outputs + self.outputs
        # Words, positions and the one segment, then two numbers a norm.
        embedding = (self.vocab + self.length + 1) * self.width + 2 * self.width
        attention = 4 * self.width * (self.width + 1)
        feed_forward = 2 * self.width * self.ffn + self.ffn + self.width
        layer = attention + feed_forward + 4 * self.width
        return embedding + self.layers * layer + (self.width + 1) * self.outputs

    def training_flops_per_text(self) -> float:
        """Forward and backward are three times forward; a product of matrices counts two FLOPs a multiplication
        (Kaplan et al. 2020, section 2.1). Looking a word up costs none."""
        if self.kind == "classic":
            return 6.0 * self.length * self.width * self.outputs
        products = self.layers * (4 * self.width**2 + 2 * self.width * self.ffn)
        attention = self.layers * 2 * self.length * self.width
        return 6.0 * (self.length * (products + attention) + self.width * self.outputs)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
