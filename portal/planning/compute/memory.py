"""Bytes that training keeps on the fullest device.

Weights, gradients and optimizer states: Rajbhandari et al. 2020 (ZeRO, arXiv 1910.02054, section 3.1 and figure 1):
2 + 2 + 12 bytes a parameter for AdamW in mixed precision, 18 with a 32-bit gradient buffer. Activations:
Korthikanti et al. 2022 (arXiv 2205.05198, sections 4 and 5), their 34 s b h + 5 a s² b of a GPT layer taken apart into
the tensors that make it up, so that grouped heads, gated blocks, experts and latent attention fit in.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.planning.compute.architecture import Architecture, Latent
from portal.planning.compute.layout import Layout, Optimizer, Precision
from portal.planning.compute.parameters import count

GIB = 2**30

# Bytes a parameter: what the layers multiply with, its gradient, and the 32-bit master copy.
_WEIGHT: dict[Precision, int] = {"bf16": 2, "fp8": 2, "fp32": 4, "pure_bf16": 2}
_MASTER: dict[Precision, int] = {"bf16": 4, "fp8": 4, "fp32": 0, "pure_bf16": 0}
# Moments that an optimizer keeps a parameter; Adafactor keeps sums of rows and columns, which are next to nothing.
_MOMENTS: dict[Optimizer, int] = {"adamw": 2, "adamw_8bit": 2, "sgd_momentum": 1, "muon": 1, "adafactor": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMemory:
    """Bytes on one device by part."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    logits: float

    @property
    def total(self) -> float:
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits


def fullest_device(arch: Architecture, layout: Layout) -> DeviceMemory:
    """Bytes on the device that needs most: the first pipeline stage, which holds the activations of most
    micro-batches, or the last, which computes the logits. Without pipeline it is both.
    """
    static = _static(arch, layout)
    first = DeviceMemory(**static, activations=stage_activations(arch, layout, first=True), logits=0.0)
    last = DeviceMemory(
        **static, activations=stage_activations(arch, layout, first=False), logits=logit_bytes(arch, layout)
    )
    if layout.pipeline == 1:
        return last
    return max(first, last, key=lambda stage: stage.total)


def stage_parameters(arch: Architecture, layout: Layout) -> float:
    """Parameters of the fullest device before ZeRO: its layers and one end of the model (both without pipeline)."""
    parameters = count(arch)
    if layout.pipeline == 1:
        return parameters.total / layout.tensor
    ends = parameters.embedding + parameters.positions + parameters.outer_norms
    return (parameters.layers / layout.pipeline + ends) / layout.tensor


def bytes_per_parameter(layout: Layout) -> tuple[int, int, int]:
    """Bytes of weight, gradient and optimizer states (master copy and moments) a parameter, before ZeRO."""
    weight, master = _WEIGHT[layout.precision], _MASTER[layout.precision]
    gradient = 4 if layout.wide_gradients else weight
    moment = 1 if layout.optimizer == "adamw_8bit" else 2 if layout.precision == "pure_bf16" else 4
    return weight, gradient, master + moment * _MOMENTS[layout.optimizer]


def _static(arch: Architecture, layout: Layout) -> dict[str, float]:
    held = stage_parameters(arch, layout)
    weight, gradient, states = bytes_per_parameter(layout)
    # A shard is useful only with its neighbours: a layer (or the embedding) is gathered to compute it, the next one
    # meanwhile, and a layer's gradients exist whole before they are reduced.
    parameters = count(arch)
    unit = max(parameters.layers / arch.layers, parameters.embedding) / layout.tensor
    unit = min(unit, held) if layout.data > 1 else 0.0
    share = [layout.data if layout.zero_stage >= stage else 1 for stage in (1, 2, 3)]
    return {
        "weights": weight * (held / share[2] + (min(2 * unit, held) if layout.zero_stage == 3 else 0.0)),
        "gradients": gradient * (held / share[1] + (unit if layout.zero_stage >= 2 else 0.0)),
        "optimizer": states * held / share[0],
    }


def stage_activations(arch: Architecture, layout: Layout, *, first: bool) -> float:
    """Bytes that the layers of the first or last pipeline stage keep for the backward pass.

    In a 1F1B schedule the first of p stages holds p micro-batches of its layers, the last one; with v interleaved
    parts 1 + (p − 1)/(p v) times a whole model's layers (Korthikanti et al., section 4.2.3).
    """
    p, v = layout.pipeline, layout.virtual_stages
    in_flight = (v - 1) * p + (2 * p - 1 if v > 1 else p) if first else (v - 1) * p + 1
    in_flight = min(in_flight, layout.micro_batches * v)
    share = in_flight / (p * v)  # of the layers, each with one micro-batch
    kept = sum(n * _kept(arch, layout, experts=experts) for n, experts in _kinds(arch))
    working = max(layer_activations(arch, layout, experts=experts) for n, experts in _kinds(arch) if n)
    # A layer that is being computed again has all its activations at that moment.
    return share * kept + (working if layout.recomputation == "full" else 0.0)


def _kinds(arch: Architecture) -> tuple[tuple[int, bool], tuple[int, bool]]:
    return (arch.layers - arch.expert_layers, False), (arch.expert_layers, True)


def _kept(arch: Architecture, layout: Layout, *, experts: bool) -> float:
    if layout.recomputation == "full":
        return _element(layout) * layout.tokens * arch.hidden / layout.replicated_split
    return layer_activations(arch, layout, experts=experts)


def layer_activations(arch: Architecture, layout: Layout, *, experts: bool = False) -> float:
    """Bytes that one layer keeps of one micro-batch: s b h (34 + 5 a s/h) in 16 bits for a GPT.

    Split by the tensor split: what lies between a layer's first and last matrix of a block. Left whole without
    sequence parallelism: inputs of norms and blocks and dropout masks (10 of the 34). Masks are counted as one byte
    for each of two residual branches; a model without dropout keeps 2 s b h less.
    """
    element = _element(layout)
    whole = element * 4 * arch.hidden + 2 * arch.hidden
    split = element * (_attention_width(arch) + _block_width(arch, experts=experts))
    if experts and arch.experts:
        # Tokens are copied out to their experts, and what comes back is weighted before it is summed.
        split += element * 2 * arch.experts.active * arch.hidden + 4 * arch.experts.count
    if not layout.flash and layout.recomputation == "none":
        split += (2 * element + 1) * arch.heads * layout.sequence  # scores, their dropout mask and its output
    return layout.tokens * (whole / layout.replicated_split + split / layout.tensor)


def _attention_width(arch: Architecture) -> int:
    """Numbers a token that attention keeps: queries, keys, values and their weighted sums."""
    if arch.latent:
        return _latent_width(arch, arch.latent)
    return 2 * (arch.heads + arch.kv_heads) * arch.head_dim


def _latent_width(arch: Architecture, latent: Latent) -> int:
    latents = 2 * (latent.query_rank + latent.kv_rank) + latent.rope_dim  # before and behind their norms
    return latents + 2 * arch.heads * (arch.score_dim + latent.value_dim)


def _block_width(arch: Architecture, *, experts: bool) -> int:
    """Numbers a token that the feed-forward block keeps: two of its width; gated also gate and its activation."""
    ffn = arch.ffn
    if experts and arch.experts:
        ffn = (arch.experts.active + arch.experts.shared) * arch.experts.ffn
    return (4 if arch.gated else 2) * ffn


def logit_bytes(arch: Architecture, layout: Layout) -> float:
    """Bytes behind the last layer: inputs of the last norm and of the output projection, and the logits of one
    micro-batch with their gradient, both in 32 bits.
    """
    ends = 2 * _element(layout) * arch.hidden / layout.replicated_split
    return layout.tokens * (ends + 2 * 4 * arch.vocabulary / layout.tensor)


def _element(layout: Layout) -> int:
    return 4 if layout.precision == "fp32" else 2
