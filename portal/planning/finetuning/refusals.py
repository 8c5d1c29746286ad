"""Combinations of inputs that no fine-tune can have, each named by the field to change, with what would work."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.finetuning.calculation import shape, targets
from portal.planning.finetuning.inputs import QUANTISING
from portal.planning.finetuning.trainable import matrices, narrowest
from portal.planning.finetuning.tuning import LOW_RANK
from portal.planning.training.offers import NO_CUSTOM_PRICE, NO_PRICE, refuse_price
from portal.planning.training.own_model import CUSTOM
from portal.planning.training.refusals import HEADS_BY_GROUPS, TOO_LONG, WIDTH_BY_HEADS

QUANTISED_FULL = (
    "A full fine-tune changes the weights, so they cannot stay quantised. Keep them in 16 bits, or train LoRA adapters "
    "on the quantised weights (QLoRA)."
)
NO_TARGET = "Wanted an adapter on at least one matrix that this model has, got none. Queries and values are the least."
RANK_TOO_LARGE = (
    "Wanted a rank of at most {most}, the smaller side of the smallest matrix that is adapted, got {rank}. With more, "
    "an adapter is as large as the matrix."
)
WIDE_BOTTLENECK = "Wanted a bottleneck of at most {most}, the hidden width, got {rank}."
LONG_PROMPT = "Wanted fewer virtual tokens than the sequence has, {sequence}, got {rank}."
NO_FP8 = "{accelerator} has no FP8. Choose 16 bits, or a device that has it, as H100 or L40S."
NO_KERNELS = (
    "No kernels are known that unpack quantised weights on {accelerator}. Keep frozen weights in 16 bits, or choose a "
    "device of NVIDIA, AMD or Intel."
)
ACCUMULATED = (
    "An update in the backward pass leaves no gradients to accumulate. Wanted a gradient accumulation of 1, got "
    "{accumulation}."
)
NOTHING_TO_OFFLOAD = "Offloading activations moves what recomputation starts from: switch recomputation on too."
NO_LAYERS_LEFT = "Wanted at most {most} devices, one for each head of each layer, got {devices}."

REFUSALS = (
    WIDTH_BY_HEADS, HEADS_BY_GROUPS, TOO_LONG, NO_PRICE, NO_CUSTOM_PRICE, QUANTISED_FULL, NO_TARGET, RANK_TOO_LARGE,
    WIDE_BOTTLENECK, LONG_PROMPT, NO_FP8, NO_KERNELS, ACCUMULATED, NOTHING_TO_OFFLOAD, NO_LAYERS_LEFT,
)  # fmt: skip


def refuse(x: Any) -> dict[str, Sentence]:
    """The first reason for each field; empty when the fine-tune can be computed."""
    found = _sizes(x)
    if not found:
        found = _method(x) | _levers(x) | _length(x)
    return found | _device(x)


def _sizes(x: Any) -> dict[str, Sentence]:
    if x.architecture != CUSTOM:
        return {}
    found = {}
    if x.hidden % x.heads:
        near = max(x.hidden // x.heads, 1) * x.heads
        found["hidden"] = _say(WIDTH_BY_HEADS, heads=x.heads, hidden=x.hidden, near=near)
    if x.heads % x.kv_heads:
        found["kv_heads"] = _say(HEADS_BY_GROUPS, heads=x.heads, kv_heads=x.kv_heads)
    return found


def _method(x: Any) -> dict[str, Sentence]:
    arch = shape(x)
    if x.method == "full" and x.storage != "bf16":
        return {"storage": Sentence(QUANTISED_FULL)}
    if x.method in LOW_RANK:
        chosen = targets(x)
        if not chosen & {matrix.target for matrix in matrices(arch)}:
            return {"target_query": Sentence(NO_TARGET)}
        if x.rank > (most := narrowest(arch, chosen)):
            return {"rank": _say(RANK_TOO_LARGE, most=most, rank=x.rank)}
    if x.method == "adapter" and x.rank > arch.hidden:
        return {"rank": _say(WIDE_BOTTLENECK, most=arch.hidden, rank=x.rank)}
    if x.method in ("prompt", "prefix") and x.rank >= x.sequence_length:
        return {"rank": _say(LONG_PROMPT, sequence=x.sequence_length, rank=x.rank)}
    return {}


def _levers(x: Any) -> dict[str, Sentence]:
    found = {}
    if x.in_backward and x.accumulation > 1:
        found["accumulation"] = _say(ACCUMULATED, accumulation=x.accumulation)
    if x.offloaded_activations and not x.checkpointing:
        found["offloaded_activations"] = Sentence(NOTHING_TO_OFFLOAD)
    arch = shape(x)
    if x.sharding == "split" and x.devices > (most := arch.layers * arch.heads):
        found["devices"] = _say(NO_LAYERS_LEFT, most=most, devices=x.devices)
    return found


def _length(x: Any) -> dict[str, Sentence]:
    if x.architecture == CUSTOM or not (positions := shape(x).positions):
        return {}
    longest = min(positions, MODELS[x.architecture].context)
    if x.sequence_length <= longest:
        return {}
    return {"sequence_length": _say(TOO_LONG, positions=longest, sequence=x.sequence_length)}


def _device(x: Any) -> dict[str, Sentence]:
    if x.accelerator == CUSTOM:
        return refuse_price(x)
    found = refuse_price(x)
    name = (ACCELERATORS[x.accelerator].name, "")
    if ACCELERATORS[x.accelerator].peak_tflops(x.compute_in) is None:
        found["compute_in"] = Sentence(NO_FP8, {"accelerator": name})
    if x.storage != "bf16" and ACCELERATORS[x.accelerator].vendor not in QUANTISING:
        found["storage"] = Sentence(NO_KERNELS, {"accelerator": name})
    return found


def _say(text: str, **whole: int) -> Sentence:
    # As text, so that nothing rounds what is compared exactly.
    return Sentence(text, {name: (f"{value:,}", "") for name, value in whole.items()})
