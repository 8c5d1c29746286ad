"""The fastest layouts of a training step that fit into memory, out of all that a cluster permits.

    plan = search(arch, Task(...), cluster, memory, coefficients)
    plan.best[0].layout, plan.best[0].step.total

All candidates are computed at once: a ``Layout`` of arrays for each way to recompute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.flops import Recomputation
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import GIB, fullest_device
from portal.planning.compute.step import StepTime, step_seconds

LARGEST_MICRO_BATCH = 64
LARGEST_CONTEXT_SPLIT = 64
LEAST_LOCAL_SEQUENCE = 4096  # tokens: the shortest part of a sequence in published layouts (NVIDIA Megatron-Bridge)
LARGEST_EXPERT_SPLIT = 128
MOST_PARTS = 8  # interleaved parts on a pipeline stage
SHOWN = 5

SPLITS = ("tensor", "context", "pipeline", "data", "expert", "micro_batch", "micro_batches", "virtual_stages",
          "zero_stage")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be laid out. ``base`` gives sequence, precision, optimizer and flags; its splits do not count."""

    base: Layout
    devices: int
    global_batch: int  # sequences of a step


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """GiB of a device, and what no tensor accounts for: a part of the tensors, and a fixed amount."""

    capacity: float
    framework: float
    fragmentation: float

    def needed(self, tensors: Any) -> Any:
        """GiB of tensors with what comes on top."""
        return tensors * (1 + self.fragmentation) + self.framework


@dataclass(frozen=True, slots=True)
class Planned:
    """A layout with the time of its step and what its fullest device needs."""

    layout: Layout
    step: StepTime
    needed: float  # GiB


@dataclass(frozen=True, slots=True)
class Plan:
    """The fastest layouts, fastest first, none when nothing fits; and how many were looked at."""

    best: tuple[Planned, ...]
    candidates: int
    fitting: int
    least_needed: float  # GiB on the fullest device of the thriftiest candidate; infinite when there is none


def search(
    arch: Architecture,
    task: Task,
    cluster: Cluster,
    room: Room,
    step_coefficients: Mapping[str, float],
    memory_coefficients: Mapping[str, float],
    shown: int = SHOWN,
) -> Plan:
    """The ``shown`` fastest layouts that fit, of those that differ in more than micro-batch and interleaving."""
    splits = np.array(list(_splits(arch, task, cluster)), dtype=np.int64).reshape(-1, len(SPLITS)).T
    found: list[Planned] = []
    candidates = fitting = 0
    least = np.inf
    for recomputation in _recomputations(task.base):
        candidates += splits.shape[1]
        if not splits.shape[1]:
            continue
        layouts = _layouts(task.base, recomputation, splits)
        needed = room.needed(fullest_device(arch, layouts, memory_coefficients).total / GIB)
        least = min(least, float(needed.min()))
        fits = needed <= room.capacity
        fitting += int(fits.sum())
        if fits.any():
            found += _fastest(arch, task.base, recomputation, splits[:, fits], needed[fits], cluster,
                              step_coefficients, shown)  # fmt: skip
    best = sorted(found, key=lambda planned: float(planned.step.total))[:shown]
    return Plan(tuple(best), candidates, fitting, least)


def fewest_devices(
    arch: Architecture, task: Task, cluster: Cluster, room: Room, memory_coefficients: Mapping[str, float], most: int
) -> int | None:
    """The fewest devices, doubling those of the task up to ``most``, on which some layout fits; the batch grows with
    them where it must.
    """
    devices = task.devices
    while devices <= most:
        batch = -(-task.global_batch // devices) * devices
        wider = replace(task, devices=devices, global_batch=batch)
        splits = np.array(list(_splits(arch, wider, cluster)), dtype=np.int64).reshape(-1, len(SPLITS)).T
        if splits.shape[1]:
            layouts = _layouts(task.base, "full", splits)
            needed = room.needed(fullest_device(arch, layouts, memory_coefficients).total / GIB)
            if needed.min() <= room.capacity:
                return devices
        devices *= 2
    return None


def stage_counts(layers: int) -> set[int]:
    """Pipeline splits of so many layers: what divides them, or them with the embedding and the output projection as a
    layer each (Llama 3, arXiv 2407.21783, section 3.3.2).
    """
    return {p for more in (0, 1, 2) for p in divisors(layers + more) if p <= layers}


def tensor_splits(arch: Architecture) -> set[int]:
    """Devices that can share each matrix: whole heads, whole groups of them or copies of groups, equal widths."""
    widths = [arch.experts.ffn if arch.experts else arch.ffn]
    return {
        t
        for t in divisors(arch.heads)
        if all(width % t == 0 for width in widths)
        # Latent attention has no groups to split: its keys are made anew for every head.
        and (arch.latent or arch.kv_heads % t == 0 or t % arch.kv_heads == 0)
    }


def divisors(number: int) -> list[int]:
    """In ascending order."""
    small = [n for n in range(1, int(number**0.5) + 1) if number % n == 0]
    return small + [number // n for n in reversed(small) if n * n != number]


def _splits(arch: Architecture, task: Task, cluster: Cluster) -> Iterator[tuple[int, ...]]:
    """Every candidate in the order of ``SPLITS``."""
    s, devices = task.base.sequence, task.devices
    tensors = [t for t in tensor_splits(arch) if t <= cluster.node and devices % t == 0]
    contexts = [
        c for c in _powers(LARGEST_CONTEXT_SPLIT) if c == 1 or (s % (2 * c) == 0 and s // c >= LEAST_LOCAL_SEQUENCE)
    ]
    stages = sorted(stage_counts(arch.layers))
    for t, c, p in product(sorted(tensors), contexts, stages):
        if devices % (t * c * p):
            continue
        data = devices // (t * c * p)
        if task.global_batch % data:
            continue
        # Sharding weights over replicas and cutting the model into stages both save memory; together they send every
        # weight for every micro-batch.
        zeros = (0,) if data * c == 1 else (1, 3) if p == 1 else (1,)
        for b, e, zero in product(_micro_batches(task.global_batch // data), _expert_splits(arch, t * c * data), zeros):
            m = task.global_batch // (data * b)
            for v in _parts(arch.layers, p, m):
                yield t, c, p, data, e, b, m, v, zero


def _powers(most: int) -> list[int]:
    return [2**n for n in range(most.bit_length()) if 2**n <= most]


def _micro_batches(sequences: int) -> list[int]:
    return [b for b in _powers(LARGEST_MICRO_BATCH) if sequences % b == 0]


def _expert_splits(arch: Architecture, devices: int) -> list[int]:
    if not arch.experts:
        return [1]
    most = min(arch.experts.count, LARGEST_EXPERT_SPLIT)
    return [e for e in _powers(most) if arch.experts.count % e == 0 and devices % e == 0]


def _parts(layers: int, stages: int, micro_batches: int) -> list[int]:
    if stages == 1 or layers % stages or micro_batches % stages:
        return [1]
    return [v for v in divisors(layers // stages) if v <= MOST_PARTS]


def _recomputations(base: Layout) -> tuple[Recomputation, ...]:
    # Selective recomputation spares the square of scores, which a flash kernel never stores.
    return ("none", "full") if base.flash else ("none", "selective", "full")


def _layouts(base: Layout, recomputation: Recomputation, splits: NDArray[np.int64]) -> Layout:
    arrays: dict[str, Any] = dict(zip(SPLITS, splits, strict=True))
    return replace(base, recomputation=recomputation, **arrays)


def _fastest(
    arch: Architecture,
    base: Layout,
    recomputation: Recomputation,
    splits: NDArray[np.int64],
    needed: NDArray[np.float64],
    cluster: Cluster,
    coefficients: Mapping[str, float],
    shown: int,
) -> list[Planned]:
    steps = step_seconds(arch, _layouts(base, recomputation, splits), cluster, coefficients)
    total = np.broadcast_to(steps.total, needed.shape)
    chosen: dict[tuple[int, ...], Planned] = {}
    # Of equally fast layouts the one with fewer splits comes first in the order of candidates.
    for at in np.argsort(total, kind="stable"):
        t, c, p, data, e, b, m, v, zero = (int(number) for number in splits[:, at])
        if (t, c, p, e, zero) not in chosen:
            layout = replace(base, recomputation=recomputation, tensor=t, context=c, pipeline=p, data=data, expert=e,
                             micro_batch=b, micro_batches=m, virtual_stages=v, zero_stage=zero)  # fmt: skip
            chosen[t, c, p, e, zero] = Planned(layout, _one(steps, at), float(needed[at]))
        if len(chosen) == shown:
            break
    return list(chosen.values())


def _one(steps: StepTime, at: int) -> StepTime:
    """One entry of a step of arrays."""
    values = {f.name: np.asarray(getattr(steps, f.name)) for f in fields(StepTime)}
    return StepTime(**{name: float(value[at] if value.ndim else value) for name, value in values.items()})
