"""The devices and links on which a training step runs."""

from __future__ import annotations

from dataclasses import dataclass

# Gigabytes a second between nodes, for each device and direction, where nobody says: one 400 Gb/s card a device,
# as in DGX H100 (NVIDIA data sheet).
USUAL_NETWORK_GBS = 50.0
USUAL_NODE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What a step's time depends on. Bandwidths count one direction.

    ``generation`` names the kind of chip whose efficiency is fitted together (``ampere``, ``hopper``, ...); one that
    was never fitted gets the mean of all.

    Raises:
        ValueError: a peak, bandwidth or number of devices that is not above 0.
    """

    peak_tflops: float  # of one device, dense, at 16 bits
    bandwidth_gbs: float  # of a device's memory
    link_gbs: float  # from one device to the others of its node
    network_gbs: float = USUAL_NETWORK_GBS  # from one device to other nodes
    node: int = USUAL_NODE  # devices that the fast links join
    peak_8bit_tflops: float | None = None
    peak_32bit_tflops: float | None = None
    generation: str = ""
    tuned: bool = False  # software as the device's vendor tunes it for its own published benchmarks

    def __post_init__(self) -> None:
        rates = (self.peak_tflops, self.bandwidth_gbs, self.link_gbs, self.network_gbs, self.node)
        known = [peak for peak in (self.peak_8bit_tflops, self.peak_32bit_tflops) if peak is not None]
        if min(*rates, *known) <= 0:
            raise ValueError(f"peaks, bandwidths and devices of a node are above 0, got {self}")

    def matrix_peak(self, precision: str) -> float:
        """FLOP/s at which the layers' matrices are multiplied; all 16-bit precisions have one peak.

        Raises:
            ValueError: the device has no such units, or their peak is not known.
        """
        peak = {"fp8": self.peak_8bit_tflops, "fp32": self.peak_32bit_tflops}.get(precision, self.peak_tflops)
        if peak is None:
            bits = "8-bit" if precision == "fp8" else "32-bit"
            raise ValueError(f"{precision} needs a device with a known {bits} peak: choose bf16, or another device")
        return peak * 1e12
