"""What the serving calculator says: the answer in one sentence, and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS, PACKAGED
from portal.planning.catalog.architectures import MODELS
from portal.planning.serving.capacity import at_percentile
from portal.planning.serving.errors import family_of, half_within, runs_and_models
from portal.planning.serving.inputs import MEASURED
from portal.planning.serving.spreading import WIDEST, shape, spread_over
from portal.planning.training.offers import OLD_PRICE, old_price
from portal.planning.training.own_model import CUSTOM

NEEDS = (
    "{model} needs *{devices}* (replicas: {replicas}, each on {each}) and costs *{usd}* a month, {request} a request."
)
NEEDS_FOR = (
    "{model} needs *{devices}* (replicas: {replicas}, each on {each}) and costs *{usd}* a month, "
    "{request} a request; nine times in ten {usd_low} to {usd_high}."
)
NEEDS_BETWEEN = (
    "{model} needs *{devices}* (replicas: {replicas}, each on {each}) and costs *{usd}* a month, "
    "{request} a request; nine times in ten {devices_low} to {devices_high} devices and {usd_low} to {usd_high}."
)
NOT_IN_TIME = (
    "{model} keeps the targets in *{share}* of the cases only. Relax them, take a faster device, or fewer bits."
)
NOT_IN_TIME_ALL = "{model} does *not keep the targets*. Relax them, take a faster device, or fewer bits."

MEMORY_BOUND = (
    "Memory, not time, limits a replica to {batch} at once. An 8-bit cache or more devices for a replica would serve "
    "more."
)
IDLE = "The replicas stand idle {idle} of the time: the peak decides. Devices that follow the load would cost {usd}."
MOSTLY_PROMPTS = "Prompts take {share} of the time. A prefix cache would save most of what they have in common."
MIXTURE = (
    "Estimates of mixtures of experts are less sure: half of {runs} published runs, of {models} models, lie within "
    "{half} of it; of dense models within {dense}."
)
SEVERAL_SERVERS = (
    "A replica of {devices} takes {groups} groups of {each}, which share the layers, as Llama 3 405B was served (arXiv "
    "2407.21783, section 6.1). No published run behind the estimate does so: it is less sure, and real ones may be "
    "much slower. DeepSeek R1 on 16 H100 took 23 ms a token for one request (SGLang over InfiniBand, split not stated; "
    "tt-inference-server, issue 356, 2025). Spreading experts over many servers may serve more."
)
NOT_THESE_DEVICES = (
    "The estimate rests on runs on {measured}. Other devices, and their software, may reach less of their data sheet."
)
LONG_REQUESTS = "{model} was published for contexts of up to {context}."

SAYINGS = (
    NEEDS, NEEDS_FOR, NEEDS_BETWEEN, NOT_IN_TIME, NOT_IN_TIME_ALL, MEMORY_BOUND, IDLE, MOSTLY_PROMPTS, MIXTURE,
    SEVERAL_SERVERS, NOT_THESE_DEVICES, LONG_REQUESTS, OLD_PRICE,
)  # fmt: skip

FULL = 0.95  # of the memory for caches, at the percentile
LITTLE_USED = 0.5
# Devices of the published runs, of dense models and of mixtures.
MEASURED_ON = {False: ("h100-sxm", "h200", "b200"), True: ("h100-sxm", "h200", "b200", "b300")}
MANY_PROMPTS = 0.5


def answer(outcome: Any) -> Sentence:
    """Of an ``outcome.Outcome``: devices and cost, or in what share of the cases the targets are kept."""
    x, results = outcome.case.resolved, outcome.case.outputs
    model = _model(x, results)
    low, middle, high = outcome.quantiles("devices", (0.05, 0.5, 0.95))
    if not np.isfinite(middle):
        drawn = np.asarray(outcome.samples["devices"], dtype=float)
        share = float(np.isfinite(drawn).mean())
        return Sentence(NOT_IN_TIME, {"model": model, "share": (share, "%")}) if share else Sentence(
            NOT_IN_TIME_ALL, {"model": model}
        )  # fmt: skip
    usd_low, usd, usd_high = outcome.quantiles("cost", (0.05, 0.5, 0.95))
    figures = {
        "model": model,
        "devices": _devices(x, middle),
        "replicas": _whole(outcome.quantile("replicas", 0.5)),
        "each": (outcome.quantile("devices_per_replica", 0.5), "devices"),
        "usd": (usd, "USD"),
        "request": (outcome.quantile("usd_per_request", 0.5), "USD"),
    }
    if usd_low == usd_high or not (np.isfinite(high) and np.isfinite(usd_high)):
        return Sentence(NEEDS, figures)
    figures |= {"usd_low": (usd_low, "USD"), "usd_high": (usd_high, "USD")}
    if low == high:
        return Sentence(NEEDS_FOR, figures)
    return Sentence(NEEDS_BETWEEN, figures | {"devices_low": _whole(low), "devices_high": _whole(high)})


def notices(x: Any, results: Mapping[str, Any]) -> list[Sentence]:
    found = []
    room = results["memory"] - results["weights_memory"]
    peak = at_percentile(results["at_once"], x.percentile)
    each = results["cache_memory"] / results["running"]
    if results["at_once"] and each * peak > FULL * room:
        found.append(Sentence(MEMORY_BOUND, {"batch": (results["at_once"], "requests")}))
    if 0 < results["utilisation"] < LITTLE_USED:
        figures = {"idle": (1 - results["utilisation"], "%"), "usd": (results["following_cost"], "USD")}
        found.append(Sentence(IDLE, figures))
    if results["prompt_share"] > MANY_PROMPTS and x.cache_hits == 0:
        found.append(Sentence(MOSTLY_PROMPTS, {"share": (results["prompt_share"], "%")}))
    if x.throughput != MEASURED:
        found += _doubts(x, results)
    if x.architecture != CUSTOM and x.prompt + x.output > MODELS[x.architecture].context:
        figures = {"model": _model(x, results), "context": (MODELS[x.architecture].context, "tokens")}
        found.append(Sentence(LONG_REQUESTS, figures))
    return [*found, *old_price(x)]


def _doubts(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    """Why the estimate may be further off than those that it rests on."""
    mixture = shape(x).experts is not None
    if mixture:
        family, dense = family_of(True), family_of(False)
        runs, models = runs_and_models(family)
        figures = {"runs": (runs, ""), "models": (models, ""), "half": (half_within(family), "%"),
                   "dense": (half_within(dense), "%")}  # fmt: skip
        yield Sentence(MIXTURE, figures)
    devices = int(results["devices_per_replica"])
    if devices > WIDEST:
        yield _several_servers(x, devices)
    if x.accelerator not in MEASURED_ON[mixture]:
        names = ", ".join(PACKAGED[key].name for key in MEASURED_ON[mixture])
        yield Sentence(NOT_THESE_DEVICES, {"measured": (names, "")})


def _several_servers(x: Any, devices: int) -> Sentence:
    spread = spread_over(shape(x), devices)
    assert spread is not None, "it was chosen"
    figures = {"devices": (devices, "devices"), "groups": (spread.stages, ""), "each": (spread.tensor, "")}
    return Sentence(SEVERAL_SERVERS, figures)


def _devices(x: Any, number: float) -> tuple[Any, str]:
    if x.accelerator == CUSTOM:
        return number, "devices"
    return f"{number:,.0f} × {ACCELERATORS[x.accelerator].name}", ""


def _whole(value: float) -> tuple[str, str]:
    return f"{value:,.0f}", ""


def _model(x: Any, results: Mapping[str, Any]) -> tuple[Any, str]:
    """A name, or the size of a custom model."""
    if x.architecture == CUSTOM:
        return results["parameters"], "parameters"
    return MODELS[x.architecture].name.partition(" (")[0], ""
