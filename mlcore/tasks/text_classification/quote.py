"""What a training run will take, before it runs. Standard library only, so that a page can ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlcore.tasks.text_classification.sizes import VOCAB, shape
from mlcore.tasks.text_classification.spec import TrainInputs
from mlcore.train.pace import budgeted, evaluate_every

STARTER = Path(__file__).parent / "starter"
NAMES = {"transformer": "model", "classic": "classic"}  # of the starter models' files
_PREPARING_SECONDS = 10.0  # vocabulary, texts, the device's peak and the last evaluation, on two processor cores
_TRAINING_SHARE, _VALIDATION_SHARE = 0.81, 0.09  # of the texts, as mlcore.data.labelled splits them
_UPLOADED_TEXTS = 5_000  # assumed of a table that has not been read yet: what the shipped one holds


def estimate(inputs: TrainInputs, *, device: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Parameters, tokens, FLOPs, seconds and dollars of a run.

    ``device`` may hold ``achieved_flops`` (FLOP/s) and ``classifier.kind`` of an earlier run there, ``usd_per_hour``
    and ``watts``. A measurement counts for networks of its own kind only, since the classic network spends its time
    on everything but products. Without one the starter model's training is taken, and ``basis`` says so: "measured"
    or "reference".
    """
    device = device or {}
    config = shape(inputs.kind, inputs.size, vocab=VOCAB, length=inputs.length, classes=2)
    training, validation = _texts(inputs)
    steps = num_steps(inputs.epochs, training, inputs.batch)
    texts = steps * inputs.batch
    flops = texts * config.training_flops_per_text()
    measured = device.get("achieved_flops") if device.get("classifier.kind") == inputs.kind else None
    evaluations = -(-steps // evaluate_every(steps))
    # A text forward is a third of one forward and back.
    share = evaluations * validation / 3 / texts
    speed = measured or reference(inputs.kind)["achieved_flops"]
    seconds = flops / speed * (1 + share) + _PREPARING_SECONDS
    return {
        "parameters": config.parameters(),
        "tokens": texts * inputs.length,
        "flops": flops,
        **budgeted(seconds, inputs, device),
        "basis": "measured" if measured else "reference",
    }


def num_steps(epochs: int, texts: int, batch: int) -> int:
    """Updates of the weights in which every text is read ``epochs`` times."""
    return max(1, -(-epochs * texts // batch))


@cache
def reference(kind: str) -> Mapping[str, Any]:
    """The facts of a starter model's training: where it ran and how fast."""
    return json.loads((STARTER / f"{NAMES[kind]}.json").read_text(encoding="utf-8"))["facts"]


def _texts(inputs: TrainInputs) -> tuple[int, int]:
    """Of training and of validation."""
    if inputs.data == "shipped":
        facts = reference(inputs.kind)
        return facts["texts"], facts["validation_texts"]
    return int(_UPLOADED_TEXTS * _TRAINING_SHARE), int(_UPLOADED_TEXTS * _VALIDATION_SHARE)
