"""What the fine-tune calculator says: the answer in one sentence, and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.finetuning.calculation import changed, memory, shape, tuning
from portal.planning.finetuning.comparison import smallest_device
from portal.planning.finetuning.refusals import refuse
from portal.planning.training.inputs import DEVICES, TYPED
from portal.planning.training.offers import OLD_PRICE, old_price
from portal.planning.training.own_model import CUSTOM

TAKES = (
    "{method} of {model} on {tokens} takes *{hours}* a run on {devices}; {trials} runs cost *{usd}*. It needs {memory} "
    "of {capacity}."
)
TAKES_BETWEEN = (
    "{method} of {model} on {tokens} takes *{hours}* a run on {devices}; {trials} runs cost *{usd}*, nine times in ten "
    "between {usd_low} and {usd_high}. It needs {memory} of {capacity} and fits in *{share}* of the cases."
)
DOES_NOT_FIT = (
    "{method} of {model} does *not fit*: each of {devices} needs *{memory}* and has {capacity}. If it did, a run on "
    "{tokens} would take {hours} and {trials} runs cost {usd}."
)

WITH_RECOMPUTATION = "It would fit with layers recomputed: {needed} a device."
WITH_PIECES = "It would fit with layers recomputed and the loss in pieces: {needed} a device."
WITH_ONE = "It would fit with layers recomputed, the loss in pieces and a micro-batch of 1: {needed} a device."
WITH_SMALL_STATES = (
    "It would fit with layers recomputed, the loss in pieces, a micro-batch of 1 without accumulation, 8-bit moments "
    "and the update in the backward pass: {needed} a device."
)
WITH_QUANTISED = (
    "It would fit with layers recomputed, the loss in pieces, a micro-batch of 1 and frozen weights as 4-bit "
    "NormalFloat (QLoRA): {needed} a device."
)
WITH_ADAPTERS = (
    "It would fit as QLoRA, adapters on weights in 4-bit NormalFloat, with layers recomputed, the loss in pieces and a "
    "micro-batch of 1: {needed} a device."
)
WITH_SHARDS = "As it is, it would fit on {devices} × {accelerator}, fully sharded: {needed} a device."
ON_LARGER = "As it is, it would fit on {accelerator}, which has {capacity}."
NOWHERE = (
    "It fits on no single device of the catalogue and not on 1,024 of these, fully sharded: take a smaller model, a "
    "shorter sequence, or QLoRA."
)
SMALLER = "It would fit on {accelerator} too, the smallest device of the catalogue for it, with {capacity}."
MIXTURE = "No fine-tune of a mixture of experts is among the published runs: the range may be wider than is said."
FAR_SIZE = "{model} is far from the sizes of the published fine-tunes, 1.1 to 406 billion parameters."
FEW_UPDATES = "Only {updates} fit into the data: a smaller batch or more epochs would train more."
ABOVE_PEAK = "That speed is {reached} of the peak of the devices: check tokens a second, devices and precision."

# What a sentence begins with; names of methods stay as they are.
NAMES = {
    "full": "A full fine-tune", "lora": "LoRA", "dora": "DoRA", "ia3": "(IA)³", "prompt": "Prompt tuning",
    "prefix": "Prefix tuning", "adapter": "Tuning with adapters", "head": "Tuning of the output projection",
}  # fmt: skip

SAYINGS = (
    TAKES, TAKES_BETWEEN, DOES_NOT_FIT, WITH_RECOMPUTATION, WITH_PIECES, WITH_ONE, WITH_SMALL_STATES, WITH_QUANTISED,
    WITH_ADAPTERS, WITH_SHARDS, ON_LARGER, NOWHERE, SMALLER, MIXTURE, FAR_SIZE, FEW_UPDATES, OLD_PRICE,
    ABOVE_PEAK,
)  # fmt: skip

SHORT = 2  # hours
FEWEST_UPDATES = 50
MOST_SHARDS = 1_024
SIZES = (1e9, 450e9)  # parameters of the models among the evidence, about


# The answer


def answer(outcome: Any) -> Sentence:
    """Of an ``outcome.Outcome``: time and cost of all runs, or that it does not fit."""
    case = outcome.case
    x, results = case.resolved, case.outputs
    figures = {
        "method": _method(x),
        "model": _model(x, results),
        "tokens": (results["training_tokens"], "tokens"),
        "hours": _span(results["hours"]),
        "devices": _devices(x),
        "trials": (x.trials, ""),
        "usd": (results["cost"], "USD"),
        "memory": (results["memory"], "GiB"),
        "capacity": (results["capacity"], "GiB"),
    }
    if not results["fits"]:
        return Sentence(DOES_NOT_FIT, figures)
    low, middle, high = outcome.quantiles("cost", (0.05, 0.5, 0.95))
    if low == high:
        return Sentence(TAKES, figures)
    between = {"usd": (middle, "USD"), "usd_low": (low, "USD"), "usd_high": (high, "USD")}
    return Sentence(TAKES_BETWEEN, figures | between | {"share": (outcome.share("fits"), "%")})


def _method(x: Any) -> tuple[str, str]:
    quantised = x.storage != "bf16" and x.method == "lora"
    return ("QLoRA" if quantised else NAMES[x.method], "")


def _model(x: Any, results: Mapping[str, Any]) -> tuple[Any, str]:
    """A name, or the size of a custom model."""
    if x.architecture == CUSTOM:
        return results["parameters"], "parameters"
    return MODELS[x.architecture].name.partition(" (")[0], ""


def _span(hours: float) -> tuple[float, str]:
    """In hours, or in minutes when it is short."""
    return (hours, "hours") if hours >= SHORT else (hours * 60, "minutes")


def _devices(x: Any) -> tuple[Any, str]:
    if x.accelerator == CUSTOM:
        return x.devices, "devices"
    return f"{x.devices} × {ACCELERATORS[x.accelerator].name}", ""


# Warnings


def notices(x: Any, results: Mapping[str, Any]) -> list[Sentence]:
    return [*_about_memory(x, results), *_about_speed(x, results), *_about_evidence(x, results), *old_price(x)]


def _about_memory(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    if not results["fits"]:
        yield from _what_would_fit(x)
    elif x.accelerator != CUSTOM and x.devices == 1:
        smallest = smallest_device(x)
        if smallest is not None and smallest.memory_gib < 0.75 * results["capacity"]:
            yield Sentence(SMALLER, {"accelerator": (smallest.name, ""), "capacity": (smallest.memory_gib, "GiB")})


def _what_would_fit(x: Any) -> Iterator[Sentence]:
    """The first rung of a ladder of savings on which it fits, cheapest in time first; and where it fits as it is."""
    rungs = ((text, memory(rung, tuning(rung))) for text, rung in _ladder(x) if not refuse(rung))
    saved = next(((text, tried["memory"]) for text, tried in rungs if tried["fits"]), None)
    if saved:
        yield Sentence(saved[0], {"needed": (saved[1], "GiB")})
    elsewhere = _where_it_fits(x)
    if elsewhere:
        yield elsewhere
    elif not saved:
        yield Sentence(NOWHERE)


def _where_it_fits(x: Any) -> Sentence | None:
    """A larger device of the catalogue, or more of the same, fully sharded."""
    if x.devices == 1 and (smallest := smallest_device(x)) is not None:
        return Sentence(ON_LARGER, {"accelerator": (smallest.name, ""), "capacity": (smallest.memory_gib, "GiB")})
    devices = x.devices
    while (devices := devices * 2) <= MOST_SHARDS:
        tried = memory(x, tuning(changed(x, devices=devices, sharding="fsdp")))
        if tried["fits"]:
            figures = {
                "devices": (devices, ""),
                "accelerator": (DEVICES[x.accelerator], ""),
                "needed": (tried["memory"], "GiB"),
            }
            return Sentence(WITH_SHARDS, figures)
    return None


def _ladder(x: Any) -> Iterator[tuple[str, SimpleNamespace]]:
    yield WITH_RECOMPUTATION, (rung := changed(x, checkpointing=True))
    yield WITH_PIECES, (rung := changed(rung, loss="chunked"))
    yield WITH_ONE, (rung := changed(rung, micro_batch=1))
    if x.method == "full":
        small = changed(rung, optimizer="adamw_8bit", trainable="bf16", in_backward=True, accumulation=1)
        yield WITH_SMALL_STATES, small
        adapters = {f"target_{name}": True for name in ("query", "key", "value", "output", "gate", "up", "down")}
        yield WITH_ADAPTERS, changed(rung, method="lora", storage="nf4_dq", rank=min(x.rank, 16), **adapters)
    else:
        yield WITH_QUANTISED, changed(rung, storage="nf4_dq")


def _about_speed(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    if x.speed_basis == TYPED and results["reached"] > 1:
        yield Sentence(ABOVE_PEAK, {"reached": (results["reached"], "%")})
    if results["updates"] < FEWEST_UPDATES:
        yield Sentence(FEW_UPDATES, {"updates": (results["updates"], "steps")})


def _about_evidence(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    if shape(x).experts:
        yield Sentence(MIXTURE)
    elif not SIZES[0] <= results["parameters"] <= SIZES[1]:
        yield Sentence(FAR_SIZE, {"model": _model(x, results)})
