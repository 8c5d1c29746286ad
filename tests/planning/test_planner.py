"""The search for layouts against what must divide, what must fit, and layouts that people took."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import GIB, fullest_device
from portal.planning.compute.planner import Plan, Room, Task, divisors, fewest_devices, search, stage_counts
from portal.planning.compute.step import step_seconds
from portal.planning.evidence.coefficients import fitted

STEP, MEMORY = fitted("training-throughput"), fitted("training-memory")


def room(device: str) -> Room:
    return Room(capacity=ACCELERATORS[device].memory_gib, framework=2.3, fragmentation=0.05)


def find(model: str, device: str, devices: int, batch: int, sequence: int, **more) -> Plan:
    task = Task(base=Layout(sequence=sequence, **more), devices=devices, global_batch=batch)
    return search(MODELS[model].architecture, task, cluster_of(ACCELERATORS[device]), room(device), STEP, MEMORY)


@pytest.mark.parametrize(
    ("model", "device", "devices", "batch", "sequence"),
    [
        ("llama-3.1-8b", "h100-sxm", 256, 512, 8192),
        ("llama-3.1-405b", "h100-sxm", 1024, 1024, 8192),
        ("deepseek-v3", "h800", 2048, 15_360, 4096),
        ("gpt2-124m", "a100-80", 8, 512, 1024),
        ("mixtral-8x7b", "a100-80", 96, 960, 4096),
    ],
)
def test_what_is_found_divides_and_fits_and_is_as_fast_as_said(
    model: str, device: str, devices: int, batch: int, sequence: int
) -> None:
    arch = MODELS[model].architecture
    found = find(model, device, devices, batch, sequence)
    assert found.candidates >= found.fitting >= len(found.best) > 1
    times = [planned.step.total for planned in found.best]
    assert times == sorted(times)
    for planned in found.best:
        layout = planned.layout
        assert layout.devices == devices
        assert layout.global_batch == batch
        assert arch.heads % layout.tensor == 0
        assert layout.pipeline in stage_counts(arch.layers)
        needed = room(device).needed(fullest_device(arch, layout, MEMORY).total / GIB)
        assert planned.needed == pytest.approx(needed)
        assert needed <= ACCELERATORS[device].memory_gib
        alone = step_seconds(arch, layout, cluster_of(ACCELERATORS[device]), STEP)
        assert planned.step.total == pytest.approx(alone.total)
        assert planned.step.bubble == pytest.approx(alone.bubble)


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(["llama-3.2-1b", "llama-3.1-8b", "qwen3-30b-a3b"]),
    st.sampled_from([1, 2, 4, 8, 12, 24, 64]),
    st.sampled_from([1, 3, 24, 64, 192]),
)
def test_more_memory_is_never_slower(model: str, devices: int, batch: int) -> None:
    task = Task(base=Layout(sequence=2048), devices=devices, global_batch=batch)
    arch, cluster = MODELS[model].architecture, cluster_of(ACCELERATORS["a100-80"])
    plans = [search(arch, task, cluster, replace(room("a100-80"), capacity=gib), STEP, MEMORY) for gib in (40, 80, 640)]
    times = [found.best[0].step.total if found.best else float("inf") for found in plans]
    assert times == sorted(times, reverse=True)
    fitting = [found.fitting for found in plans]
    assert fitting == sorted(fitting)
    assert {found.candidates for found in plans} == {plans[0].candidates}


def test_a_large_model_is_cut_and_a_small_one_is_not() -> None:
    small = find("gpt2-124m", "a100-80", 8, 512, 1024).best[0].layout
    assert (small.tensor, small.context, small.pipeline) == (1, 1, 1)
    large = find("llama-3.1-405b", "h100-sxm", 1024, 1024, 8192).best[0].layout
    assert large.tensor * large.context * large.pipeline > 8
    assert large.tensor <= 8  # a tensor split stays within a server


def test_fewer_devices_need_thriftier_layouts_until_nothing_fits() -> None:
    found = find("llama-3.1-70b", "h100-sxm", 4, 64, 8192)
    assert not found.best
    assert found.candidates
    assert found.least_needed > ACCELERATORS["h100-sxm"].memory_gib
    arch, cluster = MODELS["llama-3.1-70b"].architecture, cluster_of(ACCELERATORS["h100-sxm"])
    task = Task(base=Layout(sequence=8192), devices=4, global_batch=64)
    enough = fewest_devices(arch, task, cluster, room("h100-sxm"), MEMORY, most=4096)
    assert enough
    # 16 bytes for each of 70 billion parameters
    assert enough * 79 * GIB > 16 * 70e9
    assert find("llama-3.1-70b", "h100-sxm", enough, max(enough, 64), 8192).best
    tiny = replace(room("h100-sxm"), capacity=1.0)
    assert fewest_devices(arch, task, cluster, tiny, MEMORY, most=64) is None


def test_a_batch_that_devices_do_not_divide_leaves_nothing() -> None:
    found = find("llama-3.2-1b", "h100-sxm", 257, 256, 8192)
    assert found.candidates == 0
    assert found.least_needed == float("inf")


@given(st.integers(1, 5000))
def test_divisors_divide(number: int) -> None:
    assert divisors(number) == [n for n in range(1, number + 1) if number % n == 0]


def test_stages_may_leave_room_for_both_ends_of_the_model() -> None:
    assert {1, 2, 4, 8, 16, 32} <= stage_counts(32)
    assert 16 in stage_counts(126)  # Llama 3.1 405B: 128 less the embedding and the output projection
    assert max(stage_counts(7)) == 7
