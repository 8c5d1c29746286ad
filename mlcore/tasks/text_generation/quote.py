"""What a training run will take, before it runs. Standard library only, so that a page can ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlcore.tasks.text_generation.sizes import SIZES
from mlcore.tasks.text_generation.spec import TrainInputs
from mlcore.train.pace import budgeted, evaluation_share

STARTER = Path(__file__).parent / "starter"
_PREPARING_SECONDS = 8.0  # tokenizer, tokens and the device's peak, on two processor cores


def estimate(inputs: TrainInputs, *, device: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Parameters, tokens, FLOPs, seconds and dollars of a run.

    ``device`` may hold ``achieved_flops`` (FLOP/s that an earlier run achieved there), ``usd_per_hour`` and ``watts``.
    Without a measurement the starter model's training is taken, and ``basis`` says so: "measured" or
    "reference".
    """
    device = device or {}
    size = SIZES[inputs.size]
    config = size.config(vocab=size.vocab, context=inputs.sequence)
    tokens_per_step = inputs.batch * inputs.accumulation * inputs.sequence
    tokens = inputs.steps * tokens_per_step
    flops = tokens * config.training_flops_per_token(inputs.sequence)
    measured = device.get("achieved_flops")
    training = flops / (measured or reference()["achieved_flops"])
    seconds = training * (1 + evaluation_share(inputs.steps, tokens_per_step)) + _PREPARING_SECONDS
    return {
        "parameters": config.parameters(),
        "tokens": tokens,
        "flops": flops,
        **budgeted(seconds, inputs, device),
        "basis": "measured" if measured else "reference",
    }


@cache
def reference() -> Mapping[str, Any]:
    """The facts of the starter model's training: where it ran and how fast."""
    return json.loads((STARTER / "model.json").read_text(encoding="utf-8"))["facts"]
