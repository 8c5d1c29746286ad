"""Seconds of a training step, from what its devices do and how much of each speed they reach.

    step_seconds(arch, layout, cluster, coefficients).total

Device and host work at the same time: a layer takes as long as the slower of the two, the device with its products,
memory traffic and messages, or the host that starts them. Small layers wait for the host. Pipelines add their bubble,
gradients what does not hide behind the backward pass. Which coefficients there are, and what they mean, says
``MEANINGS``; ``evidence.steps`` fits them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.flops import model_per_token
from portal.planning.compute.layout import Layout
from portal.planning.compute.work import Amount, StepWork, step_work

Coefficients = Mapping[str, float]

# How sharply the slower of device and host decides: at 3 the whole takes a quarter longer than each where they tie.
SHARPNESS = 3
GENERATION = "efficiency_"  # before the name of a generation

MEANINGS: Mapping[str, str] = {
    "efficiency": "Share of the dense peak that large matrix products reach; mean over generations of devices",
    "untuned": "Share of that efficiency which software reaches that the vendor of the device has not tuned",
    "eight_bit": "Share of that efficiency which products at 8 bits keep",
    "grouped": "Share of that efficiency which products of experts reach",
    "attention": "Share of that efficiency which scores and weighted sums reach",
    "operands": "Times that operands and results of matrix products pass through memory",
    "traffic": "Times that everything else passes through memory, over the least that it must",
    "link": "Share of a node's link bandwidth that messages reach",
    "network": "Share of the network bandwidth that messages reach",
    "host_ms": "Milliseconds in which the host starts one layer, forward and backward",
    "wait_us": "Microseconds that the host spends on each round of messages a layer waits for",
    "fused_host": "Share of the host's time that a stack with fused attention takes",
    "fused_wait": "Share of the messages of layers that such a stack waits for; the rest hides behind products",
    "exposed": "Share of the messages of gradients and sharded weights that is not hidden",
    "fixed_ms": "Milliseconds of every step, whatever the model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """Seconds of a step by part; their sum is the whole."""

    compute: Amount  # products, attention and memory traffic
    communication: Amount  # of tensor, context and expert split
    host: Amount  # devices waiting for the host
    bubble: Amount
    transfer: Amount  # between pipeline stages
    data: Amount  # gradients and sharded weights, as far as they do not hide
    optimizer: Amount
    fixed: Amount

    @property
    def total(self) -> Amount:
        parts = self.compute + self.communication + self.host + self.bubble
        return parts + self.transfer + self.data + self.optimizer + self.fixed


def step_seconds(arch: Architecture, layout: Layout, cluster: Cluster, coefficients: Coefficients) -> StepTime:
    """Of one step; arrays where the layout has arrays.

    Args:
        coefficients: of ``MEANINGS``, and ``efficiency_<generation>`` where it is known.

    Raises:
        ValueError: a precision that the device lacks.
    """
    return seconds(step_work(arch, layout, cluster), coefficients, efficiency(coefficients, [cluster.generation])[0])


def efficiency(coefficients: Coefficients, generations: Sequence[str]) -> Amount:
    """Share of the peak that large products reach on each generation; the mean of all where it was never fitted."""
    mean = coefficients["efficiency"]
    return np.array([coefficients.get(GENERATION + name, mean) for name in generations])


def seconds(work: StepWork, coefficients: Coefficients, reached: Amount) -> StepTime:
    """From the work of one step or many.

    Args:
        reached: share of the peak that large products reach on the devices of each.
    """
    c = coefficients
    reached = reached * np.where(work.tuned > 0, 1.0, c["untuned"])
    of_layers = reached * np.where(work.eight_bit > 0, c["eight_bit"], 1.0)
    compute = (work.products + work.grouped / c["grouped"]) / of_layers + work.attention / (reached * c["attention"])
    compute = compute + work.operands * c["operands"] + work.traffic * c["traffic"]
    head = work.head / reached + work.head_operands * c["operands"] + work.head_traffic * c["traffic"]
    modern = work.fused > 0
    communication = work.link / c["link"] + work.network / c["network"]
    communication = communication * np.where(modern, c["fused_wait"], 1.0)
    device = compute + communication
    started = work.layers * c["host_ms"] * 1e-3 + work.collectives * c["wait_us"] * 1e-6
    started = started * np.where(modern, c["fused_host"], 1.0)
    layers = (device**SHARPNESS + started**SHARPNESS) ** (1 / SHARPNESS)
    working = layers + head
    sent = work.data / c["link"] + work.data_network / c["network"]
    hidden = np.minimum((1 - c["exposed"]) * sent, working / work.rounds)
    return StepTime(
        compute=compute + head,
        communication=communication,
        host=layers - device,
        bubble=layers * work.bubble,
        transfer=work.transfer / c["link"] + work.transfer_network / c["network"],
        data=sent - hidden,
        optimizer=work.optimizer * c["traffic"],
        fixed=c["fixed_ms"] * 1e-3 + 0 * working,
    )


def model_utilisation(arch: Architecture, layout: Layout, cluster: Cluster, step: Amount) -> Amount:
    """Model FLOPs utilisation of a step of so many seconds, on the dense 16-bit peak.

    Counts the full square of scores and nothing that is recomputed (PaLM, arXiv 2204.02311, appendix B).
    """
    flops = model_per_token(arch, layout.sequence, causal=False) * layout.sequence * layout.global_batch
    return flops / (step * layout.devices * cluster.peak_tflops * 1e12)
