"""What people usually take, where a published run does not say its own: shape, splits, batch.

Small splits first: messages of a tensor split cost more than those of replicas. A model that does not fit is cut by
tensor within a node, its experts over the devices of a node, and then into pipeline stages.
"""

from __future__ import annotations

from dataclasses import replace

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.layout import Layout
from portal.planning.compute.parameters import count

WIDEST_TENSOR = 8
# GB/s of a device's links for each TFLOP/s below which models are cut into stages rather than matrices: V100, A100,
# H100 and B200 have 0.4 to 1.2, H800 0.2, cards without NVLink less. DeepSeek-V2 and V3 split no matrix on H800 (arXiv
# 2405.04434, section 3.1.3; 2412.19437, section 3.2).
SLOW_LINKS = 0.3
WIDEST_EXPERT = 64
MOST_PARTS = 6  # that a pipeline stage is interleaved into
TOKENS = 4_000_000  # of a step, as Llama and its like were trained
LOCAL_TOKENS = 8192  # of a micro-batch on one device
# Micro-batches over pipeline stages: batches are made large enough that the bubble stays near a quarter.
ROUNDS = 4
# Share of a device's memory for weights, gradients and optimizer states; the rest is for activations.
STATES = 0.6
# Bytes a parameter that are not sharded by a distributed optimizer (ZeRO-1): 16-bit weight and 32-bit gradient.
UNSHARDED = 6
# Width over depth of published transformers, about which their quality hardly depends on it (Kaplan et al. 2020, arXiv
# 2001.08361, figure 5).
ASPECT = 128
SHARDED_UP_TO = 20e9  # parameters: smaller models are trained with sharded weights (FSDP), without splits
RECOMPUTED_FROM = 2e9  # parameters: larger models recomputed all layers before attention was fused


def usual_shape(parameters: float, vocabulary: int = 50_000) -> Architecture:
    """A dense transformer of about so many parameters, 12 L h² of them in its layers."""
    layers = max(4, round((parameters / (12 * ASPECT**2)) ** (1 / 3)))
    width = 128 if parameters > 1e8 else 64  # of a head
    hidden = max(1, round((parameters / 12 / layers) ** 0.5 / width)) * width
    return Architecture(
        layers=layers, hidden=hidden, heads=hidden // width, kv_heads=hidden // width, head_dim=width, ffn=4 * hidden,
        gated=False, vocabulary=vocabulary, tied=True,
    )  # fmt: skip


def usual_layout(arch: Architecture, cluster: Cluster, memory: float, devices: int, start: Layout) -> Layout:
    """``start`` with splits that make a model of ``arch`` fit on ``devices``, as far as its own are all 1.

    Args:
        memory: bytes of one device.
        start: what is known; with ZeRO-3 weights are sharded and nothing is split.
    """
    layout = start
    if layout.zero_stage < 3 and layout.tensor * layout.pipeline * layout.expert == 1:
        tensor, pipeline, expert = _splits(arch, cluster, memory, devices)
        layout = replace(layout, tensor=tensor, pipeline=pipeline, data=max(devices // (tensor * pipeline), expert))
        layout = replace(layout, expert=expert, virtual_stages=_parts(arch, pipeline))
    return layout


def usual_run(
    arch: Architecture, cluster: Cluster, memory: float, devices: int, sequence: int, *, fused: bool
) -> Layout:
    """How a model of ``arch`` is usually trained on ``devices``.

    Args:
        memory: bytes of one device.
        fused: attention is fused, as since 2023; before, large models recomputed all their layers.
    """
    parameters = count(arch).total
    sharded = parameters < SHARDED_UP_TO or cluster.generation == "tpu"
    start = Layout(
        sequence=sequence,
        data=devices,
        zero_stage=3 if sharded else 1,
        flash=fused,
        sequence_parallel=fused,
        recomputation="none" if fused or parameters < RECOMPUTED_FROM else "full",
    )
    layout = usual_layout(arch, cluster, memory, devices, start)
    sequences = TOKENS / sequence
    layout = replace(layout, micro_batch=max(1, min(LOCAL_TOKENS // sequence, round(sequences / layout.data))))
    least = ROUNDS * layout.pipeline if layout.pipeline > 1 else 1
    return replace(layout, micro_batches=max(micro_batches(sequences, layout), least))


def micro_batches(sequences: float, layout: Layout) -> int:
    """Micro-batches of a step that trains so many sequences."""
    return max(1, round(sequences / (layout.micro_batch * layout.data)))


def _splits(arch: Architecture, cluster: Cluster, memory: float, devices: int) -> tuple[int, int, int]:
    """Tensor, pipeline and expert split."""
    parameters = count(arch)
    dense = parameters.total - parameters.experts
    room = memory * STATES / UNSHARDED
    tensor, pipeline = 1, 1
    expert = _power_within(min(arch.experts.count, cluster.node, WIDEST_EXPERT, devices)) if arch.experts else 1
    fast = cluster.link_gbs >= SLOW_LINKS * cluster.peak_tflops
    widest = _power_within(min(WIDEST_TENSOR if fast else 1, cluster.node, devices, arch.kv_heads))
    while dense / tensor / pipeline + parameters.experts / max(expert, tensor) / pipeline > room:
        if tensor < widest and not arch.experts:
            tensor *= 2
        elif pipeline * 2 * tensor * expert <= devices and pipeline < arch.layers / 2:
            pipeline *= 2
        else:
            break
    return tensor, pipeline, expert


def _parts(arch: Architecture, pipeline: int) -> int:
    of_stage, left = divmod(arch.layers, pipeline)
    if pipeline == 1 or left:
        return 1
    return max(parts for parts in range(1, MOST_PARTS + 1) if of_stage % parts == 0)


def _power_within(most: int) -> int:
    """The largest power of two that is not more."""
    return 1 << (most.bit_length() - 1)
