"""Bytes that training keeps on the fullest device.

Weights, gradients and optimizer states: Rajbhandari et al. 2020 (ZeRO, arXiv 1910.02054, section 3.1 and figure 1):
2 + 2 + 12 bytes a parameter for AdamW in mixed precision, 18 with a 32-bit gradient buffer. Activations:
Korthikanti et al. 2022 (arXiv 2205.05198, sections 4 and 5), their 34 s b h + 5 a s² b of a GPT layer taken apart into
the tensors that make it up, so that grouped heads, gated blocks, experts and latent attention fit in. A layout of
arrays gives arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.compute.architecture import Architecture, Latent
from portal.planning.compute.layout import Layout, Optimizer, Precision
from portal.planning.compute.parameters import count

GIB = 2**30
Bytes = Any  # or numbers of parameters: one, or an array with one for each layout

# Bytes a parameter: what the layers multiply with, its gradient, and the 32-bit master copy.
_WEIGHT: dict[Precision, int] = {"bf16": 2, "fp16": 2, "fp8": 2, "fp32": 4, "pure_bf16": 2}
_MASTER: dict[Precision, int] = {"bf16": 4, "fp16": 4, "fp8": 4, "fp32": 0, "pure_bf16": 0}
# Moments that an optimizer keeps a parameter; Adafactor keeps sums of rows and columns, which are next to nothing.
_MOMENTS: dict[Optimizer, int] = {"adamw": 2, "adamw_8bit": 2, "sgd_momentum": 1, "muon": 1, "adafactor": 0}

# Logits and their gradient in 32 bits; nothing for working space, which formulas leave out.
CLOSED_FORM: Mapping[str, float] = {"logits": 8.0, "workspace": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMemory:
    """Bytes on one device by part."""

    weights: Bytes
    gradients: Bytes
    optimizer: Bytes
    activations: Bytes
    logits: Bytes
    workspace: Bytes  # gradients of the largest part before they are added to the others

    @property
    def total(self) -> Bytes:
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits + self.workspace


def fullest_device(arch: Architecture, layout: Layout, coefficients: Mapping[str, float] = CLOSED_FORM) -> DeviceMemory:
    """Bytes on the device that needs most: the first pipeline stage, which holds the activations of most
    micro-batches, or the last, which computes the logits. Without pipeline it is both.

    Args:
        coefficients: bytes of ``logits`` for each entry of the vocabulary and token, and of ``workspace`` for each
            parameter of the largest part: those of the evidence ``training-memory``, or the closed form.
    """
    first = stage_activations(arch, layout, first=True)
    last = stage_activations(arch, layout, first=False)
    logits = logit_bytes(arch, layout, coefficients["logits"])
    last_decides = np.logical_or(np.equal(layout.pipeline, 1), last + logits >= first)
    activations: Any = np.where(last_decides, last, first)
    needed: Any = np.where(last_decides, logits, 0.0)
    # Where gradients are sharded, a whole unit of them is counted among the gradients.
    whole: Any = np.where(np.greater_equal(layout.zero_stage, 2), 0.0, largest_dense_unit(arch, layout))
    return DeviceMemory(
        **_static(arch, layout),
        activations=activations[()],
        logits=needed[()],
        workspace=coefficients["workspace"] * whole[()],
    )


def stage_parameters(arch: Architecture, layout: Layout) -> Bytes:
    """Parameters of the fullest device before ZeRO: its layers and one end of the model (both without pipeline)."""
    dense, experts = _held(arch, layout)
    return dense + experts


def _held(arch: Architecture, layout: Layout) -> tuple[Bytes, Bytes]:
    """Parameters of the fullest device that the tensor split cuts, and those of its experts."""
    parameters = count(arch)
    one_end = parameters.embedding + parameters.positions + parameters.outer_norms
    ends = np.where(np.equal(layout.pipeline, 1), parameters.total - parameters.layers, one_end)
    layers = _layers_of_a_stage(arch, layout)
    dense = ((parameters.layers - parameters.experts) * layers / arch.layers + ends) / layout.tensor
    if not arch.experts:
        return dense, 0.0
    with_experts = np.minimum(layers, arch.expert_layers)  # dense layers stand at the beginning, on another stage
    return dense, parameters.experts * with_experts / arch.expert_layers / _expert_split(layout)


def _layers_of_a_stage(arch: Architecture, layout: Layout) -> Bytes:
    """Of the fullest one, where stages cannot be equal."""
    parts = layout.pipeline * layout.virtual_stages
    return np.ceil(arch.layers / parts) * layout.virtual_stages


def _expert_split(layout: Layout) -> Bytes:
    return np.where(np.equal(layout.expert, 1), layout.tensor, layout.expert)


def bytes_per_parameter(layout: Layout) -> tuple[int, int, int]:
    """Bytes of weight, gradient and optimizer states (master copy and moments) a parameter, before ZeRO."""
    weight, master = _WEIGHT[layout.precision], _MASTER[layout.precision]
    gradient = 4 if layout.wide_gradients else weight
    moment = 1 if layout.optimizer == "adamw_8bit" else 2 if layout.precision == "pure_bf16" else 4
    return weight, gradient, master + moment * _MOMENTS[layout.optimizer]


def _static(arch: Architecture, layout: Layout) -> dict[str, Bytes]:
    dense, experts = _held(arch, layout)
    weight, gradient, states = bytes_per_parameter(layout)
    unit = _largest_unit(arch, layout) * np.greater(layout.sharers, 1)
    everywhere = layout.tensor * layout.context * layout.data  # devices of one stage
    holders = (layout.sharers, everywhere / _expert_split(layout))  # of a dense weight, of an expert

    def held(from_stage: int) -> Bytes:
        """Parameters kept, where they are sharded from this ZeRO stage on."""
        sharded = np.greater_equal(layout.zero_stage, from_stage)
        return np.where(sharded, dense / holders[0] + experts / holders[1], dense + experts)

    # A shard is useful only with its neighbours: a unit is gathered to compute it, the next one meanwhile.
    gathered = np.where(np.equal(layout.zero_stage, 3), np.minimum(2 * unit, dense + experts), 0.0)
    return {
        "weights": weight * (held(3) + gathered),
        "gradients": gradient * (held(2) + np.where(np.greater_equal(layout.zero_stage, 2), unit, 0.0)),
        "optimizer": states * held(1),
    }


def _largest_unit(arch: Architecture, layout: Layout) -> Bytes:
    """Parameters of what is gathered and reduced at a time, where it is largest: a layer, or the embedding."""
    unit = largest_dense_unit(arch, layout)
    if not arch.experts:
        return unit
    parameters = count(arch)
    layer = (parameters.layers - parameters.experts) / arch.layers / layout.tensor
    layer = layer + parameters.experts / arch.expert_layers / _expert_split(layout)
    return np.minimum(np.maximum(unit, layer), sum(_held(arch, layout)))


def largest_dense_unit(arch: Architecture, layout: Layout) -> Bytes:
    """Parameters of a layer without its experts, or of the embedding where that is larger, on one device."""
    parameters = count(arch)
    layer = (parameters.layers - parameters.experts) / arch.layers
    return np.maximum(layer, parameters.embedding) / layout.tensor


def stage_activations(arch: Architecture, layout: Layout, *, first: bool) -> Bytes:
    """Bytes that the layers of the first or last pipeline stage keep for the backward pass.

    In a 1F1B schedule the first of p stages holds p micro-batches of its layers, the last one; with v interleaved
    parts 1 + (p − 1)/(p v) times a whole model's layers (Korthikanti et al., section 4.2.3).
    """
    p, v = layout.pipeline, layout.virtual_stages
    warming = np.where(np.greater(v, 1), 2 * p - 1, p) if first else 1
    in_flight = np.minimum((v - 1) * p + warming, layout.micro_batches * v)
    # Of the layers, each with one micro-batch
    share = in_flight * _layers_of_a_stage(arch, layout) / v / arch.layers
    kept = sum(n * _kept(arch, layout, experts=experts) for n, experts in _kinds(arch) if n)
    if layout.recomputation != "full":
        return share * kept
    # A layer that is being computed again has all its activations at that moment.
    whole = (layer_activations(arch, layout, experts=experts) for n, experts in _kinds(arch) if n)
    return share * kept + functools.reduce(np.maximum, whole)


def _kinds(arch: Architecture) -> tuple[tuple[int, bool], tuple[int, bool]]:
    return (arch.layers - arch.expert_layers, False), (arch.expert_layers, True)


def _kept(arch: Architecture, layout: Layout, *, experts: bool) -> Bytes:
    if layout.recomputation == "full":
        return _element(layout) * layout.local_tokens * arch.hidden / layout.replicated_split
    return layer_activations(arch, layout, experts=experts)


def layer_activations(arch: Architecture, layout: Layout, *, experts: bool = False) -> Bytes:
    """Bytes that one layer keeps of one micro-batch: s b h (34 + 5 a s/h) in 16 bits for a GPT.

    Split by the tensor split: what lies between a layer's first and last matrix of a block. Left whole without
    sequence parallelism: inputs of norms and blocks and dropout masks (10 of the 34). Masks take one byte for each of
    two residual branches in GPT's kin, which has two vectors a norm; later models have no dropout.
    """
    element = _element(layout)
    masks = 2 * arch.hidden if arch.norm_vectors == 2 else 0
    whole = element * 4 * arch.hidden + masks
    split = element * (_attention_width(arch) + _block_width(arch, fused=layout.fused, experts=experts))
    if experts and arch.experts:
        # Tokens are copied out to their experts, and what comes back is weighted before it is summed.
        split += element * 2 * arch.experts.active * arch.hidden + 4 * arch.experts.count
    if not layout.flash and layout.recomputation == "none":
        split += (2 * element + 1) * arch.heads * layout.sequence  # scores, their dropout mask and its output
    return layout.local_tokens * (whole / layout.replicated_split + split / layout.tensor)


def _attention_width(arch: Architecture) -> int:
    """Numbers a token that attention keeps: queries, keys, values and their weighted sums."""
    if arch.latent:
        return _latent_width(arch, arch.latent)
    return 2 * (arch.heads + arch.kv_heads) * arch.head_dim


def _latent_width(arch: Architecture, latent: Latent) -> int:
    latents = 2 * (latent.query_rank + latent.kv_rank) + latent.rope_dim  # before and behind their norms
    return latents + 2 * arch.heads * (arch.score_dim + latent.value_dim)


def _block_width(arch: Architecture, *, fused: bool, experts: bool) -> int:
    """Numbers a token that the feed-forward block keeps: two of its width; gated a third, the gate, and unless one
    kernel computes both a fourth, the gate's activation."""
    ffn = arch.ffn
    if experts and arch.experts:
        ffn = (arch.experts.active + arch.experts.shared) * arch.experts.ffn
    if not arch.gated:
        return 2 * ffn
    return (3 if fused else 4) * ffn


def logit_bytes(arch: Architecture, layout: Layout, entry: float = CLOSED_FORM["logits"]) -> Bytes:
    """Bytes behind the last layer: inputs of the last norm and of the output projection, and the logits of one
    micro-batch with their gradient, ``entry`` bytes for each.
    """
    ends = 2 * _element(layout) * arch.hidden / layout.replicated_split
    if layout.chunked_logits:
        return layout.local_tokens * ends
    return layout.local_tokens * (ends + entry * arch.vocabulary / layout.tensor)


def _element(layout: Layout) -> int:
    return 4 if layout.precision == "fp32" else 2
