"""Facts beside the estimate: devices of the catalogue on which the same fine-tune would run, and the published runs
most like it."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot, log2
from typing import Any

from portal.planning.calculator import Table
from portal.planning.catalog.accelerators import ACCELERATORS, Accelerator
from portal.planning.catalog.prices import market
from portal.planning.evidence.coefficients import predictions
from portal.planning.evidence.family import Case
from portal.planning.finetuning.calculation import changed, compute, memory, tuning
from portal.planning.finetuning.evidence import cases
from portal.planning.finetuning.inputs import QUANTISING
from portal.planning.finetuning.refusals import refuse
from portal.planning.training.inputs import TYPED

NEAREST = 6
KIND = "on_demand"

DEVICES_TITLE = "The same fine-tune on devices of the catalogue"
DEVICES_NOTE = (
    "As many devices as chosen, predicted times and the middle of on-demand offers, at the middle of every range. Only "
    "devices on which it fits, smallest memory first."
)
DEVICE_COLUMNS = (
    ("Device", ""), ("Memory", "GiB"), ("Needed", "GiB"), ("Hours of a run", "hours"), ("Price", "USD/hour"),
    ("Cost of one run", "USD"),
)  # fmt: skip
LEVERS_TITLE = "What each lever would change"
LEVERS_NOTE = "One change at a time, at the middle of every range. Only changes that this fine-tune permits."
LEVER_COLUMNS = (
    ("Change", ""), ("Needed", "GiB"), ("Change of memory", "GiB"), ("Hours of a run", "hours"),
    ("Change of time", "%"),
)  # fmt: skip
LEVERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Recompute layers", {"checkpointing": True}),
    ("Keep all activations", {"checkpointing": False, "offloaded_activations": False}),
    ("Offload activations", {"checkpointing": True, "offloaded_activations": True}),
    ("Compile", {"compiled": True}),
    ("Compute the loss in pieces", {"loss": "chunked"}),
    ("Micro-batch of 1", {"micro_batch": 1}),
    ("AdamW with 8-bit moments", {"optimizer": "adamw_8bit"}),
    ("Train in 16 bits throughout", {"trainable": "bf16"}),
    ("Update in backward pass", {"in_backward": True, "accumulation": 1}),
    ("Offload optimizer states", {"offload": "optimizer"}),
    ("Frozen weights as 4-bit NormalFloat", {"storage": "nf4_dq"}),
    ("LoRA instead", {"method": "lora"}),
    ("QLoRA instead", {"method": "lora", "storage": "nf4_dq"}),
    ("Twice the devices, fully sharded", {"sharding": "fsdp"}),
)

MEMORY_TITLE = "Published fine-tunes most like this one: memory"
SPEED_TITLE = "Published fine-tunes most like this one: time of a micro-batch"
RUNS_NOTE = "Predicted without having seen any run of the same model. Near means like in size, method and tokens."
RUN_COLUMNS = (
    ("Run", ""), ("Hardware", ""), ("Weights", ""), ("Sequence", "tokens"), ("Micro-batch", ""), ("Measured", "{unit}"),
    ("Predicted", "{unit}"), ("Error", "%"), ("Date", ""), ("Source", ""),
)  # fmt: skip


def tables(x: Any, results: Mapping[str, Any]) -> list[Table]:
    """Of one case: devices on which it fits, and the nearest measurements of memory and time."""
    fitting = _device_rows(x)
    devices = Table(title=DEVICES_TITLE, note=DEVICES_NOTE, columns=DEVICE_COLUMNS, rows=fitting)
    levers = _lever_rows(x, results)
    words = tuple(label for label, _ in LEVERS)
    changes = Table(title=LEVERS_TITLE, note=LEVERS_NOTE, columns=LEVER_COLUMNS, rows=levers, words=words)
    return [
        *([changes] if levers else []),
        *([devices] if fitting else []),
        Table(title=MEMORY_TITLE, note=RUNS_NOTE, columns=_columns("GB"), rows=_runs(x, results, "finetune-memory")),
        Table(title=SPEED_TITLE, note=RUNS_NOTE, columns=_columns("seconds"), rows=_runs(x, results, "finetune-speed")),
    ]


def _columns(unit: str) -> tuple[tuple[str, str], ...]:
    return tuple((label, unit if of == "{unit}" else of) for label, of in RUN_COLUMNS)


# Levers


def _lever_rows(x: Any, results: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    rows = []
    for label, fields in LEVERS:
        more = {"devices": 2 * x.devices} if "sharding" in fields else {}
        tried = changed(x, **fields, **more)
        if vars(tried) == vars(x) or refuse(tried) or not _applies(x, fields):
            continue
        found = compute(tried)
        memory_now, hours = float(found["memory"]), float(found["hours"])
        rows.append((label, memory_now, memory_now - results["memory"], hours, hours / results["hours"] - 1))
    return tuple(rows)


def _applies(x: Any, fields: Mapping[str, Any]) -> bool:
    """LoRA instead of LoRA is no change, and a speed that is typed holds for the present settings alone."""
    return x.speed_basis == "predicted" and not (x.method == "lora" and "method" in fields)


# Devices


def fitting_devices(x: Any) -> list[Accelerator]:
    """Devices of the catalogue that compute at the precision used and have room, smallest memory first."""
    plan = tuning(x)
    needed = float(memory(x, plan)["memory"])
    able = [
        row
        for row in ACCELERATORS.values()
        if row.peak_tflops(plan.compute) and row.memory_gib >= needed
        and (row.vendor in QUANTISING or not plan.quantised)
    ]  # fmt: skip
    return sorted(able, key=lambda row: (row.memory_gib, row.bf16_tflops))


def smallest_device(x: Any) -> Accelerator | None:
    """The device with least memory on which it fits; None if there is none."""
    return next(iter(fitting_devices(x)), None)


def _device_rows(x: Any) -> tuple[tuple[Any, ...], ...]:
    rows: list[tuple[Any, ...]] = []
    for device in fitting_devices(x):
        priced = bool(market(device.key, KIND))
        # A device without an offer still has its hours; an hour at no price is not shown.
        found = compute(
            changed(
                x,
                accelerator=device.key,
                speed_basis=x.speed_basis if x.accelerator == device.key else "predicted",
                price_basis=KIND if priced else TYPED,
                market_position=0.5,
                usd_per_device_hour=0.0,
            )
        )
        money = [float(found[name]) if priced else "" for name in ("price_of_device_hour", "run_cost")]
        rows.append((device.name, device.memory_gib, float(found["memory"]), float(found["hours"]), *money))
    return tuple(rows)


# Published runs


def _runs(x: Any, results: Mapping[str, Any], slug: str) -> tuple[tuple[Any, ...], ...]:
    said = predictions()[slug]
    rows = []
    for case in nearest(x, results, slug, NEAREST):
        plan, predicted = case.inputs.tuning, said[case.key].predicted
        rows.append(
            (case.label, case.hardware, case.shown["Stored as"], plan.sequence, plan.micro_batch, case.measured,
             predicted, predicted / case.measured - 1, case.as_of, case.source)
        )  # fmt: skip
    return tuple(rows)


def nearest(x: Any, results: Mapping[str, Any], slug: str, number: int) -> list[Case]:
    """Measurements nearest by the ratios of size and tokens of a micro-batch; another method, precision of the weights
    or choice to recompute counts as far as a factor of two."""
    plan = tuning(x)

    def distance(case: Case) -> float:
        other = case.inputs.tuning
        unlike = (other.method == "full") != (plan.method == "full"), other.quantised != plan.quantised, (
            other.checkpointing != plan.checkpointing)  # fmt: skip
        ratios = case.parameters / results["parameters"], other.tokens / plan.tokens
        return hypot(*(log2(ratio) for ratio in ratios), *unlike)

    known = [case for case in cases(slug) if case.key in predictions()[slug]]
    return sorted(known, key=distance)[:number]
