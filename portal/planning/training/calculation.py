"""From inputs to outputs. The structure (model, splits) is whole numbers; the rest may be arrays of draws."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.prices import market
from portal.planning.catalog.regions import REGIONS
from portal.planning.compute.architecture import Architecture, Experts
from portal.planning.compute.energy import drawn_watts, kilograms_co2, kilowatt_hours
from portal.planning.compute.flops import Recomputation, attention_per_token, matmul_per_token, recomputed_per_token
from portal.planning.compute.layout import Layout, Optimizer, Precision
from portal.planning.compute.memory import GIB, fullest_device
from portal.planning.compute.parameters import count
from portal.planning.compute.time import interruptions, model_speed, pipeline_bubble, training_days
from portal.planning.training.inputs import CUSTOM, TYPED

FRAGMENTATION = 0.05  # of what the tensors take


def shape(x: Any) -> Architecture:
    """The architecture that the inputs choose or describe."""
    if x.architecture != CUSTOM:
        return MODELS[x.architecture].architecture
    experts = None
    if x.experts:
        experts = Experts(count=x.experts, active=x.active_experts, ffn=x.expert_ffn, shared=x.shared_experts)
    return Architecture(
        layers=x.layers,
        hidden=x.hidden,
        heads=x.heads,
        kv_heads=x.kv_heads,
        head_dim=x.hidden // x.heads,
        ffn=x.ffn,
        gated=x.gated,
        vocabulary=x.vocabulary,
        tied=x.tied,
        biases="all" if x.biases else "none",
        norm_vectors=2 if x.biases else 1,
        positions=x.sequence_length if x.learned_positions else 0,
        experts=experts,
    )


def replicas(x: Any) -> int:
    """Copies of the model that train side by side."""
    return x.data_parallel or max(x.devices // (x.tensor_parallel * x.pipeline_parallel), 1)


def layout(x: Any) -> Layout:
    """How a step is spread over the devices."""
    return Layout(
        sequence=x.sequence_length,
        micro_batch=x.micro_batch,
        micro_batches=max(x.global_batch // (x.micro_batch * replicas(x)), 1),
        tensor=x.tensor_parallel,
        pipeline=x.pipeline_parallel,
        data=replicas(x),
        virtual_stages=x.virtual_stages,
        sequence_parallel=x.sequence_parallel,
        precision=cast(Precision, x.precision),
        optimizer=cast(Optimizer, x.optimizer),
        zero_stage=int(x.zero_stage),
        recomputation=cast(Recomputation, x.recomputation),
        flash=x.attention_kernel == "flash",
        wide_gradients=x.wide_gradients,
    )


def compute(x: Any) -> dict[str, Any]:
    arch, spread = shape(x), layout(x)
    causal = x.attention_count == "causal"
    parameters = count(arch)
    matmul = float(matmul_per_token(arch))
    attention = attention_per_token(arch, x.sequence_length, causal=causal)
    again = recomputed_per_token(arch, x.sequence_length, spread.recomputation, causal=causal)
    peak = device_peak(x)
    cluster_peak = x.devices * peak * 1e12
    speed = model_speed(cluster_peak, x.utilisation, matmul + attention, again)
    tokens_per_second = speed / (matmul + attention)
    days = training_days(x.tokens, tokens_per_second, x.overhead)
    device_hours = days * 24 * x.devices
    price = device_hour_price(x)
    cost = device_hours * price
    return {
        "parameters": float(parameters.total),
        "active_parameters": float(parameters.active),
        "tokens_per_parameter": x.tokens / parameters.active,
        "matmul_flops_per_token": matmul,
        "attention_flops_per_token": attention,
        "flops_per_token": matmul + attention,
        "recomputed_flops_per_token": again,
        "matmul_flops": matmul * x.tokens,
        "attention_flops": attention * x.tokens,
        "total_flops": (matmul + attention) * x.tokens,
        "rule_of_thumb_flops": 6.0 * parameters.active * x.tokens,
        "device_peak": peak,
        "cluster_peak": cluster_peak,
        "model_utilisation": speed / cluster_peak,
        "effective_flops": speed,
        "tokens_per_second": tokens_per_second,
        "compute_days": days / x.overhead,
        "days": days,
        "device_hours": device_hours,
        "steps": x.tokens / (x.global_batch * x.sequence_length),
        "replicas": spread.data,
        "micro_batches": spread.micro_batches,
        "bubble": pipeline_bubble(spread.pipeline, spread.virtual_stages, spread.micro_batches),
        "interruptions": interruptions(device_hours),
        "price_of_device_hour": price,
        "cost": cost,
        "cost_per_billion_tokens": cost / x.tokens * 1e9,
        **_energy(x, device_hours),
        **memory(x),
    }


def memory(x: Any) -> dict[str, Any]:
    """GiB on the fullest device by part, against what it has."""
    device = fullest_device(shape(x), layout(x))
    parts = {
        "weights_memory": device.weights / GIB,
        "gradients_memory": device.gradients / GIB,
        "optimizer_memory": device.optimizer / GIB,
        "activations_memory": device.activations / GIB,
        "logits_memory": device.logits / GIB,
    }
    overhead = x.framework_memory + FRAGMENTATION * sum(parts.values())
    total = sum(parts.values()) + overhead
    has = capacity(x)
    return {
        **parts,
        "overhead_memory": overhead,
        "memory": total,
        "capacity": has,
        "headroom": has - total,
        "fits": total <= has,
    }


def _energy(x: Any, device_hours: Any) -> dict[str, Any]:
    watts = device_watts(x)
    energy = kilowatt_hours(watts, device_hours, x.pue)
    intensity = grid_intensity(x)
    return {
        "device_watts": watts,
        "energy": energy,
        "grid_intensity": intensity,
        "carbon": kilograms_co2(energy, intensity),
    }


# What is typed for custom devices and grids, and looked up for those of the catalogue


def device_peak(x: Any) -> Any:
    """TFLOP/s of a device at the precision used."""
    if x.accelerator == CUSTOM:
        return x.peak_tflops
    peak = ACCELERATORS[x.accelerator].peak_tflops(x.precision)
    assert peak is not None, "refused before"
    return float(peak)


def capacity(x: Any) -> Any:
    """GiB of a device."""
    return x.device_memory if x.accelerator == CUSTOM else ACCELERATORS[x.accelerator].memory_gib


def device_hour_price(x: Any) -> Any:
    """USD for an hour of a device: typed, or that place among the offers of the catalogue, interpolated."""
    if x.price_basis == TYPED:
        return x.usd_per_device_hour
    offers = [price.usd_per_hour for price in market(x.accelerator, x.price_basis)]
    return np.interp(x.market_position, np.linspace(0, 1, len(offers)), offers)


def device_watts(x: Any) -> Any:
    """W that a device draws with its share of the server."""
    if x.accelerator == CUSTOM:
        return x.device_power
    return drawn_watts(ACCELERATORS[x.accelerator].design_power_w, x.power_share, x.server_factor)


def grid_intensity(x: Any) -> Any:
    """g CO2 equivalent for a kWh."""
    return x.carbon_intensity if x.region == CUSTOM else REGIONS[x.region].grams_per_kwh
