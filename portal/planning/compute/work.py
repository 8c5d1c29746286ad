"""What one device does in a training step: products, memory traffic, messages; each as the seconds at nominal speed.

Nothing here is fitted. How much of each speed is reached is known by the coefficients of ``step``. A layout of arrays
gives arrays: one entry for each layout.

Schedules: Narayanan et al. 2021 (arXiv 2104.04473, section 2.2) for pipelines; Korthikanti et al. 2022 (arXiv
2205.05198, section 4.2.2) for messages of the tensor split, four all-reduces of 2 s b h bytes a layer, or as many
bytes in reduce-scatters and all-gathers; Rajbhandari et al. 2020 (arXiv 1910.02054, section 7) for ZeRO.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.flops import windowed
from portal.planning.compute.layout import Layout
from portal.planning.compute.parameters import count

Amount = Any  # a number, or an array with one for each layout
Matrices = tuple[tuple[int, int, int], ...]  # rows, columns, and which of them the tensor split cuts: 0 rows, 1 columns

FLOPS = 2  # of a weight or a score in one pass
ELEMENT = 2  # bytes of an activation or weight at 16 bits
# Bytes that AdamW in mixed precision reads and writes a parameter: gradient, weight, master copy and two moments.
OPTIMIZER_BYTES = 30
# Bytes that the loss moves a logit: from 16 to 32 bits, largest, difference, exponential, sum, quotient, gradient, back
# to 16 bits, and into two products; fused it is read twice and written once.
LOGIT_BYTES = 80
FUSED_LOGIT_BYTES = 24
# Numbers that the parts of a layer read and write a token beside matrix products, forward, in widths of the residual
# stream: two norms (2 each) and two sums with dropout (3 each).
RESIDUAL_WIDTHS = 10
# Passes over the square of scores where it is stored: scale and mask, softmax, dropout, and both products.
SCORE_PASSES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWork:
    """Of the busiest device in one step, seconds at nominal speed unless it says a count."""

    products: Amount  # matrix products of the layers at the peak of their precision
    grouped: Amount  # those of experts, each with its own tokens
    head: Amount  # the output projection at the 16-bit peak
    attention: Amount  # scores and weighted sums at the 16-bit peak
    operands: Amount  # inputs, weights and results of the products, through memory
    traffic: Amount  # everything else that moves through memory
    head_operands: Amount  # both for the output projection and the loss
    head_traffic: Amount
    optimizer: Amount  # weights, gradients and states through memory
    layers: Amount  # count: layers run, a forward and backward pass being one
    collectives: Amount  # count: rounds of the messages that a layer waits for, log2 of the devices each
    link: Amount  # messages of tensor, context and expert split within a node
    network: Amount  # and between nodes
    transfer: Amount  # activations from one pipeline stage to the next
    transfer_network: Amount
    data: Amount  # gradients and sharded weights within a node
    data_network: Amount
    bubble: Amount  # idle time of a pipeline over its working time
    rounds: Amount  # count: messages of gradients may hide behind one such part of the working time
    eight_bit: Amount  # 1 where products run at 8 bits
    tuned: Amount  # 1 where the vendor of the device tuned the software
    fused: Amount  # 1 where a modern stack runs: attention fused, messages sent beside the products


def step_work(arch: Architecture, layout: Layout, cluster: Cluster) -> StepWork:
    """The work of one step of ``layout`` on ``cluster``.

    Raises:
        ValueError: a precision that the device lacks.
    """
    whole_memory = cluster.bandwidth_gbs * 1e9
    if layout.precision == "fp32":
        cluster = _at_32_bits(cluster)
    passes = 4 if layout.recomputation == "full" else 3  # forward, twice as much backward, forward again
    score_passes = 3 if layout.recomputation == "none" else 4
    runs = layout.micro_batches / layout.pipeline  # of all layers, by each device
    once = _layers(arch, layout)
    peak = cluster.matrix_peak(layout.precision)
    peak_outside = peak if layout.precision == "fp32" else cluster.matrix_peak("bf16")
    memory = cluster.bandwidth_gbs * 1e9
    logits = layout.local_tokens * arch.vocabulary / layout.tensor * _head_runs(arch, layout)
    head_operands = _operands(layout.local_tokens, arch.hidden, arch.vocabulary / layout.tensor)
    link, network, rounds = _messages(arch, layout, cluster, passes - 2)
    data, data_network, kept = _data(arch, layout, cluster)
    transfer = _transfer(arch, layout)
    outside = np.greater(layout.devices, cluster.node)  # stages lie in different nodes
    return StepWork(
        products=once.flops * passes * runs / peak,
        grouped=once.grouped * passes * runs / peak,
        head=FLOPS * 3 * logits * arch.hidden / peak_outside,
        attention=once.scores * score_passes * runs / peak_outside,
        operands=once.operands * passes * runs / memory,
        traffic=once.traffic * passes * runs / memory,
        head_operands=ELEMENT * 3 * head_operands * _head_runs(arch, layout) / memory,
        head_traffic=(FUSED_LOGIT_BYTES if layout.flash else LOGIT_BYTES) * logits / memory,
        optimizer=OPTIMIZER_BYTES * kept / whole_memory,
        layers=runs * arch.layers * passes / 3,
        collectives=rounds * runs * arch.layers,
        link=link * runs,
        network=network * runs,
        transfer=np.where(outside, 0.0, transfer) / (cluster.link_gbs * 1e9),
        transfer_network=np.where(outside, transfer, 0.0) / (cluster.network_gbs * 1e9),
        data=data,
        data_network=data_network,
        bubble=(layout.pipeline - 1) / (layout.virtual_stages * layout.micro_batches),
        rounds=np.where(np.equal(layout.zero_stage, 3), 1, layout.micro_batches),
        eight_bit=1.0 if layout.precision == "fp8" else 0.0,
        tuned=1.0 if cluster.tuned else 0.0,
        fused=1.0 if layout.flash else 0.0,
    )


def _at_32_bits(cluster: Cluster) -> Cluster:
    """Numbers of four bytes pass at half the rate of those of two."""
    return replace(
        cluster,
        bandwidth_gbs=cluster.bandwidth_gbs / 2,
        link_gbs=cluster.link_gbs / 2,
        network_gbs=cluster.network_gbs / 2,
    )


def stacked(works: list[StepWork]) -> StepWork:
    """Many steps in one, with an array in each field."""
    return StepWork(**{f.name: np.array([float(getattr(w, f.name)) for w in works]) for f in fields(StepWork)})


@dataclass(frozen=True, slots=True)
class _Shape:
    """Matrices of a layer, none where it has no such part."""

    attention: Matrices
    ffn: Matrices
    shared: Matrices  # experts that every token passes
    expert: Matrices
    width: int  # numbers a token that attention reads and writes beside products

    @staticmethod
    def block(matrices: Matrices) -> float:
        """Numbers a token that an activation reads and writes: what the first matrix gives, and what the last takes."""
        return matrices[0][1] + matrices[-1][0] if matrices else 0.0


@lru_cache(maxsize=256)
def _shape(arch: Architecture) -> _Shape:
    ups = arch.matrices - 1

    def block(ffn: int) -> Matrices:
        return ((arch.hidden, ups * ffn, 1), (ffn, arch.hidden, 0)) if ffn else ()

    queries = arch.heads * arch.score_dim
    if arch.latent:
        ranks = arch.latent.query_rank
        into = ((arch.hidden, ranks, 1), (ranks, queries, 1)) if ranks else ((arch.hidden, queries, 1),)
        latent = arch.latent.kv_rank + arch.latent.rope_dim
        expanded = arch.heads * (arch.latent.nope_dim + arch.latent.value_dim)
        dense = (*into, (arch.hidden, latent, 1), (arch.latent.kv_rank, expanded, 1))
        width = 2 * (queries + expanded)
    else:
        all_three = queries + 2 * arch.kv_heads * arch.head_dim
        dense = ((arch.hidden, all_three, 1),)
        width = 2 * all_three
    dense = (*dense, (arch.heads * arch.value_dim, arch.hidden, 0))
    shared = block(arch.experts.shared * arch.experts.ffn) if arch.experts else ()
    expert = block(arch.experts.ffn) if arch.experts else ()
    return _Shape(dense, block(arch.ffn), shared, expert, width)


def _matrices(matrices: Matrices, tokens: Amount, split: Amount) -> tuple[Amount, Amount]:
    """FLOPs and bytes of one forward pass of ``tokens`` through matrices of which ``split`` devices hold a part."""
    flops, moved = 0.0, 0.0
    for rows, columns, side in matrices:
        inner, outer = (rows / split, columns) if side == 0 else (rows, columns / split)
        flops = flops + FLOPS * tokens * inner * outer
        moved = moved + ELEMENT * _operands(tokens, inner, outer)
    return flops, moved


def _operands(tokens: Amount, inner: Amount, outer: Amount) -> Amount:
    return tokens * inner + inner * outer + tokens * outer


@dataclass(frozen=True, slots=True)
class _Layers:
    """All layers of the model, forward, for one micro-batch and as much of it as one device of a stage computes."""

    flops: Amount
    grouped: Amount  # FLOPs of experts
    scores: Amount  # FLOPs of scores and weighted sums
    operands: Amount  # bytes
    traffic: Amount  # bytes


def _layers(arch: Architecture, layout: Layout) -> _Layers:
    shape, tokens, t = _shape(arch), layout.local_tokens, layout.tensor
    dense_layers = arch.layers - arch.expert_layers
    flops, operands = 0.0, 0.0
    numbers = arch.layers * (shape.width / t + RESIDUAL_WIDTHS * arch.hidden / layout.replicated_split)
    for matrices, layers in (
        (shape.attention, arch.layers), (shape.ffn, dense_layers), (shape.shared, arch.expert_layers)
    ):  # fmt: skip
        of_layer = _matrices(matrices, tokens, t)
        flops, operands = flops + of_layer[0] * layers, operands + of_layer[1] * layers
        if matrices is not shape.attention:
            numbers = numbers + shape.block(matrices) / t * layers
    grouped, expert_operands, expert_numbers = _experts(arch, layout)
    keys = _keys(arch, layout)
    stored = 0.0 if layout.flash else SCORE_PASSES * arch.heads * keys
    per_key = arch.heads * (arch.score_dim + arch.value_dim)
    return _Layers(
        flops=flops,
        grouped=grouped,
        scores=FLOPS * tokens * per_key * keys / t,
        operands=operands + expert_operands,
        traffic=ELEMENT * tokens * (numbers + expert_numbers + stored / t),
    )


def _experts(arch: Architecture, layout: Layout) -> tuple[Amount, Amount, Amount]:
    """FLOPs and bytes of the experts in all layers, and numbers a token that go out to them and come back."""
    if not arch.experts:
        return 0.0, 0.0, 0.0
    shape, t = _shape(arch), layout.tensor
    cut = np.equal(layout.expert, 1)  # the tensor split cuts every expert; else each device holds some of them whole
    routed = layout.local_tokens * arch.experts.active / arch.experts.count  # tokens of one expert
    flops, operands = _matrices(shape.expert, np.where(cut, routed, routed * layout.expert / t), np.where(cut, t, 1))
    held = arch.experts.count / layout.expert * arch.expert_layers
    # Copied, gathered, weighted and summed; the router's scores besides.
    numbers = arch.experts.active * (6 * arch.hidden + shape.block(shape.expert)) + 4 * arch.experts.count
    return flops * held, operands * held, numbers / t * arch.expert_layers


def _keys(arch: Architecture, layout: Layout) -> Amount:
    """Keys that one token meets in all layers."""
    s = layout.sequence
    keys: float = (arch.layers - arch.windowed_layers) * s
    if arch.windowed_layers:
        keys = keys + arch.windowed_layers * windowed(s, arch.window)
    return keys * (0.5 if layout.flash else 1.0)  # a kernel that never stores the square leaves out what is masked


def _head_runs(arch: Architecture, layout: Layout) -> Amount:
    """Micro-batches of the output projection that come on top of the busiest stage's layers: all where stages have
    equally many layers, a stage's share where layers are left out to make room for it.
    """
    even = np.equal(np.mod(arch.layers, layout.pipeline * layout.virtual_stages), 0)
    return layout.micro_batches * np.where(even, 1.0, 1.0 / layout.pipeline)


def _transfer(arch: Architecture, layout: Layout) -> Amount:
    """Bytes that a device of a stage sends in a step, forward and backward: its part of the tensor split, which the
    receivers gather over their own links (Narayanan et al. 2021, section 4.1).
    """
    sent = 2 * ELEMENT * layout.local_tokens * arch.hidden / layout.tensor
    return np.where(np.greater(layout.pipeline, 1), sent * layout.virtual_stages * layout.micro_batches, 0.0)


def _messages(arch: Architecture, layout: Layout, cluster: Cluster, forward: int) -> tuple[Amount, Amount, Amount]:
    """Seconds of all layers for one micro-batch on links and network, and rounds that one layer waits for.

    Args:
        forward: how often the layers run forward; once, and again where all are recomputed.
    """
    t, c, e = layout.tensor, layout.context, layout.expert
    link, network = cluster.link_gbs * 1e9, cluster.network_gbs * 1e9
    tokens = layout.local_tokens
    # Two all-reduces forward, two backward, two more when the forward pass runs again; a ring sends 2 (t − 1)/t.
    tensor = 2 * (1 + forward) * 2 * (t - 1) / t * ELEMENT * tokens * arch.hidden * arch.layers
    # Keys and values go round the devices of a sequence, their gradients back.
    latent = arch.latent.kv_rank + arch.latent.rope_dim if arch.latent else 0
    keys = latent or arch.kv_heads * 2 * arch.head_dim
    context = (forward + 2) * (c - 1) * ELEMENT * tokens * keys / t * arch.layers
    outside, wide = np.where(t > cluster.node, 1.0, 0.0), np.where(t * c > cluster.node, 1.0, 0.0)
    inside_bytes = tensor * (1 - outside) + context * (1 - wide)
    # A ring that spans nodes uses the cards of all devices in a node.
    outside_bytes = (tensor * outside + context * wide) / cluster.node
    waits = 2 * (1 + forward) * np.log2(t) + (1 + forward) * np.log2(c)
    if arch.experts:
        sent = 2 * (1 + forward) * ELEMENT * tokens / t * arch.experts.active * arch.hidden * arch.expert_layers
        near = np.minimum(e, cluster.node) / e
        inside_bytes = inside_bytes + sent * (near - 1 / e)
        outside_bytes = outside_bytes + sent * (1 - near)
        waits = waits + 2 * (1 + forward) * np.log2(e) * arch.expert_layers / arch.layers
    return inside_bytes / link, outside_bytes / network, waits


def _data(arch: Architecture, layout: Layout, cluster: Cluster) -> tuple[Amount, Amount, Amount]:
    """Seconds of gradients and sharded weights on links and network, and parameters whose states a device keeps."""
    parameters = _counted(arch)
    t, c = layout.tensor, layout.context
    share = 1 / layout.pipeline
    split = np.where(np.equal(layout.expert, 1), t, layout.expert)
    ends = parameters.embedding + parameters.head
    first = np.where(np.equal(layout.pipeline, 1), ends, np.minimum(ends, parameters.embedding))
    dense = ((parameters.layers - parameters.experts) * share + first) / t
    experts = parameters.experts * share / split
    holders = layout.sharers
    expert_holders = np.maximum(t * c * layout.data / split, 1)
    # Gradients are summed and what was summed is handed out; ZeRO-3 gathers weights twice for each micro-batch.
    gradient = 4 if layout.wide_gradients else ELEMENT
    gathers = ELEMENT * np.where(np.equal(layout.zero_stage, 3), 2 * layout.micro_batches, 1) + gradient
    bytes_sent = gathers * (dense * (1 - 1 / holders) + experts * (1 - 1 / expert_holders))
    # Devices of a node that hold the same weights share its cards to the network.
    neighbours = np.clip(cluster.node / t, 1, holders)
    crosses = np.where(t * holders > cluster.node, 1.0, 0.0)
    kept = np.where(np.greater_equal(layout.zero_stage, 1), dense / holders + experts / expert_holders, dense + experts)
    return (bytes_sent * (1 - crosses) / (cluster.link_gbs * 1e9),
            bytes_sent * crosses / (cluster.network_gbs * 1e9 * neighbours), kept)  # fmt: skip


_counted = lru_cache(maxsize=256)(count)
