"""What every training declares alike: the limits of a run as inputs, its course and its device as results.

Standard library only, for the declarations of tasks. ``Outcome.course`` of the loop gives the values of ``COURSE``.
"""

from __future__ import annotations

from typing import Any

from mlcore.spec import integer, number
from mlcore.task import Result

# fmt: off
COURSE = {
    "steps": Result(label="Steps", kind="number"),
    "best_step": Result(label="Best step", kind="number", help="The model is the one of this step."),
    "stopped_by": Result(
        label="Ended by", kind="text",
        words={
            "steps": "The last step",
            "early stopping": "No improvement any more",
            "budget": "The budget",
        }),
    "seconds": Result(label="Training time", kind="number", unit="seconds"),
    "usd": Result(label="Cost", kind="number", unit="USD", help="Training time at the price of the device."),
}
DEVICE = {
    "device": Result(label="Device", kind="text"),
    "device_peak_tflops": Result(
        label="Measured peak", kind="number", unit="TFLOP/s", quantity="device_peak_tflops",
        help="The fastest square matrix product in the precision of training."),
    "device_bandwidth_gbs": Result(
        label="Measured memory bandwidth", kind="number", unit="GB/s", quantity="device_bandwidth_gbs",
        help="Of copying within the memory of the device, reading and writing counted."),
    "usd_per_device_hour": Result(
        label="Price of the device", kind="number", unit="USD/hour", quantity="usd_per_device_hour",
        help="As the operator stated it."),
    "device_power": Result(
        label="Power of the device", kind="number", unit="W", quantity="device_power",
        help="Nominal, as the operator stated it."),
}


def patience(default: int) -> Any:
    return integer(
        "Patience", default=default, low=0, high=100, fixed=True, group="Training",
        help="Evaluations without improvement after which training stops; 0 never stops for this reason.")


def budget_minutes() -> Any:
    return number(
        "Time budget", default=15, low=0.05, high=10_000, fixed=True, unit="minutes", group="Budget",
        help="Training stops here and keeps the best model so far. Preparing and the last evaluation come on top.")


def budget_usd() -> Any:
    return number(
        "Money budget", default=1, low=0.0001, high=100_000, fixed=True, unit="USD", group="Budget",
        help="The same limit in dollars, at the price of the device that does the work.")
# fmt: on
