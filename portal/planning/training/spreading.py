"""How a run is spread over its devices: the layout that is typed, or the fastest that fits."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute.architecture import Architecture, Experts
from portal.planning.compute.cluster import USUAL_NETWORK_GBS, USUAL_NODE, Cluster
from portal.planning.compute.flops import Recomputation
from portal.planning.compute.layout import Layout, Optimizer, Precision
from portal.planning.compute.planner import Plan, Room, Task, fewest_devices, search
from portal.planning.compute.step import StepTime, step_seconds
from portal.planning.evidence.coefficients import fitted
from portal.planning.evidence.layouts import FRAGMENTATION
from portal.planning.training.inputs import AUTO
from portal.planning.training.own_model import CUSTOM, architecture_of

TIGHT = 0.05  # share of the memory that a chosen layout leaves free where it can: estimates are off by as much
MOST_DEVICES = 1_000_000  # that are tried for a model that does not fit


def shape(x: Any) -> Architecture:
    """The architecture that the inputs choose or describe."""
    experts = None
    if x.experts:
        experts = Experts(count=x.experts, active=x.active_experts, ffn=x.expert_ffn, shared=x.shared_experts)
    return architecture_of(
        x,
        biases="all" if x.biases else "none",
        norm_vectors=2 if x.biases else 1,
        positions=x.sequence_length if x.learned_positions else 0,
        experts=experts,
        window=x.window,
        windowed_layers=x.windowed_layers if x.window else 0,
    )


def cluster(x: Any) -> Cluster:
    """The devices and what joins them. What is 0 is as usual."""
    network, node = x.network_gbs or None, x.node_devices or None
    if x.accelerator == CUSTOM:
        return Cluster(
            peak_tflops=x.peak_tflops,
            # Typed at the precision used
            peak_8bit_tflops=x.peak_tflops,
            peak_32bit_tflops=x.peak_tflops,
            bandwidth_gbs=x.device_bandwidth,
            link_gbs=x.device_links / 2,
            network_gbs=network or USUAL_NETWORK_GBS,
            node=node or USUAL_NODE,
        )
    return cluster_of(ACCELERATORS[x.accelerator], network_gbs=network, node=node)


def room(x: Any) -> Room:
    capacity = x.device_memory if x.accelerator == CUSTOM else ACCELERATORS[x.accelerator].memory_gib
    return Room(capacity=float(capacity), framework=float(x.framework_memory), fragmentation=FRAGMENTATION)


def replicas(x: Any) -> int:
    """Copies of the model that train side by side in a typed layout."""
    return x.data_parallel or max(x.devices // (x.tensor_parallel * x.context_parallel * x.pipeline_parallel), 1)


def typed_layout(x: Any) -> Layout:
    return replace(
        _base(x),
        micro_batch=x.micro_batch,
        micro_batches=max(x.global_batch // (x.micro_batch * replicas(x)), 1),
        tensor=x.tensor_parallel,
        context=x.context_parallel,
        pipeline=x.pipeline_parallel,
        data=replicas(x),
        expert=x.expert_parallel,
        virtual_stages=x.virtual_stages,
        sequence_parallel=x.sequence_parallel,
        zero_stage=int(x.zero_stage),
        recomputation=cast(Recomputation, x.recomputation),
    )


def layout(x: Any) -> Layout:
    """The layout of the run; it has been refused before where a search finds none."""
    return plan(x).best[0].layout if x.layout == AUTO else typed_layout(x)


def plan(x: Any) -> Plan:
    """The fastest layouts that fit."""
    return _search(shape(x), _task(x), cluster(x), room(x))


def enough_devices(x: Any) -> int | None:
    """Devices on which some layout would fit; None when even a million are too few."""
    return _fewest(shape(x), _task(x), cluster(x), room(x))


def step(x: Any) -> StepTime:
    """Seconds of a step, predicted."""
    return _step(shape(x), layout(x), cluster(x))


def _base(x: Any) -> Layout:
    return Layout(
        sequence=x.sequence_length,
        precision=cast(Precision, x.precision),
        optimizer=cast(Optimizer, x.optimizer),
        flash=x.attention_kernel == "flash",
        chunked_logits=x.chunked_logits,
        wide_gradients=x.wide_gradients,
    )


def _task(x: Any) -> Task:
    return Task(base=_base(x), devices=x.devices, global_batch=x.global_batch)


# A page asks for the same search several times: to refuse, to compute, to warn, to show it.
@lru_cache(maxsize=64)
def _search(arch: Architecture, task: Task, joined: Cluster, space: Room) -> Plan:
    coefficients = fitted("training-throughput"), fitted("training-memory")
    roomy = search(arch, task, joined, replace(space, capacity=(1 - TIGHT) * space.capacity), *coefficients)
    return roomy if roomy.best else search(arch, task, joined, space, *coefficients)


@lru_cache(maxsize=64)
def _fewest(arch: Architecture, task: Task, joined: Cluster, space: Room) -> int | None:
    return fewest_devices(arch, task, joined, space, fitted("training-memory"), MOST_DEVICES)


@lru_cache(maxsize=64)
def _step(arch: Architecture, spread: Layout, joined: Cluster) -> StepTime:
    return step_seconds(arch, spread, joined, fitted("training-throughput"))
