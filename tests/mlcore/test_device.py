"""The device: chosen only when asked, and measured by products that were really computed."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from mlcore import device as device_module
from mlcore.device import Device, matmul_peak, pick


def test_importing_touches_no_gpu_and_sets_no_threads() -> None:
    """A process that has touched CUDA cannot fork a worker that uses it."""
    code = (
        "import torch; asked = []; torch.cuda.is_available = lambda: asked.append(1)\n"
        "torch.set_num_threads = lambda count: asked.append(2)\n"
        "import mlcore.device, mlcore.repro, mlcore.train.loop, mlcore.train.language, mlcore.infer.speakers\n"
        "import mlcore.tasks.text_generation.run\n"
        "assert not asked and not torch.cuda.is_initialized(), asked"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_device_of_this_machine() -> None:
    found = pick()
    assert found.kind == ("cuda" if torch.cuda.is_available() else "cpu")
    assert found.name
    assert found.memory_bytes > 2**28
    assert found.precision in (torch.float32, torch.bfloat16)
    assert found.precision_name in ("float32", "bfloat16")
    assert pick() is found


def test_threads_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert device_module._threads() == 3
    for given in ("", "0", "many", "-1"):
        monkeypatch.setenv("OMP_NUM_THREADS", given)
        assert 1 <= device_module._threads() <= (device_module.os.cpu_count() or 1)


def test_the_peak_is_measured_once_and_not_exceeded_by_small_products(
    cpu: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_module, "_TRIAL_SECONDS", 0.01)
    matmul_peak.cache_clear()
    peak = matmul_peak(cpu)
    assert 1e8 < peak < 1e14
    assert device_module._matmul_rate(cpu, 16) < peak
    monkeypatch.setattr(device_module, "_matmul_rate", lambda *_: pytest.fail("measured again"))
    assert matmul_peak(cpu) == peak
