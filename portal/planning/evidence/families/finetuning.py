"""Fine-tuning runs: peak memory of a device, and seconds of a micro-batch.

Where a source does not state something, the table has what its code or configuration has (ranks, targets, what is
recomputed), else the physically possible one of two, with a note. Alpaca samples of litgpt are taken as 130 tokens,
and as 300 and 760 for the longest of two and four together with their padding.

The form of each model was chosen by physics; of nine forms of the time model (what counts as traffic, how sharply work
and latency meet, priors, the reach of each device) and three of the memory model, those kept are within a point of the
lowest cross-validated median. What they miss most: 8B rows of torchtune on RTX 4090 and A6000, whose stated speeds are
85% to 96% of the devices' peaks, and full fine-tunes of Qwen 1.8B, for which DeepSpeed keeps and does more.

Left out: the unpacked baseline of torchtune (its lengths are not stated); a full fine-tune of Phi-3 on 24 GB (8 bytes
a parameter, which AdamW takes at least, are 31 GB); speeds of ms-swift (of samples whose mean length after the cut is
not stated), and models there whose attention stores its scores; speeds of litgpt's configurations (evaluation is in
their time); two servers with a network that is not stated; LLaMA-Adapter; and second reports of the same run.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.compute.architecture import Architecture, Biases
from portal.planning.compute.parameters import count
from portal.planning.evidence import tables
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near
from portal.planning.finetuning import memory, speed
from portal.planning.finetuning.tuning import TARGETS, Tuning

GB = 1e9
Predict = Callable[[Sequence[Case], Coefficients], NDArray[np.float64]]
LETTERS = {target[0]: target for target in TARGETS}
OFFLOADS = {"offload_optimizer": "optimizer", "offload_all": "all"}
LEVERS = (
    "in_backward", "offloaded_activations", "quantised_head", "low_rank_head", "whole_embedding", "wide_rest",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A row as the models of memory and speed need it."""

    tuning: Tuning
    device: speed.Device
    held: Any  # columns of ``memory``
    spent: Any  # columns of ``speed``


def _rows(name: str, path: Path | None = None) -> list[dict[str, str]]:
    """Of a table of this package, or of another in the same columns."""
    text = (path or files(tables.__name__) / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


@cache
def architectures() -> dict[str, tuple[str, Architecture]]:
    """Names and shapes of the models that were fine-tuned, those of the catalogue among them."""
    found = {key: (model.name, model.architecture) for key, model in MODELS.items()}
    for row in _rows("finetuning_models"):
        whole: dict[str, Any] = {
            name: int(row[name])
            for name in ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocabulary", "norm_vectors")
        }
        arch = Architecture(
            **whole, gated=row["gated"] == "yes", tied=row["tied"] == "yes", biases=cast(Biases, row["biases"])
        )
        found[row["key"]] = (row["name"], arch)
    return found


def _tuning(row: dict[str, str]) -> Tuning:
    levers, arch = row["levers"].split(), architectures()[row["model"]][1]
    offload = next((OFFLOADS[lever] for lever in levers if lever in OFFLOADS), "none")
    chosen: Any = {lever: lever in levers for lever in LEVERS}
    return Tuning(
        arch=replace(arch, tied=False) if "untied" in levers else arch,
        method=cast(Any, row["method"]),
        storage=cast(Any, row["storage"]),
        rank=int(row["rank"]),
        targets=frozenset(LETTERS[letter] for letter in row["targets"]),
        sequence=int(row["sequence"]),
        micro_batch=int(row["micro_batch"]),
        accumulation=int(row["accumulation"]),
        devices=int(row["devices"]),
        sharding=cast(Any, row["sharding"]),
        checkpointing=row["checkpointing"] == "yes",
        compiled=row["compiled"] == "yes",
        loss=cast(Any, row["loss"]),
        optimizer=cast(Any, row["optimizer"]),
        trainable=cast(Any, row["trainable"]),
        compute="fp8" if "fp8" in levers else "bf16",
        fused="unfused" not in levers,
        dropout="no_dropout" not in levers,
        offload=cast(Any, offload),
        **chosen,
    )


def _read(column: str, scale: float, path: Path | None = None) -> list[Case]:
    return [_case(row, float(row[column]) * scale) for row in _rows("finetuning", path) if row[column]]


def _case(row: dict[str, str], measured: float) -> Case:
    name, arch = architectures()[row["model"]]
    tuning = _tuning(row)
    tokens = float(row["tokens"]) if row["tokens"] else None
    device = speed.catalogued(ACCELERATORS[row["device"]], tuning.compute)
    hardware = ACCELERATORS[row["device"]].name
    return Case(
        key=row["key"],
        model=row["model"],
        label=f"{name.partition(' (')[0]}, {METHODS[row['method']]}",
        hardware=f"{tuning.devices} × {hardware}" if tuning.devices > 1 else hardware,
        parameters=float(count(arch).total),
        measured=measured,
        source=row["source"],
        as_of=row["as_of"],
        inputs=Run(
            tuning=tuning,
            device=device,
            held=memory.as_row(tuning, reserved=row["gauge"] == "reserved"),
            spent=speed.as_row(tuning, device, tokens),
        ),
        shown={
            "Method": METHODS[row["method"]],
            "Stored as": row["storage"],
            "Sequence length": tuning.sequence,
            "Micro-batch": tuning.micro_batch,
            "Recomputation": row["checkpointing"],
        },
    )


METHODS = {"full": "full fine-tune", "lora": "LoRA"}


# Memory

MEMORY_PRIORS = {
    "eager": Prior(expected=1.1, least=0.7, most=3.0, spread=0.3),
    "compiled": Prior(expected=0.9, least=0.5, most=2.0, spread=0.3),
    "wide_logit": Prior(expected=14.0, least=4.0, most=24.0, spread=0.4),
    "narrow_logit": Prior(expected=8.0, least=2.0, most=16.0, spread=0.4),
    "chunked_logit": Prior(expected=3.0, least=0.5, most=8.0, spread=0.4),
    "framework": Prior(expected=0.5, least=0.05, most=4.0, spread=0.7),
    "reserved": Prior(expected=0.1, least=0.001, most=0.5, spread=0.7),
}
SPEED_PRIORS = {
    "work": Prior(expected=0.85, least=0.2, most=1.0, spread=0.3),
    "work_fp8": Prior(expected=0.7, least=0.1, most=1.0, spread=0.3),
    "split": Prior(expected=0.85, least=0.3, most=1.0, spread=0.3),
    "eager": Prior(expected=2.0, least=0.2, most=20.0, spread=0.7),
    "compiled": Prior(expected=2.0, least=0.1, most=20.0, spread=0.7),
    "unpacking": Prior(expected=0.25, least=0.01, most=1.0, spread=0.7),
    "unpacking_int": Prior(expected=0.15, least=0.01, most=1.0, spread=0.7),
    "latency": Prior(expected=1.5e-3, least=1e-4, most=1e-2, spread=0.7),
    "gather": Prior(expected=0.4, least=0.02, most=1.0, spread=0.7),
}
NOISE = 0.1  # log error of a row that is nothing unusual


def _fit(cases: Sequence[Case], priors: Mapping[str, Prior], predict: Predict) -> Coefficients:
    """Every model counts the same, however many rows it has."""
    models = [case.model for case in cases]
    weights = [len(models) / len(set(models)) / models.count(model) for model in models]
    return fit_near(
        priors, lambda named: predict(cases, named), [case.measured for case in cases], noise=NOISE, weights=weights
    )


def predict_memory(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    rows = np.array([case.inputs.held for case in cases])
    return np.asarray(memory.combine(rows, coefficients) / GB, dtype=np.float64)


def predict_seconds(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    rows = np.array([case.inputs.spent for case in cases])
    return np.asarray(speed.combine(rows, coefficients), dtype=np.float64)


# Rules of thumb

# GB for a billion parameters of the model, as LLaMA-Factory's README has it.
RULE = {"full": {"bf16": 8.0, "wide": 18.0}, "lora": {"bf16": 2.0, "int8": 1.0, "nf4": 0.5, "nf4_dq": 0.5, "int4": 0.5}}


def rule_memory(fitted: Sequence[Case], cases: Sequence[Case]) -> NDArray[np.float64]:
    """Bytes a parameter by method and precision, over the devices that share them."""
    plans = [case.inputs.tuning for case in cases]
    bytes_each = [RULE["full"][p.trainable] if p.method == "full" else RULE["lora"][p.storage] for p in plans]
    return np.array(bytes_each) * [case.parameters / GB / p.shards for case, p in zip(cases, plans, strict=True)]


def rule_seconds(fitted: Sequence[Case], cases: Sequence[Case]) -> NDArray[np.float64]:
    """6 N D for a full fine-tune and 4 N D for adapters, at the median utilisation of the cases that it may see."""
    reached = np.median(_at_peak(fitted) / [case.measured for case in fitted])
    return _at_peak(cases) / reached


def _at_peak(cases: Sequence[Case]) -> NDArray[np.float64]:
    def seconds(case: Case) -> float:
        plan = case.inputs.tuning
        together = plan.devices if plan.sharding == "split" else 1
        flops = (6 if plan.method == "full" else 4) * case.parameters * plan.tokens
        return float(flops / case.inputs.device.peak / together)

    return np.array([seconds(case) for case in cases])


FAMILIES = (
    Family(
        slug="finetune-memory",
        title="Fine-tuning: peak memory",
        summary="Peak memory of the fullest device in full fine-tunes, LoRA and QLoRA, from what each method keeps.",
        unit="GB",
        read=lambda path=None: _read("gigabytes", 1.0, path),
        fit=lambda cases: _fit(cases, MEMORY_PRIORS, predict_memory),
        predict=predict_memory,
        meanings=memory.MEANINGS,
        wanted_median=0.15,
        rule=rule_memory,
        rule_name="Bytes a parameter (LLaMA-Factory)",
        order=40,
    ),
    Family(
        slug="finetune-speed",
        title="Fine-tuning: time",
        summary="Seconds of a micro-batch in full fine-tunes, LoRA and QLoRA, from work, traffic and latency.",
        unit="seconds",
        read=lambda path=None: _read("seconds", 1.0, path),
        fit=lambda cases: _fit(cases, SPEED_PRIORS, predict_seconds),
        predict=predict_seconds,
        meanings=speed.MEANINGS,
        wanted_median=0.15,
        rule=rule_seconds,
        rule_name="6 N D and 4 N D at one utilisation",
        order=41,
    ),
)
