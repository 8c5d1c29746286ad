"""Peak memory of training, measured on one node of eight B200, with and without pipeline, context and expert splits.

Models cut to a few layers, Megatron-LM with its distributed optimizer (ZeRO stage 1), 32-bit gradients, no
recomputation, no dropout. Rows that differ in the number of micro-batches alone have the same peak and stand once.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import CLOSED_FORM, GIB, fullest_device
from portal.planning.compute.parameters import count
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near

PRIORS = {
    "logits": Prior(
        expected=6.0, meaning="Bytes of logits, loss and their gradient, for each token and entry of the vocabulary"
    ),
    "workspace": Prior(
        expected=2.0,
        meaning="Bytes of gradients before they are added to the others, for each parameter of the largest layer",
    ),
}
NOISE = 0.03  # log error of a layout that is nothing unusual


@dataclass(frozen=True, slots=True)
class Node:
    architecture: Architecture
    layout: Layout


def read(path: Path | None = None) -> list[Case]:
    table = path or files(evidence) / "tables" / "training_memory.csv"
    text = table.read_text(encoding="utf-8")
    return [_case(Row(cells)) for cells in csv.DictReader(StringIO(text, newline=""), strict=True)]


def _case(row: Row) -> Case:
    model = MODELS[row.text("architecture")]
    arch = replace(model.architecture, layers=row.count("layers"))
    if arch.experts:
        arch = replace(arch, experts=replace(arch.experts, dense_layers=row.count("dense_layers")))
    splits = ("sequence", "tensor", "context", "pipeline", "data", "expert", "micro_batches")
    sizes: dict[str, Any] = {name: row.count(name) for name in splits}
    layout = Layout(**sizes, zero_stage=1, wide_gradients=True)
    return Case(
        key=row.text("key"),
        model=model.key,
        label=f"{model.name}, {arch.layers} layers",
        hardware=f"{layout.devices} × B200",
        parameters=float(count(arch).total),
        measured=row.number("peak_gib"),
        source=row.text("source"),
        as_of=row.text("as_of"),
        inputs=Node(arch, layout),
        shown={
            "layers": arch.layers,
            "sequence": layout.sequence,
            "tensor split": layout.tensor,
            "context split": layout.context,
            "pipeline split": layout.pipeline,
            "expert split": layout.expert,
            "replicas": layout.data,
        },
        rivals={"SimuMax": row.number("simumax_gib")},
    )


def predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """GiB on the fullest device."""
    nodes: list[Node] = [case.inputs for case in cases]
    return np.array([fullest_device(node.architecture, node.layout, coefficients).total / GIB for node in nodes])


def fit(cases: Sequence[Case]) -> Coefficients:
    return fit_near(PRIORS, lambda named: predict(cases, named), [case.measured for case in cases], noise=NOISE)


def _closed_form(_: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    return predict(predicted, CLOSED_FORM)


FAMILIES = (
    Family(
        slug="training-memory",
        title="Training memory",
        summary="Peak allocated memory of the fullest device while a model trains, from its shape and layout: weights, "
        "gradients and optimizer states counted exactly, activations tensor by tensor, two fitted coefficients.",
        unit="GiB",
        read=read,
        fit=fit,
        predict=predict,
        meanings={name: prior.meaning for name, prior in PRIORS.items()},
        wanted_median=0.15,
        rule=_closed_form,
        rule_name="Closed form: logits and their gradient in 32 bits, no working space",
        order=40,
    ),
)
