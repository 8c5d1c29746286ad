"""Combinations of inputs that no training run can have, each named by the field to change."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.prices import market
from portal.planning.compute.architecture import Architecture
from portal.planning.training.calculation import replicas, shape
from portal.planning.training.inputs import CUSTOM, TYPED

WIDTH_BY_HEADS = "Wanted a hidden width that {heads} heads divide, got {hidden}."
HEADS_BY_GROUPS = "Wanted key-value heads that divide the {heads} attention heads, got {kv_heads}."
TOO_MANY_ACTIVE = "Wanted from 1 to {experts} active experts, got {active}."
NO_EXPERT_WIDTH = "Wanted the feed-forward width of an expert, got 0."
DEVICES_BY_SPLIT = (
    "Wanted devices that the tensor split ({tensor}) and the pipeline split ({pipeline}) divide, got {devices}."
)
WRONG_REPLICAS = (
    "Wanted tensor split × pipeline split × replicas to equal the {devices} devices, got {tensor} × {pipeline} × "
    "{data} = {product}. 0 replicas takes what is left."
)
HEADS_BY_TENSOR = "Wanted a tensor split that divides the {heads} attention heads, got {tensor}."
GROUPS_BY_TENSOR = (
    "Wanted a tensor split that divides the {kv_heads} key-value heads or is a multiple of them, got {tensor}."
)
FFN_BY_TENSOR = "Wanted a tensor split that divides the feed-forward width {ffn}, got {tensor}."
LAYERS_BY_PIPELINE = "Wanted a pipeline split that divides the {layers} layers, got {pipeline}."
LAYERS_BY_PARTS = "Wanted interleaved parts that divide the {layers} layers of each stage, got {parts}."
PARTS_ALONE = "Interleaved parts need a pipeline split of 2 or more."
PARTS_BY_BATCH = (
    "Interleaving needs micro-batches of a step that the pipeline split ({pipeline}) divides, got {micro_batches}."
)
BATCH_BY_REPLICAS = "Wanted a batch that micro-batch × replicas ({micro_batch} × {data}) divides, got {batch}."
TOO_LONG = "Wanted at most {positions} tokens, as far as the learned positions of this model reach, got {sequence}."
NO_PEAK = "The catalogue knows no peak of {accelerator} at this precision. Choose another, or a custom device."
NO_PRICE = "The catalogue has no such price for {accelerator}. Choose another basis, or type a price."
NO_CUSTOM_PRICE = "The catalogue has no price for a custom device: type one."

REFUSALS = (
    WIDTH_BY_HEADS, HEADS_BY_GROUPS, TOO_MANY_ACTIVE, NO_EXPERT_WIDTH, DEVICES_BY_SPLIT, WRONG_REPLICAS,
    HEADS_BY_TENSOR, GROUPS_BY_TENSOR, FFN_BY_TENSOR, LAYERS_BY_PIPELINE, LAYERS_BY_PARTS, PARTS_ALONE, PARTS_BY_BATCH,
    BATCH_BY_REPLICAS, TOO_LONG, NO_PEAK, NO_PRICE, NO_CUSTOM_PRICE,
)  # fmt: skip


def refuse(x: Any) -> dict[str, Sentence]:
    """The first reason for each field; empty when the run can be computed."""
    found = _sizes(x)
    if not found:
        arch = shape(x)
        found = _tensor_split(x, arch) | _pipeline_split(x, arch) | _spread(x) | _length(x, arch)
    return found | _device(x)


def _sizes(x: Any) -> dict[str, Sentence]:
    if x.architecture != CUSTOM:
        return {}
    found = {}
    if x.hidden % x.heads:
        found["hidden"] = _say(WIDTH_BY_HEADS, heads=x.heads, hidden=x.hidden)
    if x.heads % x.kv_heads:
        found["kv_heads"] = _say(HEADS_BY_GROUPS, heads=x.heads, kv_heads=x.kv_heads)
    if x.experts and not 1 <= x.active_experts <= x.experts:
        found["active_experts"] = _say(TOO_MANY_ACTIVE, experts=x.experts, active=x.active_experts)
    if x.experts and not x.expert_ffn:
        found["expert_ffn"] = _say(NO_EXPERT_WIDTH)
    return found


def _tensor_split(x: Any, arch: Architecture) -> dict[str, Sentence]:
    t = x.tensor_parallel
    ffn = arch.experts.ffn if arch.experts else arch.ffn
    if arch.heads % t:
        return {"tensor_parallel": _say(HEADS_BY_TENSOR, heads=arch.heads, tensor=t)}
    # Latent attention has no groups to split: its keys are made anew for every head.
    if not arch.latent and arch.kv_heads % t and t % arch.kv_heads:
        return {"tensor_parallel": _say(GROUPS_BY_TENSOR, kv_heads=arch.kv_heads, tensor=t)}
    if ffn % t:
        return {"tensor_parallel": _say(FFN_BY_TENSOR, ffn=ffn, tensor=t)}
    return {}


def _pipeline_split(x: Any, arch: Architecture) -> dict[str, Sentence]:
    p, parts = x.pipeline_parallel, x.virtual_stages
    if arch.layers % p:
        return {"pipeline_parallel": _say(LAYERS_BY_PIPELINE, layers=arch.layers, pipeline=p)}
    if parts > 1 and p == 1:
        return {"virtual_stages": _say(PARTS_ALONE)}
    if (arch.layers // p) % parts:
        return {"virtual_stages": _say(LAYERS_BY_PARTS, layers=arch.layers // p, parts=parts)}
    return {}


def _spread(x: Any) -> dict[str, Sentence]:
    t, p, data = x.tensor_parallel, x.pipeline_parallel, replicas(x)
    if x.data_parallel and t * p * data != x.devices:
        figures = {"devices": x.devices, "tensor": t, "pipeline": p, "data": data, "product": t * p * data}
        return {"data_parallel": _say(WRONG_REPLICAS, **figures)}
    if x.devices % (t * p):
        return {"devices": _say(DEVICES_BY_SPLIT, tensor=t, pipeline=p, devices=x.devices)}
    if x.global_batch % (x.micro_batch * data):
        figures = {"micro_batch": x.micro_batch, "data": data, "batch": x.global_batch}
        return {"global_batch": _say(BATCH_BY_REPLICAS, **figures)}
    micro_batches = x.global_batch // (x.micro_batch * data)
    if x.virtual_stages > 1 and micro_batches % p:
        return {"virtual_stages": _say(PARTS_BY_BATCH, pipeline=p, micro_batches=micro_batches)}
    return {}


def _length(x: Any, arch: Architecture) -> dict[str, Sentence]:
    if x.architecture == CUSTOM or not arch.positions:
        return {}
    longest = min(arch.positions, MODELS[x.architecture].context)
    if x.sequence_length <= longest:
        return {}
    return {"sequence_length": _say(TOO_LONG, positions=longest, sequence=x.sequence_length)}


def _device(x: Any) -> dict[str, Sentence]:
    if x.accelerator == CUSTOM:
        return {} if x.price_basis == TYPED else {"price_basis": _say(NO_CUSTOM_PRICE)}
    found = {}
    device = ACCELERATORS[x.accelerator]
    if device.peak_tflops(x.precision) is None:
        found["precision"] = Sentence(NO_PEAK, {"accelerator": (device.name, "")})
    if x.price_basis != TYPED and not market(x.accelerator, x.price_basis):
        found["price_basis"] = Sentence(NO_PRICE, {"accelerator": (device.name, "")})
    return found


def _say(text: str, **whole: int) -> Sentence:
    # As text, so that nothing rounds what must divide exactly.
    return Sentence(text, {name: (f"{value:,}", "") for name, value in whole.items()})
