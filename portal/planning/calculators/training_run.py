"""What it takes to train a transformer: time, money, memory, energy, beside published runs."""

from __future__ import annotations

from typing import Any

from mlcore.spec import Range
from portal.planning.calculator import Calculator, Parts, Preset
from portal.planning.training.calculation import compute
from portal.planning.training.comparison import tables
from portal.planning.training.examples import EXAMPLES
from portal.planning.training.inputs import TYPED, Inputs
from portal.planning.training.outputs import MEMORY_PARTS, OUTPUTS, SOURCES, STEP_PARTS
from portal.planning.training.refusals import REFUSALS, refuse
from portal.planning.training.words import SAYINGS, answer, notices
from portal.planning.uncertainty import median

PRESETS = (
    Preset(slug="llama-8b", label="Llama 3.1 8B on 256 H100", inputs={}),
    Preset(slug="8b-on-2t", label="8B on 2 trillion tokens", inputs={"tokens": 2e12}),
    Preset(
        slug="7b-on-64-a100",
        label="7B on 64 A100",
        inputs={
            "architecture": "llama-2-7b", "tokens": 1e12, "sequence_length": 4096, "global_batch": 1024,
            "accelerator": "a100-80", "devices": 64,
        },
    ),
    Preset(
        slug="gpt2-on-one-node",
        label="GPT-2 124M on one node",
        inputs={
            "architecture": "gpt2-124m", "tokens": 10e9, "sequence_length": 1024, "global_batch": 512,
            "accelerator": "a100-80", "devices": 8,
        },
    ),
    Preset(
        slug="70b",
        label="Llama 3.1 70B on 2,048 H100",
        inputs={"architecture": "llama-3.1-70b", "devices": 2048, "global_batch": 2048, "wide_gradients": True},
    ),
    Preset(
        slug="mixture",
        label="A mixture of experts on 512 H100",
        inputs={
            "architecture": "qwen3-30b-a3b", "tokens": 5e12, "sequence_length": 4096, "global_batch": 2048,
            "devices": 512,
        },
    ),
    Preset(
        slug="laptop",
        label="A small model on one computer",
        inputs={
            "architecture": "custom", "layers": 6, "hidden": 384, "heads": 6, "kv_heads": 6, "ffn": 1024,
            "vocabulary": 8192, "tied": True, "tokens": 300e6, "sequence_length": 256, "global_batch": 32,
            "accelerator": "custom", "peak_tflops": 0.5, "device_memory": 16, "devices": 1, "precision": "fp32",
            "framework_memory": 0.5, "utilisation_basis": "typed", "utilisation": "30% to 60%",
            "overhead_basis": "typed", "overhead": "1 to 1.1 as uniform", "experiments": "100% to 1000%",
            "price_basis": "typed", "usd_per_device_hour": "0.05 to 0.2", "device_power": 65, "pue": 1,
        },
    ),
)  # fmt: skip

SINGLE_SINCE_2 = ("framework_memory", "peak_tflops", "device_memory")


def typed_splits_and_speed(stored: dict[str, Any]) -> dict[str, Any]:
    """Inputs of version 1, which had no search and no prediction: layout, utilisation and overhead were typed, FP16 was
    one with BF16, and sizes of devices could be ranges.
    """
    inputs = {"layout": TYPED, "utilisation_basis": TYPED, "overhead_basis": TYPED} | stored
    for name in SINGLE_SINCE_2:
        if isinstance(inputs.get(name), dict):
            inputs[name] = median(Range(**inputs[name]))
    return inputs


CALCULATOR = Calculator(
    slug="training-run",
    version=2,
    title="Training run",
    summary="Time, cost, memory and energy of training a transformer, beside what published runs took.",
    family="Compute",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="cost",
    sentences=(*SAYINGS, *REFUSALS),
    answer=answer,
    notices=notices,
    refuse=refuse,
    charts=(
        Parts(title="Memory of the fullest device", outputs=MEMORY_PARTS, limit="capacity"),
        Parts(title="Where the time of a step goes", outputs=STEP_PARTS),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=SOURCES,
    upgrade={1: typed_splits_and_speed},
)
