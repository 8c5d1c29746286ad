"""The fine-tune calculator beyond what every calculator must keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs, to_json
from portal.planning.calculators.fine_tune import CALCULATOR
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.flops import model_per_token
from portal.planning.engine import Case, evaluate, simulate
from portal.planning.evidence.coefficients import fitted, predictions
from portal.planning.evidence.families.finetuning import architectures
from portal.planning.finetuning import memory, refusals, speed, words
from portal.planning.finetuning.calculation import tuning
from portal.planning.finetuning.comparison import fitting_devices, smallest_device
from portal.planning.finetuning.evidence import cases
from portal.planning.finetuning.trainable import trained
from portal.planning.finetuning.tuning import TARGETS, Tuning
from portal.plans.join import fill

LLAMA_7B = MODELS["llama-2-7b"].architecture
ALL = frozenset(TARGETS)
QV = frozenset({"q", "v"})
# Time and cost without anything uncertain
PLAIN = {
    "time_error": 1, "memory_error": 1, "overhead": 1, "trials": 1, "price_basis": "typed", "usd_per_device_hour": 2,
    "tokens_per_example": 500,
}  # fmt: skip


def case(**given: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given))


def told(**given: Any) -> list[str]:
    return [notice.text for notice in case(**given).notices]


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        case(**given)
    return {field: problems[0].template for field, problems in caught.value.problems.items()}


# What is trained


@pytest.mark.parametrize(
    ("model", "plan", "expected"),
    [
        # Lightning-AI/litgpt, tutorials/resource-tables.md
        ("phi-1.5", {"rank": 8, "targets": QV}, 1_572_864),
        ("stablelm-alpha-3b", {"rank": 8, "targets": QV}, 2_097_152),
        ("llama-2-7b", {"rank": 8, "targets": QV}, 4_194_304),
        ("llama-2-13b", {"rank": 8, "targets": QV}, 6_553_600),
        # modelscope/ms-swift, Benchmark.md: 19.9885M; DoRA adds 19.2512M - 17.8913M on the same widths
        ("llama-2-7b", {"rank": 8, "targets": ALL}, 19_988_480),
        ("llama-2-7b", {"method": "dora", "rank": 8, "targets": ALL}, 19_988_480 + 1_359_872),
        # The same: 33.6896M of one bottleneck of 128 a layer of Qwen 7B
        ("qwen-7b", {"method": "adapter", "rank": 128, "blocks": 1}, 33_689_600),
        # By hand: keys, values and inner width; virtual tokens
        ("llama-2-7b", {"method": "ia3"}, 32 * (2 * 4096 + 11_008)),
        ("llama-3.1-8b", {"method": "ia3"}, 32 * (2 * 1024 + 14_336)),
        ("llama-2-7b", {"method": "prompt", "rank": 20}, 20 * 4096),
        ("llama-2-7b", {"method": "prefix", "rank": 20}, 20 * 2 * 32 * 4096),
        ("llama-2-7b", {"method": "head"}, 32_000 * 4096),
        ("llama-3.2-3b", {"method": "head"}, 128_256 * 3072),
        ("llama-2-7b", {"method": "full"}, 6_738_415_616),
        ("llama-2-7b", {"rank": 8, "targets": QV, "whole_embedding": True}, 4_194_304 + 2 * 32_000 * 4096),
        ("llama-2-7b", {"rank": 8, "targets": QV, "low_rank_head": True}, 4_194_304 + 8 * (4096 + 32_000)),
    ],
)
def test_trained_parameters_are_those_that_libraries_print(model: str, plan: dict[str, Any], expected: int) -> None:
    assert trained(Tuning(arch=architectures()[model][1], **plan)) == expected


def test_every_catalogued_model_can_be_tuned_by_every_method() -> None:
    for model in MODELS.values():
        for method in ("full", "lora", "dora", "ia3", "prompt", "prefix", "adapter", "head"):
            plan = Tuning(arch=model.architecture, method=method, targets=ALL, rank=4, checkpointing=True)
            assert trained(plan) > 0, (model.key, method)
            assert memory.peak_bytes(plan, fitted("finetune-memory")) > memory.base_bytes(plan)


# Work


def test_a_full_fine_tune_works_as_training_does_and_adapters_save_a_third() -> None:
    full = Tuning(arch=LLAMA_7B, method="full", sequence=2048)
    assert speed.flops_per_token(full) == pytest.approx(model_per_token(LLAMA_7B, 2048, causal=True))
    lora = replace(full, method="lora", targets=QV)
    assert speed.flops_per_token(lora) / speed.flops_per_token(full) == pytest.approx(2 / 3, abs=0.02)
    again = replace(lora, checkpointing=True)
    assert speed.flops_per_token(again) / speed.flops_per_token(lora) == pytest.approx(3 / 2, abs=0.02)


def test_what_is_only_evaluated_costs_a_third_of_training() -> None:
    full = Tuning(arch=LLAMA_7B, method="full")
    assert speed.forward_per_token(full) / speed.flops_per_token(full) == pytest.approx(1 / 3)


# Memory

shapes = st.builds(
    lambda layers, groups, share, width, ffn, gated, vocabulary: Architecture(
        layers=layers, hidden=groups * share * width, heads=groups * share, kv_heads=groups, head_dim=width, ffn=ffn,
        gated=gated, vocabulary=vocabulary, tied=False,
    ),
    st.integers(1, 60), st.integers(1, 8), st.integers(1, 8), st.sampled_from([32, 64, 128]), st.integers(64, 20_000),
    st.booleans(), st.integers(100, 200_000),
)  # fmt: skip
plans = st.builds(
    Tuning,
    arch=shapes,
    method=st.sampled_from(["full", "lora", "dora", "ia3", "adapter", "head"]),
    targets=st.frozensets(st.sampled_from(TARGETS), min_size=1),
    rank=st.integers(1, 64),
    sequence=st.integers(1, 8192),
    micro_batch=st.integers(1, 8),
    accumulation=st.integers(1, 8),
    compiled=st.booleans(),
    trainable=st.sampled_from(["bf16", "wide"]),
    loss=st.sampled_from(["wide", "narrow", "chunked"]),
    dropout=st.booleans(),
)


def peak(plan: Tuning, **changed: Any) -> float:
    return memory.peak_bytes(replace(plan, **changed), fitted("finetune-memory"))


@given(plans)
@settings(max_examples=60, deadline=None)
def test_every_lever_saves_or_leaves_the_peak(plan: Tuning) -> None:
    now = peak(plan)
    assert peak(plan, optimizer="adamw_8bit") <= now
    assert peak(plan, in_backward=True) <= now
    assert peak(plan, offload="optimizer") <= now
    assert peak(plan, offload="all") <= now
    assert peak(plan, loss="chunked") <= now
    assert peak(plan, micro_batch=1) <= now
    assert peak(plan, fused=False) >= now
    if plan.arch.layers > 2:
        assert peak(plan, checkpointing=True, offloaded_activations=True) <= now
    if plan.method != "full":
        assert memory.base_bytes(replace(plan, storage="nf4_dq")) < memory.base_bytes(plan)
        assert memory.base_bytes(replace(plan, storage="nf4_dq")) < memory.base_bytes(replace(plan, storage="nf4"))


@given(plans, st.integers(2, 64))
@settings(max_examples=40, deadline=None)
def test_shards_hold_less_and_replicas_the_same(plan: Tuning, devices: int) -> None:
    assert peak(plan, devices=devices, sharding="replicas") == peak(plan)
    whole = memory.sizes(plan)
    shard = memory.sizes(replace(plan, devices=devices, sharding="fsdp"))
    assert shard.optimizer == pytest.approx(whole.optimizer / devices)
    assert shard.base == pytest.approx(whole.base / devices)
    assert shard.gathered <= memory.base_bytes(plan)


def test_a_frozen_matrix_keeps_no_input() -> None:
    few = Tuning(arch=LLAMA_7B, targets=frozenset({"q"}), dropout=False)
    down = replace(few, targets=frozenset({"q", "down"}))
    assert memory.kept_per_token(down) - memory.kept_per_token(few) == 2 * LLAMA_7B.ffn
    assert memory.kept_per_token(replace(few, method="full")) > memory.kept_per_token(down)


def test_states_take_8_or_16_bytes_a_trained_parameter() -> None:
    full = Tuning(arch=LLAMA_7B, method="full")
    for trainable, each in (("bf16", 8), ("wide", 16)):
        size = memory.sizes(replace(full, trainable=trainable))  # type: ignore[arg-type]
        assert size.base + size.gradients + size.optimizer == each * trained(full)
    eight = memory.sizes(replace(full, trainable="wide", optimizer="adamw_8bit"))
    assert eight.optimizer == 6 * trained(full)


# Page


@pytest.mark.parametrize("preset", CALCULATOR.presets, ids=lambda preset: preset.slug)
def test_every_preset_fits_and_answers(preset: Any) -> None:
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, preset.inputs), draws=2000, seed=1)
    assert outcome.share("fits") > 0.8
    answer = CALCULATOR.answer(outcome)
    assert answer.text == words.TAKES_BETWEEN
    assert answer.figures["usd_low"][0] < answer.figures["usd"][0] < answer.figures["usd_high"][0]


def test_money_is_hours_devices_and_runs() -> None:
    one = case(**PLAIN).outputs
    four = case(**PLAIN | {"trials": 4, "devices": 2, "sharding": "replicas"}).outputs
    assert one["cost"] == pytest.approx(2 * one["hours"])
    assert four["cost"] == pytest.approx(2 * 2 * 4 * four["hours"])
    assert four["hours"] == pytest.approx(one["hours"] / 2, rel=0.05)
    assert one["cost_per_million_tokens"] == pytest.approx(one["run_cost"] / one["training_tokens"] * 1e6)


def test_the_interval_of_the_page_holds_published_runs() -> None:
    """80 % of models within what 80 % of the draws lie in, every model of the same weight."""
    inputs = CALCULATOR.inputs()
    for slug, error in (("finetune-speed", inputs.time_error), ("finetune-memory", inputs.memory_error)):
        assert error.low == pytest.approx(1 / error.high, rel=0.01)
        within = error.high ** (1.2816 / 1.6449)
        found: dict[str, list[bool]] = {}
        for run in cases(slug):
            ratio = run.measured / predictions()[slug][run.key].predicted
            found.setdefault(run.model, []).append(1 / within <= ratio <= within)
        assert 0.75 <= np.mean([np.mean(held) for held in found.values()]) <= 0.95


def test_typed_and_measured_speeds_replace_the_prediction() -> None:
    typed = case(**PLAIN | {"time_error": 1.3}, speed_basis="typed", tokens_per_second_typed=1234).outputs
    assert typed["tokens_per_second"] == pytest.approx(1234)
    reached = case(**PLAIN, speed_basis="utilisation", utilisation=0.4).outputs
    assert reached["reached"] == pytest.approx(0.4)
    filled = fill(CALCULATOR.inputs, to_json(CALCULATOR.inputs()), {"utilisation": 0.35, "arch.layers": 6})
    assert filled.inputs["speed_basis"] == "utilisation"
    assert filled.inputs["architecture"] == "custom"
    assert not filled.refused


def test_custom_sizes_and_devices_equal_those_of_the_catalogue() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    sizes = {name: getattr(arch, name) for name in ("layers", "hidden", "heads", "kv_heads", "ffn", "gated", "tied")}
    device = ACCELERATORS["a100-80"]
    custom = case(
        **PLAIN, architecture="custom", vocabulary=arch.vocabulary, **sizes, accelerator="custom",
        peak_tflops=device.bf16_tflops, device_memory=device.memory_gib, device_bandwidth=device.bandwidth_gbs,
        device_link=device.link_gbs,
    )  # fmt: skip
    assert custom.outputs == case(**PLAIN, accelerator="a100-80").outputs


def test_the_smallest_device_is_the_smallest_that_has_room() -> None:
    x = case(storage="nf4_dq", memory_error=1).resolved
    devices = fitting_devices(x)
    needed = float(memory.peak_bytes(tuning(x), fitted("finetune-memory"))) / 2**30
    assert [device.memory_gib for device in devices] == sorted(device.memory_gib for device in devices)
    assert all(device.memory_gib >= needed and device.vendor != "Google" for device in devices)
    assert smallest_device(x) == devices[0]


def test_tables_show_devices_and_the_nearest_runs() -> None:
    found = case()
    _, devices, held, spent = CALCULATOR.tables(found.resolved, found.outputs)
    assert len(devices.rows) > 5
    assert "Llama 3.1 8B" in held.rows[0][0]
    for table in (held, spent):
        assert len(table.rows) == 6
        assert all(row[7] == pytest.approx(row[6] / row[5] - 1) for row in table.rows)


def test_each_lever_is_shown_with_what_it_saves() -> None:
    found = case(method="full", trainable="wide", devices=2, memory_error=1)
    levers = CALCULATOR.tables(found.resolved, found.outputs)[0]
    saved = {label: (more, slower) for label, _, more, _, slower in levers.rows}
    assert "Recompute layers" not in saved  # done already
    assert saved["Keep all activations"][0] > 0 > saved["Keep all activations"][1]
    for label in ("Compute the loss in pieces", "Train in 16 bits throughout", "LoRA instead", "QLoRA instead"):
        assert saved[label][0] < 0, label
    assert saved["QLoRA instead"][1] > saved["LoRA instead"][1]
    assert saved["Twice the devices, fully sharded"] < (0, 0)
    typed = case(speed_basis="typed")
    assert CALCULATOR.tables(typed.resolved, typed.outputs)[0].title != levers.title


# Words


def test_what_does_not_fit_is_told_what_would() -> None:
    full = {"method": "full", "memory_error": 1}
    assert told(**full)[:2] == [words.WITH_SMALL_STATES, words.ON_LARGER]
    assert told(**full, accelerator="rtx-4090")[0] == words.WITH_ADAPTERS
    assert told(**full, accelerator="t4", architecture="llama-2-13b", compute_in="bf16")[0] == words.WITH_ADAPTERS
    assert told(accelerator="rtx-4090", loss="wide", micro_batch=4, memory_error=1)[0] == words.WITH_PIECES
    assert told(accelerator="a10g", architecture="llama-2-13b", memory_error=1)[0] == words.WITH_QUANTISED
    assert words.WITH_SHARDS in told(**full, architecture="llama-3.1-405b")
    assert words.NOWHERE in told(
        **full, architecture="llama-3.1-405b", accelerator="custom", price_basis="typed", device_memory=0.1
    )
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, full), draws=50, seed=1)
    assert CALCULATOR.answer(outcome).text == words.DOES_NOT_FIT


def test_warnings() -> None:
    assert words.MIXTURE in told(architecture="mixtral-8x7b", storage="nf4_dq")
    assert words.FAR_SIZE in told(architecture="gpt2-124m", sequence_length=512)
    assert words.FEW_UPDATES in told(examples=50)
    assert words.ABOVE_PEAK in told(speed_basis="typed", tokens_per_second_typed=1e6)
    assert words.SMALLER in told()


# Refusals


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"method": "full", "storage": "nf4"}, "storage", refusals.QUANTISED_FULL),
        ({f"target_{name}": False for name in ("query", "key", "value", "output", "gate", "up", "down")},
         "target_query", refusals.NO_TARGET),
        ({"rank": 1025}, "rank", refusals.RANK_TOO_LARGE),
        ({"method": "adapter", "rank": 4097}, "rank", refusals.WIDE_BOTTLENECK),
        ({"method": "prefix", "rank": 2048}, "rank", refusals.LONG_PROMPT),
        ({"accelerator": "a100-80", "compute_in": "fp8"}, "compute_in", refusals.NO_FP8),
        ({"accelerator": "tpu-v4", "storage": "nf4"}, "storage", refusals.NO_KERNELS),
        ({"in_backward": True}, "accumulation", refusals.ACCUMULATED),
        ({"offloaded_activations": True, "checkpointing": False}, "offloaded_activations",
         refusals.NOTHING_TO_OFFLOAD),
        ({"sharding": "split", "devices": 1025}, "devices", refusals.NO_LAYERS_LEFT),
        ({"architecture": "gpt2-124m"}, "sequence_length", refusals.TOO_LONG),
        ({"architecture": "custom", "hidden": 100, "heads": 3, "kv_heads": 3}, "hidden", refusals.WIDTH_BY_HEADS),
        ({"architecture": "custom", "kv_heads": 7}, "kv_heads", refusals.HEADS_BY_GROUPS),
        ({"accelerator": "custom"}, "price_basis", refusals.NO_CUSTOM_PRICE),
        ({"accelerator": "trainium-2"}, "price_basis", refusals.NO_PRICE),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_would_work(given: dict[str, Any], field: str, text: str) -> None:
    assert refused(**given)[field] == text


@pytest.mark.parametrize(
    "given",
    [{"rank": 0}, {"method": "full", "storage": "int8"}, {"targets": frozenset({"query"})}, {"devices": 0}],
)
def test_impossible_plans_cannot_be_made(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"got|frozen"):
        Tuning(arch=LLAMA_7B, **given)


def test_draws_of_a_custom_device_are_draws_of_time() -> None:
    given = {
        "accelerator": "custom",
        "price_basis": "typed",
        "peak_tflops": "80 to 120",
        "device_bandwidth": "1k to 2k",
    }
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, given), draws=500, seed=1)
    low, middle, high = np.asarray(outcome.quantiles("hours", (0.05, 0.5, 0.95)))
    assert low < middle < high
