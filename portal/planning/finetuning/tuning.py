"""How a model is fine-tuned: the method, what it is stored in, the levers that trade memory for time, the devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.planning.compute.architecture import Architecture

Method = Literal["full", "lora", "dora", "ia3", "prompt", "prefix", "adapter", "head"]
Storage = Literal["bf16", "int8", "nf4", "nf4_dq", "int4"]
Trainable = Literal["bf16", "wide"]
Compute = Literal["bf16", "fp8"]
Loss = Literal["wide", "narrow", "chunked"]
Optimizer = Literal["adamw", "adamw_8bit"]
Sharding = Literal["replicas", "fsdp", "flat", "split"]
Offload = Literal["none", "optimizer", "all"]

LOW_RANK = ("lora", "dora")
TARGETS = ("q", "k", "v", "o", "gate", "up", "down")

# Bytes a weight. 4-bit NormalFloat: a 32-bit constant for each block of 64 weights, or with double quantisation 8 bits
# for it and 32 more for every 256 of them (QLoRA, arXiv 2305.14314, section 3). GPTQ: 16 bits of scale and 4 of zero
# point for each group of 128. LLM.int8: a 32-bit scale a row, which is next to nothing.
STORED: dict[Storage, float] = {
    "bf16": 2.0,
    "int8": 1.0,
    "nf4": 0.5 + 4 / 64,
    "nf4_dq": 0.5 + (1 + 4 / 256) / 64,
    "int4": 0.5 + 2.5 / 128,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """One way of fine-tuning one model. Whole numbers; all but the architecture have the values of the plainest case.

    Raises:
        ValueError: a batch, rank or number of devices below 1, or a full fine-tune of quantised weights.
    """

    arch: Architecture
    method: Method = "lora"
    targets: frozenset[str] = frozenset({"q", "v"})  # of ``TARGETS``; adapters of low rank only
    rank: int = 8  # of low-rank adapters; width of a bottleneck; virtual tokens of a prompt or prefix
    blocks: int = 2  # bottleneck adapters of a layer
    low_rank_head: bool = False  # a low-rank adapter on the output projection too
    whole_embedding: bool = False  # embedding and output projection are trained in full beside the adapters
    dropout: bool = True  # on the input of low-rank adapters: each target keeps a copy of its own
    storage: Storage = "bf16"  # of frozen matrices
    quantised_head: bool = False  # the output projection is stored like the layers
    wide_rest: bool = False  # with quantised layers, embedding and norms are kept in 32 bits
    trainable: Trainable = "bf16"  # "wide": 32-bit master copy and moments (of adapters: 32 bits throughout)
    compute: Compute = "bf16"
    sequence: int = 512
    micro_batch: int = 1
    accumulation: int = 1  # micro-batches between two updates
    checkpointing: bool = False
    offloaded_activations: bool = False  # what checkpointing keeps waits in the host's memory
    compiled: bool = False
    loss: Loss = "wide"
    optimizer: Optimizer = "adamw"
    in_backward: bool = False  # each weight is updated as soon as its gradient is there
    fused: bool = True  # the update needs no temporary copies
    offload: Offload = "none"
    devices: int = 1
    sharding: Sharding = "replicas"

    def __post_init__(self) -> None:
        if min(self.rank, self.sequence, self.micro_batch, self.accumulation, self.devices) < 1:
            raise ValueError(f"rank, batches, sequence and devices are at least 1, got {self}")
        if self.method == "full" and self.storage != "bf16":
            raise ValueError(f"weights stored as {self.storage} are frozen, and a full fine-tune changes them")
        if unknown := self.targets - set(TARGETS):
            raise ValueError(f"targets are among {', '.join(TARGETS)}, got {', '.join(sorted(unknown))}")

    @property
    def tokens(self) -> int:
        """Tokens of a micro-batch, padding included."""
        return self.sequence * self.micro_batch

    @property
    def low_rank(self) -> bool:
        return self.method in LOW_RANK

    @property
    def quantised(self) -> bool:
        return self.storage != "bf16"

    @property
    def shards(self) -> int:
        """Over how many devices the weights are spread."""
        return 1 if self.sharding == "replicas" else self.devices
