"""Training runs from start to end: the device-hours that were charged or passed, restarts and evaluation included.

The runs are those of the catalogue (``catalog.runs``). What is known before a run is all that is used: shape or number
of parameters, tokens, devices and their number, and the year. A step of the usual layout gives the utilisation that
the run would reach if nothing went wrong; published runs follow it only in part, for reasons that their papers do not
give: two runs of like models on the same devices differ by a factor of two.

Projections from measured throughput (Narayanan et al. 2021, table 2) are no runs: ``training-throughput`` has them.
Runs whose hours stand in the catalogue as remembered are scored, never fitted.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.planning.catalog.clusters import cluster_of
from portal.planning.catalog.runs import RUNS, PublishedRun, build
from portal.planning.catalog.tables import checked
from portal.planning.compute.calibration import damped
from portal.planning.compute.flops import TRAINING
from portal.planning.compute.step import step_seconds
from portal.planning.compute.usual import usual_run, usual_shape
from portal.planning.evidence.coefficients import fitted
from portal.planning.evidence.family import Case, Coefficients, Family

SEQUENCE = 2048  # where a run does not give it
SAME = {"Llama 3 70B": "Llama 3.1 70B"}  # one model, trained twice
FUSED_SINCE = date(2023, 1, 1)  # FlashAttention (arXiv 2205.14135) in common software for GPUs
FEW = 16  # devices: one or two nodes
USUAL_DAYS, USUAL_UTILISATION = 30, 0.4  # a run whose number of devices is not given is taken to end in a month
REFERENCE = 0.4  # utilisation of the step about which coefficients are stated

# What a coefficient is before anything is measured, and within which factor it lies most likely.
EXPECTED = {"level": (0.3, 1.0), "follows": (0.5, 0.7), "few": (1.3, 0.7), "early": (0.8, 0.7)}
RUN_ERROR = 0.2  # of a run's hours, as a share; larger errors count by their size, not their square


@dataclass(frozen=True, slots=True)
class Planned:
    """A run as it could be planned: hours at the peak, and what the step of its usual layout would reach."""

    ideal_hours: float  # device-hours of the model's FLOPs at the dense 16-bit peak
    rule_hours: float  # the same of 6 N D
    reached: float  # model FLOPs utilisation of the step
    few: bool
    early: bool


def read(path: Path | None = None) -> list[Case]:
    """The runs of the catalogue, or of another table in its columns."""
    if path is None:
        return [_case(run) for run in RUNS]
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), strict=True)
    return [_case(checked(cells, build)) for cells in rows]


def _case(run: PublishedRun) -> Case:
    return Case(
        key=run.model.lower().replace(" ", "-"),
        model=SAME.get(run.model, run.model),
        label=run.model,
        hardware=run.accelerator.name,
        parameters=run.parameters,
        measured=run.device_hours,
        source=run.source,
        as_of=f"{run.as_of:%Y-%m}",
        inputs=planned(run),
        shown={
            "active parameters": run.active_parameters,
            "tokens": run.tokens,
            "devices": run.devices or "not given",
        },
        fitted="as remembered" not in run.note,
    )


def planned(run: PublishedRun) -> Planned:
    """What can be said of a run beforehand."""
    device = run.accelerator
    peak = device.bf16_tflops * 1e12 * 3600
    ideal = run.flops(causal=True) / peak
    devices = run.devices or _usual_devices(ideal)
    arch = run.shape.architecture if run.shape else usual_shape(run.active_parameters)
    sequence = run.sequence or SEQUENCE
    cluster = cluster_of(device)
    early = run.as_of < FUSED_SINCE and cluster.generation != "tpu"  # whose compiler always fused
    layout = usual_run(arch, cluster, device.memory_gib * 2**30, devices, sequence, fused=not early)
    step = step_seconds(arch, layout, cluster, fitted("training-throughput")).total
    of_step = run.flops(causal=True) / run.tokens * sequence * layout.global_batch / layout.devices
    return Planned(
        ideal_hours=ideal,
        rule_hours=TRAINING * run.active_parameters * run.tokens / peak,
        reached=float(of_step / step / device.bf16_tflops / 1e12),
        few=devices <= FEW,
        early=early,
    )


def _usual_devices(ideal_hours: float) -> int:
    wanted = ideal_hours / USUAL_UTILISATION / 24 / USUAL_DAYS
    return max(8, 2 ** round(float(np.log2(wanted))))


def _fit(cases: Sequence[Case]) -> Coefficients:
    from scipy.optimize import least_squares

    names = list(EXPECTED)
    start = np.log([EXPECTED[name][0] for name in names])
    doubts = np.array([EXPECTED[name][1] for name in names])
    hours = np.log([case.measured for case in cases])

    def off(x: NDArray[np.float64]) -> NDArray[np.float64]:
        errors = (np.log(_predict(cases, dict(zip(names, np.exp(x), strict=True)))) - hours) / RUN_ERROR
        return np.concatenate([damped(errors), (x - start) / doubts])

    found = least_squares(off, start, x_scale=doubts)
    return dict(zip(names, np.exp(found.x).tolist(), strict=True))


def _predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    runs: list[Planned] = [case.inputs for case in cases]
    reached = np.array([run.reached for run in runs])
    utilisation = coefficients["level"] * (reached / REFERENCE) ** coefficients["follows"]
    utilisation = utilisation * np.where([run.few for run in runs], coefficients["few"], 1.0)
    utilisation = utilisation * np.where([run.early for run in runs], coefficients["early"], 1.0)
    return np.asarray([run.ideal_hours for run in runs] / utilisation)


def _rule(fitted_on: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    """6 N D over the peak at one utilisation: the one that fits best."""
    slower = np.median([case.measured / case.inputs.rule_hours for case in fitted_on])
    return np.array([case.inputs.rule_hours for case in predicted]) * slower


FAMILIES = (
    Family(
        slug="training-runs",
        title="Training runs from start to end",
        summary=(
            "Device-hours of whole published runs, restarts and evaluation included, predicted from what is known "
            "before: size, tokens, devices and year. Utilisation is not given. Runs of like models on the same devices "
            "differ by a factor of two, and nothing known before says which will be slow: half of all estimates lie "
            "within about a seventh, a quarter beyond a third."
        ),
        unit="device-hours",
        read=read,
        fit=_fit,
        predict=_predict,
        meanings={
            "level": "Share of the dense 16-bit peak that a run reaches whose step would reach 40% of it",
            "follows": "By how much of the difference between steps whole runs differ; 0 not at all, 1 alike",
            "few": "Times as high as that on at most 16 devices",
            "early": "Times as high on GPUs before 2023, when attention was not yet fused",
        },
        wanted_median=0.15,
        wanted_within_quarter=0.75,
        rule=_rule,
        rule_name="6 N D at one utilisation",
        order=30,
    ),
)
