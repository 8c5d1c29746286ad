"""Accelerators as clusters are usually built of them: what joins the devices, within a node and between nodes."""

from __future__ import annotations

from typing import TypeVar

from portal.planning.catalog.accelerators import Accelerator
from portal.planning.compute.cluster import USUAL_NETWORK_GBS, USUAL_NODE, Cluster

T = TypeVar("T")

# Devices that are efficient alike, by how their keys begin.
GENERATIONS = {
    "v100": "volta", "t4": "volta",
    "a100": "ampere", "a40": "ampere", "a10": "ampere", "rtx-a": "ampere",
    "h": "hopper", "gh": "hopper", "l4": "ada", "rtx-4": "ada",
    "b": "blackwell", "gb": "blackwell", "rtx-pro": "blackwell", "b300": "blackwell_ultra", "gb300": "blackwell_ultra",
    "tpu": "tpu", "mi": "cdna", "gaudi": "gaudi", "trainium": "trainium", "ascend": "ascend",
}  # fmt: skip

# GB/s between nodes, for each device and direction: eight 200 Gb/s cards in DGX A100, eight 400 Gb/s in DGX H100 and
# B200, 800 Gb/s a device with B300 and GB300, four 100 Gb/s in DGX-1 and DGX-2 with V100 (NVIDIA data sheets); a host
# of four TPUs has 200 Gb/s (jax-ml/scaling-book).
NETWORK_GBS = {"v100": 12.5, "a100": 25.0, "b300": 100.0, "gb300": 100.0, "tpu": 6.25}

# Devices that the fast links join: GB200 and GB300 NVL72 (NVIDIA data sheets), slices of TPUs (jax-ml/scaling-book).
NODES = {"gb": 72, "tpu-v3": 1024, "tpu-v4": 4096, "tpu-v5e": 256, "tpu-v5p": 8960, "tpu-v6e": 256}


def cluster_of(
    device: Accelerator, *, network_gbs: float | None = None, node: int | None = None, tuned: bool = False
) -> Cluster:
    """A cluster of one kind of accelerator; what is not given is as such clusters are usually built."""
    link = device.link_gbs / 2
    return Cluster(
        peak_tflops=device.bf16_tflops,
        peak_8bit_tflops=device.fp8_tflops,
        peak_32bit_tflops=device.fp32_tflops,
        bandwidth_gbs=device.bandwidth_gbs,
        link_gbs=link,
        # What goes to other nodes passes the card's own link first.
        network_gbs=min(link, network_gbs or _longest(NETWORK_GBS, device.key) or USUAL_NETWORK_GBS),
        node=node or _longest(NODES, device.key) or USUAL_NODE,
        generation=_longest(GENERATIONS, device.key) or "",
        tuned=tuned,
    )


def _longest(table: dict[str, T], key: str) -> T | None:
    """The entry with the longest name with which ``key`` begins."""
    names = [name for name in table if key.startswith(name)]
    return table[max(names, key=len)] if names else None
