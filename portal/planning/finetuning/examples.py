"""Worked cases: published counts, and measured runs that the estimates must meet within what their source allows."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example

NO_TARGETS: dict[str, Any] = {
    f"target_{name}": False for name in ("query", "key", "value", "output", "gate", "up", "down")
}
QUERIES_AND_VALUES = {**NO_TARGETS, "target_query": True, "target_value": True}
PLAIN = {"time_error": 1, "memory_error": 1, "overhead": 1, "trials": 1, "price_basis": "typed",
         "usd_per_device_hour": 2, "evaluation_share": 0, "tokens_per_example": 500}  # fmt: skip

TYPED_SPEED = {name: value for name, value in PLAIN.items() if name != "time_error"}  # which is not asked for then

EXAMPLES = (
    Example(
        inputs={**PLAIN, "architecture": "llama-2-7b", "rank": 8, **QUERIES_AND_VALUES},
        expected={"trainable_parameters": 4_194_304, "parameters": 6_738_415_616},
        source="Lightning-AI/litgpt, tutorials/resource-tables.md: rank 8 on queries and values trains 4,194,304.",
    ),
    Example(
        inputs={
            **PLAIN, "architecture": "llama-2-7b", "rank": 8, **QUERIES_AND_VALUES, "trainable": "bf16",
            "dropout": True, "compiled": False, "checkpointing": False, "loss": "narrow", "sequence_length": 1304,
            "micro_batch": 1, "accumulation": 128, "accelerator": "a100-40",
        },
        expected={"memory": 21.30e9 / 2**30, "fits": True},
        source="Lightning-AI/litgpt, tutorials/resource-tables.md: 21.30 GB on one A100 of 40 GB.",
        rtol=0.15,
    ),
    Example(
        inputs={
            **PLAIN, "architecture": "llama-3.2-3b", "method": "full", "trainable": "bf16", "sequence_length": 4096,
            "micro_batch": 2, "accumulation": 1, "loss": "chunked", "accelerator": "a100-80",
        },
        expected={"memory": 24.9, "tokens_per_second": 7210},
        source="pytorch/torchtune, README.md, optimization flags, with activation checkpointing: 24.9 GiB, 7,210 "
        "tokens/s on one A100 of 80 GB.",
        rtol=0.2,
    ),
    Example(
        inputs={
            **TYPED_SPEED, "examples": 1000, "epochs": 2, "evaluation_share": 0.1, "speed_basis": "typed",
            "tokens_per_second_typed": 1000, "micro_batch": 2, "sequence_length": 2048, "trials": 3, "padding": 0.5,
            "checkpointing": False, "method": "head",
        },
        expected={
            "training_tokens": 900_000, "evaluation_tokens": 100_000, "micro_batch_seconds": 4.096,
            "tokens_per_second": 1000, "trainable_parameters": 128_256 * 4096,
        },
        source="By hand: 900 × 500 × 2 tokens are trained on, 100 × 500 × 2 evaluated; the output projection of Llama "
        "3.1 8B is 128,256 × 4,096.",
    ),
)  # fmt: skip
