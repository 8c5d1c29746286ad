"""What serving engines reach of their hardware: shares for ``roofline`` out of fitted coefficients, by engine and
precision, and what a device offers at a precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.catalog.accelerators import Accelerator
from portal.planning.compute.roofline import WEIGHT_BYTES, Node, Served, cache_bytes

GIB = 2**30
TERA, GIGA = 1e12, 1e9

# The first has the factor 1 on seconds a layer and an all-reduce.
ENGINES = ("trtllm", "vllm", "sglang")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How weights are stored and multiplied, in bits."""

    stored: int
    multiplied: int


FORMATS: Mapping[str, Format] = {
    "bf16": Format(stored=16, multiplied=16),
    "fp8": Format(stored=8, multiplied=8),
    "nvfp4": Format(stored=4, multiplied=4),
    "mxfp4": Format(stored=4, multiplied=16),
    "int8": Format(stored=8, multiplied=16),
    "int4": Format(stored=4, multiplied=16),
}
# Devices that multiply 4-bit floating-point numbers, at twice their 8-bit peak (data sheets of NVIDIA Blackwell and
# AMD CDNA 4).
FOUR_BIT = frozenset({"b200", "gb200", "b300", "gb300", "rtx-pro-6000", "mi355x"})

USED_MEMORY = 0.9  # share of the memory that engines take by default
OTHER_BYTES = 3 * GIB  # of that for activations, graphs and communication


def peak_flops(device: Accelerator, precision: str) -> float | None:
    """Dense FLOP/s of a device in matrix products of a weight format; None where it has none."""
    bits = FORMATS[precision].multiplied
    if bits == 16:
        return device.bf16_tflops * TERA
    if device.fp8_tflops is None or (bits == 4 and device.key not in FOUR_BIT):
        return None
    return device.fp8_tflops * TERA * (2 if bits == 4 else 1)


def node(device: Accelerator, precision: str, tensor: int) -> Node:
    """A replica on ``tensor`` of these devices.

    Raises:
        ValueError: the device has no products of that format.
    """
    peak = peak_flops(device, precision)
    if peak is None:
        raise ValueError(f"{device.name} does not multiply in {precision}")
    return Node(
        peak=peak,
        wide_peak=device.bf16_tflops * TERA,
        bandwidth=device.bandwidth_gbs * GIGA,
        link=device.link_gbs / 2 * GIGA,
        tensor=tensor,
    )


def weight_bytes(precision: str) -> float:
    """Bytes of a weight with its scales."""
    return WEIGHT_BYTES[precision]


def cache_room(model: Served, device: Accelerator, devices: int) -> float:
    """Bytes of a replica that are left for caches; below 0 where the weights do not fit."""
    return devices * (USED_MEMORY * device.memory_gib * GIB - OTHER_BYTES) - model.bytes_held


def sequences_held(model: Served, device: Accelerator, tensor: int, context: Any, *, stages: int = 1) -> Any:
    """Sequences of ``context`` tokens that a replica keeps at once; below 1 where not one fits. Each of its ``stages``
    has ``tensor`` devices and keeps the caches of its layers."""
    copies = max(tensor / model.arch.kv_heads, 1.0) if not model.arch.latent else float(tensor)
    return cache_room(model, device, tensor * stages) / (copies * cache_bytes(model, context))


def engine_shares(coefficients: Mapping[str, Any], *, precision: str, engine: str) -> dict[str, Any]:
    """Shares for ``roofline.step_seconds``, ``stalled`` for ``roofline.loaded_seconds``, and what a layer with experts
    takes longer. Coefficients of dense models have nothing about experts."""
    stored, multiplied = FORMATS[precision].stored, FORMATS[precision].multiplied
    slower = 1.0 if engine == ENGINES[0] else coefficients[f"layers_{engine}"]
    return {
        "weight_bandwidth": np.multiply(
            coefficients[f"weight_bandwidth_{stored}"], coefficients.get("experts_bandwidth", 1.0)
        ),
        "compute": np.multiply(coefficients[f"compute_{multiplied}"], coefficients.get("experts_compute", 1.0)),
        "attention_compute": coefficients["attention_compute"],
        "cache_bandwidth": coefficients["cache_bandwidth"],
        "link_bandwidth": coefficients["link_bandwidth"],
        "layer_seconds": np.multiply(coefficients["layer_seconds"], slower),
        "reduce_seconds": np.multiply(coefficients["reduce_seconds"], slower),
        "request_seconds": coefficients["request_seconds"],
        "step_seconds": coefficients["step_seconds"],
        "expert_layer_seconds": coefficients.get("expert_layer_seconds", 0.0),
        "stalled": coefficients[f"stalled_{engine}"],
    }
