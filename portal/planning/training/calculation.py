"""From inputs to outputs. The structure (model, splits) is whole numbers; the rest may be arrays of draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.prices import market
from portal.planning.catalog.regions import REGIONS
from portal.planning.compute.energy import drawn_watts, kilograms_co2, kilowatt_hours
from portal.planning.compute.flops import (
    attention_per_token,
    matmul_per_token,
    model_per_token,
    recomputed_per_token,
)
from portal.planning.compute.goodput import best_interval, goodput, interruptions, write_seconds
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import GIB, bytes_per_parameter, fullest_device
from portal.planning.compute.parameters import count
from portal.planning.compute.step import StepTime
from portal.planning.compute.time import model_speed, pipeline_bubble, training_days
from portal.planning.evidence.coefficients import fitted
from portal.planning.evidence.families.training_runs import usual_utilisation
from portal.planning.evidence.layouts import FRAGMENTATION
from portal.planning.training.inputs import RUNS, STEPS, TYPED
from portal.planning.training.own_model import CUSTOM
from portal.planning.training.spreading import layout, room, shape, step


def compute(x: Any) -> dict[str, Any]:
    arch, spread = shape(x), layout(x)
    causal = x.attention_count == "causal"
    parameters = count(arch)
    matmul = float(matmul_per_token(arch))
    attention = attention_per_token(arch, x.sequence_length, causal=causal)
    again = recomputed_per_token(arch, x.sequence_length, spread.recomputation, causal=causal)
    peak = device_peak(x)
    cluster_peak = x.devices * peak * 1e12
    predicted = step(x)
    tokens = float(x.global_batch * x.sequence_length)
    at_step = (matmul + attention + again) * tokens / predicted.total / cluster_peak
    utilisation = {RUNS: at_step, STEPS: at_step / x.step_error, TYPED: x.utilisation}[x.utilisation_basis]
    speed = model_speed(cluster_peak, utilisation, matmul + attention, again)
    tokens_per_second = speed / (matmul + attention)
    lost = _lost_time(x, float(parameters.total), spread)
    days = training_days(x.tokens, tokens_per_second, lost["overhead_factor"])
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
        "hardware_utilisation": utilisation,
        "model_utilisation": speed / cluster_peak,
        "effective_flops": speed,
        "tokens_per_second": tokens_per_second,
        "step_seconds": x.global_batch * x.sequence_length / tokens_per_second,
        **_step_parts(predicted),
        "compute_days": days / lost["overhead_factor"],
        "days": days,
        "device_hours": device_hours,
        "steps": x.tokens / (x.global_batch * x.sequence_length),
        **_splits(spread),
        **lost,
        "interruptions": interruptions(device_hours, x.hours_between_failures),
        "price_of_device_hour": price,
        "cost": cost,
        "experiments_cost": cost * x.experiments,
        "total_cost": cost + cost * x.experiments,
        "cost_per_billion_tokens": cost / x.tokens * 1e9,
        **_energy(x, device_hours),
        **memory(x, spread),
    }


def _step_parts(predicted: StepTime) -> dict[str, float]:
    """Shares of a step, and its seconds."""
    parts = {
        "step_compute": predicted.compute,
        "step_communication": predicted.communication + predicted.transfer,
        "step_bubble": predicted.bubble,
        "step_gradients": predicted.data + predicted.optimizer,
        "step_waiting": predicted.host + predicted.fixed,
    }
    whole = float(predicted.total)
    return {name: float(value) / whole for name, value in parts.items()} | {"predicted_step": whole}


def _splits(spread: Layout) -> dict[str, Any]:
    return {
        "tensor_split": spread.tensor,
        "context_split": spread.context,
        "pipeline_split": spread.pipeline,
        "expert_split": spread.expert,
        "replicas": spread.data,
        "sequences_at_a_time": spread.micro_batch,
        "micro_batches": spread.micro_batches,
        "parts_of_a_stage": spread.virtual_stages,
        "zero": spread.zero_stage,
        "bubble": pipeline_bubble(spread.pipeline, spread.virtual_stages, spread.micro_batches),
    }


def _lost_time(x: Any, parameters: float, spread: Layout) -> dict[str, Any]:
    """Checkpoints, failures, and the whole time over the time at full speed."""
    weight, _, states = bytes_per_parameter(spread)
    written = parameters * (weight + states)
    write = write_seconds(written, x.storage_gbs * 1e9)
    between = x.hours_between_failures * 3600 / x.devices
    interval = best_interval(write, between)
    share = goodput(interval, write, x.restart_minutes * 60, between)
    return {
        "checkpoint_size": written / 1e9,
        "checkpoint_interval": interval / 60,
        "failure_interval": between / 3600,
        "goodput": share,
        "overhead_factor": _overhead(x, share),
    }


def _overhead(x: Any, goodput_share: Any) -> Any:
    """Whole time over the time at full speed; below 1 where like runs did better than their steps are predicted."""
    if x.utilisation_basis == RUNS:
        return usual_overhead(x) * x.run_error
    return x.overhead if x.overhead_basis == TYPED else x.overhead / goodput_share


def usual_overhead(x: Any) -> float:
    """Hours of whole published runs over those of their predicted steps, as ``evidence.families.training_runs`` has it.

    The faster a step, the less of its speed was left of it in the end.
    """
    arch = shape(x)
    flops = model_per_token(arch, x.sequence_length, causal=True) * x.global_batch * x.sequence_length
    peak = device_peak(x) if x.accelerator == CUSTOM else ACCELERATORS[x.accelerator].bf16_tflops
    reached = flops / float(step(x).total) / (x.devices * peak * 1e12)
    usual = usual_utilisation(reached, x.devices, fitted("training-runs"), fused=x.attention_kernel == "flash")
    return float(reached / usual)


def memory(x: Any, spread: Layout) -> dict[str, Any]:
    """GiB on the fullest device by part, against what it has."""
    device = fullest_device(shape(x), spread, fitted("training-memory"))
    parts = {
        "weights_memory": device.weights / GIB,
        "gradients_memory": device.gradients / GIB,
        "optimizer_memory": device.optimizer / GIB,
        "activations_memory": device.activations / GIB,
        "logits_memory": device.logits / GIB,
        "workspace_memory": device.workspace / GIB,
    }
    overhead = x.framework_memory + FRAGMENTATION * sum(parts.values())
    total = sum(parts.values()) + overhead
    has = room(x).capacity
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
