"""Published end-to-end training runs, for comparison and scoring.

Left out on purpose: the Llama 3 8B cards (their hours hold far more than one run), runs whose count of tokens is of
words, mixtures of experts given with total parameters only, fine-tunes, second reports of the same run, and what
6 N D does not describe: encoders with decoders (T5, UL2, AlexaTM), shared parameters (ALBERT), recurrent networks. And
what contradicts itself: CodeFuse 13B (arXiv 2310.06266: 40 days on 512 A100 at 56% utilisation do four times the work),
Falcon 180B (7 million hours by its announcement, 17.7 million by Epoch AI); GLM-130B gives no hours, only the 60 days
for which it had its machines.

A table without ``precision``, ``fused`` or ``counted`` is read too: those are what is usual.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar, cast, get_args

from portal.planning.catalog.accelerators import PACKAGED as DEVICES
from portal.planning.catalog.accelerators import Accelerator
from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.catalog.architectures import Model
from portal.planning.catalog.tables import Row, by_key, read
from portal.planning.compute.flops import TRAINING, model_per_token
from portal.planning.compute.parameters import count

T = TypeVar("T")
Precision = Literal["bf16", "fp16", "fp8"]
# How device-hours were counted: the devices times the time from start to end; as the authors count those that the run
# used; or from the time of a step, which leaves out all that is lost between steps.
Counted = Literal["calendar", "used", "steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRun:
    """A run as its authors report it."""

    model: str
    shape: Model | None  # None where only the parameter count is known
    parameters: float
    active_parameters: float
    sequence: int
    tokens: float
    accelerator: Accelerator
    precision: Precision  # of matrix products
    fused: bool | None  # whether attention was fused (FlashAttention and the like); None where not given
    devices: int  # 0 where not given
    device_hours: float
    counted: Counted
    mfu: float | None  # model FLOPs utilisation while running, where the authors state it
    hfu: float | None  # the same with recomputed work counted
    as_of: date
    source: str
    note: str

    def flops(self, *, causal: bool) -> float:
        """Model FLOPs of the run; 6 N D alone where the shape is not known."""
        if self.shape is None:
            return TRAINING * self.active_parameters * self.tokens
        return model_per_token(self.shape.architecture, self.sequence, causal=causal) * self.tokens

    def device_hours_at(self, utilisation: float, overhead: float, *, causal: bool) -> float:
        """Device-hours that this run takes at a utilisation of its device's dense 16-bit peak."""
        peak = self.accelerator.bf16_tflops * 1e12
        return self.flops(causal=causal) / (peak * utilisation * 3600) * overhead


def build(row: Row) -> PublishedRun:
    shape = _known("architectures", MODELS, row.text("architecture")) if row.cells["architecture"] else None
    if shape:
        sizes = count(shape.architecture)
        parameters, active = float(sizes.total), float(sizes.active)
    else:
        parameters = row.number("parameters_b") * 1e9
        active = (row.known("active_b") or row.number("parameters_b")) * 1e9
    run = PublishedRun(
        model=row.text("model"),
        shape=shape,
        parameters=parameters,
        active_parameters=active,
        sequence=row.count("sequence"),
        tokens=row.number("tokens_b") * 1e9,
        accelerator=_known("accelerators", DEVICES, row.text("accelerator")),
        precision=cast(Precision, _one_of(row, "precision", get_args(Precision), "bf16")),
        fused={"": None, "yes": True, "no": False}[_one_of(row, "fused", ("yes", "no"), "")],
        devices=row.count("devices"),
        device_hours=row.number("device_hours"),
        counted=cast(Counted, _one_of(row, "counted", get_args(Counted), _usual_count(row))),
        mfu=row.known("mfu"),
        hfu=row.known("hfu"),
        as_of=row.month(),
        source=row.text("source"),
        note=row.cells["note"],
    )
    reached = run.device_hours_at(1.0, 1.0, causal=False) / run.device_hours
    if not 0.05 < reached < 0.7:
        raise ValueError(f"{run.model} would have reached {reached:.0%} of the peak: wrong units or wrong hours")
    if run.shape and not run.sequence:
        raise ValueError("sequence is empty")
    return run


def _usual_count(row: Row) -> Counted:
    """Who gives devices mostly gives days too; who gives hours alone has counted them."""
    return "calendar" if row.count("devices") else "used"


def _one_of(row: Row, name: str, known: Collection[str], usual: str) -> str:
    value = row.cells.get(name) or usual
    if value != usual and value not in known:
        raise ValueError(f"{name} is {value!r}, wanted one of {', '.join(known)}, or nothing")
    return value


def _known(table: str, rows: Mapping[str, T], key: str) -> T:
    if key not in rows:
        raise ValueError(f"{key!r} is not among the {table}")
    return rows[key]


RUNS = tuple(by_key("runs", read("runs", build), lambda run: run.model).values())
