"""The device that work runs on, and how fast it can multiply at best.

Nothing here touches CUDA before ``pick`` is called, so a process may import this module and fork.
"""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import psutil
import torch

_TRIAL_SECONDS = 0.08
_TRIALS = 5
_COPIED_BYTES = 2**27  # more than caches hold


@dataclass(frozen=True, slots=True)
class Device:
    """``kind`` is the device class of queues: "cpu" or "cuda"; ``precision`` is what products are computed in."""

    kind: str
    name: str
    memory_bytes: int
    threads: int
    precision: torch.dtype

    @property
    def torch(self) -> torch.device:
        return torch.device(self.kind)

    @property
    def precision_name(self) -> str:
        return str(self.precision).removeprefix("torch.")

    def synchronize(self) -> None:
        """Wait until all that was started has ended; needed before reading a clock."""
        if self.kind == "cuda":
            torch.cuda.synchronize()


@cache
def pick() -> Device:
    """CUDA when there is a device, else the CPU with as many threads as this process may use."""
    # Counts devices without creating a CUDA context, which a forked child could not use.
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        precision = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
        return Device("cuda", properties.name, properties.total_memory, 0, precision)
    threads = _threads()
    torch.set_num_threads(threads)
    return Device("cpu", f"{_processor()}, {threads} threads", psutil.virtual_memory().total, threads, _cpu_precision())


@cache
def matmul_peak(device: Device) -> float:
    """FLOP/s of the fastest square matrix product in the device's precision: what utilisation is measured against.

    The best of several short trials and sizes, because other work on the machine can only make a trial slower. Takes
    about two seconds once a process.
    """
    sizes = (2048, 4096, 8192) if device.kind == "cuda" else (256, 512, 1024)
    return max(_matmul_rate(device, size) for size in sizes)


@cache
def memory_bandwidth(device: Device) -> float:
    """Bytes/s of the fastest copy within the device's memory, reading and writing counted as in STREAM (McCalpin 1995).

    Takes some tenths of a second once a process.
    """
    source = torch.ones(_COPIED_BYTES // 4, dtype=torch.float32, device=device.torch)
    target = torch.empty_like(source)
    return 2 * _COPIED_BYTES / min(_copy_seconds(device, source, target) for _ in range(_TRIALS))


def device_results(device: Device, peak: float, *, price_per_hour: float, power_watts: float) -> dict[str, Any]:
    """The results that ``mlcore.train.declared.DEVICE`` declares; ``peak`` in FLOP/s."""
    return {
        "device": device.name,
        "device_peak_tflops": peak / 1e12,
        "device_bandwidth_gbs": memory_bandwidth(device) / 1e9,
        # What nobody stated is not zero but unknown, and fills nothing.
        "usd_per_device_hour": price_per_hour or None,
        "device_power": power_watts or None,
    }


def _matmul_rate(device: Device, size: int) -> float:
    left, right = (torch.ones(size, size, dtype=device.precision, device=device.torch) for _ in range(2))
    with torch.inference_mode():
        once = _seconds(device, left, right, 2)  # the first products load kernels
        repeats = max(1, int(_TRIAL_SECONDS / max(once, 1e-6)))
        best = min(_seconds(device, left, right, repeats) for _ in range(_TRIALS))
    return 2 * size**3 / best


def _seconds(device: Device, left: torch.Tensor, right: torch.Tensor, repeats: int) -> float:
    """Seconds for one product."""
    device.synchronize()
    started = time.perf_counter()
    for _ in range(repeats):
        left @ right
    device.synchronize()
    return (time.perf_counter() - started) / repeats


def _copy_seconds(device: Device, source: torch.Tensor, target: torch.Tensor) -> float:
    device.synchronize()
    started = time.perf_counter()
    target.copy_(source)
    device.synchronize()
    return time.perf_counter() - started


def _threads() -> int:
    """``OMP_NUM_THREADS`` where it is set, else the cores that the scheduler lets this process use."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(given) if given.isdigit() and int(given) > 0 else allowed


def _cpu_precision() -> torch.dtype:
    """bfloat16 only where the processor multiplies it in hardware; emulated it is slower than float32."""
    can = torch.cpu.get_capabilities()
    return torch.bfloat16 if can.get("avx512_bf16") or can.get("amx_bf16") or can.get("bf16") else torch.float32


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
