"""Key-value pools that vLLM printed at its start, predicted from the shape of the model and the settings alone.

Where the log's pool was not published, it is what the published parts leave: utilisation × physical memory − weights −
activations − what lies outside of PyTorch. The weights there are the checkpoint's, corrected by the printed error of
the planner that counts them; with that planner's printed error of the pool the sum agrees to 0.6 % or better in every
row. Widths and parameter counts are those of the published configurations.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture, Experts
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near
from portal.planning.serving.pool import COEFFICIENTS, GIB, Engine, pool, stage_weights

# A tensor or two of each kind, and the peak in the layers as it was written down. Before 0.17 vLLM kept 2.5 times as
# much: the planner's constants for Llama and Qwen were taken from those versions.
PRIORS = {
    name: Prior(expected=expected, most=4 * expected)
    for name, expected in {
        "logit_copies": 3.0,
        "layer_copies": 1.0,
        "expert_copies": 2.0,
        "encoder_copies": 2.0,
        "before_0_17": 2.5,
        "single_other": 0.25,
        "split_other": 2.0,
    }.items()
}
NOISE_GIB = 0.1  # error of a pool that is nothing unusual


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    arch: Architecture
    engine: Engine
    weights: float  # bytes on the fullest device
    memory: float
    utilisation: float


def read(path: Path | None = None) -> list[Case]:
    """The published starts, or those of a table in the same columns."""
    text = (path or files(evidence) / "tables" / "kv_pool.csv").read_text(encoding="utf-8")
    return [_case(Row(cells)) for cells in csv.DictReader(StringIO(text, newline=""), strict=True)]


def _case(row: Row) -> Case:
    arch = _architecture(row)
    engine = Engine(
        tensor=row.count("tensor"),
        pipeline=row.count("pipeline"),
        encoder=row.flag("encoder"),
        before_0_17=tuple(int(part) for part in row.text("engine").split(".")[:2]) < (0, 17),
    )
    planner = row.known("planner_gib") if "planner_gib" in row.cells else None
    return Case(
        key=row.text("key"),
        model=row.text("model"),
        label=f"{row.text('model')}, vLLM {row.text('engine')}",
        hardware=f"{engine.tensor * engine.pipeline} × H100 80GB",
        parameters=row.number("parameters"),
        measured=row.number("pool_gib"),
        source=row.text("source"),
        as_of=row.text("as_of"),
        inputs=Server(
            arch=arch,
            engine=engine,
            weights=_weights(row, arch, engine),
            memory=row.number("memory_gib") * GIB,
            utilisation=row.number("utilisation"),
        ),
        shown={
            "tensor split": engine.tensor,
            "pipeline": engine.pipeline,
            "share of memory": row.number("utilisation"),
            "bytes a weight": row.number("weight_bytes"),
        },
        rivals={"llm-d planner": planner} if planner else {},
    )


def _architecture(row: Row) -> Architecture:
    experts = None
    if row.count("experts"):
        experts = Experts(
            count=row.count("experts"),
            active=row.count("active"),
            ffn=row.count("expert_ffn"),
            shared=row.count("shared"),
            dense_layers=row.count("dense_layers"),
        )
    return Architecture(
        layers=row.count("layers"),
        hidden=row.count("hidden"),
        heads=row.count("heads"),
        kv_heads=row.count("kv_heads"),
        head_dim=row.count("head_dim"),
        ffn=row.count("ffn"),
        gated=True,
        vocabulary=row.count("vocabulary"),
        tied=row.flag("tied"),
        experts=experts,
    )


def _weights(row: Row, arch: Architecture, engine: Engine) -> float:
    """Bytes by the published parameter count; embedding and output projection stay at 16 bits."""
    end = arch.vocabulary * arch.hidden
    ends = 1 if arch.tied else 2
    layers = (row.number("parameters") - ends * end) * row.number("weight_bytes")
    return float(stage_weights(layers, 2.0 * end, ends=ends, engine=engine))


def predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """GiB of one device; where nothing would be left, the least that could be scored."""
    pools = [
        pool(
            server.arch,
            server.engine,
            weights=server.weights,
            memory=server.memory,
            utilisation=server.utilisation,
            coefficients=coefficients,
        ).cache
        for server in (case.inputs for case in cases)
    ]
    return np.maximum(np.array(pools) / GIB, 0.01)


def fit(cases: Sequence[Case]) -> Coefficients:
    """What is off is an amount of memory: the larger the pool, the less it is of it."""
    measured = np.array([case.measured for case in cases])
    return fit_near(PRIORS, lambda named: predict(cases, named), measured, noise=NOISE_GIB / measured)


FAMILIES = (
    Family(
        slug="kv-pool",
        title="Key-value pool of a server",
        summary=(
            "Memory that vLLM leaves for the caches of its sequences, on one device. Predicted from physical memory, "
            "the share of it in use, the weights, and the largest tensors of a step of the engine's largest size."
        ),
        unit="GiB",
        read=read,
        fit=fit,
        predict=predict,
        meanings=COEFFICIENTS,
        wanted_median=0.05,
        order=60,
    ),
)
