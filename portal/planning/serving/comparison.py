"""Facts beside the answer: what other ways would cost, published measurements most like this load, and the catalogue's
rows that were used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from math import hypot, log10
from types import SimpleNamespace
from typing import Any

from portal.planning.calculator import Table
from portal.planning.catalog.accelerators import ACCELERATORS, PACKAGED
from portal.planning.catalog.prices import market
from portal.planning.compute import engines
from portal.planning.compute.parameters import count
from portal.planning.compute.roofline import Served
from portal.planning.evidence.coefficients import predictions
from portal.planning.evidence.families import dense_serving, moe_serving
from portal.planning.evidence.family import Case
from portal.planning.serving import capacity
from portal.planning.serving.calculation import HOURS, Option, chosen, options, peak_rate, replicas, targets
from portal.planning.serving.inputs import MEASURED, PRECISIONS
from portal.planning.serving.spreading import Spread, device, served, shape
from portal.planning.serving.waiting import percentiles, simulated
from portal.planning.training.calculation import device_hour_price
from portal.planning.training.comparison import price_table
from portal.planning.training.inputs import TYPED

NEAREST = 6
DRAFTED, ACCEPTED, DRAFT_COST = 3, 0.7, 0.05
KEPT = 0.75  # of the layers of a pruned model

WAYS_TITLE = "What other ways would cost"
WAYS_NOTE = (
    "Each changes one thing and keeps the rest, in the middle of every range. Fewer bits or layers may cost quality: "
    "test it. Speculative decoding is taken to guess 3 tokens at 5% of a step each, of which 70% are accepted. Other "
    "devices are taken at the same place in their market; those beside H100, H200 and B200 may reach less of their "
    "data sheet."
)
WAY_COLUMNS = (
    ("Way", ""), ("Devices", "devices"), ("Cost a month", "USD/month"), ("Change", "%"),
    ("Between tokens", "seconds"), ("Until the first token", "seconds"),
)  # fmt: skip


AS_PLANNED = "As planned"
CACHE_WAY = "8-bit key-value cache"
SPECULATIVE_WAY = "Speculative decoding"
PRUNED_WAY = "A quarter of the layers pruned"
WORDS = (AS_PLANNED, CACHE_WAY, SPECULATIVE_WAY, PRUNED_WAY)
WAITS_TITLE = "Simulated waits in the busiest time"
WAITS_NOTE = (
    "3,000 requests with log-normal lengths come to one replica at random times, and its scheduler is run step by "
    "step, in the middle of every range. Steps take as long as the estimate says."
)
WAIT_COLUMNS = (
    ("Share of the requests", "%"), ("Until the first token, at most", "seconds"),
    ("Between tokens, at most", "seconds"), ("Until the last token, at most", "seconds"),
)  # fmt: skip
RUNS_TITLE = "Published measurements most like this load"
RUNS_NOTE = (
    "Time between tokens of one replica under load. Predicted by coefficients that were fitted without the model of "
    "the row. Near means like in parameters, device and requests at once."
)
RUN_COLUMNS = (
    ("Model", ""), ("Hardware", ""), ("Engine", ""), ("Weights", ""), ("Requests at once", "requests"),
    ("Prompt", "tokens"), ("Answer", "tokens"), ("Between tokens, published", "seconds"),
    ("Between tokens, predicted", "seconds"), ("Error", "%"), ("Source", ""),
)  # fmt: skip


def tables(x: Any, results: Mapping[str, Any]) -> list[Table]:
    """Of one case."""
    shown = [Table(title=RUNS_TITLE, note=RUNS_NOTE, columns=RUN_COLUMNS, rows=_run_rows(x, results))]
    if x.throughput != MEASURED:
        found = options(x)
        waits = Table(title=WAITS_TITLE, note=WAITS_NOTE, columns=WAIT_COLUMNS, rows=_wait_rows(x, found))
        ways = Table(title=WAYS_TITLE, note=WAYS_NOTE, columns=WAY_COLUMNS, rows=_way_rows(x, found), words=WORDS)
        shown = [each for each in (waits, ways) if each.rows] + shown
    if x.price_basis != TYPED:
        shown.append(price_table(x))
    return shown


def _wait_rows(x: Any, found: list[Option]) -> tuple[tuple[Any, ...], ...]:
    one = _taken(x, found)
    if one is None:
        return ()
    rate = float(peak_rate(x) / (capacity.replicas_needed(peak_rate(x), one.speed) + x.spare))
    try:
        return tuple(percentiles(simulated(x, one, rate)))
    except ValueError:  # drawn lengths hold a request that no replica could: the mean fits, not all do
        return ()


def _taken(x: Any, found: list[Option]) -> Option | None:
    """The option that the plan takes; None where none keeps the targets."""
    if not any(one.speed > 0 for one in found):
        return None
    return next(one for one, this in zip(found, chosen(x, found)[1], strict=True) if this)


def _way_rows(x: Any, found: list[Option]) -> tuple[tuple[Any, ...], ...]:
    planned = _cost(x, found)
    rows = [_way_row(AS_PLANNED, planned, planned), *(_way_row(name, way, planned) for name, way in _ways(x))]
    return tuple(row for row in rows if row[1] != "" or row[0] == AS_PLANNED)


def _ways(x: Any) -> Iterator[tuple[str, tuple[float, ...] | None]]:
    on = device(x)
    for precision, name in PRECISIONS.items():
        fewer = engines.FORMATS[precision].stored < engines.FORMATS[x.precision].stored
        if fewer and engines.peak_flops(on, precision) is not None:
            yield name, _changed(x, precision=precision)
    if x.cache_precision == "bf16":
        yield CACHE_WAY, _changed(x, cache_precision="fp8")
    yield PRUNED_WAY, _cost(x, options(x, _pruned(served(x))))
    yield SPECULATIVE_WAY, _cost(x, [_speculated(x, *each) for each in replicas(x)])
    if x.price_basis != TYPED:
        for key, other in ACCELERATORS.items():
            usable = engines.peak_flops(other, x.precision) is not None
            if key != x.accelerator and usable and market(key, x.price_basis):
                yield other.name, _changed(x, accelerator=key)


def _changed(x: Any, **values: Any) -> tuple[float, ...] | None:
    other = SimpleNamespace(**{**vars(x), **values})
    return _cost(other, options(other))


def _pruned(model: Served) -> Served:
    """With three quarters of its layers, of every kind."""
    arch = model.arch
    layers, windowed = max(round(arch.layers * KEPT), 1), round(arch.windowed_layers * KEPT)
    experts = arch.experts
    if experts:
        experts = replace(experts, dense_layers=min(experts.dense_layers, layers))
    fewer = replace(
        arch, layers=layers, windowed_layers=windowed, window=arch.window if windowed else 0, experts=experts
    )
    return replace(model, arch=fewer)


def _speculated(x: Any, spread: Spread, one: capacity.Replica) -> Option:
    guessing, written = capacity.speculating(one, drafted=DRAFTED, accepted=ACCEPTED, draft_cost=DRAFT_COST)
    wanted = targets(x)
    batch = capacity.most_at_once(guessing, replace(wanted, between=wanted.between * written))
    return Option(spread=spread, replica=guessing, batch=batch, speed=capacity.requests_per_second(guessing, batch))


def _cost(x: Any, found: list[Option]) -> tuple[float, ...] | None:
    """Devices, USD a month, seconds between tokens and until the first one; None where the targets cannot be kept."""
    one = _taken(x, found)
    if one is None:
        return None
    devices = float((capacity.replicas_needed(peak_rate(x), one.speed) + x.spare) * one.devices)
    written = x.output / one.replica.output
    running = capacity.running_at(one.replica, peak_rate(x) * one.devices / devices, one.batch)
    return (
        devices,
        devices * float(device_hour_price(x)) * HOURS,
        float(capacity.token_seconds(one.replica, running) / written),
        float(capacity.first_token_seconds(one.replica, running, x.percentile)),
    )


def _way_row(name: str, way: tuple[float, ...] | None, planned: tuple[float, ...] | None) -> tuple[Any, ...]:
    if way is None:
        return (name, "", "", "", "", "")
    devices, cost, between, first = way
    change = cost / planned[1] - 1 if planned and planned[1] else ""
    return (name, devices, cost, change, between, first)


@cache
def _known(mixture: bool) -> tuple[tuple[Case, float], ...]:
    """Measured runs of dense models or of mixtures, each with what a fit without its model predicts."""
    family = moe_serving if mixture else dense_serving
    said = predictions()[family.FAMILIES[0].slug]
    return tuple((case, said[case.key].predicted) for case in family.read() if case.fitted and case.key in said)


def nearest_runs(parameters: float, bandwidth: float, batch: float, *, mixture: bool) -> list[tuple[Case, float]]:
    """The measured runs nearest by the ratios of parameters, bandwidth and requests at once, on logarithmic scales,
    each with its prediction."""

    def distance(known: tuple[Case, float]) -> float:
        case = known[0]
        at_once = max(float(case.shown["Requests at once"]), 1.0)
        ratios = case.parameters / parameters, _BANDWIDTHS[case.hardware] / bandwidth, at_once / max(batch, 1.0)
        return hypot(*(log10(ratio) for ratio in ratios))

    return sorted(_known(mixture), key=distance)[:NEAREST]


_BANDWIDTHS = {device.name: device.bandwidth_gbs for device in PACKAGED.values()}


def _run_rows(x: Any, results: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    arch = shape(x)
    near = nearest_runs(
        float(count(arch).total), device(x).bandwidth_gbs, float(results["running"]), mixture=arch.experts is not None
    )
    rows = []
    for case, predicted in near:
        shown = case.shown
        rows.append(
            (case.label.partition(",")[0], f"{shown['Devices']} × {case.hardware}", shown["Engine"],
             shown["Precision"], shown["Requests at once"], shown["Prompt, tokens"], shown["Output, tokens"],
             case.measured, predicted, predicted / case.measured - 1, case.source)
        )  # fmt: skip
    return tuple(rows)
