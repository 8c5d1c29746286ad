"""What it takes to fine-tune a model: trained parameters, memory, time and money, beside published runs."""

from __future__ import annotations

from portal.planning.calculator import Calculator, Parts, Preset
from portal.planning.finetuning.calculation import compute
from portal.planning.finetuning.comparison import tables
from portal.planning.finetuning.examples import EXAMPLES
from portal.planning.finetuning.inputs import Inputs
from portal.planning.finetuning.outputs import MEMORY_PARTS, OUTPUTS, SOURCES
from portal.planning.finetuning.refusals import REFUSALS, refuse
from portal.planning.finetuning.words import SAYINGS, answer, notices

PRESETS = (
    Preset(slug="lora-8b", label="LoRA of Llama 3.1 8B on one H100", inputs={}),
    Preset(
        slug="qlora-8b-at-home",
        label="QLoRA of an 8B model on one RTX 4090",
        inputs={
            "storage": "nf4_dq", "accelerator": "rtx-4090", "loss": "chunked", "micro_batch": 1, "accumulation": 8,
            "examples": 5_000,
        },
    ),
    Preset(
        slug="qlora-70b",
        label="QLoRA of a 70B model on one H100",
        inputs={
            "architecture": "llama-3.1-70b", "storage": "nf4_dq", "loss": "chunked", "micro_batch": 1,
            "accumulation": 8,
        },
    ),
    Preset(
        slug="full-8b",
        label="Full fine-tune of Llama 3.1 8B on 8 H100",
        inputs={"method": "full", "devices": 8, "examples": 100_000, "tokens_per_example": "400 to 1200"},
    ),
    Preset(
        slug="full-3b-on-one",
        label="Full fine-tune of a 3B model on one A100",
        inputs={
            "architecture": "llama-3.2-3b", "method": "full", "trainable": "bf16", "accelerator": "a100-80",
            "loss": "chunked", "accumulation": 1, "in_backward": True,
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="fine-tune",
    version=1,
    title="Fine-tuning",
    summary="Trained parameters, memory, hours and dollars of full, LoRA, QLoRA and other fine-tunes, beside published "
    "runs.",
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
