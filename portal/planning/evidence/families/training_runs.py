"""Training runs from start to end: the device-hours that passed or were charged, restarts and evaluation included.

The runs are those of the catalogue (``catalog.runs``). What is known before a run is all that is used: shape or number
of parameters, tokens, devices and their number, precision, attention kernel, the year, and which hours are meant. A
step of the usual layout gives the utilisation that the run would reach if nothing went wrong; published runs follow it
only in part, for reasons that their papers do not give.

Some 60 forms were compared by cross-validation: slopes by model, devices, length, year and kind of device, the fastest
layout instead of the usual one, Gaussian processes over like runs, and other losses. Once hours were told apart by how
they were counted, none came further than this one beyond chance. Dropped: effects of size, year, days, mixtures, more
than a thousand devices, and of the generation of devices beyond what the step says of it. With the form chosen anew
without each model, of five, 69% lie within 25% and half within 16%.

Projections from measured throughput (Narayanan et al. 2021, table 2) are no runs: ``training-throughput`` has them.
Runs whose hours rest on an assumption are scored, never fitted.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.planning.catalog.clusters import cluster_of
from portal.planning.catalog.runs import RUNS, Counted, PublishedRun, build
from portal.planning.catalog.tables import checked
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.flops import TRAINING
from portal.planning.compute.step import step_seconds
from portal.planning.compute.usual import usual_run, usual_shape
from portal.planning.evidence.coefficients import fitted
from portal.planning.evidence.families import training_throughput as throughput
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near

SEQUENCE = 2048  # where a run does not give it
SAME = {"Llama 3 70B": "Llama 3.1 70B"}  # one model, trained twice
FUSED_SINCE = date(2023, 1, 1)  # FlashAttention (arXiv 2205.14135) in common software for GPUs
FEW = 16  # devices: one or two nodes
USUAL_DAYS, USUAL_UTILISATION = 30, 0.4  # a run whose number of devices is not given is taken to end in a month
REFERENCE = 0.4  # utilisation of the step about which coefficients are stated
COUNTED = {"calendar": "from start to end", "used": "as used", "steps": "of steps alone"}
ASSUMED = "assumed"  # in the note of a run whose hours nobody published

PRIORS = {
    "level": Prior(
        expected=0.3, spread=1.0,
        meaning="Share of the dense 16-bit peak that a run reaches from start to end whose step would reach 40% of it",
    ),
    "follows": Prior(
        expected=0.5, spread=0.7,
        meaning="By how much of the difference between steps whole runs differ; 0 not at all, 1 alike",
    ),
    "few": Prior(expected=1.3, spread=0.7, meaning="Times as high as that on at most 16 devices; less on some more"),
    "unfused": Prior(
        expected=0.8, spread=0.3,
        meaning="Times as high on GPUs where attention is not fused, as usual before 2023, beyond what the step says",
    ),
    "used": Prior(
        expected=1.15, spread=0.2,
        meaning="Times as high over the hours that devices were used than over those from start to end",
    ),
    "steps": Prior(
        expected=1.2, spread=0.2,
        meaning="Times as high over the hours of the steps alone than over those from start to end",
    ),
}  # fmt: skip
RUN_ERROR = 0.1  # log error of a run that is nothing unusual; many lie further off, and count by their size


@dataclass(frozen=True, slots=True)
class Planned:
    """A run as it could be planned: hours at the peak, and what the step of its usual layout would reach."""

    run: PublishedRun
    ideal_hours: float  # device-hours of the model's FLOPs at the dense 16-bit peak
    reached: float  # model FLOPs utilisation of the step
    devices: int
    fused: bool

    @property
    def rule_hours(self) -> float:
        """Device-hours of 6 N D at that peak."""
        return self.ideal_hours * TRAINING * self.run.active_parameters * self.run.tokens / self.run.flops(causal=True)


def usual_utilisation(
    reached: float, devices: int, coefficients: Coefficients, *, fused: bool = True, counted: Counted = "calendar"
) -> float:
    """Share of the dense 16-bit peak that whole runs reach whose step reaches ``reached`` of it.

    Args:
        counted: the hours that are meant; what a run takes from start to end by default.
    """
    c = coefficients
    # Fades so that more devices are never slower together than two nodes.
    few = max(1.0, c["few"] * min(1.0, FEW / devices))
    factors = few * (1 if fused else c["unfused"]) * {"calendar": 1, **c}[counted]
    return float(c["level"] * (reached / REFERENCE) ** c["follows"] * factors)


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
        inputs=planned(run, fitted("training-throughput")),
        shown={
            "active parameters": run.active_parameters,
            "tokens": run.tokens,
            "devices": run.devices or "not given",
            "precision": run.precision,
            "hours counted": COUNTED[run.counted],
        },
        fitted=ASSUMED not in run.note,
    )  # fmt: skip


def planned(run: PublishedRun, of_steps: Coefficients) -> Planned:
    """What can be said of a run beforehand, by coefficients of ``training-throughput``."""
    device = run.accelerator
    ideal = run.flops(causal=True) / (device.bf16_tflops * 1e12 * 3600)
    devices = run.devices or _usual_devices(ideal)
    arch = _shape(run)
    sequence = run.sequence or SEQUENCE
    cluster = cluster_of(device)
    # A TPU's compiler always fused.
    fused = cluster.generation == "tpu" or (run.as_of >= FUSED_SINCE if run.fused is None else run.fused)
    layout = usual_run(arch, cluster, device.memory_gib * 2**30, devices, sequence, fused=fused)
    layout = replace(layout, precision=run.precision)
    step = step_seconds(arch, layout, cluster, of_steps).total
    of_step = run.flops(causal=True) / run.tokens * sequence * layout.global_batch / layout.devices
    return Planned(
        run=run,
        ideal_hours=ideal,
        reached=float(of_step / step / device.bf16_tflops / 1e12),
        devices=devices,
        fused=fused,
    )


def _shape(run: PublishedRun) -> Architecture:
    return run.shape.architecture if run.shape else usual_shape(run.active_parameters)


def _usual_devices(ideal_hours: float) -> int:
    wanted = ideal_hours / USUAL_UTILISATION / 24 / USUAL_DAYS
    return max(8, 2 ** round(float(np.log2(wanted))))


def unseen(cases: Sequence[Case]) -> list[Case]:
    """The same runs, planned by steps that were fitted without throughputs of models of their widths."""
    return [
        replace(case, inputs=planned(case.inputs.run, _steps_without(_widths(_shape(case.inputs.run)))))
        for case in cases
    ]  # fmt: skip


@cache
def _steps_without(widths: tuple[int, ...]) -> Coefficients:
    measured = throughput.read()
    others = [case for case in measured if _widths(case.inputs.arch) != widths]
    return fitted("training-throughput") if len(others) == len(measured) else throughput.fit(others)


def _widths(arch: Architecture) -> tuple[int, ...]:
    """What models cut to a few layers have in common with the whole."""
    return arch.hidden, arch.heads, arch.kv_heads, arch.ffn


def _fit(cases: Sequence[Case]) -> Coefficients:
    hours = [case.measured for case in cases]
    return fit_near(PRIORS, lambda named: _predict(cases, named), hours, noise=RUN_ERROR)


def _predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    plans: list[Planned] = [case.inputs for case in cases]
    return np.array([
        plan.ideal_hours / usual_utilisation(
            plan.reached, plan.devices, coefficients, fused=plan.fused, counted=plan.run.counted
        )
        for plan in plans
    ])  # fmt: skip


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
            "before: size, tokens, devices, precision, year, and which hours are meant. Utilisation is not given. 75% "
            "within 25% is out of reach of these: what is left goes with who trains, and hardly with size, year or "
            "kind of device. Of 28 runs of Apple, EleutherAI, Meta and NVIDIA 24 lie within 25%, of nine of Microsoft "
            "three: a model of 3.8 billion parameters took 512 H100 ten days for 3.4 trillion tokens (phi-3.5-mini), "
            "and ten days for 4.9 trillion (Phi-3 mini). With all runs of an organisation left out, 66% lie within 25% "
            "and half within 19%."
        ),
        unit="device-hours",
        read=read,
        fit=_fit,
        predict=_predict,
        unseen=unseen,
        meanings={name: prior.meaning for name, prior in PRIORS.items()},
        wanted_median=0.15,
        wanted_within_quarter=0.75,
        rule=_rule,
        rule_name="6 N D at one utilisation",
        order=30,
    ),
)
