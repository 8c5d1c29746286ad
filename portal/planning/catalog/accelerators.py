"""Accelerators: memory, bandwidth, dense peaks, power.

Peaks are dense figures; marketing sheets print twice as much for sparse matrices. ``bf16`` stands for 16 bits: on
V100 and T4 that is FP16.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.planning.catalog.edits import Live, Table
from portal.planning.catalog.tables import Row

MOST = 1e6  # of any figure, in its unit
YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    key: str
    name: str
    vendor: str
    year: int
    memory_gb: float  # as sold
    memory_gib: float  # as software sees it where that was read, else what was sold, in units of 2^30 bytes
    bandwidth_gbs: float
    bf16_tflops: float
    fp8_tflops: float | None
    fp32_tflops: float | None
    design_power_w: float
    interconnect: str
    link_gbs: float  # both directions together
    source: str
    as_of: date
    note: str

    def peak_tflops(self, precision: str) -> float | None:
        """Dense peak at a training precision; None where the device has none or it is not known."""
        return {"bf16": self.bf16_tflops, "fp16": self.bf16_tflops, "pure_bf16": self.bf16_tflops,
                "fp8": self.fp8_tflops, "fp32": self.fp32_tflops}[precision]  # fmt: skip


def _build(row: Row) -> Accelerator:
    memory_gb = row.number("memory_gb", MOST)
    year = row.count("year")
    if year not in YEARS:
        raise ValueError(f"year is {year}, wanted one from {YEARS[0]} to {YEARS[-1]}")
    return Accelerator(
        key=row.key("key"),
        name=row.text("name"),
        vendor=row.text("vendor"),
        year=year,
        memory_gb=memory_gb,
        memory_gib=row.known("memory_gib", MOST) or memory_gb * 1e9 / 2**30,
        bandwidth_gbs=row.number("bandwidth_gbs", MOST),
        bf16_tflops=row.number("bf16_tflops", MOST),
        fp8_tflops=row.known("fp8_tflops", MOST),
        fp32_tflops=row.known("fp32_tflops", MOST),
        design_power_w=row.number("design_power_w", MOST),
        interconnect=row.text("interconnect"),
        link_gbs=row.number("link_gbs", MOST),
        source=row.text("source"),
        as_of=row.month(),
        note=row.cells["note"],
    )


TABLE = Table("accelerators", _build, key=("key",))
ACCELERATORS = Live(lambda: {device.key: device for device in TABLE}, TABLE)
PACKAGED = TABLE.packaged
"""What coefficients were fitted on: the rows of the file, whatever was edited."""


def is_known(key: str) -> bool:
    """Whether other tables may name this device: their packaged rows also name those that an edit has taken out."""
    return key in PACKAGED or key in ACCELERATORS
