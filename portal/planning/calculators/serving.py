"""What it takes to serve a model to a load of requests within targets: devices, money, and what would save."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Axis, Calculator, Example, Fan, Lines, Parts, Preset
from portal.planning.serving.calculation import CURVE, compute
from portal.planning.serving.comparison import tables
from portal.planning.serving.inputs import Inputs
from portal.planning.serving.outputs import MEMORY_PARTS, OUTPUTS, SOURCES
from portal.planning.serving.refusals import REFUSALS, refuse
from portal.planning.serving.words import SAYINGS, answer, notices
from portal.planning.training.inputs import TYPED

PRESETS = (
    Preset(slug="8b-million-a-day", label="8B, a million requests a day", inputs={}),
    Preset(
        slug="70b-assistant",
        label="70B assistant in FP8",
        inputs={
            "architecture": "llama-3.1-70b", "precision": "fp8", "requests_per_day": "150000 to 300000",
            "prompt": "1500 to 3000", "output": "300 to 600", "cache_hits": 0.4, "first_target": 1.5,
        },
    ),
    Preset(
        slug="small-and-cheap",
        label="Small model on one L40S",
        inputs={
            "architecture": "llama-3.2-3b", "precision": "int8", "accelerator": "l40s", "split": "1",
            "requests_per_day": "20000 to 60000", "prompt": "300 to 700", "output": "100 to 250",
        },
    ),
    Preset(
        slug="measured",
        label="From a load test",
        inputs={"throughput": "measured", "measured_speed": 5_000, "split": "1", "error_basis": "typed"},
    ),
)  # fmt: skip

_BY_HAND = {
    "throughput": "measured", "measured_speed": 5_000, "split": "1", "error_basis": "typed", "requests_per_day": 1e6,
    "peak_factor": 2, "prompt": 800, "output": 300, "growth": 0, "horizon": 2, "price_basis": "typed",
    "usd_per_device_hour": 2,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs=_BY_HAND,
        expected={
            "peak_speed": 1e6 / 86_400 * 2 * 300,
            "replicas": 2,
            "devices": 2,
            "cost": 2 * 2 * 730.5,
            "requests": 30.4375e6,
            "usd_per_request": 2 * 2 * 730.5 / 30.4375e6,
            "devices_by_month": [2, 2],
            "utilisation": 1e6 / 86_400 * 300 / 10_000,
            "following_cost": 1e6 / 86_400 * 300 / 5_000 * 2 * 730.5,
        },
        source="By hand: 1M requests a day of 300 tokens, at twice the mean 6,944 tokens/s: 2 replicas of 5,000.",
    ),
    Example(
        inputs={**_BY_HAND, "spare": 1, "growth": 0.5, "horizon": 3},
        expected={"devices": 3, "devices_by_month": [3, 4, 5]},
        source="By hand: 6,944, 10,417 and 15,625 tokens/s are 2, 3 and 4 replicas of 5,000, and a spare one.",
    ),
    Example(
        inputs={"architecture": "llama-3.1-70b", "accelerator": "h200", "split": "4"},
        expected={"parameters": 70_553_706_496, "weights_memory": 2 * 70_553_706_496 / 2**30},
        source="Published parameter count, 2 bytes each.",
    ),
)


def upgrade_typed_error(stored: dict[str, Any]) -> dict[str, Any]:
    """Inputs of version 1, which had one factor for models of every kind: it counts as typed."""
    return {"error_basis": TYPED, **stored}


CALCULATOR = Calculator(
    slug="serving",
    version=2,
    title="Serving",
    summary="Devices and cost of serving a model within targets for waiting, beside published measurements.",
    family="Compute",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="cost",
    sentences=(*SAYINGS, *REFUSALS),
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"load": Axis(label="Requests at once", unit="requests", places=lambda inputs: CURVE)},
    charts=(
        Fan(output="devices_by_month", title="Devices by month"),
        Fan(output="cost_by_month", title="Cost by month"),
        Lines(title="Time between tokens by requests at once", outputs=("curve_token",), log=True),
        Lines(title="Speed of a device by requests at once", outputs=("curve_speed",)),
        Parts(title="Memory of a replica", outputs=MEMORY_PARTS, limit="memory"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=SOURCES,
    upgrade={1: upgrade_typed_error},
)
