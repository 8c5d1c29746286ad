"""How long the search for layouts takes, and one estimate, beside llm-analysis where it is installed.

``pytest -s -m benchmark tests/benchmarks/planner.py``

The bars are 10,000 candidates in a second and an estimate in a millisecond. llm-analysis (Cheng Li, PyPI, Apache-2.0)
answers the same question for a typed layout: memory and time of a training run. Install it into an environment of its
own and give its Python in ``LLM_ANALYSIS_PYTHON``; without that the ratio is left out.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from mlcore.reading import read_inputs
from portal.planning.calculators.training_run import CALCULATOR
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import fullest_device
from portal.planning.compute.planner import Room, Task, search
from portal.planning.compute.step import step_seconds
from portal.planning.engine import evaluate, simulate
from portal.planning.evidence.coefficients import fitted

pytestmark = pytest.mark.benchmark

# The same estimate, timed inside its own process: OPT 1.3B on 8 A100, one layer of which it analyses and multiplies.
OTHER = """
import logging, time
logging.disable(logging.CRITICAL)
from llm_analysis.analysis import LLMAnalysis
from llm_analysis.config import get_model_config_by_name, get_gpu_config_by_name, get_dtype_config_by_name
from llm_analysis.config import ParallelismConfig
from llm_analysis.analysis import ActivationRecomputation, DSZeRO
model, gpu = get_model_config_by_name("facebook_opt-1.3b"), get_gpu_config_by_name("a100-sxm-80gb")
dtype = get_dtype_config_by_name("w16a16e16")
def once():
    analysis = LLMAnalysis(model, gpu, dtype, ParallelismConfig(tp_size=1, pp_size=1, dp_size=8), flops_efficiency=0.5)
    return analysis.training(batch_size_per_gpu=4, gradient_accumulation_steps=8, seq_len=2048,
                             total_num_tokens=1e11, ds_zero=DSZeRO(1))
once()
best = 1e9
for _ in range(20):
    start = time.perf_counter(); once(); best = min(best, time.perf_counter() - start)
print(best)
"""


def best_of(run: Callable[[], object], times: int) -> float:
    """Seconds of the fastest of several runs."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_planner() -> None:
    memory, speed = fitted("training-memory"), fitted("training-throughput")
    for model, device, devices, batch, sequence in (
        ("llama-3.1-8b", "h100-sxm", 256, 512, 8192),
        ("llama-3.1-405b", "h100-sxm", 16_384, 4096, 8192),
        ("mixtral-8x7b", "h100-sxm", 1024, 4096, 4096),
        ("deepseek-v3", "h800", 2048, 16_384, 4096),
        ("qwen3-235b-a22b", "h100-sxm", 4096, 16_384, 32_768),
    ):
        arch, accelerator = MODELS[model].architecture, ACCELERATORS[device]
        task = Task(base=Layout(sequence=sequence), devices=devices, global_batch=batch)
        room = Room(capacity=accelerator.memory_gib, framework=2.3, fragmentation=0.05)

        def run(arch=arch, task=task, accelerator=accelerator, room=room):
            return search(arch, task, cluster_of(accelerator), room, speed, memory)

        found, seconds = run(), best_of(run, 3)
        print(
            f"{model:<18}{devices:>7} × {device:<10}{found.candidates:>7,} candidates, {found.fitting:>6,} fit, in "
            f"{seconds * 1000:6.0f} ms: {found.candidates / seconds:>9,.0f} a second"
        )


def test_one_estimate() -> None:
    arch, cluster = MODELS["opt-6.7b"].architecture, cluster_of(ACCELERATORS["a100-80"])
    layout = Layout(sequence=2048, micro_batch=4, micro_batches=8, data=8, zero_stage=1)
    memory, speed = fitted("training-memory"), fitted("training-throughput")
    ours = best_of(lambda: (step_seconds(arch, layout, cluster, speed), fullest_device(arch, layout, memory)), 200)
    print(f"\ntime and memory of one layout: {ours * 1e3:.2f} ms")
    inputs: Any = read_inputs(CALCULATOR.inputs, {})
    resolved = evaluate(CALCULATOR, inputs).resolved
    print(f"the whole calculator, planned before: {best_of(lambda: CALCULATOR.compute(resolved), 50) * 1e3:.2f} ms")
    print(f"10,000 draws: {best_of(lambda: simulate(CALCULATOR, inputs, draws=10_000, seed=1), 5) * 1e3:.0f} ms")
    python = os.environ.get("LLM_ANALYSIS_PYTHON")
    if not python:
        print("llm-analysis: left out, LLM_ANALYSIS_PYTHON is not set")
        return
    told = subprocess.run([python, "-c", OTHER], capture_output=True, text=True, check=True)
    theirs = float(told.stdout.split()[-1])
    print(f"llm-analysis: {theirs * 1e3:.2f} ms, {theirs / ours:.1f} times ours")
