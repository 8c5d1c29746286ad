"""What the training run calculator says: the answer in one sentence, and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.prices import market
from portal.planning.catalog.runs import RUNS
from portal.planning.training.calculation import memory
from portal.planning.training.inputs import TYPED
from portal.planning.training.offers import OLD_PRICE, old_price
from portal.planning.training.own_model import CUSTOM
from portal.planning.training.refusals import typed_splits
from portal.planning.training.spreading import TIGHT as TIGHT_SHARE
from portal.planning.training.spreading import enough_devices, plan, shape, typed_layout

TAKES = "Training {model} on {tokens} takes *{days}* on {devices} and costs *{usd}*, {total} with experiments."
TAKES_BETWEEN = (
    "Training {model} on {tokens} takes *{days}* on {devices} and costs *{usd}*; nine times in ten between {usd_low} "
    "and {usd_high}, in {days_low} to {days_high}. With experiments and failed runs it is {total}."
)
DOES_NOT_FIT = (
    "Training {model} does *not fit*: each of {devices} needs *{needed}* of memory and has {capacity}. If it did, "
    "{tokens} would take {days} and cost {usd}."
)

WITH_RECOMPUTATION = "It would fit with full recomputation: {needed} a device."
WITH_MICRO_BATCH = "It would fit with full recomputation and a micro-batch of 1: {needed} a device."
WITH_ZERO = "It would fit with full recomputation, a micro-batch of 1 and ZeRO stage {zero}: {needed} a device."
WITH_TENSOR = (
    "It would fit with full recomputation, a micro-batch of 1, ZeRO stage 3 and a tensor split of {tensor}: {needed} a "
    "device."
)
WITH_LAYOUT = (
    "It would fit with a tensor split of {tensor}, a context split of {context}, a pipeline split of {pipeline} and "
    "ZeRO stage {zero}: {needed} a device. Choose the fastest layout that fits to have it found."
)
WITH_DEVICES = "No layout of these devices fits. {enough} devices would do."
WITH_MEMORY = "No layout fits, on however many of these devices: take devices with more memory, or a smaller model."
TIGHT = "Only {headroom} of {capacity} are left on a device: fragmentation may still exhaust it."
ABOVE_PUBLISHED = (
    "A utilisation of {utilisation} is more than any published run in the catalogue reached, which is {best}: "
    "check the peak, and what it counts."
)
TOO_FEW_TOKENS = (
    "{ratio} tokens a parameter are few: a smaller model on more tokens would reach the same loss for less. About 20 "
    "are best for the compute."
)
MANY_TOKENS = (
    "{ratio} tokens a parameter are far beyond the 20 that are best for the compute. That pays when the model is "
    "served a lot, because it is smaller than it need be."
)
ONE_SELLER = "The catalogue has one such price of {accelerator}, of {month}: the range of the market is unknown."
IDLE = "The pipeline idles {bubble} of its working time. More micro-batches or interleaved parts help."
BEYOND_CONTEXT = "{model} was published for sequences of up to {context}."
FULL_SQUARE = (
    "Attention is {share} of the work because the full square of scores is counted; a causal kernel computes half."
)

SAYINGS = (
    TAKES, TAKES_BETWEEN, DOES_NOT_FIT, WITH_RECOMPUTATION, WITH_MICRO_BATCH, WITH_ZERO, WITH_TENSOR, WITH_LAYOUT,
    WITH_DEVICES, WITH_MEMORY,
    TIGHT, ABOVE_PUBLISHED, TOO_FEW_TOKENS, MANY_TOKENS, OLD_PRICE, ONE_SELLER, IDLE, BEYOND_CONTEXT, FULL_SQUARE,
)  # fmt: skip

FEW_TOKENS, FAR_TOO_MANY_TOKENS = 10, 400  # a parameter
SHORT = 2  # days; less is told in hours
IDLE_SHARE = 0.10
ATTENTION_SHARE = 0.30
LARGEST_TENSOR_SPLIT = 8  # devices that one server joins by fast links


# The answer


def answer(outcome: Any) -> Sentence:
    """Of an ``outcome.Outcome``: time and cost, or that it does not fit."""
    case = outcome.case
    x, results = case.resolved, case.outputs
    figures = {
        "model": _model(x, results),
        "devices": _devices(x),
        "tokens": (x.tokens, "tokens"),
        "days": _span(results["days"], results["days"]),
        "usd": (results["cost"], "USD"),
    }
    if not results["fits"]:
        figures |= {"needed": (results["memory"], "GiB"), "capacity": (results["capacity"], "GiB")}
        return Sentence(DOES_NOT_FIT, figures)
    total = {"total": (outcome.quantile("total_cost", 0.5), "USD")}
    usd_low, usd, usd_high = outcome.quantiles("cost", (0.05, 0.5, 0.95))
    days_low, days, days_high = outcome.quantiles("days", (0.05, 0.5, 0.95))
    if usd_low == usd_high and days_low == days_high:
        return Sentence(TAKES, figures | total)
    return Sentence(
        TAKES_BETWEEN,
        figures
        | total
        | {
            "days": _span(days, days),
            "usd": (usd, "USD"),
            "usd_low": (usd_low, "USD"),
            "usd_high": (usd_high, "USD"),
            "days_low": _span(days_low, days),
            "days_high": _span(days_high, days),
        },
    )


def _model(x: Any, results: Mapping[str, Any]) -> tuple[Any, str]:
    """A name, or the size of a custom model."""
    if x.architecture == CUSTOM:
        return results["parameters"], "parameters"
    return MODELS[x.architecture].name.partition(" (")[0], ""


def _devices(x: Any) -> tuple[Any, str]:
    if x.accelerator == CUSTOM:
        return x.devices, "devices"
    return f"{x.devices} × {ACCELERATORS[x.accelerator].name}", ""


def _span(days: float, middle: float) -> tuple[float, str]:
    """In days, or in hours when the middle of what is told is short."""
    return (days, "days") if middle >= SHORT else (days * 24, "hours")


# Warnings


def notices(x: Any, results: Mapping[str, Any]) -> list[Sentence]:
    return [*_about_memory(x, results), *_about_speed(x, results), *_about_data(x, results), *_about_price(x)]


def _about_memory(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    if not results["fits"]:
        yield _what_would_fit(x)
    elif results["headroom"] < TIGHT_SHARE * results["capacity"]:
        yield Sentence(TIGHT, {"headroom": (results["headroom"], "GiB"), "capacity": (results["capacity"], "GiB")})


def _what_would_fit(x: Any) -> Sentence:
    """The first rung of a ladder of savings on which it fits, cheapest in time first; else what a search finds."""
    arch = shape(x)
    for text, changed in _ladder(x):
        if typed_splits(changed, arch):
            continue
        tried = memory(changed, typed_layout(changed))
        if tried["fits"]:
            figures = {"needed": (tried["memory"], "GiB"), "zero": (changed.zero_stage, ""),
                       "tensor": (changed.tensor_parallel, "")}  # fmt: skip
            return Sentence(text, {name: figures[name] for name in figures if f"{{{name}}}" in text})
    if best := plan(x).best:
        found = best[0].layout
        splits = {"tensor": found.tensor, "context": found.context, "pipeline": found.pipeline,
                  "zero": found.zero_stage}  # fmt: skip
        return Sentence(
            WITH_LAYOUT, {"needed": (best[0].needed, "GiB")} | {name: (str(n), "") for name, n in splits.items()}
        )
    enough = enough_devices(x)
    return Sentence(WITH_DEVICES, {"enough": (f"{enough:,}", "")}) if enough else Sentence(WITH_MEMORY)


def _ladder(x: Any) -> Iterator[tuple[str, SimpleNamespace]]:
    rung = SimpleNamespace(**vars(x))
    rung.recomputation = "full"
    if x.recomputation != "full":
        yield WITH_RECOMPUTATION, rung
    if x.micro_batch > 1:
        rung = SimpleNamespace(**vars(rung) | {"micro_batch": 1})
        yield WITH_MICRO_BATCH, rung
    for stage in range(int(x.zero_stage) + 1, 4):
        rung = SimpleNamespace(**vars(rung) | {"zero_stage": str(stage)})
        yield WITH_ZERO, rung
    tensor = x.tensor_parallel
    while (tensor := tensor * 2) <= LARGEST_TENSOR_SPLIT:
        # Replicas give way to the split; the devices stay.
        yield WITH_TENSOR, SimpleNamespace(**vars(rung) | {"tensor_parallel": tensor, "data_parallel": 0})


def _about_speed(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    best = max(_reached(run, causal=x.attention_count == "causal") for run in RUNS)
    # A measured peak lies below the data sheet's, so shares of it may well be higher.
    if x.accelerator != CUSTOM and x.utilisation_basis == TYPED and x.utilisation > best:
        yield Sentence(ABOVE_PUBLISHED, {"utilisation": (x.utilisation, "%"), "best": (best, "%")})
    if results["bubble"] > IDLE_SHARE:
        yield Sentence(IDLE, {"bubble": (results["bubble"], "%")})
    share = results["attention_flops_per_token"] / results["flops_per_token"]
    if x.attention_count == "full" and share > ATTENTION_SHARE:
        yield Sentence(FULL_SQUARE, {"share": (share, "%")})


def _reached(run: Any, *, causal: bool) -> float:
    return max(run.device_hours_at(1.0, 1.0, causal=causal) / run.device_hours, run.mfu or 0, run.hfu or 0)


def _about_data(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    ratio = results["tokens_per_parameter"]
    if ratio < FEW_TOKENS:
        yield Sentence(TOO_FEW_TOKENS, {"ratio": (ratio, "")})
    elif ratio > FAR_TOO_MANY_TOKENS:
        yield Sentence(MANY_TOKENS, {"ratio": (ratio, "")})
    if x.architecture != CUSTOM and x.sequence_length > (context := MODELS[x.architecture].context):
        yield Sentence(BEYOND_CONTEXT, {"model": _model(x, results), "context": (context, "tokens")})


def _about_price(x: Any) -> Iterator[Sentence]:
    if x.price_basis == TYPED:
        return
    offers = market(x.accelerator, x.price_basis)
    old = list(old_price(x, _today()))
    yield from old
    if len(offers) == 1 and not old:
        figures = {"accelerator": (ACCELERATORS[x.accelerator].name, ""), "month": (offers[0].as_of, "month")}
        yield Sentence(ONE_SELLER, figures)


def _today() -> date:
    return date.today()
