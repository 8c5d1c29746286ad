"""Energy of accelerators per output token of vLLM 0.11.1 at a fixed number of running requests, ML.ENERGY v3.0.

Power is that of the devices alone, without server and cooling. The leaderboard states no prompt lengths: chat and
reasoning are taken to have short ones, that of code completion is fitted. Rows of B200 hold jumps (Llama 3.1 8B from 64
to 128 requests, Qwen3 8B in reasoning, three to six times the time on H100) as if kernels were started one by one;
they are fitted and scored like all others.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.tables import Row
from portal.planning.compute import engines
from portal.planning.compute.parameters import count
from portal.planning.compute.power import step_energy
from portal.planning.compute.roofline import Work, delay_seconds, step_seconds, work
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near
from portal.planning.evidence.shapes import shape

SOURCE = "ML.ENERGY leaderboard v3.0 (ml-energy/leaderboard)"
PROMPTS = {"chat": 100, "reasoning": 250, "code": 1000}  # tokens, assumed; code is fitted as a multiple


def _share(expected: float, meaning: str, spread: float = 0.5) -> Prior:
    return Prior(expected=expected, spread=spread, share=True, meaning=meaning)


def _above_0(expected: float, meaning: str, spread: float = 0.7) -> Prior:
    return Prior(expected=expected, spread=spread, meaning=meaning)


PRIORS: Mapping[str, Prior] = {
    "weight_bandwidth_16": _share(0.8, "share of the bandwidth at which 16-bit weights are read"),
    "weight_bandwidth_8": _share(0.7, "share of the bandwidth at which 8-bit weights are read"),
    "weight_bandwidth_4": _share(0.5, "share of the bandwidth at which 4-bit weights are read"),
    "compute_16": _share(0.6, "share of the 16-bit peak that matrix products reach"),
    "compute_8": _share(0.5, "share of the 8-bit peak that matrix products reach"),
    "cache_bandwidth": _share(0.6, "share of the bandwidth at which key-value caches are read"),
    "experts_speed": _share(0.6, "speed of reading and multiplying experts over that of dense layers"),
    "link_bandwidth": _share(0.5, "share of the link bandwidth that all-reduces reach"),
    "layer_seconds": _above_0(3e-5, "seconds a layer for starting kernels", 0.4),
    "expert_layer_seconds": _above_0(3e-5, "further seconds of a layer with experts"),
    "reduce_seconds": _above_0(1e-5, "seconds that an all-reduce waits", 0.5),
    "request_seconds": _above_0(5e-5, "seconds a step for each sequence of the batch"),
    "step_seconds": _above_0(1e-3, "seconds a step for scheduling and sampling"),
    "code_prompt": _above_0(
        1.0, "thousand tokens of a prompt of code completion, which the source does not state", 1.0
    ),
    "idle": _share(0.35, "share of the design power while a step waits"),
    "reading": _share(0.4, "further share of the design power at full bandwidth"),
    "multiplying": _share(0.6, "further share of the design power at full peak"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    step: Work
    prompt: Work
    prompts: float  # that begin in a step
    code: bool
    expert_layers: int
    stored: int  # bits of a weight
    multiplied: int
    batch: float
    design_watts: float  # of all devices
    watts: float  # measured


def read(path: Path | None = None) -> tuple[Case, ...]:
    """The published runs, or those of a table in the same columns."""
    text = (path or files(evidence) / "tables" / "serving_energy.csv").read_text(encoding="utf-8")
    return tuple(_case(Row(cells)) for cells in csv.DictReader(StringIO(text, newline=""), strict=True))


def _case(row: Row) -> Case:
    known, device = shape(row.text("model")), ACCELERATORS[row.text("device")]
    precision, task = row.text("precision"), row.text("task")
    number, batch, output = row.count("devices"), row.number("batch"), row.number("output")
    model = known.served(engines.weight_bytes(precision))
    node = engines.node(device, precision, number)
    prompt = PROMPTS[task]
    parts = ("name", "device", "devices", "replicas", "experts", "precision", "task", "limit", "batch")
    return Case(
        key=" ".join(row.text(part) for part in parts),
        model=row.text("model"),
        label=f"{row.text('name')}, {number} × {device.name}, {task}, {batch:.0f} at once",
        hardware=device.name,
        parameters=count(known.arch).total,
        measured=row.number("joules"),
        source=SOURCE,
        as_of=row.text("as_of"),
        inputs=Inputs(
            step=work(model, node, batch=batch, context=prompt + output / 2),
            prompt=work(model, node, prompt_tokens=prompt),
            prompts=batch / output,
            code=task == "code",
            expert_layers=known.arch.expert_layers,
            stored=engines.FORMATS[precision].stored,
            multiplied=engines.FORMATS[precision].multiplied,
            batch=batch,
            design_watts=number * device.design_power_w,
            watts=row.number("watts"),
        ),
        shown={
            "Precision": precision,
            "Devices": number,
            "Task": task,
            "Requests at once": round(batch),
            "Output, tokens": round(output),
        },
    )


def _stacked(works: Sequence[Work]) -> Work:
    return Work(**{part.name: np.array([getattr(one, part.name) for one in works], float) for part in fields(Work)})


Both = tuple[NDArray[np.float64], NDArray[np.float64]]


def _predicting(cases: Sequence[Case]) -> Callable[[Mapping[str, float]], Both]:
    inputs = [case.inputs for case in cases]
    step, prompt = _stacked([one.step for one in inputs]), _stacked([one.prompt for one in inputs])
    prompts, batch, watts, experts, stored, multiplied, code = (
        np.array([getattr(one, name) for one in inputs])
        for name in ("prompts", "batch", "design_watts", "expert_layers", "stored", "multiplied", "code")
    )

    def both(c: Mapping[str, float]) -> Both:
        """Joules a token, and watts."""
        speed = np.where(experts > 0, c["experts_speed"], 1.0)
        shares = dict(c) | {
            "weight_bandwidth": speed * np.choose(stored // 8, [c[f"weight_bandwidth_{bits}"] for bits in (4, 8, 16)]),
            "compute": speed * np.where(multiplied == 16, c["compute_16"], c["compute_8"]),
            "attention_compute": c["compute_16"],
        }
        begun = prompts * np.where(code, c["code_prompt"], 1.0)
        seconds = step_seconds(step, shares) + experts * c["expert_layer_seconds"]
        seconds = seconds + begun * delay_seconds(prompt, shares)
        spent = step_energy(
            seconds,
            reading=step.read + step.cache,
            multiplying=step.multiply + begun * (prompt.multiply + prompt.attend),
            shares=c,
        )
        return watts * spent / batch, watts * spent / seconds

    return both


def predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """Joules per output token, shape (cases,)."""
    return _predicting(cases)(coefficients)[0]


def fit(cases: Sequence[Case]) -> Coefficients:
    """Fitted to energy and to power, which tells time and power apart."""
    both = _predicting(cases)
    measured = [case.measured for case in cases] + [case.inputs.watts for case in cases]
    return fit_near(PRIORS, lambda coefficients: np.concatenate(both(coefficients)), measured)


def rule(fitted_on: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    """Three quarters of the design power over the roofline's time, times one fitted factor."""

    def ideal(case: Case) -> float:
        done = case.inputs.step
        return float(case.inputs.design_watts * (max(done.read, done.multiply) + done.cache) / case.inputs.batch)

    factor = np.median([case.measured / ideal(case) for case in fitted_on])
    return np.array([ideal(case) * factor for case in predicted])


FAMILIES = (
    Family(
        slug="serving-energy",
        title="Energy per output token",
        summary="Joules of the accelerators per output token under load, from the time of a step and from power that "
        "rises with the share of bandwidth and peak in use.",
        unit="J",
        read=read,
        fit=fit,
        predict=predict,
        meanings={name: prior.meaning for name, prior in PRIORS.items()},
        wanted_median=0.20,
        rule=rule,
        rule_name="design power over the roofline with one fitted constant",
        order=70,
    ),
)
