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
from portal.planning.serving.calculation import divides, options, served, shape
from portal.planning.serving.inputs import AUTOMATIC, DEVICES, PRECISIONS, SPLITS
from portal.planning.training.inputs import TYPED
from portal.planning.training.offers import NO_PRICE, refuse_price
from portal.planning.training.own_model import CUSTOM

WIDTH_BY_HEADS = "Wanted a hidden width that {heads} heads divide, got {hidden}. {near} would work."
HEADS_BY_GROUPS = "Wanted key-value heads that divide the {heads} attention heads, got {kv_heads}. {near} would work."
TOO_MANY_ACTIVE = "Wanted from 1 to {experts} active experts, got {active}."
NO_EXPERT_WIDTH = "Wanted the feed-forward width of an expert, got 0."
NO_PRODUCTS = "{accelerator} does not multiply in {precision}. Choose other weights, or a device such as {other}."
NO_PRODUCTS_ANYWHERE = "{accelerator} does not multiply in {precision}. Choose other weights."
NOT_DIVIDED = (
    "Wanted a number of devices that divides the {heads} attention heads and the vocabulary of {vocabulary}, and that "
    "the {kv_heads} key-value heads divide or are divided by, got {tensor}. {possible} would work."
)
NEVER_FITS = (
    "The model does not fit: weights take {weights} and {most} × {accelerator} hold {room}. With {precision} it would "
    "fit on {devices} × {other}."
)
FITS_NOWHERE = (
    "The model does not fit: weights take {weights}, more than 8 of any device in the catalogue hold at any precision. "
    "Take a smaller model."
)
NO_ROOM = (
    "One request of {tokens} does not fit beside the weights: {most} × {accelerator} leave {room} for caches. Take "
    "shorter requests, an 8-bit cache, or more memory."
)
FIRST_TOO_SOON = "No first token comes within {target}: alone on a replica, a prompt takes {floor} at best."
TOKENS_TOO_FAST = "No token follows another within {target}: alone on a replica, a step takes {floor} at best."

REFUSALS = (
    WIDTH_BY_HEADS, HEADS_BY_GROUPS, TOO_MANY_ACTIVE, NO_EXPERT_WIDTH, NO_PRICE, NO_PRODUCTS, NO_PRODUCTS_ANYWHERE,
    NOT_DIVIDED, NEVER_FITS, FITS_NOWHERE, NO_ROOM, FIRST_TOO_SOON, TOKENS_TOO_FAST,
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
    if engines.peak_flops(ACCELERATORS[x.accelerator], x.precision) is not None:
        return {}
    figures = {"accelerator": _name(x.accelerator), "precision": (PRECISIONS[x.precision], "")}
    other = next((key for key in DEVICES if _sold(key, x) and engines.peak_flops(ACCELERATORS[key], x.precision)), None)
    if other is None:
        return {"precision": Sentence(NO_PRODUCTS_ANYWHERE, figures)}
    return {"precision": Sentence(NO_PRODUCTS, figures | {"other": _name(other)})}


def _sold(accelerator: str, x: Any) -> bool:
    return x.price_basis == TYPED or bool(market(accelerator, x.price_basis))


def _split(x: Any) -> dict[str, Sentence]:
    arch = shape(x)
    if x.split == AUTOMATIC or divides(arch, int(x.split)):
        return {}
    possible = ", ".join(str(t) for t in _numbers() if divides(arch, t))
    sizes = {"heads": arch.heads, "kv_heads": arch.kv_heads, "vocabulary": arch.vocabulary, "tensor": int(x.split)}
    figures = {name: (f"{value:,}", "") for name, value in sizes.items()}
    return {"split": Sentence(NOT_DIVIDED, figures | {"possible": (possible, "")})}


def _numbers() -> list[int]:
    return [int(key) for key in SPLITS if key != AUTOMATIC]


def _room(x: Any) -> dict[str, Sentence]:
    device, model = ACCELERATORS[x.accelerator], served(x)
    wanted = _numbers() if x.split == AUTOMATIC else [int(x.split)]
    most = max(t for t in wanted if divides(model.arch, t))
    room = engines.cache_room(model, device, most)
    field = "accelerator" if x.split == AUTOMATIC else "split"
    figures: dict[str, tuple[Any, str]] = {"accelerator": (device.name, ""), "most": (f"{most}", "")}
    if room <= 0:
        figures["weights"] = (model.bytes_held / engines.GIB, "GiB")
        works = next(_that_fit(x, model.arch), None)
        if works is None:
            return {"architecture": Sentence(FITS_NOWHERE, {"weights": figures["weights"]})}
        precision, devices, other = works
        return {
            field: Sentence(
                NEVER_FITS,
                figures
                | {
                    "room": ((room + model.bytes_held) / engines.GIB, "GiB"),
                    "precision": (PRECISIONS[precision], ""),
                    "devices": (f"{devices}", ""),
                    "other": _name(other),
                },
            )
        }
    context = _easiest(x).prompt + _easiest(x).output / 2
    if engines.sequences_held(model, device, most, context) < 1:
        return {
            field: Sentence(NO_ROOM, figures | {"tokens": (context, "tokens"), "room": (room / engines.GIB, "GiB")})
        }
    return {}


def _that_fit(x: Any, arch: Architecture) -> Iterator[tuple[str, int, str]]:
    """Ways to hold the model: on the chosen device with fewer bits first, then on others that can be priced."""
    for accelerator in (x.accelerator, *(key for key in DEVICES if _sold(key, x))):
        device = ACCELERATORS[accelerator]
        for precision in (x.precision, *PRECISIONS):
            if engines.peak_flops(device, precision) is None:
                continue
            model = served(SimpleNamespace(**{**_plain(x), "precision": precision}))
            for tensor in _numbers():
                if divides(arch, tensor) and engines.cache_room(model, device, tensor) > 0:
                    yield precision, tensor, accelerator


def _targets(inputs: Any) -> dict[str, Sentence]:
    x = _easiest(inputs)
    found = options(x)
    if any(np.all(one.speed > 0) for one in found):
        return {}
    first = _least(found, lambda one: capacity.first_token_seconds(one, capacity.LEAST, x.percentile))
    if first > x.first_target:
        figures = {"target": (x.first_target, "seconds"), "floor": (first, "seconds")}
        return {"first_target": Sentence(FIRST_TOO_SOON, figures)}
    between = _least(
        found, lambda one: capacity.token_seconds(one, capacity.at_percentile(capacity.LEAST, x.percentile))
    )
    figures = {"target": (x.token_target, "seconds"), "floor": (between, "seconds")}
    return {"token_target": Sentence(TOKENS_TOO_FAST, figures)}


def _least(found: Sequence[Any], seconds: Callable[[Any], Any]) -> float:
    return float(min(np.min(seconds(one.replica)) for one in found))


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


def _name(accelerator: str) -> tuple[str, str]:
    return ACCELERATORS[accelerator].name, ""


def _say(text: str, **whole: int) -> Sentence:
    # As text, so that nothing rounds what must divide exactly.
    return Sentence(text, {name: (f"{value:,}", "") for name, value in whole.items()})
