"""Combinations of inputs that no server can serve, each named by the field to change and with what would work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from mlcore.spec import Range, params
from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.prices import market
from portal.planning.compute import engines
from portal.planning.compute.architecture import Architecture
from portal.planning.serving import capacity
from portal.planning.serving.calculation import replicas, targets
from portal.planning.serving.inputs import AUTOMATIC, MEASURED, PRECISIONS
from portal.planning.serving.spreading import NUMBERS, WIDEST, device, served, shape, spread_over, spreads
from portal.planning.training.inputs import TYPED
from portal.planning.training.offers import NO_CUSTOM_PRICE, NO_PRICE, refuse_price
from portal.planning.training.own_model import CUSTOM

WIDTH_BY_HEADS = "Wanted a hidden width that {heads} heads divide, got {hidden}. {near} would work."
HEADS_BY_GROUPS = "Wanted key-value heads that divide the {heads} attention heads, got {kv_heads}. {near} would work."
TOO_MANY_ACTIVE = "Wanted from 1 to {experts} active experts, got {active}."
NO_EXPERT_WIDTH = "Wanted the feed-forward width of an expert, got 0."
NO_PRODUCTS = "{accelerator} does not multiply in {precision}. Choose other weights, or a device such as {other}."
NO_PRODUCTS_ANYWHERE = "{accelerator} does not multiply in {precision}. Choose other weights."
NO_OWN_PRODUCTS = (
    "Your own device does not multiply in {precision}. FP8 needs an 8-bit peak above 0, NVFP4 a device of the "
    "catalogue. Choose other weights."
)
NOT_DIVIDED = (
    "Wanted a number of devices that divides the {heads} attention heads and the vocabulary of {vocabulary}, and that "
    "the {kv_heads} key-value heads divide or are divided by, got {tensor}. {possible} would work."
)
TOO_MANY_STAGES = (
    "Wanted no more groups of devices than the {layers} layers that they share, got {tensor} devices. {possible} would "
    "work."
)
NEVER_FITS = (
    "The model does not fit: weights take {weights} and {on} hold {room}. With {precision} it would fit on {other}."
)
FITS_NOWHERE = (
    "The model does not fit: weights take {weights}, more than {most} of any device in the catalogue hold at any "
    "precision. Take a smaller model."
)
NO_ROOM = (
    "One request of {tokens} does not fit beside the weights: {on} leave {room} for caches. Take shorter requests, an "
    "8-bit cache, or a replica of more devices."
)
FIRST_TOO_SOON = "No first token comes within {target}: alone on a replica, a prompt takes {floor} at best."
TOKENS_TOO_FAST = "No token follows another within {target}: alone on a replica, a step takes {floor} at best."

REFUSALS = (
    WIDTH_BY_HEADS, HEADS_BY_GROUPS, TOO_MANY_ACTIVE, NO_EXPERT_WIDTH, NO_PRICE, NO_CUSTOM_PRICE, NO_PRODUCTS,
    NO_PRODUCTS_ANYWHERE, NO_OWN_PRODUCTS, NOT_DIVIDED, TOO_MANY_STAGES, NEVER_FITS, FITS_NOWHERE, NO_ROOM,
    FIRST_TOO_SOON, TOKENS_TOO_FAST,
)  # fmt: skip

# Which end of a range is the easier one to serve; where it is the upper one.
_HIGH = {"cache_hits", "first_target", "token_target"}


def refuse(inputs: Any) -> dict[str, Sentence]:
    """The first reason for each field; empty when the load can be served in the easiest case of the ranges."""
    found = _sizes(inputs) | refuse_price(inputs)
    if "hidden" in found or "kv_heads" in found or "active_experts" in found or "expert_ffn" in found:
        return found
    return found | (_products(inputs) or _split(inputs) or _room(inputs) or _targets(inputs))


def _sizes(x: Any) -> dict[str, Sentence]:
    if x.architecture != CUSTOM:
        return {}
    found = {}
    if x.hidden % x.heads:
        found["hidden"] = _say(
            WIDTH_BY_HEADS, heads=x.heads, hidden=x.hidden, near=max(x.hidden // x.heads, 1) * x.heads
        )
    if x.heads % x.kv_heads:
        near = max(number for number in range(1, min(x.kv_heads, x.heads) + 1) if x.heads % number == 0)
        found["kv_heads"] = _say(HEADS_BY_GROUPS, heads=x.heads, kv_heads=x.kv_heads, near=near)
    if x.experts and not 1 <= x.active_experts <= x.experts:
        found["active_experts"] = _say(TOO_MANY_ACTIVE, experts=x.experts, active=x.active_experts)
    if x.experts and not x.expert_ffn:
        found["expert_ffn"] = Sentence(NO_EXPERT_WIDTH)
    return found


def _products(x: Any) -> dict[str, Sentence]:
    if engines.peak_flops(device(x), x.precision) is not None:
        return {}
    figures = {"precision": (PRECISIONS[x.precision], "")}
    if x.accelerator == CUSTOM:
        return {"precision": Sentence(NO_OWN_PRODUCTS, figures)}
    figures["accelerator"] = _name(x.accelerator)
    other = next((key for key in ACCELERATORS if _sold(key, x) and _multiplies(key, x.precision)), None)
    if other is None:
        return {"precision": Sentence(NO_PRODUCTS_ANYWHERE, figures)}
    return {"precision": Sentence(NO_PRODUCTS, figures | {"other": _name(other)})}


def _multiplies(accelerator: str, precision: str) -> bool:
    return engines.peak_flops(ACCELERATORS[accelerator], precision) is not None


def _sold(accelerator: str, x: Any) -> bool:
    return x.price_basis == TYPED or bool(market(accelerator, x.price_basis))


def _split(x: Any) -> dict[str, Sentence]:
    arch = shape(x)
    if x.split == AUTOMATIC or spread_over(arch, int(x.split)):
        return {}
    possible = ", ".join(str(number) for number in NUMBERS if spread_over(arch, number))
    sizes = {"heads": arch.heads, "kv_heads": arch.kv_heads, "vocabulary": arch.vocabulary, "layers": arch.layers,
             "tensor": int(x.split)}  # fmt: skip
    figures = {name: (f"{value:,}", "") for name, value in sizes.items()} | {"possible": (possible, "")}
    return {"split": Sentence(NOT_DIVIDED if int(x.split) <= WIDEST else TOO_MANY_STAGES, figures)}


def _room(x: Any) -> dict[str, Sentence]:
    on, model = device(x), served(x)
    wanted = NUMBERS if x.split == AUTOMATIC else (int(x.split),)
    most = [spread for spread in (spread_over(model.arch, number) for number in wanted) if spread][-1]
    room = engines.cache_room(model, on, most.devices)
    field = "accelerator" if x.split == AUTOMATIC else "split"
    if room <= 0:
        return _too_heavy(x, model.bytes_held, room, most.devices, field)
    lengths = _easiest(x)
    context = lengths.prompt + lengths.output / 2
    # An automatic replica is as large as the weights ask for.
    largest = spreads(x, model)[-1]
    room = engines.cache_room(model, on, largest.devices)
    if engines.sequences_held(model, on, largest.tensor, context, stages=largest.stages) >= 1:
        return {}
    figures = {"tokens": (context, "tokens"), "room": (room / engines.GIB, "GiB"), "on": _devices(x, largest.devices)}
    return {field: Sentence(NO_ROOM, figures)}


def _too_heavy(x: Any, held: float, room: float, most: int, field: str) -> dict[str, Sentence]:
    weights = (held / engines.GIB, "GiB")
    works = next(_that_fit(x, shape(x)), None)
    if works is None:
        return {"architecture": Sentence(FITS_NOWHERE, {"weights": weights, "most": (f"{NUMBERS[-1]}", "")})}
    precision, devices, other = works
    figures = {
        "weights": weights,
        "on": _devices(x, most),
        "room": ((room + held) / engines.GIB, "GiB"),
        "precision": (PRECISIONS[precision], ""),
        "other": _devices(SimpleNamespace(accelerator=other), devices),
    }
    return {field: Sentence(NEVER_FITS, figures)}


def _that_fit(x: Any, arch: Architecture) -> Iterator[tuple[str, int, str]]:
    """Ways to hold the model: on the chosen device with fewer bits first, then on others that can be priced."""
    for accelerator in (x.accelerator, *(key for key in ACCELERATORS if _sold(key, x))):
        for precision in (x.precision, *PRECISIONS):
            tried = SimpleNamespace(**{**_plain(x), "precision": precision, "accelerator": accelerator})
            on, model = device(tried), served(tried)
            if engines.peak_flops(on, precision) is None:
                continue
            for number in NUMBERS:
                if spread_over(arch, number) and engines.cache_room(model, on, number) > 0:
                    yield precision, number, accelerator


def _targets(inputs: Any) -> dict[str, Sentence]:
    """That no request comes within the targets; a measured speed says that some do."""
    if inputs.throughput == MEASURED:
        return {}
    x = _easiest(inputs)
    wanted = targets(x)
    if any(capacity.within(one, wanted, capacity.LEAST, capacity.room(one)) for _, one in replicas(x)):
        return {}
    found = [one for _, one in replicas(x)]
    first = _least(found, lambda one: capacity.first_token_seconds(one, capacity.LEAST, x.percentile))
    if first > x.first_target:
        figures = {"target": (x.first_target, "seconds"), "floor": (first, "seconds")}
        return {"first_target": Sentence(FIRST_TOO_SOON, figures)}
    between = _least(
        found, lambda one: capacity.token_seconds(one, capacity.at_percentile(capacity.LEAST, x.percentile))
    )
    figures = {"target": (x.token_target, "seconds"), "floor": (between, "seconds")}
    return {"token_target": Sentence(TOKENS_TOO_FAST, figures)}


def _least(found: Sequence[capacity.Replica], seconds: Callable[[capacity.Replica], Any]) -> float:
    return float(min(np.min(seconds(one)) for one in found))


def _plain(inputs: Any) -> dict[str, Any]:
    return {name: getattr(inputs, name) for name, _, _ in params(type(inputs))}


def _easiest(inputs: Any) -> SimpleNamespace:
    """The inputs with every range at its end that is the easiest to serve."""
    return SimpleNamespace(
        **{
            name: (value.high if name in _HIGH else value.low) if isinstance(value, Range) else value
            for name, value in _plain(inputs).items()
        }
    )


def _devices(x: Any, number: int) -> tuple[Any, str]:
    """So many of the accelerator, which has a name or is the person's own."""
    if x.accelerator == CUSTOM:
        return number, "devices"
    return f"{number} × {ACCELERATORS[x.accelerator].name}", ""


def _name(accelerator: str) -> tuple[str, str]:
    return ACCELERATORS[accelerator].name, ""


def _say(text: str, **whole: int) -> Sentence:
    # As text, so that nothing rounds what must divide exactly.
    return Sentence(text, {name: (f"{value:,}", "") for name, value in whole.items()})
