"""The model and the devices of the inputs, and how one replica is spread over several of them.

Within a server every layer is split between the devices (tensor and expert parallel); engines do so over up to 8, and
so did every published run on which estimates rest. A replica of more devices is a pipeline of such groups: each holds
an equal part of the layers, and as many groups of requests go round as there are stages, so that all stages are busy.
Llama 3 405B was served so, on two servers of 8 (Llama 3, arXiv 2407.21783, section 6.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.planning.catalog.accelerators import ACCELERATORS, Accelerator
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute import engines
from portal.planning.compute.architecture import Architecture, Experts
from portal.planning.compute.roofline import ACTIVATION_BYTES, Served
from portal.planning.serving.inputs import AUTOMATIC, SPLITS
from portal.planning.training.own_model import CUSTOM, architecture_of

WIDEST = 8  # devices between which a layer is split
CRAMPED = 0.1  # share of the memory for caches below which replicas over several servers are considered too
NUMBERS = tuple(int(key) for key in SPLITS if key != AUTOMATIC)


@dataclass(frozen=True, slots=True)
class Spread:
    """``stages`` groups of ``tensor`` devices, between which layers are dealt out."""

    tensor: int
    stages: int = 1

    @property
    def devices(self) -> int:
        return self.tensor * self.stages


def shape(x: Any) -> Architecture:
    """The architecture that the inputs choose or describe."""
    experts = Experts(count=x.experts, active=x.active_experts, ffn=x.expert_ffn) if x.experts else None
    return architecture_of(x, experts=experts)


def served(x: Any) -> Served:
    """The model with its weights and cache."""
    return Served(
        arch=shape(x),
        weight_bytes=engines.weight_bytes(x.precision),
        cache_bytes=1.0 if x.cache_precision == "fp8" else 2.0,
    )


def device(x: Any) -> Accelerator:
    """The accelerator of the catalogue, or the one that is typed."""
    if x.accelerator != CUSTOM:
        return ACCELERATORS[x.accelerator]
    return Accelerator(
        key=CUSTOM,
        name="",
        vendor="",
        year=0,
        memory_gb=x.device_memory * engines.GIB / engines.GIGA,
        memory_gib=x.device_memory,
        bandwidth_gbs=x.device_bandwidth,
        bf16_tflops=x.peak_tflops,
        fp8_tflops=x.peak_8bit_tflops or None,
        fp32_tflops=None,
        design_power_w=x.device_power,
        interconnect="",
        link_gbs=x.device_links,
        source="",
        as_of=date.min,
        note="",
    )


def divides(arch: Architecture, tensor: int) -> bool:
    """Whether engines can split every layer of the model between so many devices."""
    if arch.heads % tensor or arch.vocabulary % tensor:
        return False
    return arch.latent is not None or not (arch.kv_heads % tensor and tensor % arch.kv_heads)


def spread_over(arch: Architecture, devices: int) -> Spread | None:
    """How a replica takes so many devices, None where it cannot: beyond a server, with the widest split that divides
    the layers, and no more stages than layers."""
    if devices <= WIDEST:
        return Spread(devices) if divides(arch, devices) else None
    tensor = max(t for t in NUMBERS if t <= WIDEST and divides(arch, t))
    return Spread(tensor, devices // tensor) if devices // tensor <= arch.layers else None


def spreads(x: Any, model: Served) -> list[Spread]:
    """What a replica can be spread over: what is typed, or what there is to choose among. It holds the weights."""
    wanted = NUMBERS if x.split == AUTOMATIC else (int(x.split),)
    on = device(x)
    found = [
        (spread, engines.cache_room(model, on, spread.devices))
        for spread in (spread_over(model.arch, number) for number in wanted)
        if spread is not None
    ]
    holding = [(spread, room / (room + model.bytes_held)) for spread, room in found if room > 0]
    if x.split != AUTOMATIC:
        return [spread for spread, _ in holding]
    return _considered(holding)


def _considered(holding: list[tuple[Spread, float]]) -> list[Spread]:
    """All within a server; of larger ones the smallest, where those have hardly room for caches."""
    within = [(spread, free) for spread, free in holding if spread.stages == 1]
    if any(free >= CRAMPED for _, free in within):
        return [spread for spread, _ in within]
    beyond = [spread for spread, _ in holding if spread.stages > 1]
    return [spread for spread, _ in within] + beyond[:1]


def passing(x: Any, arch: Architecture, spread: Spread) -> float:
    """Seconds in which one token's activations go from stage to stage, through the whole pipeline."""
    if spread.stages == 1:
        return 0.0
    joined = cluster_of(device(x), network_gbs=x.network_gbs or None)
    between = joined.link_gbs if spread.devices <= joined.node else joined.network_gbs
    return (spread.stages - 1) * ACTIVATION_BYTES * arch.hidden / (between * engines.GIGA)


def unevenness(arch: Architecture, spread: Spread) -> float:
    """Layers of the fullest stage over those of the mean one: all wait for it."""
    return -(-arch.layers // spread.stages) * spread.stages / arch.layers
