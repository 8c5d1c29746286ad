"""How a training step is spread over devices, and in what precision it keeps what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.planning.compute.flops import Recomputation

Precision = Literal["bf16", "fp8", "fp32", "pure_bf16"]
Optimizer = Literal["adamw", "adamw_8bit", "sgd_momentum", "muon", "adafactor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Splits, batch and what is kept. ``tensor × pipeline × data`` devices hold the model ``data`` times.

    Raises:
        ValueError: a split below 1, or a ZeRO stage that does not exist.
    """

    sequence: int  # tokens of a sequence
    micro_batch: int = 1  # sequences of a device at a time
    micro_batches: int = 1  # micro-batches of a step on each replica
    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    virtual_stages: int = 1  # interleaved parts of the model on each pipeline stage
    sequence_parallel: bool = True  # norms and residual stream are split along the sequence by the tensor split
    precision: Precision = "bf16"
    optimizer: Optimizer = "adamw"
    zero_stage: int = 0
    recomputation: Recomputation = "none"
    flash: bool = True  # an attention kernel that never stores the square of scores
    wide_gradients: bool = False  # gradients accumulate in 32 bits

    def __post_init__(self) -> None:
        sizes = (self.sequence, self.micro_batch, self.micro_batches, self.tensor, self.pipeline, self.data)
        if min(*sizes, self.virtual_stages) < 1:
            raise ValueError(f"splits and batches are at least 1, got {self}")
        if self.zero_stage not in (0, 1, 2, 3):
            raise ValueError(f"ZeRO has stages 0 to 3, got {self.zero_stage}")

    @property
    def tokens(self) -> int:
        """Tokens of a micro-batch."""
        return self.sequence * self.micro_batch

    @property
    def replicated_split(self) -> int:
        """By how much what a plain tensor split leaves whole is divided."""
        return self.tensor if self.sequence_parallel else 1
