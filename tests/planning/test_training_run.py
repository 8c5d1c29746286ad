"""The training-run calculator beyond what every calculator must keep."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.models.shape import DecoderConfig
from mlcore.reading import Invalid, read_inputs
from mlcore.spec import params
from portal.planning.calculators.training_run import CALCULATOR
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.prices import market
from portal.planning.catalog.runs import RUNS
from portal.planning.engine import Case, evaluate, simulate, upgrade_inputs
from portal.planning.evidence.coefficients import fitted, predictions
from portal.planning.evidence.registry import all_families
from portal.planning.evidence.validation import spread
from portal.planning.training import outputs, words
from portal.planning.training.calculation import compute
from portal.planning.training.comparison import nearest_runs
from portal.planning.training.examples import GIVEN
from portal.planning.training.inputs import RUN_ERROR, STEP_ERROR, STEPS
from portal.planning.wording import say
from portal.plans.join import fill

START: Any = read_inputs(CALCULATOR.inputs, {})
# Time and cost without anything uncertain
PLAIN = {
    **GIVEN, "utilisation": 0.4, "overhead": 1, "framework_memory": 2, "price_basis": "typed", "usd_per_device_hour": 2,
}  # fmt: skip


def case(**given: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given))


def told(**given: Any) -> list[str]:
    return [notice.text for notice in case(**given).notices]


def refused(**given: Any) -> dict[str, str]:
    """Of a typed layout, unless it is said to be searched for."""
    given = {"layout": "typed"} | given
    with pytest.raises(Invalid) as caught:
        case(**given)
    return {field: str(problems[0]) for field, problems in caught.value.problems.items()}


# What it starts from


def test_presets_and_devices_are_as_many_as_a_founder_may_expect() -> None:
    choices = {name: dict(param.choices) for name, param, _ in params(CALCULATOR.inputs) if param.choices}
    assert set(choices["architecture"]) == {"custom", *MODELS}
    assert len(choices["architecture"]) > 40
    assert set(choices["accelerator"]) == {"custom", *ACCELERATORS}
    assert len(CALCULATOR.presets) >= 4


@pytest.mark.parametrize("preset", CALCULATOR.presets, ids=lambda preset: preset.slug)
def test_every_preset_fits_and_answers(preset: Any) -> None:
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, preset.inputs), draws=2000, seed=1)
    assert outcome.share("fits") == 1
    answer = CALCULATOR.answer(outcome)
    assert answer.text == words.TAKES_BETWEEN
    assert answer.figures["usd_low"][0] < answer.figures["usd"][0] < answer.figures["usd_high"][0]
    assert outcome.tornado("days")[0].labels in (("Error of the prediction",), ("Utilisation",))


def test_any_catalogued_model_can_be_chosen() -> None:
    for key, model in MODELS.items():
        sequence = min(model.context, 2048)
        results = case(architecture=key, sequence_length=sequence, recomputation="full").outputs
        assert (
            6 * results["active_parameters"] * 0.5 < results["flops_per_token"] < 6 * results["active_parameters"] * 2
        )


# Custom sizes and measured jobs


def test_custom_sizes_make_the_same_model_as_its_preset() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    sizes = {name: getattr(arch, name) for name in ("layers", "hidden", "heads", "kv_heads", "ffn", "gated", "tied")}
    custom = case(architecture="custom", vocabulary=arch.vocabulary, **sizes)
    assert custom.outputs == case().outputs
    gpt = case(
        architecture="custom", layers=12, hidden=768, heads=12, kv_heads=12, ffn=3072, gated=False, tied=True,
        biases=True, learned_positions=True, vocabulary=50_257, sequence_length=1024,
    )  # fmt: skip
    assert gpt.outputs["parameters"] == 124_439_808
    mixture = case(
        architecture="custom", vocabulary=32_000, experts=8, active_experts=2, expert_ffn=14_336, recomputation="full"
    )
    assert mixture.outputs["parameters"] == 46_702_792_704
    assert mixture.outputs["active_parameters"] == 12_879_925_248


CONFIG = DecoderConfig(vocab=4096, layers=6, hidden=384, heads=6, kv_heads=3, ffn=1024, context=512)


def measured(**changed: Any) -> dict[str, Any]:
    """What a training job on a computer without accelerator measures."""
    return {
        "arch.layers": CONFIG.layers, "arch.hidden": CONFIG.hidden, "arch.heads": CONFIG.heads,
        "arch.kv_heads": CONFIG.kv_heads, "arch.ffn": CONFIG.ffn, "arch.vocab": CONFIG.vocab, "arch.seq": 256,
        "arch.gated": True, "arch.tied": True, "arch.biases": False, "arch.learned_positions": False,
        "train.tokens": 3_000_000, "train.global_batch": 64, "train.micro_batch": 16, "train.devices": 1,
        "train.tensor_parallel": 1, "train.pipeline_parallel": 1, "train.attention_count": "causal",
        "utilisation": 0.37, "device_peak_tflops": 0.21, "device_memory_gib": 7.6, "device_power": 45,
        "usd_per_device_hour": 0.05, **changed,
    }  # fmt: skip


def test_a_measured_job_is_reproduced_exactly() -> None:
    base = {"architecture": "llama-3.1-70b", "devices": 2048, "tensor_parallel": 8, "global_batch": 2048}
    filled = fill(CALCULATOR.inputs, base, measured())
    assert not filled.refused
    results = case(**filled.inputs, overhead_basis="typed", overhead=1, precision="fp32").outputs
    assert results["parameters"] == CONFIG.parameters()
    assert results["flops_per_token"] == pytest.approx(CONFIG.training_flops_per_token(256), rel=1e-12)
    tokens_per_second = 0.37 * 0.21e12 / CONFIG.training_flops_per_token(256)
    assert results["tokens_per_second"] == pytest.approx(tokens_per_second)
    hours = 3_000_000 / tokens_per_second / 3600
    assert results["device_hours"] == pytest.approx(hours)
    assert results["cost"] == pytest.approx(0.05 * hours)
    assert results["device_watts"] == 45


def test_memory_of_a_small_model_is_sensible() -> None:
    filled = fill(CALCULATOR.inputs, {}, measured()).inputs
    results = case(**filled, precision="fp32", framework_memory=0.5).outputs
    states = results["weights_memory"] + results["gradients_memory"] + results["optimizer_memory"]
    assert states * 2**30 == pytest.approx(16 * CONFIG.parameters())
    logits = fitted("training-memory")["logits"]
    assert results["logits_memory"] * 2**30 == pytest.approx(16 * 256 * (2 * 4 * 384 + logits * 4096))
    assert 0.5 < results["memory"] < 2
    assert results["fits"]


def test_every_measured_quantity_has_a_field_that_takes_it() -> None:
    takes = {param.quantity for _, param, _ in params(CALCULATOR.inputs) if param.quantity}
    assert set(measured()) <= takes
    assert CALCULATOR.outputs["cost"].quantity == "training_cost"


# Time, cost, energy


def test_recomputation_takes_a_third_more_work_and_lowers_the_mfu() -> None:
    none, full = case(**PLAIN).outputs, case(**PLAIN, recomputation="full").outputs
    assert none["model_utilisation"] == pytest.approx(0.4)
    assert 1.25 < full["days"] / none["days"] < 1.334
    assert full["activations_memory"] < none["activations_memory"] / 8


def test_a_typed_price_counts_as_typed_and_the_market_from_cheapest_to_dearest() -> None:
    assert case(**PLAIN).outputs["price_of_device_hour"] == 2
    offers = [price.usd_per_hour for price in market("h100-sxm", "on_demand")]
    for position, price in ((0, min(offers)), (0.5, np.median(offers)), (1, max(offers))):
        assert case(market_position=position).outputs["price_of_device_hour"] == pytest.approx(price)
    drawn = simulate(CALCULATOR, START, draws=4000, seed=3)
    low, high = drawn.quantiles("price_of_device_hour", (0.0, 1.0))
    assert min(offers) <= low < high <= max(offers)
    assert case(price_basis="spot").outputs["cost"] < case().outputs["cost"]


@given(
    st.sampled_from(["tokens", "utilisation", "overhead", "devices"]),
    st.floats(1.01, 2.0),
)
def test_time_follows_the_inputs_in_proportion(name: str, factor: float) -> None:
    start = {**PLAIN, "tokens": 1e12, "overhead": 1.2, "devices": 256}
    factor = 2 if name == "devices" else factor
    before, after = case(**start).outputs, case(**start | {name: start[name] * factor}).outputs
    power = {"tokens": 1, "utilisation": -1, "overhead": 1, "devices": -1}[name]
    assert after["days"] / before["days"] == pytest.approx(factor**power)
    hours = {"tokens": factor, "utilisation": 1 / factor, "overhead": factor, "devices": 1}[name]
    assert after["cost"] / before["cost"] == pytest.approx(hours)


def test_every_number_that_is_no_structure_may_be_an_array_of_draws() -> None:
    x = simulate(CALCULATOR, START, draws=2, seed=1).case.resolved
    custom = {"accelerator": "custom", "price_basis": "typed", "region": "custom"}
    free = [name for name, param, _ in params(CALCULATOR.inputs) if param.kind == "number" and not param.fixed]
    assert len(free) > 12
    for name in free:
        for setting in ({}, custom):
            single = type(x)(**vars(x) | setting)
            value = getattr(single, name)
            arrays = compute(type(x)(**vars(single) | {name: np.array([value, value * 0.9])}))
            again = compute(type(x)(**vars(single) | {name: value * 0.9}))
            for output, both in arrays.items():
                assert np.broadcast_to(both, 2)[1] == pytest.approx(again[output]), (name, output)


# What it refuses


def test_impossible_splits_are_refused_by_field() -> None:
    assert (
        "32 attention heads, got 3. 2 would work"
        in refused(tensor_parallel=3, devices=768, global_batch=768)["tensor_parallel"]
    )
    stages = refused(pipeline_parallel=5, devices=1280)["pipeline_parallel"]
    assert "32 layers, or one or two more, got 5. 4 would work" in stages
    assert "got 1 × 3 = 3" in refused(data_parallel=3)["data_parallel"]
    assert "divide, got 255. 256 would work" in refused(devices=255, tensor_parallel=2)["devices"]
    assert "(1 × 256) divides, got 500" in refused(global_batch=500)["global_batch"]
    assert "pipeline split of 2" in refused(virtual_stages=2)["virtual_stages"]
    assert "16 layers of each stage, got 5" in refused(virtual_stages=5, pipeline_parallel=2)["virtual_stages"]
    assert (
        "(8) divides, got 20"
        in refused(virtual_stages=2, pipeline_parallel=8, devices=256, global_batch=640)["virtual_stages"]
    )


def test_key_value_heads_are_split_or_repeated() -> None:
    six_of_twelve = {"architecture": "custom", "hidden": 768, "heads": 12, "kv_heads": 6, "devices": 256}
    assert "6 key-value heads" in refused(**six_of_twelve, tensor_parallel=4)["tensor_parallel"]
    assert case(**six_of_twelve, layout="typed", tensor_parallel=2).outputs["replicas"] == 128
    assert case(architecture="llama-3.1-8b", tensor_parallel=16).outputs["fits"]  # 8 heads, each on two devices


def test_impossible_sizes_are_refused_by_field() -> None:
    assert "32 heads divide, got 4,100" in refused(architecture="custom", hidden=4100)["hidden"]
    assert "got 5" in refused(architecture="custom", kv_heads=5)["kv_heads"]
    assert "1 to 8 active" in refused(architecture="custom", experts=8, expert_ffn=64)["active_experts"]
    assert "got 0" in refused(architecture="custom", experts=8, active_experts=2)["expert_ffn"]
    assert "1,024 tokens" in refused(architecture="gpt2-124m", sequence_length=2048)["sequence_length"]
    assert "2,048 tokens" in refused(architecture="opt-6.7b", sequence_length=2049)["sequence_length"]


def test_what_the_catalogue_does_not_know_is_refused_by_field() -> None:
    assert "A100" in refused(accelerator="a100-80", precision="fp8")["precision"]
    assert "Gaudi 3" in refused(accelerator="gaudi-3")["price_basis"]
    assert "L4" in refused(accelerator="l4", price_basis="spot")["price_basis"]
    assert "type one" in refused(accelerator="custom")["price_basis"]
    assert case(accelerator="gaudi-3", **PLAIN).outputs["device_peak"] == 1678


# What it warns of


def test_what_would_make_it_fit_is_told_cheapest_first() -> None:
    whole = {**PLAIN, "architecture": "llama-3.1-8b", "devices": 8, "global_batch": 64}
    assert told(**whole, micro_batch=2, zero_stage="3")[0] == words.WITH_RECOMPUTATION
    assert told(**whole, micro_batch=8, zero_stage="3")[0] == words.WITH_MICRO_BATCH
    assert told(**whole, zero_stage="0")[0] == words.WITH_ZERO
    many = {**PLAIN, "architecture": "llama-3.1-405b", "global_batch": 512}
    assert told(**many, sequence_length=32_768, recomputation="full")[0] == words.WITH_TENSOR
    assert told(**PLAIN, architecture="llama-3.1-405b", devices=8)[0] == words.WITH_DEVICES
    one = case(**whole, zero_stage="0").notices[0]
    assert one.figures["zero"] == ("1", "")
    assert one.figures["needed"][0] < 79.19


def test_the_answer_says_that_it_does_not_fit() -> None:
    outcome = simulate(
        CALCULATOR, read_inputs(CALCULATOR.inputs, {"layout": "typed", "zero_stage": "0"}), draws=10, seed=1
    )
    answer = CALCULATOR.answer(outcome)
    assert answer.text == words.DOES_NOT_FIT
    assert "not fit" in say(answer)
    assert outcome.share("fits") == 0


def test_a_certain_plan_has_one_time_and_one_cost_and_short_ones_are_told_in_hours() -> None:
    certain = {**PLAIN, "power_share": 0.75, "server_factor": 1.8, "pue": 1.1, "market_position": 0.5}
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, {**certain, "tokens": 1e9}), draws=10, seed=1)
    answer = CALCULATOR.answer(outcome)
    assert answer.text == words.TAKES
    assert answer.figures["days"][1] == "hours"
    assert say(answer).startswith("Training Llama 3.1 8B on 1B tokens takes")


def test_doubtful_plans_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_today", lambda: date(2026, 9, 22))
    assert told() == [words.MANY_TOKENS]
    assert told(tokens=2e11) == []
    assert told(tokens=1e10) == [words.TOO_FEW_TOKENS]
    assert words.ABOVE_PUBLISHED in told(**GIVEN, utilisation=0.75)
    custom = {**PLAIN, "accelerator": "custom", "utilisation": 0.75}
    assert words.ABOVE_PUBLISHED not in told(**custom)  # of a measured peak, which is lower
    assert words.IDLE in told(**GIVEN, pipeline_parallel=8, global_batch=256)
    assert words.FULL_SQUARE in told(**GIVEN, sequence_length=65_536, attention_count="full", recomputation="full")
    assert words.BEYOND_CONTEXT in told(architecture="llama-2-7b", sequence_length=8192)
    assert words.ONE_SELLER in told(accelerator="mi300x")
    assert words.OLD_PRICE in told(accelerator="l40s", price_basis="on_demand", sequence_length=1024)
    barely = case(**PLAIN).outputs["memory"] / 0.97
    assert words.TIGHT in told(**PLAIN, tokens=2e11, accelerator="custom", device_memory=barely)


def test_prices_grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_today", lambda: date(2026, 9, 22))
    assert words.OLD_PRICE not in told()
    monkeypatch.setattr(words, "_today", lambda: date(2028, 1, 1))
    assert words.OLD_PRICE in told()


# Beside the answer


def test_published_runs_stand_beside_the_prediction() -> None:
    runs, planned, model, device, prices = case().tables
    assert 1 < len(planned.rows) <= 5
    assert all(len(row) == len(planned.columns) for row in planned.rows)
    assert [row[2] for row in planned.rows] == sorted(row[2] for row in planned.rows)
    assert len(runs.rows) == 6
    unseen = predictions()["training-runs"]
    for row in runs.rows:
        assert len(row) == len(runs.columns)
        name, _, _, _, published, predicted, error, *_ = row
        run = next(run for run in RUNS if run.model == name)
        assert published == run.device_hours
        assert predicted == unseen[name.lower().replace(" ", "-")].predicted
        assert error == pytest.approx(predicted / published - 1)
    assert all(len(row) == len(prices.columns) for row in prices.rows)
    assert {row[0] for row in prices.rows} >= {price.seller for price in market("h100-sxm", "on_demand")}
    for table in (model, device):
        assert [len(row) for row in table.rows] == [len(table.columns)]
    custom = case(**PLAIN, architecture="custom", accelerator="custom").tables
    assert [table.title for table in custom] == [runs.title]


def test_the_nearest_run_is_the_run_itself() -> None:
    for run in RUNS:
        nearest = nearest_runs(run.active_parameters, run.tokens, run.accelerator.bf16_tflops, 1)[0]
        assert (nearest.active_parameters, nearest.tokens) == (run.active_parameters, run.tokens)


def test_a_typed_utilisation_starts_from_the_published_runs() -> None:
    """Median utilisation over overhead, as a typed plan starts, lies at the median of what runs reached end to end."""
    reached = [run.device_hours_at(1.0, 1.0, causal=True) / run.device_hours for run in RUNS]
    x = case(**GIVEN).resolved
    assert float(x.utilisation) / float(x.overhead) == pytest.approx(np.median(reached), rel=0.05)


# Predicted


@pytest.mark.parametrize(("family", "range_"), [("training-runs", RUN_ERROR), ("training-throughput", STEP_ERROR)])
def test_the_error_of_a_prediction_is_that_of_models_not_seen(family: str, range_: tuple[float, float]) -> None:
    cases = all_families()[family].read()
    found = predictions()[family]
    logs = np.log([case.measured / found[case.key].predicted for case in cases])
    middle, deviation = np.log(range_).mean(), np.diff(np.log(range_))[0] / 2 / 1.6449
    low, high = spread(logs, [case.model for case in cases], 0.8)
    assert np.exp(middle - 1.2816 * deviation) == pytest.approx(low, rel=0.15)
    assert np.exp(middle + 1.2816 * deviation) == pytest.approx(high, rel=0.15)
    held = np.mean((logs > np.log(range_[0])) & (logs < np.log(range_[1])))
    print(f"{family}: {held:.0%} of {len(cases)} within the range that is to hold 90%")
    assert 0.8 <= held <= 0.97


def test_eight_billion_on_two_trillion_tokens_just_works() -> None:
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, {"tokens": 2e12}), draws=2000, seed=1)
    said = say(CALCULATOR.answer(outcome))
    assert said.startswith("Training Llama 3.1 8B on 2T tokens takes")
    assert "256 × NVIDIA H100" in said
    assert "nine times in ten" in said
    assert 8 < outcome.quantile("days", 0.5) < 30
    assert outcome.quantile("days", 0.95) / outcome.quantile("days", 0.05) > 1.8


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("Llama 2 7B", {"architecture": "llama-2-7b", "tokens": 2e12, "sequence_length": 4096, "global_batch": 1024,
                        "devices": 512}),
        ("Llama 3.1 70B", {"architecture": "llama-3.1-70b", "tokens": 15e12, "devices": 2048, "global_batch": 2048}),
        ("SmolLM3 3B", {"architecture": "smollm3-3b", "tokens": 11.2e12, "sequence_length": 4096, "devices": 384,
                        "global_batch": 768}),
        ("Phi-4 14B", {"architecture": "phi-4", "tokens": 10e12, "sequence_length": 4096, "devices": 1920,
                       "global_batch": 1920}),
        ("Nemotron-4 15B", {"architecture": "nemotron-4-15b", "tokens": 8e12, "sequence_length": 4096,
                            "global_batch": 2304, "devices": 2304}),
    ],
)  # fmt: skip
def test_published_runs_lie_within_the_interval(model: str, given: dict[str, Any]) -> None:
    run = next(run for run in RUNS if run.model == model)
    inputs: Any = read_inputs(CALCULATOR.inputs, {**given, "accelerator": run.accelerator.key})
    low, high = simulate(CALCULATOR, inputs, draws=4000, seed=1).quantiles("device_hours", (0.05, 0.95))
    assert low < run.device_hours < high


def test_predicted_speed_depends_on_the_cluster() -> None:
    mfu = case(architecture="llama-3.1-70b", devices=512, global_batch=1024).outputs["model_utilisation"]
    slow = case(architecture="llama-3.1-70b", devices=512, global_batch=1024, network_gbs=1).outputs
    assert 0.2 < mfu < 0.7
    assert slow["model_utilisation"] < mfu
    assert sum(slow[name] for name in outputs.STEP_PARTS) == pytest.approx(1)
    assert case(precision="fp8").outputs["tokens_per_second"] > case().outputs["tokens_per_second"]
    assert case(precision="fp32").outputs["tokens_per_second"] < case().outputs["tokens_per_second"] / 4


def test_failures_lengthen_a_run() -> None:
    calm, stormy = (case(utilisation_basis=STEPS, hours_between_failures=hours).outputs for hours in (1e8, 2e3))
    assert calm["goodput"] > 0.99 > stormy["goodput"] > 0.5
    assert stormy["days"] > calm["days"]
    assert stormy["checkpoint_interval"] < calm["checkpoint_interval"]
    assert stormy["checkpoint_size"] == pytest.approx(14 * 8.03, rel=1e-3)
    whole = case(experiments=0.5).outputs
    assert whole["total_cost"] == pytest.approx(1.5 * whole["cost"])


def test_what_no_layout_holds_is_refused_with_what_would() -> None:
    lone = refused(layout="auto", architecture="llama-3.1-70b", devices=2, global_batch=64)["devices"]
    assert "No layout fits on 2 devices" in lone
    enough = int(lone.split(" a device and has ")[1].split(". ")[1].split(" ")[0].replace(",", ""))
    assert case(architecture="llama-3.1-70b", devices=enough, global_batch=64).outputs["fits"]
    assert "A batch of 257 would work" in refused(layout="auto", devices=257, global_batch=256)["global_batch"]
    assert case(devices=257, global_batch=257).outputs["replicas"] == 257
    tiny = {"accelerator": "custom", "device_memory": 1, "price_basis": "typed"}
    assert "even on a million devices" in refused(layout="auto", architecture="llama-3.1-405b", **tiny)["devices"]
    assert "Choose FP16" in refused(accelerator="v100-32", layout="auto")["precision"]
    assert case(accelerator="v100-32", precision="fp16", price_basis="typed").outputs["fits"]


def test_more_than_dense_models_can_be_described() -> None:
    full = case(architecture="custom").outputs["attention_flops_per_token"]
    windowed = case(architecture="custom", window=1024, windowed_layers=16).outputs["attention_flops_per_token"]
    assert full / 2 < windowed < full * 0.65
    assert "1 to 32 layers" in refused(architecture="custom", window=1024, windowed_layers=40)["windowed_layers"]
    mixture = {"architecture": "qwen3-30b-a3b", "sequence_length": 4096, "devices": 64, "zero_stage": "1"}
    assert case(**mixture, layout="typed", expert_parallel=8).outputs["expert_split"] == 8
    assert "128 experts, got 3" in refused(**mixture, expert_parallel=3)["expert_parallel"]
    assert "put 1" in refused(expert_parallel=2)["expert_parallel"]
    assert "8,192 tokens" in refused(context_parallel=3, devices=768, global_batch=768)["context_parallel"]


def test_plans_of_version_1_keep_what_they_said() -> None:
    stored = {
        "tensor_parallel": 2, "zero_stage": "1", "utilisation": 0.4, "overhead": 1.1,
        "framework_memory": {"low": 1.0, "high": 4.0, "family": "lognormal"},
    }  # fmt: skip
    upgraded = upgrade_inputs(CALCULATOR, 1, stored)
    results = case(**upgraded).outputs
    assert results["hardware_utilisation"] == 0.4
    assert results["overhead_factor"] == 1.1
    assert results["tensor_split"] == 2
    assert upgraded["framework_memory"] == pytest.approx(2)
