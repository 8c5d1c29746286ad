"""What a training run will take, before it runs. Standard library only, so that a page can ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlcore.tasks.image_classification.sizes import MOST_VALIDATED, NetworkConfig, network_config
from mlcore.tasks.image_classification.spec import TrainInputs
from mlcore.train.pace import budgeted, evaluate_every

STARTER = Path(__file__).parent / "starter"
_PREPARING_SECONDS = {"digits": 10.0, "upload": 20.0, "cifar10": 30.0}  # data, the device's peak and the last measuring
_VALIDATED = {"digits": 270, "upload": MOST_VALIDATED, "cifar10": MOST_VALIDATED}
_CLASSES = 10  # where an upload has more or fewer, the last layer differs and little else


def estimate(inputs: TrainInputs, *, device: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Parameters, images, FLOPs, seconds and dollars of a run.

    ``device`` may hold ``achieved_flops`` (FLOP/s that an earlier run achieved there), ``usd_per_hour`` and ``watts``.
    Without a measurement the training of the starter model of the same network is taken, and ``basis`` says so:
    "measured" or "reference".
    """
    device = device or {}
    config = planned(inputs)
    images = inputs.steps * inputs.batch
    flops = images * config.training_flops()
    evaluations = -(-inputs.steps // evaluate_every(inputs.steps))
    forward = evaluations * _VALIDATED[inputs.data] * config.forward_flops()
    measured = device.get("achieved_flops")
    rate = float(measured or reference(config.kind)["achieved_flops"])
    seconds = (flops + forward) / rate + _PREPARING_SECONDS[inputs.data]
    return {
        "parameters": config.parameters(),
        "images": images,
        "flops": flops,
        **budgeted(seconds, inputs, device),
        "basis": "measured" if measured else "reference",
    }


def planned(inputs: TrainInputs) -> NetworkConfig:
    return network_config(inputs.model, classes=_CLASSES, digits=inputs.data == "digits")


@cache
def reference(kind: str) -> Mapping[str, Any]:
    """The facts of a starter's training: where it ran and how fast."""
    return json.loads((STARTER / kind / "model.json").read_text(encoding="utf-8"))["facts"]
