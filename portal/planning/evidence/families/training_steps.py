"""Steps of small GPT models on one node of eight A100, measured with Megatron by VIA-Research for vTrain (MIT licence).

Every combination of splits, micro-batch and batch that fits: 720 of them, over eight shapes. The data give neither
vocabulary nor recomputation; we take the 51,200 words of their larger models, no recomputation, and an attention that
stores the square of scores, as Megatron did in 2023. Coefficients on which nothing here depends (8 bits, experts,
network, fused kernels) stay as expected.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.flops import model_per_token
from portal.planning.compute.layout import Layout
from portal.planning.compute.parameters import count
from portal.planning.compute.step import MEANINGS, efficiency, seconds
from portal.planning.compute.work import StepWork, stacked, step_work
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.steps import fit_step

SOURCE = "VIA-Research/vTrain, data/ground_truth_single.csv"
HEADS = 16
SEQUENCE = 1024
VOCABULARY = 51_200
GENERATION = "ampere"


@dataclass(frozen=True, slots=True)
class Measured:
    """One combination, with its work counted once."""

    arch: Architecture
    layout: Layout
    work: StepWork


def _node() -> Cluster:
    device = ACCELERATORS["a100-80"]
    return Cluster(
        peak_tflops=device.bf16_tflops,
        bandwidth_gbs=device.bandwidth_gbs,
        link_gbs=device.link_gbs / 2,
        generation=GENERATION,
    )


def read(path: Path | None = None) -> list[Case]:
    """The measured steps, or those of another table in the same columns."""
    text = (path or files(evidence) / "tables" / "training_steps.csv").read_text(encoding="utf-8")
    node = _node()
    return [_case(Row(cells), node) for cells in csv.DictReader(text.splitlines(), strict=True)]


def _case(row: Row, node: Cluster) -> Case:
    hidden, layers, batch, micro_batch, tensor, pipeline, data = (row.count(name) for name in SHAPE)
    if not micro_batch * data or batch % (micro_batch * data):
        raise ValueError(f"a batch of {batch} cannot be shared by {data} replicas in micro-batches of {micro_batch}")
    arch = Architecture(
        layers=layers, hidden=hidden, heads=HEADS, kv_heads=HEADS, head_dim=hidden // HEADS, ffn=4 * hidden,
        gated=False, vocabulary=VOCABULARY, tied=True, biases="all", norm_vectors=2, positions=SEQUENCE,
    )  # fmt: skip
    layout = Layout(
        sequence=SEQUENCE, micro_batch=micro_batch, micro_batches=batch // micro_batch // data, tensor=tensor,
        pipeline=pipeline, data=data, sequence_parallel=False, precision="fp16", flash=False,
    )  # fmt: skip
    shown = {
        "hidden": hidden, "layers": layers, "batch": batch, "micro-batch": micro_batch, "tensor": tensor,
        "pipeline": pipeline, "data": data,
    }  # fmt: skip
    return Case(
        key="-".join(row.text(name) for name in SHAPE),
        model=f"{hidden}×{layers}",
        label=f"GPT {hidden}×{layers}, batch {batch} by {micro_batch}, tensor {tensor}, pipeline {pipeline}",
        hardware="NVIDIA A100 SXM 80GB",
        parameters=float(count(arch).total),
        measured=row.number("milliseconds") / 1000,
        source=SOURCE,
        as_of=row.text("as_of"),
        inputs=Measured(arch, layout, step_work(arch, layout, node)),
        shown=shown,
    )


SHAPE = ("hidden", "layers", "batch", "micro_batch", "tensor", "pipeline", "data")


def _fit(cases: Sequence[Case]) -> Coefficients:
    measured = np.array([case.measured for case in cases])
    return fit_step(stacked([case.inputs.work for case in cases]), [GENERATION] * len(cases), measured)


def _predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    reached = efficiency(coefficients, [GENERATION] * len(cases))
    return np.asarray(seconds(stacked([case.inputs.work for case in cases]), coefficients, reached).total)


def _rule(fitted_on: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    """FLOPs of the step over the peak at one utilisation: the one that fits best."""

    def at_peak(cases: Sequence[Case]) -> NDArray[np.float64]:
        peak = ACCELERATORS["a100-80"].bf16_tflops * 1e12
        return np.array([
            model_per_token(c.inputs.arch, SEQUENCE, causal=False)
            * SEQUENCE * c.inputs.layout.global_batch / c.inputs.layout.devices / peak
            for c in cases
        ])  # fmt: skip

    slower = np.median([case.measured for case in fitted_on] / at_peak(fitted_on))
    return at_peak(predicted) * slower


FAMILIES = (
    Family(
        slug="training-steps",
        title="Training steps of small models on one node",
        summary=(
            "Seconds of a training step, measured on up to eight A100 for eight GPT shapes and every split of tensor, "
            "pipeline and data. Predicted from shape and layout: products, memory traffic, messages, and the host that "
            "starts them. vTrain's simulator, for which these were measured, is 8.4% off in the mean by its paper "
            "(Bang et al., MICRO 2024); it profiles every operator on the device first."
        ),
        unit="s",
        read=read,
        fit=_fit,
        predict=_predict,
        meanings={
            **MEANINGS,
            f"efficiency_{GENERATION}": "Share of the dense peak that large matrix products reach on A100",
            "efficiency_cdna": "Share of the dense peak that large products reach on AMD Instinct, by comparison",
        },
        wanted_median=0.05,
        rule=_rule,
        rule_name="6 N D and attention at one utilisation",
        order=10,
    ),
)
