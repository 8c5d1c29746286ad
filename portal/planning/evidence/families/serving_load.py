"""Mean latencies of vLLM 0.15 under steady rates of requests, by models, devices and splits.

The requests are made by inference-perf from a shared prefix and questions that come again and again, so that all of a
prompt but its last block is cached after the first minute; a run has one rate of requests after another, and each
stage of a rate is a case. Its "all stages" figures are the means of the same requests, and the sets of the first 300
requests a part of them with an empty cache: the same runs, so neither is a case. LLMServingSim published predictions
of those first 300 alone and is therefore not compared here.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.tables import Row
from portal.planning.compute.parameters import count
from portal.planning.compute.roofline import WEIGHT_BYTES, Node
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near
from portal.planning.evidence.shapes import shape
from portal.planning.serving.steady import (
    MEANINGS,
    Step,
    batch_seconds,
    decoding,
    first_token_seconds,
    steady_batch,
    whole_seconds,
)

Metric = Literal["between", "end", "first"]
METRICS: tuple[Metric, ...] = get_args(Metric)

_COMPUTED = 8.0  # tokens of a prompt that are not cached: half a block of 16 in the mean
_MOST = 256  # sequences at once, assumed: not published, and it binds only where a server cannot follow
_RIVALS = {
    "BLIS trained physics": "blis_trained_physics",
    "BLIS evolved": "blis_evolved",
    "BLIS roofline": "blis_roofline",
    "AIConfigurator": "aiconfigurator_estimate",
    "llm-optimizer": "llm_optimizer_estimate",
    "Vidur": "vidur",
}
# What single kernels reach in published measurements, and round numbers for the rest.
_EXPECTED = {
    "weight_bandwidth": 0.75,
    "cache_bandwidth": 0.75,
    "compute": 0.75,
    "link_bandwidth": 0.6,
    "layer_seconds": 30e-6,
    "reduce_seconds": 8e-6,
    "request_seconds": 5e-6,
    "ingest_seconds": 8e-3,
    "waited_steps": 2.5,
    "written": 0.98,
}
_SHARES = ("weight_bandwidth", "cache_bandwidth", "compute", "link_bandwidth", "written")
PRIORS = {
    name: Prior(expected=value, meaning=MEANINGS[name], share=name in _SHARES) for name, value in _EXPECTED.items()
}
NOISE = 0.05  # log error of a run that is nothing unusual


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A stage of a run. What was measured is here too, as one fit serves all three means; predictions do not use it."""

    step: Step
    rate: float  # requests a second
    answer: float  # tokens
    measured: dict[Metric, float]  # seconds


def read(metric: Metric, path: Path | None = None) -> list[Case]:
    """The published stages, or those of a table in the same columns."""
    table = path or files(evidence) / "tables" / "serving_load.csv"
    text = table.read_text(encoding="utf-8")
    return [_case(Row(cells), metric) for cells in csv.DictReader(StringIO(text, newline=""), strict=True)]


def _case(row: Row, metric: Metric) -> Case:
    known, precision, tensor = shape(row.text("model")), row.text("precision"), row.count("tensor")
    device = ACCELERATORS[row.text("device")]
    peak = device.peak_tflops(precision)
    if peak is None:
        raise ValueError(f"{row.text('key')}: {device.name} has no peak at {precision}")
    prompt, answer = row.number("prompt"), row.number("answer")
    node = Node(
        peak=peak * 1e12,
        wide_peak=device.bf16_tflops * 1e12,
        bandwidth=device.bandwidth_gbs * 1e9,
        link=device.link_gbs / 2 * 1e9,
        tensor=tensor,
    )
    step = decoding(
        known.served(WEIGHT_BYTES[precision]),
        node,
        context=prompt + answer / 2,
        prompt_tokens=_COMPUTED / answer,
    )
    measured: dict[Metric, float] = {
        "between": row.number("between_ms") / 1e3,
        "end": row.number("end_ms") / 1e3,
        "first": row.number("first_ms") / 1e3,
    }
    columns = {name: f"{column}_{metric}_ms" for name, column in _RIVALS.items()}
    said = {name: row.known(column) for name, column in columns.items() if column in row.cells}
    return Case(
        key=row.text("key"),
        model=known.name,
        label=f"{known.name}, {row.text('workload')}, {row.text('rate')} requests/s",
        hardware=f"{tensor} × {device.name}",
        parameters=float(count(known.arch).total),
        measured=1e3 * measured[metric],
        source=row.text("source"),
        as_of=row.text("as_of"),
        inputs=Load(step=step, rate=row.number("rate"), answer=answer, measured=measured),
        shown={
            "precision": precision,
            "prompt": prompt,
            "answer": answer,
            "requests a second": row.number("rate"),
            "tokens a step may compute": row.count("batched_tokens"),
        },
        rivals={name: value for name, value in said.items() if value},
    )


def _arrays(cases: Sequence[Case]) -> tuple[Step, NDArray[np.float64], NDArray[np.float64]]:
    loads: list[Load] = [case.inputs for case in cases]
    step = Step(**{
        field.name: np.array([float(getattr(load.step, field.name)) for load in loads]) for field in fields(Step)
    })  # fmt: skip
    return step, np.array([load.rate for load in loads]), np.array([load.answer for load in loads])


def _estimate(
    step: Step, rate: NDArray[np.float64], answer: NDArray[np.float64], coefficients: Coefficients
) -> dict[Metric, NDArray[np.float64]]:
    batch = steady_batch(step, coefficients, tokens_per_second=rate * answer, most=_MOST)
    between = batch_seconds(step, coefficients, batch)
    prompt = _COMPUTED * step.multiply / (1 + _COMPUTED / answer) / coefficients["compute"]
    first = first_token_seconds(coefficients, between, prompt)
    return {"between": between, "first": first, "end": whole_seconds(coefficients, first, between, answer)}


def predict(metric: Metric, cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """Milliseconds."""
    return 1e3 * _estimate(*_arrays(cases), coefficients)[metric]


def fit(cases: Sequence[Case]) -> Coefficients:
    """One fit for the three means of every case."""
    arrays = _arrays(cases)
    measured = [case.inputs.measured[metric] for metric in METRICS for case in cases]

    def means(coefficients: Coefficients) -> NDArray[np.float64]:
        estimated = _estimate(*arrays, coefficients)
        return np.concatenate([estimated[metric] for metric in METRICS])

    return fit_near(PRIORS, means, measured, noise=NOISE)


def roofline(metric: Metric, known: Sequence[Case], cases: Sequence[Case]) -> NDArray[np.float64]:
    """Everything at full speed without overheads, times one constant: the median of measured over that."""
    ideal = {name: 0.0 if name.endswith("_seconds") else 1.0 for name in PRIORS}
    factor = np.median(np.array([case.measured for case in known]) / predict(metric, known, ideal))
    return np.asarray(factor * predict(metric, cases, ideal))


def _family(metric: Metric, slug: str, title: str, what: str, bar: float, order: int) -> Family:
    return Family(
        slug=slug,
        title=title,
        summary=(
            f"Mean {what} of vLLM under a steady rate of requests whose prompts are cached. Predicted from what a step "
            "reads, multiplies and exchanges, with the number of sequences that the rate keeps running at once."
        ),
        unit="ms",
        read=partial(read, metric),
        fit=fit,
        predict=partial(predict, metric),
        meanings=MEANINGS,
        wanted_median=bar,
        rule=partial(roofline, metric),
        rule_name="Roofline with one fitted constant",
        order=order,
    )


FAMILIES = (
    _family("between", "served-between-tokens", "Served load: between tokens", "time between tokens", 0.07, 52),
    _family("end", "served-end-to-end", "Served load: end to end", "time from request to last token", 0.08, 53),
    _family("first", "served-first-token", "Served load: first token", "time to the first token", 0.15, 54),
)
