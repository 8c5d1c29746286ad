"""Throughput of training on one to thousands of devices, from 39 models, eight kinds of NVIDIA GPU and four of TPU.

What sources print is brought to one measure, the seconds that one device takes for a million tokens. Iteration times
and tokens a second say it at once. Where only TFLOP/s are printed they are divided by the FLOPs of a token as that
source counts them: hardware FLOPs with full recomputation for Narayanan et al. (whose projections of whole runs in
table 2 are here as the throughput that they rest on), model FLOPs with the full square of scores for Megatron core 0.8
and MaxText, with half of it for Stas Bekman's long sequences. NVIDIA's printed model FLOPs agree with ours, counted
causally, to 1% for dense and to 10% for most sparse models.

Left out: products at 4 bits, for which the catalogue has no peak (8 rows), and models whose shape is not public or not
a transformer's (DeepSeek-V4 Flash, Nemotron 3 Ultra). Hybrids of Mamba and attention are taken as transformers of the
same weights. MLPerf's times to a quality are no steps: batch size changes how many tokens they take.

Where a source gives no layout, the usual one is assumed (``compute.usual``): the smallest splits that fit. Where it
says nothing else: one sequence a micro-batch, no recomputation, a distributed optimizer, steps of four million tokens.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.accelerators import Accelerator
from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture, Experts, Latent
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.flops import Recomputation, model_per_token
from portal.planning.compute.layout import Layout, Precision
from portal.planning.compute.parameters import count
from portal.planning.compute.step import MEANINGS, efficiency, seconds
from portal.planning.compute.usual import TOKENS, micro_batches, usual_layout
from portal.planning.compute.work import StepWork, stacked, step_work
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.steps import fit_step

MILLION = 1e6
# Sources in which the vendor of the device publishes its own benchmarks
VENDORS = ("NVIDIA", "Narayanan", "Korthikanti", "AI-Hypercomputer")
VTRAIN_NETWORK_GBS = 12.5  # 800 Gb/s a node (vTrain, arXiv 2312.12391, section IV)


@dataclass(frozen=True, slots=True)
class Measured:
    """One published throughput: what ran, and its work counted once."""

    arch: Architecture
    layout: Layout
    device: Accelerator
    cluster: Cluster
    work: StepWork

    @property
    def millions(self) -> float:
        """Millions of tokens of a step for each device: seconds of a step over these are what is measured."""
        return self.layout.sequence * self.layout.global_batch / self.layout.devices / MILLION


def _rows(name: str, path: Path | None = None) -> list[Row]:
    text = (path or files(evidence) / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    return [Row(cells) for cells in csv.DictReader(text.splitlines(), strict=True)]


@cache
def shapes() -> dict[str, Architecture]:
    """Shapes of measured models that the catalogue of public models does not have."""
    return {row.text("key"): _shape(row) for row in _rows("training_shapes")}


def _shape(row: Row) -> Architecture:
    experts = latent = None
    if row.count("experts"):
        experts = Experts(
            count=row.count("experts"), active=row.count("active"), ffn=row.count("expert_ffn"),
            shared=row.count("shared"), dense_layers=row.count("dense_layers"),
        )  # fmt: skip
    if row.count("kv_rank"):
        latent = Latent(
            query_rank=row.count("query_rank"), kv_rank=row.count("kv_rank"), rope_dim=row.count("rope_dim"),
            nope_dim=row.count("nope_dim"), value_dim=row.count("value_dim"),
        )  # fmt: skip
    return Architecture(
        layers=row.count("layers"), hidden=row.count("hidden"), heads=row.count("heads"),
        kv_heads=row.count("kv_heads"), head_dim=row.count("head_dim"), ffn=row.count("ffn"), gated=row.flag("gated"),
        vocabulary=row.count("vocabulary"), tied=True, experts=experts, latent=latent, window=row.count("window"),
        windowed_layers=row.count("windowed_layers"),
    )  # fmt: skip


def read(path: Path | None = None) -> list[Case]:
    """The published throughputs, or those of another table in the same columns."""
    return [_case(row) for row in _rows("training_throughput", path)]


def _case(row: Row) -> Case:
    arch = _architecture(row.text("shape"))
    device = ACCELERATORS[_one_of(row, "device", ACCELERATORS)]
    source = row.text("source")
    network = VTRAIN_NETWORK_GBS if "vTrain" in source else None
    cluster = cluster_of(device, network_gbs=network, tuned=source.startswith(VENDORS))
    layout = _layout(row, arch, device, cluster)
    return Case(
        key=row.text("key"),
        model=row.text("model"),
        label=f"{row.text('model')} on {row.count('devices')} {device.name}",
        hardware=device.name,
        parameters=float(count(arch).total),
        measured=row.number("seconds"),
        source=row.text("source"),
        as_of=row.text("as_of"),
        inputs=Measured(arch, layout, device, cluster, step_work(arch, layout, cluster)),
        shown={
            "devices": layout.devices, "sequence": layout.sequence, "batch": layout.global_batch,
            "micro-batch": layout.micro_batch, "tensor": layout.tensor, "pipeline": layout.pipeline,
            "context": layout.context, "expert": layout.expert, "precision": layout.precision,
            "recomputation": layout.recomputation, "ZeRO": layout.zero_stage,
        },
    )  # fmt: skip


def _architecture(key: str) -> Architecture:
    if key not in MODELS and key not in shapes():
        raise ValueError(f"shape is {key!r}, wanted the key of a public model or of a measured shape")
    return shapes()[key] if key in shapes() else MODELS[key].architecture


def _one_of(row: Row, name: str, known: Collection[str], usual: str = "") -> str:
    value = row.cells[name] or usual
    if value not in known:
        raise ValueError(f"{name} is {value!r}, wanted one of {', '.join(known)}")
    return value


def _layout(row: Row, arch: Architecture, device: Accelerator, cluster: Cluster) -> Layout:
    devices, sequence = row.count("devices"), row.count("sequence")
    tensor, pipeline, context = (row.count(name) or 1 for name in ("tensor", "pipeline", "context"))
    if not devices or devices % (tensor * pipeline * context):
        raise ValueError(
            f"{devices} devices cannot be split by tensor {tensor} × pipeline {pipeline} × context {context}"
        )
    layout = Layout(
        sequence=sequence,
        micro_batch=row.count("micro_batch") or 1,
        tensor=tensor,
        pipeline=pipeline,
        context=context,
        data=devices // (tensor * pipeline * context),
        expert=row.count("expert") or 1,
        virtual_stages=row.count("virtual") or 1,
        sequence_parallel=row.flag("sequence_parallel"),
        precision=cast(Precision, _one_of(row, "precision", get_args(Precision))),
        zero_stage=row.count("zero") if row.cells["zero"] else 1,
        recomputation=cast(Recomputation, _one_of(row, "recomputation", get_args(Recomputation), "none")),
        flash=row.flag("flash"),
    )
    memory = device.memory_gib * 2**30
    if not row.cells["tensor"]:
        layout = usual_layout(arch, cluster, memory, devices, layout)
    sequences = row.count("batch") or TOKENS / sequence
    return replace(layout, micro_batches=micro_batches(sequences, layout))


def fit(cases: Sequence[Case]) -> Coefficients:
    measured = np.array([case.measured * case.inputs.millions for case in cases])
    return fit_step(stacked([c.inputs.work for c in cases]), _generations(cases), measured, weights=_weights(cases))


def _weights(cases: Sequence[Case]) -> NDArray[np.float64]:
    """A model's rows together count as the root of their number: they say much the same."""
    models = [case.model for case in cases]
    return np.array([models.count(model) ** -0.5 for model in models])


def _generations(cases: Sequence[Case]) -> list[str]:
    return [case.inputs.cluster.generation for case in cases]


def predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    work = stacked([case.inputs.work for case in cases])
    step = seconds(work, coefficients, efficiency(coefficients, _generations(cases))).total
    return np.asarray(step / [case.inputs.millions for case in cases])


def _rule(fitted_on: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    """Model FLOPs over the 16-bit peak at one utilisation: the one that fits best."""
    slower = np.median([case.measured for case in fitted_on] / _at_peak(fitted_on))
    return _at_peak(predicted) * slower


def _at_peak(cases: Sequence[Case]) -> NDArray[np.float64]:
    return np.array([
        model_per_token(c.inputs.arch, c.inputs.layout.sequence, causal=True)
        * MILLION / c.inputs.cluster.matrix_peak("bf16")
        for c in cases
    ])  # fmt: skip


FAMILIES = (
    Family(
        slug="training-throughput",
        title="Training throughput, one to thousands of devices",
        summary=(
            "Seconds that one device takes for a million tokens of training: 39 models from 125 million to a trillion "
            "parameters, dense and sparse, on A100 to GB300 and TPU v4 to v6e. Predicted from shape, layout and data "
            "sheet by the same model of a step as for one node, with one efficiency for each generation of devices. "
            "Where a source leaves parts of the layout out, the usual ones are assumed. vTrain's simulator is 14.7% "
            "off in the mean on its 109 runs here, by its paper (arXiv 2312.12391)."
        ),
        unit="s",
        read=read,
        fit=fit,
        predict=predict,
        meanings={
            **MEANINGS,
            "efficiency_ampere": "Share of the dense peak that large matrix products reach on A100",
            "efficiency_hopper": "Share of the dense peak that large matrix products reach on H100 and H200",
            "efficiency_blackwell": "Share of the dense peak that large matrix products reach on B200 and GB200",
            "efficiency_blackwell_ultra": "Share of the dense peak that large matrix products reach on B300 and GB300",
            "efficiency_cdna": "Share of the dense peak that large products reach on AMD Instinct, by comparison",
            "efficiency_tpu": "Share of the dense peak that large matrix products reach on TPU",
        },
        wanted_median=0.12,
        rule=_rule,
        rule_name="6 N D and attention at one utilisation of the 16-bit peak",
        order=20,
    ),
)
