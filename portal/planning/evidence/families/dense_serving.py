"""Time per output token of dense models under load, at a fixed number of requests at once.

Rows are measured runs of ai-dynamo/aiconfigurator's comparison data (runs of InferenceX and of NVIDIA; Apache-2.0),
one replica each, medians of a run. Left out is one row whose throughput would need 87 % of the peak in matrix products
alone. The other rows of that source (Llama 3.1 8B) with outputs of 100 tokens are doubtful for the same reason, as if
prompts had been cached: they are scored, never fitted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.tables import Row
from portal.planning.compute import engines
from portal.planning.compute.parameters import count
from portal.planning.compute.roofline import Load, Work, load, loaded_seconds
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near
from portal.planning.evidence.shapes import shape

SOURCE = "ai-dynamo/aiconfigurator, silicon comparison data"
MILLI = 1e-3
DOUBTFUL = "llama-3.1-8b"

PRIORS: Mapping[str, Prior] = {
    **{
        f"weight_bandwidth_{bits}": Prior(
            expected=expected, share=True, meaning=f"share of the bandwidth at which {bits}-bit weights are read"
        )
        for bits, expected in ((16, 0.8), (8, 0.75), (4, 0.6))
    },
    **{
        f"compute_{bits}": Prior(
            expected=expected, share=True, meaning=f"share of the {bits}-bit peak that matrix products reach"
        )
        for bits, expected in ((16, 0.65), (8, 0.55), (4, 0.4))
    },
    "attention_compute": Prior(
        expected=0.4, share=True, meaning="share of the 16-bit peak that attention of prompts reaches"
    ),
    "cache_bandwidth": Prior(
        expected=0.7, share=True, meaning="share of the bandwidth at which key-value caches are read"
    ),
    "link_bandwidth": Prior(expected=0.5, share=True, meaning="share of the link bandwidth that all-reduces reach"),
    "layer_seconds": Prior(expected=25e-6, spread=0.4, meaning="seconds a layer for starting kernels"),
    "reduce_seconds": Prior(expected=8e-6, meaning="seconds that an all-reduce waits"),
    "request_seconds": Prior(expected=1e-5, spread=1.0, meaning="seconds a step for each sequence of the batch"),
    "step_seconds": Prior(expected=1e-3, spread=0.7, meaning="seconds a step for scheduling and sampling"),
    "stalled_trtllm": Prior(
        expected=0.9, spread=0.8, share=True, meaning="TensorRT-LLM: share of the work for prompts between tokens"
    ),
    "stalled_vllm": Prior(
        expected=0.9, spread=0.8, share=True, meaning="vLLM: share of the work for prompts between tokens"
    ),
    "stalled_sglang": Prior(expected=0.5, share=True, meaning="SGLang: share of the work for prompts between tokens"),
    "layers_vllm": Prior(expected=1.1, spread=0.2, meaning="vLLM: factor on seconds a layer and an all-reduce"),
    "layers_sglang": Prior(expected=1.0, spread=0.2, meaning="SGLang: factor on seconds a layer and an all-reduce"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    under: Load
    precision: str
    engine: str
    expert_layers: int
    ideal: float  # seconds: weights and caches at full bandwidth, prompts at full peak


def read(path: Path | None = None) -> tuple[Case, ...]:
    """The published runs, or those of a table in the same columns."""
    return tuple(built(row) for row in rows("dense_serving", path)) if path else _published()


@cache
def _published() -> tuple[Case, ...]:
    return tuple(built(row) for row in rows("dense_serving"))


def rows(name: str, path: Path | None = None) -> list[Row]:
    """Of a table of this package, or of another in the same columns."""
    text = (path or files(evidence) / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    return [Row(cells) for cells in csv.DictReader(StringIO(text, newline=""), strict=True)]


def measured(table: str = "dense_serving") -> dict[str, tuple[str, float]]:
    """Model and seconds by key of the cases that are fitted, without building those."""
    return {
        row.text("run"): (row.text("model"), row.number("token_ms") * MILLI)
        for row in rows(table)
        if row.text("model") != DOUBTFUL
    }


def built(row: Row) -> Case:
    """A run of one replica."""
    known, device = shape(row.text("model")), ACCELERATORS[row.text("device")]
    precision, engine, tensor = row.text("precision"), row.text("engine"), row.count("tensor")
    prompt, output, requests = row.count("prompt"), row.count("output"), row.count("concurrency")
    model = known.served(engines.weight_bytes(precision))
    batch = min(requests, max(float(engines.sequences_held(model, device, tensor, prompt + output / 2)), 1.0))
    under = load(model, engines.node(device, precision, tensor), batch=batch, prompt=prompt, output=output)
    return Case(
        key=row.text("run"),
        model=row.text("model"),
        label=f"{known.name}, {tensor} × {device.name}, {engine}, {precision}, {requests} at once, {prompt}/{output}",
        hardware=device.name,
        parameters=count(known.arch).total,
        measured=row.number("token_ms") * MILLI,
        source=f"{SOURCE}: {row.text('run')}",
        as_of=row.text("as_of"),
        inputs=Inputs(
            under=under, precision=precision, engine=engine, expert_layers=known.arch.expert_layers, ideal=_ideal(under)
        ),
        shown={
            "Engine": engine,
            "Precision": precision,
            "Devices": tensor,
            "Requests at once": requests,
            "Prompt, tokens": prompt,
            "Output, tokens": output,
        },
        fitted=row.text("model") != DOUBTFUL,
    )


def _ideal(under: Load) -> float:
    prompts = under.prompts * (under.prompt.multiply + under.prompt.attend)
    return float(max(under.step.read, under.step.multiply) + under.step.cache + prompts)


def stacked(loads: Sequence[Load]) -> Load:
    """Loads as one of arrays."""
    return Load(
        step=_stacked_work([one.step for one in loads]),
        prompt=_stacked_work([one.prompt for one in loads]),
        prompts=np.array([one.prompts for one in loads], dtype=float),
    )


def _stacked_work(works: Sequence[Work]) -> Work:
    return Work(**{part.name: np.array([getattr(one, part.name) for one in works], float) for part in fields(Work)})


def shares_of(kinds: Sequence[tuple[str, str]], coefficients: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Shares of each (precision, engine), as arrays."""
    known = {
        kind: engines.engine_shares(coefficients, precision=kind[0], engine=kind[1]) for kind in dict.fromkeys(kinds)
    }
    names = next(iter(known.values()))
    return {name: np.array([known[kind][name] for kind in kinds], dtype=float) for name in names}


def predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """Seconds per output token, shape (cases,)."""
    return _predicting(cases)(coefficients)


def _predicting(cases: Sequence[Case]) -> Any:
    under = stacked([case.inputs.under for case in cases])
    kinds = [(case.inputs.precision, case.inputs.engine) for case in cases]

    def seconds(coefficients: Mapping[str, float]) -> NDArray[np.float64]:
        shares = shares_of(kinds, coefficients)
        return np.asarray(loaded_seconds(under, shares, shares["stalled"]), dtype=float)

    return seconds


def fit(cases: Sequence[Case]) -> Coefficients:
    return fit_near(PRIORS, _predicting(cases), [case.measured for case in cases])


def rule(fitted_on: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    """The roofline at full speed, times one fitted factor."""
    factor = np.median([case.measured / case.inputs.ideal for case in fitted_on])
    return np.array([case.inputs.ideal * factor for case in predicted])


FAMILIES = (
    Family(
        slug="dense-serving",
        title="Time per output token under load, dense models",
        summary="Median time between two tokens of one replica that serves a fixed number of requests at once, from "
        "shape, precision, device, split and lengths: reading weights and caches, computing the prompts that come in "
        "meanwhile, exchange between devices, and overheads a layer, a step and a request.",
        unit="s",
        read=read,
        fit=fit,
        predict=predict,
        meanings={name: prior.meaning for name, prior in PRIORS.items()},
        wanted_median=0.20,
        rule=rule,
        rule_name="roofline with one fitted constant",
        order=60,
    ),
)
