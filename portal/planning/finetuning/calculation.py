"""From inputs to outputs. Model, method and layout are whole numbers; data, price and errors may be arrays of draws."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.memory import GIB
from portal.planning.compute.parameters import count
from portal.planning.evidence.coefficients import fitted
from portal.planning.finetuning import speed
from portal.planning.finetuning.memory import PARTS, parts
from portal.planning.finetuning.trainable import trained
from portal.planning.finetuning.tuning import LOW_RANK, Tuning
from portal.planning.training.calculation import device_hour_price
from portal.planning.training.inputs import TYPED
from portal.planning.training.own_model import CUSTOM, architecture_of

TARGETS = {
    "target_query": "q", "target_key": "k", "target_value": "v", "target_output": "o", "target_gate": "gate",
    "target_up": "up", "target_down": "down",
}  # fmt: skip


def shape(x: Any) -> Architecture:
    """The architecture that the inputs choose or describe."""
    return architecture_of(x, biases="all" if x.biases else "none", norm_vectors=2 if x.biases else 1)


def tuning(x: Any) -> Tuning:
    """How the model is fine-tuned. What belongs to adapters of low rank counts for these alone."""
    low_rank = x.method in LOW_RANK
    return Tuning(
        arch=shape(x),
        method=x.method,
        targets=targets(x),
        rank=x.rank,
        blocks=x.blocks,
        low_rank_head=low_rank and x.target_head,
        whole_embedding=low_rank and x.whole_embedding,
        dropout=low_rank and x.dropout,
        storage=x.storage,
        quantised_head=x.quantised_head,
        wide_rest=x.wide_rest,
        trainable=x.trainable,
        compute=x.compute_in,
        sequence=x.sequence_length,
        micro_batch=x.micro_batch,
        accumulation=x.accumulation,
        checkpointing=x.checkpointing,
        offloaded_activations=x.offloaded_activations,
        compiled=x.compiled,
        loss=x.loss,
        optimizer=x.optimizer,
        in_backward=x.in_backward,
        fused=x.fused,
        offload=x.offload,
        devices=x.devices,
        sharding=x.sharding,
    )


def targets(x: Any) -> frozenset[str]:
    """The matrices that get an adapter of low rank."""
    if x.method not in LOW_RANK:
        return frozenset()
    return frozenset(target for name, target in TARGETS.items() if getattr(x, name))


def device(x: Any) -> speed.Device:
    """Limits of the device: typed, or looked up."""
    if x.accelerator == CUSTOM:
        return speed.Device(peak=x.peak_tflops * 1e12, bandwidth=x.device_bandwidth * 1e9, link=x.device_link / 2 * 1e9)
    return speed.catalogued(ACCELERATORS[x.accelerator], x.compute_in)


def compute(x: Any) -> dict[str, Any]:
    plan, limits = tuning(x), device(x)
    forward, flops = speed.forward_per_token(plan), speed.flops_per_token(plan)
    moving, total = float(trained(plan)), float(count(plan.arch).total)
    together = 1 if plan.sharding == "split" else plan.devices  # micro-batches at the same time
    step = micro_batch_seconds(x, plan, limits)
    rate = together * plan.tokens / step
    seen = x.examples * (1 - x.evaluation_share) * x.tokens_per_example * x.epochs
    held_out = x.examples * x.evaluation_share * x.tokens_per_example * x.epochs
    computed = (seen + held_out * forward / flops) / (1 - x.padding)
    hours = computed / rate / 3600 * x.overhead
    device_hours = hours * x.devices * x.trials
    price = device_hour_price(x)
    return {
        "parameters": total,
        "trainable_parameters": moving,
        "trainable_share": moving / (total if plan.method in ("full", "head") else total + moving),
        "flops_per_token": flops,
        "forward_flops_per_token": forward,
        "training_tokens": seen,
        "evaluation_tokens": held_out,
        "computed_tokens": computed,
        "total_flops": flops * computed,
        "micro_batch_seconds": step,
        "tokens_per_second": rate,
        "device_peak": limits.peak / 1e12,
        "reached": flops * rate / (limits.peak * x.devices),
        "updates": seen / (1 - x.padding) / (plan.tokens * together * plan.accumulation),
        "hours": hours,
        "device_hours": device_hours,
        "price_of_device_hour": price,
        "run_cost": hours * x.devices * price,
        "cost": device_hours * price,
        "cost_per_million_tokens": hours * x.devices * price / seen * 1e6,
        **memory(x, plan),
    }


def capacity(x: Any) -> Any:
    """GiB of a device."""
    return x.device_memory if x.accelerator == CUSTOM else ACCELERATORS[x.accelerator].memory_gib


def micro_batch_seconds(x: Any, plan: Tuning, limits: speed.Device) -> Any:
    """Seconds of a micro-batch: predicted, from a utilisation, or from a speed that is typed."""
    shared = plan.devices if plan.sharding == "split" else 1
    if x.speed_basis == TYPED:
        return plan.tokens / (x.tokens_per_second_typed * shared)
    if x.speed_basis == "utilisation":
        return speed.flops_per_token(plan) * plan.tokens / (limits.peak * x.utilisation * shared)
    row = speed.as_row(plan, limits)
    return speed.combine(row, fitted("finetune-speed")) * x.time_error


def memory(x: Any, plan: Tuning) -> dict[str, Any]:
    """GiB on the fullest device by part, against what it has."""
    found = parts(plan, fitted("finetune-memory"))
    sized = {f"{name}_memory": found[name] / GIB * x.memory_error for name in PARTS}
    total, has = sum(sized.values()), capacity(x)
    return {**sized, "memory": total, "capacity": has, "headroom": has - total, "fits": total <= has}


def changed(x: Any, **fields: Any) -> SimpleNamespace:
    """The same inputs with some fields replaced."""
    return SimpleNamespace(**vars(x) | fields)
