"""From inputs to outputs. Model, precision and device are whole things; the rest may be arrays of draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.compute import engines
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.parameters import count
from portal.planning.compute.power import step_energy
from portal.planning.compute.roofline import Served, cache_bytes, matmul_seconds, weight_seconds
from portal.planning.evidence.coefficients import fitted
from portal.planning.serving import capacity
from portal.planning.serving.errors import family_of, time_factor
from portal.planning.serving.inputs import ESTIMATED
from portal.planning.serving.spreading import Spread, device, passing, served, shape, spreads, unevenness
from portal.planning.training.calculation import device_hour_price

HOURS = 8766 / 12  # of a month, leap years included
DAYS = HOURS / 24
SECONDS_OF_DAY = 86_400
JOULES_OF_KWH = 3.6e6
MILLION = 1e6
CURVE = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)  # running requests of which the curves are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A replica on a number of devices, and how many requests it runs and finishes within the targets."""

    spread: Spread
    replica: capacity.Replica
    batch: Any
    speed: Any  # requests/s; 0 where the targets are not kept

    @property
    def devices(self) -> int:
        return self.spread.devices


def lengths(x: Any) -> capacity.Lengths:
    return capacity.Lengths(
        prompt=x.prompt,
        output=x.output,
        cached=x.cache_hits,
        prompt_variation=x.prompt_variation,
        output_variation=x.output_variation,
    )


def targets(x: Any) -> capacity.Targets:
    return capacity.Targets(first=x.first_target, between=x.token_target, percentile=x.percentile)


def mixture(x: Any) -> bool:
    """Whether the model is a mixture of experts."""
    return shape(x).experts is not None


def shares(x: Any, arch: Architecture) -> dict[str, Any]:
    """What the engine reaches, from runs of dense models or of mixtures of experts."""
    return engines.engine_shares(fitted(family_of(arch.experts is not None)), precision=x.precision, engine=x.engine)


def replicas(x: Any, model: Served | None = None) -> Iterator[tuple[Spread, capacity.Replica]]:
    """A replica on each number of devices that it can take, of the model of the inputs or another."""
    model = model or served(x)
    arch, on, asked = model.arch, device(x), lengths(x)
    reached, factor = shares(x, arch), time_factor(x, family_of(arch.experts is not None))

    def one(spread: Spread) -> capacity.Replica:
        return capacity.replica(
            model,
            engines.node(on, x.precision, spread.tensor),
            reached,
            asked,
            held=engines.sequences_held(model, on, spread.tensor, asked.context, stages=spread.stages),
            slower=factor * unevenness(arch, spread),
            stages=spread.stages,
            passing=passing(x, arch, spread),
        )

    return ((spread, one(spread)) for spread in spreads(x, model))


def options(x: Any, model: Served | None = None) -> list[Option]:
    """Every choice of devices for a replica, of the model of the inputs or another; empty when it fits on none."""
    return [option(x, spread, one) for spread, one in replicas(x, model)]


def option(x: Any, spread: Spread, one: capacity.Replica) -> Option:
    """What the replica serves within the targets."""
    batch = capacity.most_at_once(one, targets(x))
    return Option(spread=spread, replica=one, batch=batch, speed=capacity.requests_per_second(one, batch))


def chosen(x: Any, found: Sequence[Option]) -> tuple[Any, list[Any]]:
    """Devices that each option needs for the peak, fewest first taken: (devices of a replica, 1 where it is taken)."""
    rate = peak_rate(x)
    needed = [capacity.replicas_needed(rate, one.speed) * one.devices for one in found]
    best = needed[0]
    for each in needed[1:]:
        best = np.minimum(best, each)
    taken: list[Any] = []
    free: Any = np.ones(np.shape(best), dtype=bool)
    for each in needed:
        this = free & (each == best)
        taken.append(this)
        free = free & ~this
    return sum(np.where(this, one.devices, 0) for one, this in zip(found, taken, strict=True)), taken


def peak_rate(x: Any) -> Any:
    """Requests a second in the busiest time of the first month."""
    return x.requests_per_day / SECONDS_OF_DAY * x.peak_factor


def compute(x: Any) -> dict[str, Any]:
    offered = options(x)
    devices_each, ways = chosen(x, offered)
    # What no draw takes needs no further numbers.
    used = [at for at, way in enumerate(ways) if np.any(way)]
    found, taken = [offered[at] for at in used], [ways[at] for at in used]

    def pick(values: Sequence[Any]) -> Any:
        picked: Any = 0.0
        for value, this in zip(values, taken, strict=True):
            picked = np.where(this, value, picked)
        return picked

    batch = pick([one.batch for one in found])
    estimated = pick([one.speed for one in found])
    speed = estimated if x.throughput == ESTIMATED else x.measured_speed / x.output + 0 * estimated
    replicas = capacity.replicas_needed(peak_rate(x), speed) + x.spare
    devices = replicas * devices_each
    price = device_hour_price(x)
    cost = _paid(devices, price)
    requests = x.requests_per_day * DAYS
    rate = np.where(np.isfinite(replicas), peak_rate(x) / replicas, 0.0)
    running = [np.maximum(capacity.running_at(one.replica, rate, one.batch), capacity.LEAST) for one in found]
    loads = list(zip(found, running, strict=True))
    prompts = pick([capacity.prompt_share(one.replica, at) for one, at in loads])
    return {
        "devices": devices,
        "replicas": replicas,
        "devices_per_replica": devices_each,
        "at_once": batch,
        "running": pick(running),
        "replica_speed": speed * x.output,
        "device_speed": speed * x.output / devices_each,
        "peak_speed": peak_rate(x) * x.output,
        "utilisation": np.where(speed > 0, x.requests_per_day / SECONDS_OF_DAY / (replicas * speed), 0.0),
        "first_token": pick([capacity.first_token_seconds(one.replica, at, x.percentile) for one, at in loads]),
        "token": pick([capacity.token_seconds(one.replica, at) for one, at in loads]),
        "prompt_share": prompts,
        "time_factor": time_factor(x, family_of(mixture(x))),
        "price_of_device_hour": price,
        "cost": cost,
        "requests": requests,
        "usd_per_request": cost / requests,
        "usd_per_million_input_tokens": _shared(cost, prompts, requests * x.prompt),
        "usd_per_million_output_tokens": _shared(cost, 1 - prompts, requests * x.output),
        "following_cost": _paid(peak_rate(x) / x.peak_factor / speed * devices_each, price),
        **_memory(x, devices_each, pick(running)),
        **_months(x, speed, devices_each, price),
        **_curves(x, found, pick, np.ndim(devices_each)),
        "energy_per_million": _energy(x, loads, pick),
    }


def _paid(devices: Any, price: Any) -> Any:
    """USD a month, infinite for infinitely many devices even if they cost nothing."""
    return np.where(np.isfinite(devices), devices * price * HOURS, np.inf)


def _shared(cost: Any, share: Any, tokens: Any) -> Any:
    """USD for a million tokens that cause a share of the cost."""
    return np.where(np.isfinite(cost), cost * share / tokens * MILLION, np.inf)


def _memory(x: Any, devices: Any, batch: Any) -> dict[str, Any]:
    model, on = served(x), device(x)
    holds = batch * cache_bytes(model, lengths(x).context)
    room = devices * (engines.USED_MEMORY * on.memory_gib - engines.OTHER_BYTES / engines.GIB)
    weights = model.bytes_held / engines.GIB
    return {
        "weights_memory": weights + 0.0 * devices,
        "cache_memory": holds / engines.GIB,
        "memory": room,
        "parameters": float(count(model.arch).total),
    }


def _months(x: Any, speed: Any, devices: Any, price: Any) -> dict[str, Any]:
    grown = [peak_rate(x) * (1 + x.growth) ** month for month in range(x.horizon)]
    needed = np.stack(np.broadcast_arrays(*(capacity.replicas_needed(rate, speed) + x.spare for rate in grown)))
    by_month = needed * devices
    return {"devices_by_month": by_month, "cost_by_month": _paid(by_month, price)}


def _curves(x: Any, found: Sequence[Option], pick: Any, draws: int) -> dict[str, Any]:
    """Time between tokens, and tokens a second of a device, by requests that a replica runs at once; ``draws`` is how
    many axes of draws follow, one or none."""
    loads = np.array(CURVE, dtype=float).reshape(-1, *(1,) * draws)
    between = [capacity.token_seconds(one.replica, loads) for one in found]
    speed = [capacity.requests_per_second(one.replica, loads) * x.output / one.devices for one in found]
    return {"curve_token": pick(between), "curve_speed": pick(speed)}


def _energy(x: Any, loads: Sequence[tuple[Option, Any]], pick: Any) -> Any:
    """kWh of the devices for a million tokens of answers."""
    reached, model, on = fitted("serving-energy"), served(x), device(x)
    new = np.multiply(x.prompt, np.subtract(1.0, x.cache_hits))
    spent = []
    for one, batch in loads:
        node, group = engines.node(on, x.precision, one.spread.tensor), batch / one.spread.stages
        joules = step_energy(
            capacity.cycle_seconds(one.replica, batch),
            reading=weight_seconds(model, node, group) + group * cache_bytes(model, lengths(x).context) / (
                node.tensor * node.bandwidth
            ),
            multiplying=matmul_seconds(model, node, group * (1 + new / x.output)),
            shares=reached,
        )  # fmt: skip
        spent.append(node.tensor * on.design_power_w * joules / group)
    return pick(spent) * MILLION / JOULES_OF_KWH
