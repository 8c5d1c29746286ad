"""Combinations of inputs that no training run can have, each named by the field to change, with what would work."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS, Accelerator
from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.planner import stage_counts, tensor_splits
from portal.planning.training.inputs import TYPED
from portal.planning.training.offers import NO_CUSTOM_PRICE, NO_PRICE, refuse_price
from portal.planning.training.own_model import CUSTOM
from portal.planning.training.spreading import enough_devices, plan, replicas, room, shape

WIDTH_BY_HEADS = "Wanted a hidden width that {heads} heads divide, got {hidden}. {near} would work."
HEADS_BY_GROUPS = "Wanted key-value heads that divide the {heads} attention heads, got {kv_heads}."
TOO_MANY_ACTIVE = "Wanted from 1 to {experts} active experts, got {active}."
NO_EXPERT_WIDTH = "Wanted the feed-forward width of an expert, got 0."
WINDOWED_LAYERS = "Wanted from 1 to {layers} layers with a window, got {windowed}."
DEVICES_BY_SPLIT = (
    "Wanted devices that tensor × context × pipeline split ({split}) divide, got {devices}. {near} would work."
)
WRONG_REPLICAS = (
    "Wanted tensor × context × pipeline split × replicas to equal the {devices} devices, got {split} × {data} = "
    "{product}. 0 replicas takes what is left."
)
HEADS_BY_TENSOR = "Wanted a tensor split that divides the {heads} attention heads, got {tensor}. {near} would work."
GROUPS_BY_TENSOR = (
    "Wanted a tensor split that divides the {kv_heads} key-value heads or is a multiple of them, got {tensor}. {near} "
    "would work."
)
FFN_BY_TENSOR = "Wanted a tensor split that divides the feed-forward width {ffn}, got {tensor}. {near} would work."
SEQUENCE_BY_CONTEXT = "Wanted a context split that divides the {sequence} tokens of a sequence, got {context}."
NO_EXPERTS = "An expert split needs a model with experts: put 1."
EXPERTS_BY_SPLIT = "Wanted an expert split that divides the {experts} experts, got {split}."
DEVICES_BY_EXPERT = (
    "Wanted an expert split that divides tensor split × context split × replicas ({stage}), got {split}."
)
LAYERS_BY_PIPELINE = (
    "Wanted a pipeline split that divides the {layers} layers, or one or two more, got {pipeline}. {near} would work."
)
LAYERS_BY_PARTS = "Wanted interleaved parts that divide the {layers} layers of each stage, got {parts}."
PARTS_ALONE = "Interleaved parts need a pipeline split of 2 or more."
PARTS_BY_BATCH = (
    "Interleaving needs micro-batches of a step that the pipeline split ({pipeline}) divides, got {micro_batches}."
)
BATCH_BY_REPLICAS = (
    "Wanted a batch that micro-batch × replicas ({micro_batch} × {data}) divides, got {batch}. {near} would work."
)
NO_LAYOUT = (
    "No layout spreads a batch of {batch} over {devices} devices. A batch of {near} would work, or other devices."
)
FITS_NOWHERE = (
    "No layout fits on {devices} devices: the thriftiest needs {needed} a device and has {capacity}. {enough} devices "
    "would do."
)
FITS_NEVER = (
    "No layout fits: even on a million devices one needs more than its {capacity}. Take devices with more memory, or a "
    "smaller model."
)
TOO_LONG = "Wanted at most {positions} tokens, as far as the learned positions of this model reach, got {sequence}."
NO_PEAK = "The catalogue knows no peak of {accelerator} at this precision. Choose another, or a custom device."
NO_BF16 = "{accelerator} has no BF16. Choose FP16."

REFUSALS = (
    WIDTH_BY_HEADS, HEADS_BY_GROUPS, TOO_MANY_ACTIVE, NO_EXPERT_WIDTH, WINDOWED_LAYERS, DEVICES_BY_SPLIT,
    WRONG_REPLICAS, HEADS_BY_TENSOR, GROUPS_BY_TENSOR, FFN_BY_TENSOR, SEQUENCE_BY_CONTEXT, NO_EXPERTS,
    EXPERTS_BY_SPLIT, DEVICES_BY_EXPERT, LAYERS_BY_PIPELINE, LAYERS_BY_PARTS, PARTS_ALONE, PARTS_BY_BATCH,
    BATCH_BY_REPLICAS, NO_LAYOUT, FITS_NOWHERE, FITS_NEVER, TOO_LONG, NO_PEAK, NO_BF16, NO_PRICE, NO_CUSTOM_PRICE,
)  # fmt: skip

BF16_SINCE = 2020  # NVIDIA Ampere; older NVIDIA devices multiply in FP16 only


def refuse(x: Any) -> dict[str, Sentence]:
    """The first reason for each field; empty when the run can be computed."""
    found = _sizes(x) | _device(x)
    if found:
        return found
    arch = shape(x)
    found = _length(x, arch)
    if x.layout == TYPED:
        return found | typed_splits(x, arch)
    return found or _planned(x)


def typed_splits(x: Any, arch: Architecture) -> dict[str, Sentence]:
    """What is wrong with splits that are typed."""
    return _tensor_split(x, arch) | _other_splits(x, arch) | _pipeline_split(x, arch) | _spread(x)


def _sizes(x: Any) -> dict[str, Sentence]:
    if x.architecture != CUSTOM:
        return {}
    found = {}
    if x.hidden % x.heads:
        found["hidden"] = _say(WIDTH_BY_HEADS, heads=x.heads, hidden=x.hidden, near=_multiple(x.heads, x.hidden))
    if x.heads % x.kv_heads:
        found["kv_heads"] = _say(HEADS_BY_GROUPS, heads=x.heads, kv_heads=x.kv_heads)
    if x.experts and not 1 <= x.active_experts <= x.experts:
        found["active_experts"] = _say(TOO_MANY_ACTIVE, experts=x.experts, active=x.active_experts)
    if x.experts and not x.expert_ffn:
        found["expert_ffn"] = _say(NO_EXPERT_WIDTH)
    if x.window and not 1 <= x.windowed_layers <= x.layers:
        found["windowed_layers"] = _say(WINDOWED_LAYERS, layers=x.layers, windowed=x.windowed_layers)
    return found


def _tensor_split(x: Any, arch: Architecture) -> dict[str, Sentence]:
    t = x.tensor_parallel
    near = max(split for split in tensor_splits(arch) if split <= t)
    ffn = arch.experts.ffn if arch.experts else arch.ffn
    if arch.heads % t:
        return {"tensor_parallel": _say(HEADS_BY_TENSOR, heads=arch.heads, tensor=t, near=near)}
    # Latent attention has no groups to split: its keys are made anew for every head.
    if not arch.latent and arch.kv_heads % t and t % arch.kv_heads:
        return {"tensor_parallel": _say(GROUPS_BY_TENSOR, kv_heads=arch.kv_heads, tensor=t, near=near)}
    if ffn % t:
        return {"tensor_parallel": _say(FFN_BY_TENSOR, ffn=ffn, tensor=t, near=near)}
    return {}


def _other_splits(x: Any, arch: Architecture) -> dict[str, Sentence]:
    c, e = x.context_parallel, x.expert_parallel
    found = {}
    if x.sequence_length % c:
        found["context_parallel"] = _say(SEQUENCE_BY_CONTEXT, sequence=x.sequence_length, context=c)
    stage = x.tensor_parallel * c * replicas(x)
    if e > 1 and not arch.experts:
        found["expert_parallel"] = _say(NO_EXPERTS)
    elif arch.experts and arch.experts.count % e:
        found["expert_parallel"] = _say(EXPERTS_BY_SPLIT, experts=arch.experts.count, split=e)
    elif stage % e:
        found["expert_parallel"] = _say(DEVICES_BY_EXPERT, stage=stage, split=e)
    return found


def _pipeline_split(x: Any, arch: Architecture) -> dict[str, Sentence]:
    p, parts = x.pipeline_parallel, x.virtual_stages
    if p not in (possible := stage_counts(arch.layers)):
        near = max(stages for stages in possible if stages <= p)
        return {"pipeline_parallel": _say(LAYERS_BY_PIPELINE, layers=arch.layers, pipeline=p, near=near)}
    if parts > 1 and p == 1:
        return {"virtual_stages": _say(PARTS_ALONE)}
    of_stage = -(-arch.layers // p)
    if parts > 1 and of_stage % parts:
        return {"virtual_stages": _say(LAYERS_BY_PARTS, layers=of_stage, parts=parts)}
    return {}


def _spread(x: Any) -> dict[str, Sentence]:
    p, data = x.pipeline_parallel, replicas(x)
    split = x.tensor_parallel * x.context_parallel * p
    if x.data_parallel and split * data != x.devices:
        figures = {"devices": x.devices, "split": split, "data": data, "product": split * data}
        return {"data_parallel": _say(WRONG_REPLICAS, **figures)}
    if x.devices % split:
        near = _multiple(split, x.devices)
        return {"devices": _say(DEVICES_BY_SPLIT, split=split, devices=x.devices, near=near)}
    if x.global_batch % (x.micro_batch * data):
        near = _multiple(x.micro_batch * data, x.global_batch)
        figures = {"micro_batch": x.micro_batch, "data": data, "batch": x.global_batch, "near": near}
        return {"global_batch": _say(BATCH_BY_REPLICAS, **figures)}
    micro_batches = x.global_batch // (x.micro_batch * data)
    if x.virtual_stages > 1 and micro_batches % p:
        return {"virtual_stages": _say(PARTS_BY_BATCH, pipeline=p, micro_batches=micro_batches)}
    return {}


def _planned(x: Any) -> dict[str, Sentence]:
    """A search that finds nothing."""
    found = plan(x)
    if found.best:
        return {}
    if not found.candidates:
        near = _multiple(x.devices, x.global_batch)
        return {"global_batch": _say(NO_LAYOUT, batch=x.global_batch, devices=x.devices, near=near)}
    capacity = (room(x).capacity, "GiB")
    enough = enough_devices(x)
    if enough is None:
        return {"devices": Sentence(FITS_NEVER, {"capacity": capacity})}
    figures = {"needed": (found.least_needed, "GiB"), "capacity": capacity}
    return {"devices": Sentence(FITS_NOWHERE, figures | _whole(devices=x.devices, enough=enough))}


def _length(x: Any, arch: Architecture) -> dict[str, Sentence]:
    if x.architecture == CUSTOM or not arch.positions:
        return {}
    longest = min(arch.positions, MODELS[x.architecture].context)
    if x.sequence_length <= longest:
        return {}
    return {"sequence_length": _say(TOO_LONG, positions=longest, sequence=x.sequence_length)}


def _device(x: Any) -> dict[str, Sentence]:
    if x.accelerator == CUSTOM:
        return refuse_price(x)
    found = refuse_price(x)
    device = ACCELERATORS[x.accelerator]
    name = {"accelerator": (device.name, "")}
    if x.precision in ("bf16", "pure_bf16") and not has_bf16(device):
        found["precision"] = Sentence(NO_BF16, name)
    elif device.peak_tflops(x.precision) is None:
        found["precision"] = Sentence(NO_PEAK, name)
    return found


def has_bf16(device: Accelerator) -> bool:
    """Whether matrices are multiplied in BF16, or the 16 bits of the data sheet are FP16."""
    return device.vendor != "NVIDIA" or device.year >= BF16_SINCE


def _multiple(of: int, near: int) -> int:
    """The nearest multiple, at least one time."""
    return max(round(near / of), 1) * of


def _say(text: str, **whole: int) -> Sentence:
    return Sentence(text, _whole(**whole))


def _whole(**numbers: int) -> dict[str, tuple[str, str]]:
    # As text, so that nothing rounds what must divide exactly.
    return {name: (f"{value:,}", "") for name, value in numbers.items()}
