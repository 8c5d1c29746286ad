"""The serving calculator: capacity by hand, the simulation beside it, refusals and words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.serving import CALCULATOR
from portal.planning.calculators.unit_economics import CALCULATOR as UNIT_ECONOMICS
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.engine import Case, evaluate, simulate
from portal.planning.serving import capacity, comparison, refusals, words
from portal.planning.serving.calculation import options, peak_rate
from portal.planning.serving.spreading import divides, served
from portal.planning.serving.waiting import percentiles, simulated
from portal.planning.wording import say
from portal.plans.join import fill

# Every number certain, so that a case can be followed.
PLAIN: dict[str, Any] = {
    "requests_per_day": 1e6, "peak_factor": 2, "prompt": 800, "output": 300, "growth": 0, "error_basis": "typed",
    "price_basis": "typed", "usd_per_device_hour": 2,
}  # fmt: skip


def case(**values: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, PLAIN | values))


def outputs(**values: Any) -> dict[str, Any]:
    return dict(case(**values).outputs)


def refusal(**values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        case(**values)
    return {field: str(found[0]) for field, found in refused.value.problems.items()}


# Capacity

REPLICA = capacity.Replica(
    base=0.002, read_all=0.008, read_none=0.008, missed=0.0, multiply=0.0001, each=0.00002, prompt=0.01, stalled=1.0,
    output=100.0, prompt_variation=0.0, held=1e6,
)  # fmt: skip


def test_a_step_by_hand() -> None:
    assert capacity.step_seconds(REPLICA, 50) == pytest.approx(0.002 + 0.008 + 50 * 0.00002)
    assert capacity.step_seconds(REPLICA, 100) == pytest.approx(0.002 + 100 * 0.0001 + 100 * 0.00002)
    # Half a prompt begins in a step of 50 requests of 100 tokens.
    assert capacity.token_seconds(REPLICA, 50) == pytest.approx(0.011 + 0.005)
    assert capacity.requests_per_second(REPLICA, 50) == pytest.approx(50 / (100 * 0.016))
    assert capacity.prompt_share(REPLICA, 50) == pytest.approx(0.005 / 0.016)


def test_experts_are_read_as_they_are_touched() -> None:
    mixture = replace(REPLICA, read_none=0.002, missed=0.5)
    assert capacity.step_seconds(mixture, 0) == pytest.approx(0.002 + 0.002)
    assert capacity.step_seconds(mixture, 1) == pytest.approx(0.002 + 0.005 + 0.00002)


@given(between=st.floats(0.011, 1), first=st.floats(0.03, 10), percentile=st.floats(0.5, 0.999))
def test_the_most_at_once_is_within_the_targets_and_more_is_not(
    between: float, first: float, percentile: float
) -> None:
    targets = capacity.Targets(first=first, between=between, percentile=percentile)
    most = capacity.most_at_once(REPLICA, targets)

    def kept(batch: float) -> bool:
        peak = capacity.at_percentile(batch, percentile)
        if peak > capacity.MOST_AT_ONCE or capacity.token_seconds(REPLICA, peak) > between:
            return False
        return bool(capacity.first_token_seconds(REPLICA, batch, percentile) <= first)

    assert most == 0 or kept(float(most))
    assert not kept(max(float(most), 1e-3) * 1.001)


def test_memory_bounds_what_runs_at_once() -> None:
    few = replace(REPLICA, held=20.0)
    targets = capacity.Targets(first=10, between=1, percentile=0.95)
    most = capacity.most_at_once(few, targets)
    assert capacity.at_percentile(most, 0.95) == pytest.approx(20, rel=1e-4)
    assert capacity.most_at_once(replace(REPLICA, held=0.9), targets) == 0


@given(rate=st.floats(0.01, 30))
def test_what_runs_finishes_as_it_comes(rate: float) -> None:
    running = capacity.running_at(REPLICA, rate, 500.0)
    assert capacity.requests_per_second(REPLICA, running) == pytest.approx(rate, rel=1e-3)


def test_long_answers_weigh_more_in_memory() -> None:
    alike = capacity.Lengths(prompt=100.0, output=200.0)
    mixed = capacity.Lengths(prompt=100.0, output=200.0, output_variation=1.0)
    assert (alike.context, mixed.context) == (200, 300)


def test_speculation_writes_more_a_step() -> None:
    guessing, written = capacity.speculating(REPLICA, drafted=3, accepted=0.7, draft_cost=0.0)
    assert written == pytest.approx(1 + 0.7 + 0.49 + 0.343)
    assert guessing.output == pytest.approx(100 / written)
    assert guessing.multiply == pytest.approx(4 * REPLICA.multiply)


def test_no_speed_needs_endless_replicas() -> None:
    assert capacity.replicas_needed(3.0, 0.0) == math.inf
    assert capacity.replicas_needed(3.0, 2.0) == 2


# The whole


def test_a_million_requests_a_day_get_devices_dollars_and_an_interval() -> None:
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, {"first_target": 0.5}), draws=2_000, seed=1)
    low, middle, high = outcome.quantiles("cost", (0.05, 0.5, 0.95))
    assert 0 < low < middle < high < math.inf
    assert 1 <= outcome.quantile("devices", 0.5) <= 4
    said = say(CALCULATOR.answer(outcome))
    assert "H100" in said
    assert "nine times in ten" in said
    assert "time_factor" in outcome.samples


def test_costs_of_tokens_add_up_to_the_cost() -> None:
    found = outputs()
    tokens_in, tokens_out = found["requests"] * 800 / 1e6, found["requests"] * 300 / 1e6
    total = tokens_in * found["usd_per_million_input_tokens"] + tokens_out * found["usd_per_million_output_tokens"]
    assert total == pytest.approx(found["cost"])


def test_what_makes_serving_dearer_and_cheaper() -> None:
    usual = outputs(requests_per_day=5e7)
    assert outputs(requests_per_day=5e7, output=600)["devices"] > usual["devices"]
    assert outputs(requests_per_day=5e7, prompt=4000)["devices"] > usual["devices"]
    assert outputs(requests_per_day=5e7, prompt=4000, cache_hits=0.9)["devices"] < outputs(
        requests_per_day=5e7, prompt=4000
    )["devices"]  # fmt: skip
    assert outputs(requests_per_day=5e7, slower=1.5)["devices"] > usual["devices"]
    assert outputs(requests_per_day=5e7, precision="fp8")["devices"] < usual["devices"]
    assert outputs(requests_per_day=5e7, token_target=0.02)["devices"] > usual["devices"]
    assert outputs(requests_per_day=5e7, accelerator="b200")["devices"] < usual["devices"]


def test_automatic_takes_the_fewest_devices() -> None:
    each = {}
    for split in ("1", "2", "4", "8"):
        each[split] = outputs(requests_per_day=5e7, split=split)["devices"]
    assert outputs(requests_per_day=5e7)["devices"] == min(each.values())
    large = outputs(architecture="llama-3.1-405b", precision="fp8")
    assert large["devices_per_replica"] == 8


def test_a_split_that_some_heads_do_not_divide_is_not_offered() -> None:
    arch = served(case(architecture="qwen2.5-7b").resolved).arch  # 28 heads, 4 groups
    assert [t for t in (1, 2, 4, 8) if divides(arch, t)] == [1, 2, 4]


def test_measured_speed_replaces_the_estimate() -> None:
    found = outputs(throughput="measured", measured_speed=100)
    assert found["replicas"] == math.ceil(1e6 / 86_400 * 2 * 300 / 100)
    titles = [table.title for table in comparison.tables(case(throughput="measured").resolved, found)]
    assert comparison.WAYS_TITLE not in titles


def test_the_cost_of_a_request_goes_to_unit_economics() -> None:
    cost = outputs()["usd_per_request"]
    filled = fill(UNIT_ECONOMICS.inputs, {"cost_basis": "typed"}, {"usd_per_request": cost})
    assert filled.inputs["inference_cost"] == cost


def test_growth_by_month() -> None:
    grown = outputs(growth=0.5, horizon=6, requests_per_day=2e7)["devices_by_month"]
    assert list(grown) == sorted(grown)
    assert grown[5] / grown[0] == pytest.approx(1.5**5, rel=0.2)


@pytest.mark.parametrize("preset", [{}, {"architecture": "llama-3.1-70b", "precision": "fp8", "first_target": 2}])
def test_the_simulation_agrees_with_the_estimate(preset: dict[str, Any]) -> None:
    x = case(**preset, requests_per_day=2e7).resolved
    one = options(x)[-1]
    rate = 0.7 * float(one.speed)
    running = capacity.running_at(one.replica, rate, one.batch)
    rows = percentiles(simulated(x, one, rate))
    estimated = float(capacity.token_seconds(one.replica, running))
    assert rows[0][2] == pytest.approx(estimated, rel=0.25)
    first = float(capacity.first_token_seconds(one.replica, running, 0.95))
    assert rows[1][1] == pytest.approx(first, rel=0.5)
    assert rows[1][1] <= 1.5 * x.first_target
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)


def test_tables_of_one_case() -> None:
    found = case(price_basis="on_demand")
    shown = {table.title: table for table in comparison.tables(found.resolved, found.outputs)}
    ways = {row[0]: row for row in shown[comparison.WAYS_TITLE].rows}
    assert ways[comparison.AS_PLANNED][1:3] == (found.outputs["devices"], pytest.approx(found.outputs["cost"]))
    assert ways["FP8, weights and products"][1] <= ways[comparison.AS_PLANNED][1]
    assert "NVFP4, weights and products" not in ways  # H100 has no such products
    assert ways[comparison.PRUNED_WAY][2] <= ways[comparison.AS_PLANNED][2]
    runs = shown[comparison.RUNS_TITLE].rows
    assert len(runs) == comparison.NEAREST
    assert all(row[9] == pytest.approx(row[8] / row[7] - 1) for row in runs)
    assert len(shown[comparison.WAITS_TITLE].rows) == 3
    for table in shown.values():
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_latency_and_throughput_rise_together() -> None:
    found = outputs()
    assert (np.diff(found["curve_token"]) > 0).all()
    assert (np.diff(found["curve_speed"]) > 0).all()


def test_many_draws_are_each_a_case() -> None:
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, {}), draws=500, seed=3)
    assert np.isfinite(outcome.samples["cost"]).all()
    assert (outcome.samples["utilisation"] <= 1).all()


# Refusals


def test_a_model_that_never_fits_is_refused_with_what_would_work() -> None:
    told = refusal(architecture="llama-3.1-405b", split="4")
    assert set(told) == {"split"}
    assert "755" in told["split"] or "756" in told["split"]  # GiB of weights
    assert "would fit on" in told["split"]
    vast = {"architecture": "custom", "layers": 400, "hidden": 32_768, "heads": 256, "kv_heads": 8, "ffn": 131_072}
    whole = refusal(**vast)
    assert set(whole) == {"accelerator"}
    assert "64 × NVIDIA H100" in whole["accelerator"]
    huge = refusal(architecture="custom", layers=2000, hidden=65_536, heads=512, kv_heads=512, ffn=262_144)
    assert set(huge) == {"architecture"}


def test_precision_that_the_device_lacks() -> None:
    told = refusal(accelerator="a100-80", precision="fp8")
    assert set(told) == {"precision"}
    assert "H100" in told["precision"]


def test_impossible_targets_are_told_their_floor() -> None:
    slow = refusal(architecture="llama-3.1-70b", token_target=0.001, first_target=60)
    assert set(slow) == {"token_target"}
    assert "at best" in slow["token_target"]
    late = refusal(architecture="llama-3.1-70b", first_target=0.02, token_target=1, prompt=8_000)
    assert set(late) == {"first_target"}


def test_a_range_is_refused_only_if_its_easiest_end_is() -> None:
    kept = simulate(
        CALCULATOR, read_inputs(CALCULATOR.inputs, PLAIN | {"token_target": "0.001 to 0.05"}), draws=200, seed=1
    )
    share = float(np.isfinite(kept.samples["devices"]).mean())
    assert 0 < share < 1
    assert share == pytest.approx(np.mean(np.asarray(kept.samples["at_once"]) > 0))


def test_words_when_the_targets_are_missed_in_most_cases() -> None:
    outcome = simulate(
        CALCULATOR, read_inputs(CALCULATOR.inputs, PLAIN | {"token_target": "0.0005 to 0.008"}), draws=200, seed=1
    )
    assert CALCULATOR.answer(outcome).text in (words.NOT_IN_TIME, words.NOT_IN_TIME_ALL)
    assert "of the cases only" in say(CALCULATOR.answer(outcome))


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"price_basis": "contract_1y", "accelerator": "t4"}, "price_basis", "no such price"),
        ({"architecture": "qwen2.5-7b", "split": "8"}, "split", "1, 2, 4, 16, 32, 64 would work"),
        ({"architecture": "custom", "hidden": 100, "heads": 48, "kv_heads": 8}, "hidden", "96 would work"),
        ({"architecture": "custom", "heads": 32, "kv_heads": 7}, "kv_heads", "4 would work"),
        ({"architecture": "custom", "experts": 8, "active_experts": 9, "expert_ffn": 4}, "active_experts", "1 to 8"),
        ({"architecture": "custom", "experts": 8, "active_experts": 2}, "expert_ffn", "width of an expert"),
        ({"prompt": 5e6, "first_target": 3600}, "accelerator", "does not fit beside the weights"),
    ],
)
def test_what_no_server_serves(values: dict[str, Any], field: str, part: str) -> None:
    told = refusal(**values)
    assert part in told[field]


@pytest.mark.parametrize(
    "values", [{"requests_per_day": 0}, {"output": 0}, {"token_target": -1}, {"cache_hits": 1}, {"peak_factor": 0.5}]
)
def test_values_out_of_bounds(values: dict[str, Any]) -> None:
    assert set(refusal(**values)) == set(values)


def test_every_refusal_is_declared() -> None:
    texts = [value for name, value in vars(refusals).items() if name.isupper() and isinstance(value, str)]
    assert set(refusals.REFUSALS) >= {text for text in texts if " " in text}


# Notices


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"requests_per_day": 1e4}, words.IDLE),
        ({"prompt": 6000, "output": 20, "first_target": 5}, words.MOSTLY_PROMPTS),
        ({"architecture": "qwen3-30b-a3b"}, words.MIXTURE),
        ({"accelerator": "mi300x"}, words.NOT_THESE_DEVICES),
        ({"architecture": "llama-2-7b", "prompt": 6000, "first_target": 5}, words.LONG_REQUESTS),
        ({"architecture": "llama-3.1-70b", "split": "2", "token_target": 1, "first_target": 60}, words.MEMORY_BOUND),
    ],
)
def test_notices(values: dict[str, Any], text: str) -> None:
    assert text in [notice.text for notice in case(**values).notices]


@settings(max_examples=20, deadline=None)
@given(
    rate=st.floats(1, 1e9),
    prompt=st.floats(1, 3e4),
    output=st.floats(1, 3e4),
    key=st.sampled_from(["h100-sxm", "h200", "b200", "l40s"]),
)
def test_any_load_is_answered_or_refused(rate: float, prompt: float, output: float, key: str) -> None:
    try:
        found = outputs(requests_per_day=rate, prompt=prompt, output=output, accelerator=key, first_target=30)
    except Invalid:
        return
    assert found["devices"] >= found["replicas"] >= 1
    assert not math.isnan(found["cost"])
    assert found["first_token"] > 0
    assert ACCELERATORS[key].memory_gib * found["devices_per_replica"] > found["weights_memory"]


def test_peak_rate_by_hand() -> None:
    assert peak_rate(case().resolved) == pytest.approx(1e6 / 86_400 * 2)


@pytest.mark.parametrize("architecture", ["qwen3-30b-a3b", "deepseek-v2-lite", "gpt2-124m"])
def test_tables_of_models_of_every_kind(architecture: str) -> None:
    found = case(architecture=architecture, price_basis="on_demand", prompt=200)
    shown = {table.title: table for table in comparison.tables(found.resolved, found.outputs)}
    assert len(shown[comparison.RUNS_TITLE].rows) == comparison.NEAREST
    assert comparison.PRUNED_WAY in [row[0] for row in shown[comparison.WAYS_TITLE].rows]
