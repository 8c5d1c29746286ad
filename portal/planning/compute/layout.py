"""How a training step is spread over devices, and in what precision it keeps what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from portal.planning.compute.flops import Recomputation

# fp16 takes the memory of bf16 and runs at its peak; loss scaling costs nothing that counts.
Precision = Literal["bf16", "fp16", "fp8", "fp32", "pure_bf16"]
Optimizer = Literal["adamw", "adamw_8bit", "sgd_momentum", "muon", "adafactor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Splits, batch and what is kept. ``tensor × context × pipeline × data`` devices hold the model ``data`` times.

    Splits and batches may also be NumPy arrays of whole numbers of one shape: many layouts at once, as the planner
    compares them. What computes with a layout therefore uses array-safe arithmetic (``np.where``, no ``if``) on them;
    precision, optimizer, recomputation and flags are single.

    Fully sharded data parallelism (FSDP) is ``zero_stage=3``.

    Raises:
        ValueError: a split below 1, a ZeRO stage that does not exist, or experts spread wider than there are devices.
    """

    sequence: int  # tokens of a sequence
    micro_batch: int = 1  # sequences of a device at a time
    micro_batches: int = 1  # micro-batches of a step on each replica
    tensor: int = 1
    context: int = 1  # devices that share each sequence
    pipeline: int = 1
    data: int = 1
    # Devices that share out the experts of a layer, each expert whole; taken from tensor × context × data, they add no
    # devices. At 1 the tensor split cuts every expert as it cuts a dense block.
    expert: int = 1
    virtual_stages: int = 1  # interleaved parts of the model on each pipeline stage
    sequence_parallel: bool = True  # norms and residual stream are split along the sequence by the tensor split
    precision: Precision = "bf16"
    optimizer: Optimizer = "adamw"
    zero_stage: int = 0
    recomputation: Recomputation = "none"
    flash: bool = True  # an attention kernel that never stores the square of scores
    fused: bool = True  # one kernel for gate and activation, which keeps what goes in and not what comes out
    chunked_logits: bool = False  # scores of the vocabulary and loss are made a part at a time and never stored
    wide_gradients: bool = False  # gradients accumulate in 32 bits

    def __post_init__(self) -> None:
        for name in ("sequence", "micro_batch", "micro_batches", "tensor", "context", "pipeline", "data", "expert",
                     "virtual_stages"):  # fmt: skip
            if np.any(np.less(getattr(self, name), 1)):
                raise ValueError(f"splits and batches are at least 1, got {name}={getattr(self, name)}")
        if np.any(~np.isin(self.zero_stage, (0, 1, 2, 3))):
            raise ValueError(f"ZeRO has stages 0 to 3, got {self.zero_stage}")
        if np.any(np.mod(self.tensor * self.context * self.data, self.expert)):
            raise ValueError(f"the expert split divides tensor × context × data, got {self}")

    @property
    def devices(self) -> int:
        return self.tensor * self.context * self.pipeline * self.data

    @property
    def global_batch(self) -> int:
        """Sequences of a step."""
        return self.micro_batch * self.micro_batches * self.data

    @property
    def tokens(self) -> int:
        """Tokens of a micro-batch, over all devices that share it."""
        return self.sequence * self.micro_batch

    @property
    def local_tokens(self) -> float:
        """Tokens of a micro-batch on one device."""
        return self.tokens / self.context

    @property
    def sharers(self) -> int:
        """Devices with the same dense weights before ZeRO shards them: of all replicas and of the context split."""
        return self.data * self.context

    @property
    def replicated_split(self) -> int:
        """By how much what a plain tensor split leaves whole is divided."""
        return self.tensor if self.sequence_parallel else 1
