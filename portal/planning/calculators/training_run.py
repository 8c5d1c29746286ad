"""What it takes to train a transformer: time, money, memory, energy, beside published runs."""

from __future__ import annotations

from portal.planning.calculator import Calculator, Parts, Preset
from portal.planning.training.calculation import compute
from portal.planning.training.comparison import tables
from portal.planning.training.examples import EXAMPLES
from portal.planning.training.inputs import Inputs
from portal.planning.training.outputs import MEMORY_PARTS, OUTPUTS, SOURCES
from portal.planning.training.refusals import REFUSALS, refuse
from portal.planning.training.words import SAYINGS, answer, notices

PRESETS = (
    Preset(slug="llama-8b", label="Llama 3.1 8B on 256 H100", inputs={}),
    Preset(
        slug="7b-on-64-a100",
        label="7B on 64 A100",
        inputs={
            "architecture": "llama-2-7b", "tokens": 1e12, "sequence_length": 4096, "global_batch": 1024,
            "micro_batch": 2, "accelerator": "a100-80", "devices": 64, "zero_stage": "2",
        },
    ),
    Preset(
        slug="gpt2-on-one-node",
        label="GPT-2 124M on one node",
        inputs={
            "architecture": "gpt2-124m", "tokens": 10e9, "sequence_length": 1024, "global_batch": 512,
            "micro_batch": 64, "accelerator": "a100-80", "devices": 8, "zero_stage": "0", "utilisation": "45% to 60%",
            "overhead": "1 to 1.2 as uniform",
        },
    ),
    Preset(
        slug="70b",
        label="Llama 3.1 70B on 2,048 H100",
        inputs={
            "architecture": "llama-3.1-70b", "devices": 2048, "tensor_parallel": 8, "pipeline_parallel": 4,
            "virtual_stages": 5, "global_batch": 2048, "zero_stage": "1", "wide_gradients": True,
        },
    ),
    Preset(
        slug="laptop",
        label="A small model on one computer",
        inputs={
            "architecture": "custom", "layers": 6, "hidden": 384, "heads": 6, "kv_heads": 6, "ffn": 1024,
            "vocabulary": 8192, "tied": True, "tokens": 300e6, "sequence_length": 256, "global_batch": 32,
            "micro_batch": 32, "accelerator": "custom", "peak_tflops": 0.5, "device_memory": 16, "devices": 1,
            "precision": "fp32", "zero_stage": "0", "framework_memory": "0.3 to 0.8", "utilisation": "30% to 60%",
            "overhead": "1 to 1.1 as uniform", "price_basis": "typed", "usd_per_device_hour": "0.05 to 0.2",
            "device_power": 65, "pue": 1,
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="training-run",
    version=1,
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
    charts=(Parts(title="Memory of the fullest device", outputs=MEMORY_PARTS, limit="capacity"),),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=SOURCES,
)
