"""Facts beside the prediction: the published runs most like this one, and what the catalogue knows of model, device
and prices."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot, log10
from typing import Any

from portal.planning.calculator import Table
from portal.planning.calendar import to_month
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.prices import WINDOW_MONTHS, history, months_between
from portal.planning.catalog.runs import RUNS, PublishedRun
from portal.planning.compute.flops import model_per_token, recomputed_per_token
from portal.planning.compute.layout import Layout
from portal.planning.evidence.coefficients import predictions
from portal.planning.training.inputs import AUTO, TYPED
from portal.planning.training.own_model import CUSTOM
from portal.planning.training.spreading import plan, shape

NEAREST = 6

RUNS_TITLE = "Published runs most like this one"
RUNS_NOTE = (
    "Predicted with coefficients that were fitted without the run's model, from what was known before the run, for "
    "hours as its authors counted them. Near means like in active parameters, tokens, device and number of devices. "
    "The scorecard has all runs."
)
RUN_COLUMNS = (
    ("Model", ""), ("Active parameters", "parameters"), ("Tokens", "tokens"), ("Hardware", ""),
    ("Device-hours, published", "hours"), ("Device-hours, predicted", "hours"), ("Error", "%"), ("Date", "month"),
    ("Source", ""),
)  # fmt: skip
PLAN_TITLE = "The fastest layouts that fit"
PLAN_NOTE = (
    "Of all that these devices permit, by predicted time of a step, and where the time goes: a layout behind the first "
    "spends more on what its splits ask for. TP, CP, PP, EP and DP are tensor, context, pipeline and expert split and "
    "replicas, VP interleaved parts; ZeRO 3 shards weights over the replicas."
)
PLAN_COLUMNS = (
    ("Layout", ""), ("Micro-batch", ""), ("Time of a step", "seconds"), ("Behind the first", "%"),
    ("Idle pipeline", "%"), ("Messages", "%"), ("Gradients and optimizer", "%"), ("Recomputed work", "%"),
    ("Memory needed", "GiB"),
)  # fmt: skip
MODEL_TITLE = "This model in the catalogue"
MODEL_NOTE = "Sizes as published; the parameters that they make equal the published count where there is one."
MODEL_COLUMNS = (
    ("Model", ""), ("Layers", ""), ("Hidden width", ""), ("Attention heads", ""), ("Key-value heads", ""),
    ("Feed-forward width", ""), ("Vocabulary", "tokens"), ("Experts", ""), ("Context", "tokens"), ("Source", ""),
)  # fmt: skip
DEVICE_TITLE = "This device in the catalogue"
DEVICE_NOTE = "Peaks are dense. Memory is what software sees where that is known, else what is sold."
DEVICE_COLUMNS = (
    ("Device", ""), ("Memory", "GiB"), ("Bandwidth", "GB/s"), ("16-bit peak", "TFLOP/s"), ("FP8 peak", "TFLOP/s"),
    ("FP32 peak", "TFLOP/s"), ("Design power", "W"), ("Links", ""), ("Links, both directions", "GB/s"), ("Note", ""),
    ("Source", ""),
)  # fmt: skip
PRICES_TITLE = "Prices of this device in the catalogue"
PRICES_NOTE = (
    "A period is dated by its first month. The price is drawn from the newest offer of each seller within the 18 "
    "months that end with the newest."
)
PRICE_COLUMNS = (("Seller", ""), ("Price", "USD/hour"), ("Date", "month"), ("Note", ""), ("Source", ""))


def tables(x: Any, results: Mapping[str, Any]) -> list[Table]:
    """Of one case: published runs, then what was taken from the catalogue, with its source."""
    shown = [Table(title=RUNS_TITLE, note=RUNS_NOTE, columns=RUN_COLUMNS, rows=_run_rows(x, results))]
    if x.layout == AUTO:
        shown.append(Table(title=PLAN_TITLE, note=PLAN_NOTE, columns=PLAN_COLUMNS, rows=_plan_rows(x)))
    if x.architecture != CUSTOM:
        shown.append(Table(title=MODEL_TITLE, note=MODEL_NOTE, columns=MODEL_COLUMNS, rows=(_model_row(x),)))
    if x.accelerator != CUSTOM:
        shown.append(Table(title=DEVICE_TITLE, note=DEVICE_NOTE, columns=DEVICE_COLUMNS, rows=(_device_row(x),)))
    if x.price_basis != TYPED:
        shown.append(price_table(x))
    return shown


def nearest_runs(
    parameters: float, tokens: float, peak_tflops: float, number: int, devices: float = 0, accelerator: str = ""
) -> list[PublishedRun]:
    """The runs nearest by the ratios of active parameters, tokens and device peak, on logarithmic scales; where known,
    also by half the ratio of devices, and a factor of two for another kind of device.
    """

    def distance(run: PublishedRun) -> float:
        ratios = run.active_parameters / parameters, run.tokens / tokens, run.accelerator.bf16_tflops / peak_tflops
        more = log10(run.devices / devices) / 2 if devices and run.devices else 0.0
        other = log10(2) if accelerator and run.accelerator.key != accelerator else 0.0
        return hypot(*(log10(ratio) for ratio in ratios), more, other)

    return sorted(RUNS, key=distance)[:number]


def _run_rows(x: Any, results: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    rows = []
    own = x.accelerator == CUSTOM
    peak = results["device_peak"] if own else ACCELERATORS[x.accelerator].bf16_tflops
    unseen = predictions()["training-runs"]
    near = nearest_runs(
        results["active_parameters"], float(x.tokens), peak, NEAREST, x.devices, "" if own else x.accelerator
    )
    for run in near:
        found = unseen.get(run.model.lower().replace(" ", "-"))
        # A run that an administrator added since the coefficients were fitted has no prediction yet.
        predicted, error = (found.predicted, found.predicted / run.device_hours - 1) if found else ("", "")
        hardware = f"{run.devices} × {run.accelerator.name}" if run.devices else run.accelerator.name
        rows.append(
            (run.model, run.active_parameters, run.tokens, hardware, run.device_hours, predicted, error,
             to_month(run.as_of), run.source)
        )  # fmt: skip
    return tuple(rows)


def _plan_rows(x: Any) -> tuple[tuple[Any, ...], ...]:
    best = plan(x).best
    first = best[0].step.total
    rows = []
    for planned in best:
        spread, step = planned.layout, planned.step
        again = recomputed_per_token(shape(x), spread.sequence, spread.recomputation, causal=True)
        work = model_per_token(shape(x), spread.sequence, causal=True) + again
        shares = (step.bubble, step.communication + step.transfer, step.data + step.optimizer)
        rows.append(
            (_splits(spread), spread.micro_batch, step.total, step.total / first - 1,
             *(share / step.total for share in shares), again / work, planned.needed)
        )  # fmt: skip
    return tuple(rows)


def _splits(spread: Layout) -> str:
    """Those that are more than 1, by the field's abbreviations."""
    splits = {"TP": spread.tensor, "CP": spread.context, "PP": spread.pipeline, "VP": spread.virtual_stages,
              "EP": spread.expert}  # fmt: skip
    parts = [f"{name} {number}" for name, number in splits.items() if number > 1]
    return " · ".join([*parts, f"DP {spread.data}", f"ZeRO {spread.zero_stage}"])


def _model_row(x: Any) -> tuple[Any, ...]:
    model = MODELS[x.architecture]
    arch = model.architecture
    experts = arch.experts.count if arch.experts else 0
    return (
        model.name, arch.layers, arch.hidden, arch.heads, arch.kv_heads, arch.ffn, arch.vocabulary, experts,
        model.context, model.source,
    )  # fmt: skip


def _device_row(x: Any) -> tuple[Any, ...]:
    device = ACCELERATORS[x.accelerator]
    return (
        device.name, device.memory_gib, device.bandwidth_gbs, device.bf16_tflops, device.fp8_tflops or "",
        device.fp32_tflops or "", device.design_power_w, device.interconnect, device.link_gbs, device.note,
        device.source,
    )  # fmt: skip


def price_table(x: Any) -> Table:
    """Offers of the device on the chosen basis, newest first, as far back as estimates draw from them."""
    known = [price for price in history(x.accelerator) if price.kind == x.price_basis]
    newest = known[-1].as_of
    rows = tuple(
        (price.seller, price.usd_per_hour, to_month(price.as_of), price.note, price.source)
        for price in reversed(known)
        if months_between(price.as_of, newest) <= WINDOW_MONTHS
    )
    return Table(title=PRICES_TITLE, note=PRICES_NOTE, columns=PRICE_COLUMNS, rows=rows)
