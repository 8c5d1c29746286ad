"""Seconds that a micro-batch takes on each device, from work, traffic and latency.

Work: 2 FLOPs for each weight that a token passes forward, 2 backward, 2 more for the gradient of a weight that is
trained, 2 again where the layer is recomputed: 6 N for a full fine-tune, 4 N for adapters. Traffic: activations are
written and read, quantised weights are read and written out in 16 bits in every pass. Latency: a device cannot run
ahead of the host that starts its kernels. Work and traffic add up; the slower of them and latency decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from portal.planning.catalog.accelerators import Accelerator
from portal.planning.compute.flops import TRAINING, attention_per_token
from portal.planning.compute.parameters import count
from portal.planning.evidence.family import Coefficients
from portal.planning.finetuning.memory import (
    ELEMENT,
    adapter_copies,
    base_bytes,
    bytes_per_trained,
    state_bytes,
    touched,
)
from portal.planning.finetuning.trainable import matrices, trained
from portal.planning.finetuning.tuning import STORED, Tuning

HOST_LINK = 25e9  # bytes/s in one direction that PCI Express 4 with 16 lanes reaches of its 32e9
# Share of the dense 16-bit peak that the best matrix product reaches, by device: stas00/ml-engineering, compute/
# accelerator, maximum achievable matmul FLOPS. Where none was measured, that of A100.
REACH = {
    "a100-40": 0.87, "a100-80": 0.87, "a100-80-pcie": 0.87, "h100-sxm": 0.80, "h100-pcie": 0.80, "h100-nvl": 0.80,
    "h200": 0.80, "h800": 0.80, "gh200": 0.80, "b200": 0.78, "gb200": 0.73, "b300": 0.78, "gb300": 0.73,
    "mi300x": 0.51, "mi325x": 0.60, "mi355x": 0.63,
}  # fmt: skip
USUAL_REACH = 0.87
SHARPNESS = 3  # of the corner between what is bound by work and what by latency


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """FLOP/s at the precision used, bytes/s of its memory, and bytes/s to its neighbours in one direction; numbers or
    arrays of draws."""

    peak: Any
    bandwidth: Any
    link: Any
    reach: float = USUAL_REACH


def catalogued(row: Accelerator, compute: str) -> Device:
    """Limits of a device of the catalogue.

    Raises:
        ValueError: it does not have the precision.
    """
    peak = row.peak_tflops(compute)
    if peak is None:
        raise ValueError(f"{row.name} has no peak at {compute}")
    return Device(
        peak=peak * 1e12,
        bandwidth=row.bandwidth_gbs * 1e9,
        link=row.link_gbs / 2 * 1e9,
        reach=REACH.get(row.key, USUAL_REACH),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a micro-batch asks of one device."""

    flops: float
    traffic: float  # bytes of activations
    dequantised: float  # bytes that unpacking quantised weights moves
    update: float  # bytes of memory that the update moves, a micro-batch's share
    gathered: float  # bytes that come from and go to other devices
    hosted: float  # bytes that come from and go to the host
    layer_passes: float  # layers × passes whose kernels are started


@lru_cache(maxsize=1024)
def load(tuning: Tuning, tokens: float | None = None) -> Load:
    """The load of a micro-batch of ``tokens``, all of it where not given (fewer where sequences are not filled)."""
    arch = tuning.arch
    tokens = float(tuning.tokens) if tokens is None else tokens
    share = tuning.devices if tuning.sharding == "split" else 1
    inside = sum(m.wide_in * m.wide_out * m.copies for m in matrices(arch))
    passes = 1.0 + _backward(tuning) + (tuning.checkpointing and _backward(tuning))
    weight, gradient, _ = bytes_per_trained(tuning)
    moving = trained(tuning)
    base = base_bytes(tuning)
    others = 0.0 if tuning.sharding == "split" else (tuning.devices - 1) / tuning.devices
    gathered = gradient * moving * (1 if tuning.sharding in ("fsdp", "flat") else 2) / tuning.accumulation
    if tuning.sharding in ("fsdp", "flat"):
        gathered += base * (1 + _backward(tuning))
    states = 2 * state_bytes(tuning) / tuning.shards / tuning.accumulation
    moved = (2 * weight + gradient) * moving / tuning.shards / tuning.accumulation + states
    unpacked = (STORED[tuning.storage] + 2) * inside * passes if tuning.quantised else 0.0
    return Load(
        flops=tokens * flops_per_token(tuning) / share,
        traffic=tokens * arch.layers * _moved_per_token(tuning) * passes / share,
        dequantised=unpacked / share,
        update=0.0 if tuning.offload != "none" else moved,
        gathered=gathered * others,
        hosted=_hosted(tuning, base, states),
        layer_passes=arch.layers * passes / share,
    )


def _moved_per_token(tuning: Tuning) -> float:
    """Bytes a token that a layer hands from kernel to kernel in a pass, whether they are kept or not."""
    copies = adapter_copies(tuning) if tuning.low_rank else 0.0
    return ELEMENT * (touched(tuning.arch) + copies)


def _backward(tuning: Tuning) -> int:
    """Whether gradients flow through the layers."""
    return 0 if tuning.method == "head" else 1


def _hosted(tuning: Tuning, base: float, states: float) -> float:
    if tuning.offload == "none":
        return 0.0
    streamed = 2 * base / tuning.shards if tuning.offload == "all" else 0.0
    return streamed + states


@lru_cache(maxsize=1024)
def flops_per_token(tuning: Tuning) -> float:
    """FLOPs of a token, recomputed work included; causal attention, half of the square."""
    arch, parameters = tuning.arch, count(tuning.arch)
    back = _backward(tuning)
    whole = 1 if tuning.method == "full" else 0
    again = back if tuning.checkpointing else 0
    layers = 2.0 * parameters.multiplied_layers * (1 + back + whole + again)
    ends = whole or tuning.whole_embedding or tuning.method == "head"
    head = 2.0 * parameters.multiplied_head * (1 + back + ends)
    scores = attention_per_token(arch, tuning.sequence, causal=True) / TRAINING * 2.0
    added = 0 if whole or tuning.method in ("head", "prompt") else trained(tuning)
    return layers + head + scores * (1 + 2 * back + again) + (TRAINING + 2 * again) * added


@lru_cache(maxsize=1024)
def forward_per_token(tuning: Tuning) -> float:
    """FLOPs of a token that is only evaluated."""
    arch = tuning.arch
    scores = attention_per_token(arch, tuning.sequence, causal=True) / TRAINING * 2.0
    return 2.0 * count(arch).multiplied + scores


# What is fitted

MEANINGS = {
    "work": "Share of what the best 16-bit matrix product of a device reaches",
    "work_fp8": "The same share in 8 bits",
    "split": "Speed that a tensor and pipeline split leaves",
    "eager": "Times that the tensors of a layer are moved in a pass, without compiling",
    "compiled": "Times that the tensors of a layer are moved in a pass of a compiled model",
    "unpacking": "Share of the memory's bandwidth that unpacking 4-bit NormalFloat weights reaches",
    "unpacking_int": "Share of the memory's bandwidth that unpacking integer weights reaches (GPTQ, LLM.int8)",
    "latency": "Seconds to start the kernels of a layer in one pass",
    "gather": "Share of the bandwidth between devices that gathering shards reaches",
}


# Columns of a row: what each coefficient divides or multiplies, in seconds at the device's limits.
COLUMNS = ("work", "work_fp8", "split", "eager", "compiled", "unpacking", "unpacking_int", "latency", "gather", "rest")


def as_row(tuning: Tuning, device: Device, tokens: float | None = None) -> Any:
    """Seconds at the limits of the device along a last axis of ``COLUMNS``, so that cases are fitted as one table."""
    asked = load(tuning, tokens)
    work = asked.flops / (device.peak * device.reach)
    traffic = asked.traffic / device.bandwidth
    unpacked = asked.dequantised / device.bandwidth
    fp8, normal = tuning.compute == "fp8", tuning.storage in ("nf4", "nf4_dq")
    columns = np.broadcast_arrays(
        *[
            0.0 if fp8 else work,
            work if fp8 else 0.0,
            float(tuning.sharding == "split" and tuning.devices > 1),
            0.0 if tuning.compiled else traffic,
            traffic if tuning.compiled else 0.0,
            unpacked if normal else 0.0,
            0.0 if normal else unpacked,
            asked.layer_passes,
            asked.gathered / device.link,
            asked.update / device.bandwidth + asked.hosted / HOST_LINK,
        ]
    )
    return np.stack(columns, axis=-1)


def combine(rows: Any, coefficients: Coefficients) -> Any:
    """Seconds of rows of ``COLUMNS`` along the last axis."""
    at = {name: rows[..., place] for place, name in enumerate(COLUMNS)}
    c = coefficients
    busy = at["work"] / c["work"] + at["work_fp8"] / c["work_fp8"]
    busy = busy + at["eager"] * c["eager"] + at["compiled"] * c["compiled"]
    busy = busy / np.where(at["split"] > 0, c["split"], 1.0)
    busy = busy + at["unpacking"] / c["unpacking"] + at["unpacking_int"] / c["unpacking_int"]
    started = at["latency"] * c["latency"]
    step = (busy**SHARPNESS + started**SHARPNESS) ** (1 / SHARPNESS)
    return step + at["gather"] / c["gather"] + at["rest"]
