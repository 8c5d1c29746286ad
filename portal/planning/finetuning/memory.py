"""Bytes on the fullest device at the fullest moment of a fine-tuning step.

A step has two moments that may be the fullest: the end of the forward pass, when all that the backward pass needs is
there, and the update, when activations are gone but all gradients and temporary copies are there. A frozen matrix needs
no gradient of its own, so its input is kept only where something else needs it; that is why adapters take fewer
activations than a full fine-tune (the tensors of a layer: Korthikanti et al. 2022, arXiv 2205.05198, section 4.1, taken
apart). What implementations add to the tensors that a layer must keep is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.parameters import count
from portal.planning.evidence.family import Coefficients
from portal.planning.finetuning.trainable import matrices, trained
from portal.planning.finetuning.tuning import STORED, Tuning

ELEMENT = 2  # bytes of an activation
PARTS = ("base", "adapters", "gradients", "optimizer", "activations", "logits", "temporary", "framework")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes by part that no coefficient touches, and what coefficients multiply."""

    base: float
    adapters: float
    gradients: float
    optimizer: float
    gathered: float  # shards of others that are needed at the same time
    update: float  # temporary copies of the update
    resident: float  # gradients of earlier micro-batches, which are there during the forward pass
    eager: float  # activations by theory, where the model is not compiled
    compiled: float  # the same where it is
    wide_logit: float  # entries of the logits at a time, by the loss that is computed of them
    narrow_logit: float
    chunked_logit: float


@lru_cache(maxsize=1024)
def sizes(tuning: Tuning) -> Sizes:
    """What a step keeps, apart from what is fitted."""
    weight, gradient, _ = bytes_per_trained(tuning)
    base, share = base_bytes(tuning), tuning.shards
    kept = trained(tuning) - whole_copies(tuning)
    gradients = (gradient * kept + ELEMENT * whole_copies(tuning)) / share
    if tuning.sharding == "flat" and tuning.method != "full":
        gradients += ELEMENT * count(tuning.arch).total  # frozen neighbours in a flat parameter get gradients too
    if tuning.in_backward or tuning.offload == "all":
        gradients = min(gradient * _unit(tuning), gradients)
    inside = tuning.method in ("full", "head")  # what is trained is the model's own
    layers, logits = activation_bytes(tuning), logits_at_once(tuning)
    return Sizes(
        base=0.0 if tuning.offload == "all" else base / share,
        adapters=0.0 if inside else (weight * kept + ELEMENT * whole_copies(tuning)) / share,
        gradients=gradients,
        optimizer=0.0 if tuning.offload != "none" else state_bytes(tuning) / share,
        gathered=_gathered(tuning, base),
        update=0.0 if tuning.fused or tuning.in_backward or tuning.offload != "none" else weight * kept / share,
        resident=gradients if tuning.accumulation > 1 and not tuning.in_backward else 0.0,
        eager=0.0 if tuning.compiled else layers,
        compiled=layers if tuning.compiled else 0.0,
        wide_logit=logits if tuning.loss == "wide" else 0.0,
        narrow_logit=logits if tuning.loss == "narrow" else 0.0,
        chunked_logit=logits if tuning.loss == "chunked" else 0.0,
    )


def whole_copies(tuning: Tuning) -> int:
    """Parameters of embedding and output projection that are trained in full beside adapters, in 16 bits."""
    parameters = count(tuning.arch)
    return parameters.embedding + parameters.head if tuning.whole_embedding else 0


def state_bytes(tuning: Tuning) -> float:
    """Bytes of the optimizer on all devices together."""
    copies = whole_copies(tuning)
    return bytes_per_trained(tuning)[2] * (trained(tuning) - copies) + 2 * ELEMENT * copies


def _gathered(tuning: Tuning, base: float) -> float:
    """A layer, the next one meanwhile, and the ends of the model, whole on every device that holds a shard."""
    if tuning.sharding not in ("fsdp", "flat") or tuning.devices == 1:
        return 0.0
    parameters = count(tuning.arch)
    piece = 2 * parameters.layers / tuning.arch.layers * base / parameters.total
    return min(piece + ELEMENT * (parameters.embedding + parameters.head), base)


def bytes_per_trained(tuning: Tuning) -> tuple[float, float, float]:
    """Bytes of weight, gradient and states a trained parameter: 8 in 16 bits, 16 with 32-bit master copy and moments.

    A wide full fine-tune multiplies with 16-bit weights and keeps the copy with the states; adapters are 32 bits wide
    throughout. Moments of 8-bit AdamW take a byte each (Dettmers et al. 2021, arXiv 2110.02861).
    """
    whole = tuning.method in ("full", "head")
    moments = 2.0 if tuning.optimizer == "adamw_8bit" else 4.0 if tuning.trainable == "bf16" else 8.0
    if tuning.trainable == "bf16":
        return 2.0, 2.0, moments
    return (2.0, 2.0, 4.0 + moments) if whole else (4.0, 4.0, moments)


def base_bytes(tuning: Tuning) -> float:
    """Bytes of the model itself on all devices together."""
    parameters = count(tuning.arch)
    inside = sum(m.wide_in * m.wide_out * m.copies for m in matrices(tuning.arch))
    if tuning.quantised_head:
        inside += parameters.head
    rest = parameters.total - inside
    wide = 4.0 if tuning.quantised and tuning.wide_rest else 2.0
    return STORED[tuning.storage] * inside + wide * rest


def _unit(tuning: Tuning) -> float:
    """Parameters of the largest piece that is gathered, updated or dequantised as one."""
    parameters = count(tuning.arch)
    return max(parameters.layers / tuning.arch.layers, float(parameters.embedding + parameters.head))


def activation_bytes(tuning: Tuning) -> float:
    """Bytes that the layers keep for the backward pass of a micro-batch, one layer's worth at least."""
    arch = tuning.arch
    layer = kept_per_token(tuning) * tuning.tokens
    if not _reaches_layers(tuning):
        return layer
    split = tuning.devices if tuning.sharding == "split" else 1
    if not tuning.checkpointing:
        return arch.layers * layer / split
    inputs = 0.0 if tuning.offloaded_activations else arch.layers * ELEMENT * arch.hidden * tuning.tokens
    return (inputs + layer) / split


def _reaches_layers(tuning: Tuning) -> bool:
    """Whether anything below the output projection needs a gradient."""
    return tuning.method != "head"


def kept_per_token(tuning: Tuning) -> float:
    """Bytes a token that one layer keeps without checkpointing, averaged over dense and expert layers."""
    arch = tuning.arch
    attention = arch.heads * arch.head_dim
    inner = _inner_width(arch)
    numbers = 2.0 * arch.hidden  # inputs of both norms
    numbers += 2 * attention + 2 * arch.kv_heads * arch.head_dim  # queries, keys, values and their weighted sums
    # Before the activation function, and beside a gate after it, unless a compiler has it computed again.
    numbers += inner * (2 + (not tuning.compiled) if arch.gated else 1)
    numbers += arch.hidden * (_keeps_input(tuning, "q", "k", "v") + _keeps_input(tuning, "gate", "up"))
    numbers += inner * _keeps_input(tuning, "down")
    copies = adapter_copies(tuning) if tuning.low_rank and tuning.dropout else 0.0
    return ELEMENT * numbers + (ELEMENT + 1) * copies


def _keeps_input(tuning: Tuning, *targets: str) -> bool:
    """Whether the input of these matrices is kept: for a gradient, or by the kernel of quantised matrices.

    Adapters with dropout keep their own copies instead, and a compiler computes the input of adapters again.
    """
    if tuning.method == "full" or (tuning.quantised and not tuning.compiled):
        return True
    return tuning.low_rank and not tuning.dropout and not tuning.compiled and bool(tuning.targets & set(targets))


def _inner_width(arch: Architecture) -> float:
    dense, experts = arch.layers - arch.expert_layers, arch.experts
    passed = (experts.active + experts.shared) * experts.ffn if experts else 0
    return (dense * arch.ffn + arch.expert_layers * passed) / arch.layers


def touched(arch: Architecture) -> float:
    """Numbers a token of all tensors that a layer makes and its matrices read."""
    inner = _inner_width(arch)
    attention = 2 * arch.heads * arch.head_dim + 2 * arch.kv_heads * arch.head_dim
    return 4 * arch.hidden + attention + inner * (4 if arch.gated else 2)


def adapter_copies(tuning: Tuning) -> float:
    """Numbers a token of the dropped-out inputs: one for queries, keys and values, one for each other target."""
    arch = tuning.arch
    widths = {"o": arch.heads * arch.head_dim, "down": _inner_width(arch)}
    present = {m.target for m in matrices(arch)} & tuning.targets
    inputs = {"q" if target in ("q", "k", "v") else target for target in present}
    return sum(float(widths.get(target, arch.hidden)) for target in sorted(inputs))


def logits_at_once(tuning: Tuning) -> float:
    """Entries of the logits of a micro-batch on one device."""
    return tuning.tokens * tuning.arch.vocabulary / (tuning.devices if tuning.sharding == "split" else 1)


# What is fitted

MEANINGS = {
    "eager": "Bytes of activations over those that theory counts, without compiling",
    "compiled": "Bytes of activations over those that theory counts, of a compiled model",
    "wide_logit": "Bytes for an entry of the logits when the loss is computed in 32 bits",
    "narrow_logit": "Bytes for an entry of the logits when they stay in 16 bits",
    "chunked_logit": "Bytes for an entry of the logits when the loss is computed in pieces",
    "framework": "GB that libraries and kernels take before the first tensor",
    "reserved": "Share of what tensors need that the allocator holds on top while lengths vary",
}
FITTED = ("eager", "compiled", "wide_logit", "narrow_logit", "chunked_logit")


def parts(tuning: Tuning, coefficients: Coefficients) -> dict[str, float]:
    """Bytes by part at the fullest moment, what the allocator holds on top among them; the sum is the peak."""
    size = sizes(tuning)
    activations = sum(getattr(size, name) * coefficients[name] for name in FITTED[:2])
    logits = sum(getattr(size, name) * coefficients[name] for name in FITTED[2:])
    moments = (
        {"base": size.base + size.gathered, "gradients": size.resident, "activations": activations, "logits": logits},
        {"base": size.base, "gradients": size.gradients, "temporary": size.update},
    )
    fullest = max(moments, key=lambda moment: sum(moment.values()))
    found = dict.fromkeys(PARTS, 0.0) | {"adapters": size.adapters, "optimizer": size.optimizer} | fullest
    found["framework"] = coefficients["framework"] * 1e9 + coefficients["reserved"] * sum(found.values())
    return found


def peak_bytes(tuning: Tuning, coefficients: Coefficients) -> float:
    """Bytes at the fullest moment, as the allocator holds them."""
    return sum(parts(tuning, coefficients).values())


# Columns of a row: bytes of the forward moment and of the update without what is fitted, then what is.
COLUMNS = ("forward", "update", *FITTED, "reserved")


def as_row(tuning: Tuning, *, reserved: bool) -> Any:
    """What a step keeps, by column, so that many cases are fitted as one table. ``reserved`` says what was measured:
    what the allocator held, or what tensors took."""
    size = sizes(tuning)
    standing = size.adapters + size.optimizer + size.base
    fitted = [getattr(size, name) for name in FITTED]
    moments = [standing + size.gathered + size.resident, standing + size.gradients + size.update]
    return np.array([*moments, *fitted, float(reserved)])


def combine(rows: Any, coefficients: Coefficients) -> Any:
    """Bytes at the fullest moment, of rows of ``COLUMNS`` along the last axis."""
    forward, update, reserved = rows[..., 0], rows[..., 1], rows[..., -1]
    forward = forward + sum(rows[..., 2 + at] * coefficients[name] for at, name in enumerate(FITTED))
    tensors = np.maximum(forward, update)
    return coefficients["framework"] * 1e9 + tensors * (1 + reserved * coefficients["reserved"])
