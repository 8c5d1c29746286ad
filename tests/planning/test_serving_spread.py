"""Serving on several servers, on devices of one's own, and with the errors that estimates had."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.serving import CALCULATOR
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.engine import Case, evaluate, simulate, upgrade_inputs
from portal.planning.evidence.registry import all_families
from portal.planning.serving import capacity, errors, refusals, words
from portal.planning.serving.calculation import options
from portal.planning.serving.comparison import RUNS_TITLE, WAITS_TITLE, tables
from portal.planning.serving.spreading import Spread, passing, spread_over, unevenness
from portal.planning.serving.waiting import percentiles, simulated

PLAIN: dict[str, Any] = {
    "requests_per_day": 1e6, "peak_factor": 2, "prompt": 800, "output": 300, "growth": 0, "error_basis": "typed",
    "price_basis": "typed", "usd_per_device_hour": 2, "first_target": 5, "token_target": 0.2,
}  # fmt: skip
LARGE = {"architecture": "llama-3.1-405b", "accelerator": "h100-sxm"}  # 16 bits: 756 GiB on servers of 637


def case(**values: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, PLAIN | values))


def outputs(**values: Any) -> dict[str, Any]:
    return dict(case(**values).outputs)


def refusal(**values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        case(**values)
    return {field: str(found[0]) for field, found in refused.value.problems.items()}


# Several servers


@pytest.mark.parametrize(
    ("architecture", "precision", "accelerator", "devices"),
    [
        ("llama-3.1-405b", "bf16", "h100-sxm", 16),
        ("llama-3.1-405b", "fp8", "h100-sxm", 8),
        ("deepseek-v3", "fp8", "h100-sxm", 16),
        ("deepseek-v3", "fp8", "h200", 8),
        ("kimi-k2", "fp8", "h200", 16),
        ("kimi-k2", "bf16", "h100-sxm", 32),
    ],
)
def test_large_models_take_as_many_servers_as_hold_them(
    architecture: str, precision: str, accelerator: str, devices: int
) -> None:
    found = case(architecture=architecture, precision=precision, accelerator=accelerator)
    assert found.outputs["devices_per_replica"] == devices
    assert math.isfinite(found.outputs["cost"])
    told = {notice.text: notice.figures for notice in found.notices}
    assert (words.SEVERAL_SERVERS in told) == (devices > 8)
    if devices > 8:
        assert (told[words.SEVERAL_SERVERS]["groups"][0], told[words.SEVERAL_SERVERS]["each"][0]) == (devices // 8, 8)


def test_how_devices_are_grouped() -> None:
    arch = MODELS["llama-3.1-405b"].architecture  # 126 layers, 128 heads, 8 groups of them
    assert spread_over(arch, 8) == Spread(8)
    assert spread_over(arch, 16) == Spread(8, 2)
    odd = MODELS["qwen2.5-7b"].architecture  # 28 heads, 4 groups, 28 layers
    assert spread_over(odd, 8) is None
    assert spread_over(odd, 16) == Spread(4, 4)
    assert spread_over(MODELS["gpt2-124m"].architecture, 16) is None  # only whole, on 12 layers
    assert unevenness(arch, Spread(8, 2)) == 1
    assert unevenness(arch, Spread(8, 4)) == pytest.approx(4 * 32 / 126)


def test_what_passes_between_servers_by_hand() -> None:
    x = case(**LARGE).resolved
    arch = MODELS["llama-3.1-405b"].architecture
    # 16,384 numbers of 2 bytes at 50 GB/s, once from the first server to the second.
    assert passing(x, arch, Spread(8, 2)) == pytest.approx(16_384 * 2 / 50e9)
    assert passing(x, arch, Spread(8)) == 0
    slow = case(**LARGE, network_gbs=1).resolved
    assert passing(slow, arch, Spread(8, 4)) == pytest.approx(3 * 16_384 * 2 / 1e9)
    # NVL72 joins 72 devices by its links.
    rack = case(**(LARGE | {"accelerator": "gb200"})).resolved
    assert passing(rack, arch, Spread(8, 2)) == pytest.approx(16_384 * 2 / (ACCELERATORS["gb200"].link_gbs / 2 * 1e9))


@given(batch=st.floats(1e-3, 400), stages=st.integers(2, 8), missed=st.sampled_from([0.0, 0.9]))
def test_a_pipeline_serves_a_group_of_requests_in_each_stage(batch: float, stages: int, missed: float) -> None:
    one = capacity.Replica(
        base=0.002, read_all=0.008, read_none=0.002, missed=missed, multiply=1e-4, each=2e-5, prompt=0.01, stalled=0.9,
        output=100.0, prompt_variation=1.0, held=1e6,
    )  # fmt: skip
    pipeline = replace(one, stages=stages)
    whole = stages * batch
    assert capacity.token_seconds(pipeline, whole) == pytest.approx(capacity.token_seconds(one, batch))
    assert capacity.first_token_seconds(pipeline, whole, 0.95) == pytest.approx(
        capacity.first_token_seconds(one, batch, 0.95)
    )
    served = capacity.requests_per_second(one, batch)
    assert capacity.requests_per_second(pipeline, whole) == pytest.approx(stages * served)
    assert capacity.prompt_share(pipeline, whole) == pytest.approx(capacity.prompt_share(one, batch))


def test_two_servers_answer_as_one_does_and_hold_more() -> None:
    """A model that one server holds gains memory and throughput by a second one, and no speed."""
    model = {"architecture": "llama-3.1-70b", "requests_per_day": 2e7}
    one, two = outputs(**model, split="8"), outputs(**model, split="16")
    assert two["memory"] == pytest.approx(2 * one["memory"])
    assert two["weights_memory"] == one["weights_memory"]
    fast_one, fast_two = np.array(one["curve_token"]), np.array(two["curve_token"])
    assert (fast_two[1:] > fast_one[:-1]).all()  # twice the requests on twice the servers, and passing on besides
    assert fast_two[1:] == pytest.approx(fast_one[:-1], rel=0.05)
    assert two["energy_per_million"] > 0


def test_a_slow_network_slows_the_pipeline() -> None:
    fast, slow = outputs(**LARGE), outputs(**LARGE, network_gbs=0.5)
    assert slow["token"] > fast["token"]
    assert slow["first_token"] > fast["first_token"]


def test_automatic_stays_on_one_server_where_that_has_room() -> None:
    arch = case(architecture="llama-3.1-70b").resolved
    assert {one.spread.stages for one in options(arch)} == {1}
    assert {one.devices for one in options(case(**LARGE).resolved)} == {16}


def test_the_simulation_of_a_pipeline_agrees_with_the_estimate() -> None:
    x = case(**LARGE, requests_per_day=2e7).resolved
    one = options(x)[-1]
    rate = 0.7 * float(one.speed)
    running = capacity.running_at(one.replica, rate, one.batch)
    rows = percentiles(simulated(x, one, rate))
    assert rows[0][2] == pytest.approx(float(capacity.token_seconds(one.replica, running)), rel=0.25)
    found = case(**LARGE)
    assert {WAITS_TITLE, RUNS_TITLE} <= {table.title for table in tables(found.resolved, found.outputs)}


def test_more_groups_than_layers_are_refused() -> None:
    told = refusal(architecture="gpt2-124m", split="16")
    assert "12 layers" in told["split"]
    assert "1 would work" in told["split"]


# Errors


def test_the_error_of_the_estimate_is_that_of_such_models() -> None:
    """Dense models by the runs of dense ones, mixtures by those of mixtures, which lie further off."""
    dense = {"error_basis": "runs", "architecture": "llama-3.1-70b", "precision": "fp8", "requests_per_day": 1e8}
    wide = []
    for model, family in ((dense, "dense-serving"), (dense | {"architecture": "qwen3-235b-a22b"}, "moe-serving")):
        low, middle, high = (outputs(**model, error_position=at)["time_factor"] for at in (0.05, 0.5, 0.95))
        assert 0.4 < low < middle < high
        assert middle == pytest.approx(1, abs=0.15)
        ratios = errors._ratios(family)[1]
        assert ratios.min() <= low
        assert high <= ratios.max()
        wide.append(high / low)
        slowest = outputs(**model, error_position=1)
        assert slowest["devices"] >= outputs(**model, error_position=0)["devices"]
    assert wide[1] > wide[0]


@pytest.mark.parametrize("family", ["dense-serving", "moe-serving"])
def test_errors_are_those_of_the_scorecard(family: str) -> None:
    cases = [case for case in all_families()[family].read() if case.fitted]
    runs, models = errors.runs_and_models(family)
    assert (runs, models) == (len(cases), len({case.model for case in cases}))
    places, factors = errors._distribution(family)
    assert (np.diff(places) > 0).all()
    assert (np.diff(factors) >= 0).all()
    # A place is the part of the runs that lie below, in which every model has the same weight.
    names, ratios = np.array(errors._ratios(family)[0]), errors._ratios(family)[1]
    for at in (0, len(places) // 3, len(places) - 1):
        below = [(np.sum(ratios[names == name] < ratios[at])) / np.sum(names == name) for name in set(names)]
        assert places[at] == pytest.approx(np.mean(below), abs=0.5 / min(np.sum(names == n) for n in set(names)))


def test_a_mixture_says_how_sure_its_estimate_is() -> None:
    found = case(architecture="qwen3-235b-a22b", precision="fp8", error_basis="runs")
    figures = next(notice.figures for notice in found.notices if notice.text == words.MIXTURE)
    assert figures["runs"][0] > 1_000
    assert figures["half"][0] > figures["dense"][0] > 0
    nearest = next(table for table in tables(found.resolved, found.outputs) if table.title == RUNS_TITLE)
    mixtures = {case.label.partition(",")[0] for case in all_families()["moe-serving"].read()}
    assert {row[0] for row in nearest.rows} <= mixtures


def test_a_typed_factor_is_taken_as_it_is() -> None:
    assert outputs(slower=1.3)["time_factor"] == 1.3
    assert outputs(slower=1.3)["curve_token"] == pytest.approx(1.3 * np.array(outputs()["curve_token"]))


def test_a_stored_plan_of_version_1_keeps_its_factor() -> None:
    stored = upgrade_inputs(CALCULATOR, 1, {"slower": {"low": 0.8, "high": 1.2, "family": "lognormal"}})
    inputs: Any = read_inputs(CALCULATOR.inputs, stored)
    assert (inputs.error_basis, inputs.slower.low, inputs.slower.high) == ("typed", 0.8, 1.2)


# Own devices

TYPED_H100 = {
    "accelerator": "custom", "peak_tflops": 989.5, "peak_8bit_tflops": 1_979, "device_bandwidth": 3_350,
    "device_links": 900, "device_power": 700,
}  # fmt: skip


@pytest.mark.parametrize("precision", ["bf16", "fp8", "int4"])
def test_a_typed_device_is_served_as_the_same_one_of_the_catalogue(precision: str) -> None:
    known = ACCELERATORS["h100-sxm"]
    same = TYPED_H100 | {
        "peak_tflops": known.bf16_tflops, "peak_8bit_tflops": known.fp8_tflops, "device_memory": known.memory_gib,
        "device_bandwidth": known.bandwidth_gbs, "device_links": known.link_gbs, "device_power": known.design_power_w,
    }  # fmt: skip
    model = {"architecture": "llama-3.1-70b", "precision": precision, "requests_per_day": 2e7}
    mine, theirs = outputs(**model, **same), outputs(**model)
    for name, value in theirs.items():
        assert mine[name] == pytest.approx(value, rel=1e-9), name


def test_words_of_a_typed_device() -> None:
    values = PLAIN | TYPED_H100 | {"requests_per_day": "1e6 to 2e7"}
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, values), draws=200, seed=1)
    value, unit = CALCULATOR.answer(outcome).figures["devices"]
    assert (value, unit) == (outcome.quantile("devices", 0.5), "devices")
    assert words.NOT_THESE_DEVICES in [notice.text for notice in outcome.case.notices]
    titles = [table.title for table in tables(outcome.case.resolved, outcome.case.outputs)]
    assert RUNS_TITLE in titles


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"peak_8bit_tflops": 0, "precision": "fp8"}, "precision", "8-bit peak above 0"),
        ({"precision": "nvfp4"}, "precision", "NVFP4 a device of the catalogue"),
        ({"price_basis": "on_demand"}, "price_basis", "type one"),
        ({"device_memory": 16, "architecture": "llama-3.1-70b", "split": "4"}, "split", "4 devices hold"),
        ({"device_memory": 16, "prompt": 1e6}, "accelerator", "8 devices leave"),
        ({"device_memory": 4, "architecture": "llama-3.1-405b"}, "accelerator", "would fit on 16 × NVIDIA H100"),
    ],
)
def test_what_a_typed_device_cannot(values: dict[str, Any], field: str, text: str) -> None:
    told = refusal(**(TYPED_H100 | values))
    assert text in told[field]


def test_a_measured_speed_is_not_refused_for_what_is_estimated() -> None:
    slow = {"token_target": 0.001, "architecture": "llama-3.1-70b"}
    assert set(refusal(**slow)) == {"token_target"}
    found = outputs(**slow, throughput="measured", measured_speed=900)
    assert found["replicas"] == math.ceil(1e6 / 86_400 * 2 * 300 / 900)
    assert all(np.isfinite(found[name]) for name in ("first_token", "token", "cost", "cache_memory"))


def test_every_refusal_of_devices_is_declared() -> None:
    assert {refusals.NO_OWN_PRODUCTS, refusals.TOO_MANY_STAGES} <= set(CALCULATOR.sentences)
