"""Coefficients of a step from measured steps, and the layouts that are assumed where a source gives none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import fullest_device
from portal.planning.compute.parameters import count
from portal.planning.compute.step import MEANINGS, efficiency, seconds
from portal.planning.compute.usual import micro_batches, usual_layout, usual_run, usual_shape
from portal.planning.compute.work import StepWork, stacked, step_work
from portal.planning.evidence.fitting import damped
from portal.planning.evidence.steps import EXPECTED, fit_step

TRUE = {name: prior.expected for name, prior in EXPECTED.items()} | {
    "efficiency": 0.7, "efficiency_ampere": 0.78, "efficiency_hopper": 0.62, "operands": 2.0, "link": 0.35,
    "host_ms": 4.0,
}  # fmt: skip


def steps() -> tuple[StepWork, list[str]]:
    works, generations = [], []
    for device in ("a100-80", "h100-sxm"):
        cluster = cluster_of(ACCELERATORS[device])
        for key in ("gpt2-355m", "pythia-1.4b", "llama-3.1-8b", "llama-2-13b"):
            for tensor, micro_batch, flash in ((1, 1, False), (2, 4, True), (8, 2, False), (8, 16, True)):
                layout = Layout(
                    sequence=2048, tensor=tensor, micro_batch=micro_batch, micro_batches=8, data=4, flash=flash
                )
                works.append(step_work(MODELS[key].architecture, layout, cluster))
                generations.append(cluster.generation)
    return stacked(works), generations


class TestCalibration:
    def test_finds_what_the_steps_were_made_of(self) -> None:
        work, generations = steps()
        made = np.asarray(seconds(work, TRUE, efficiency(TRUE, generations)).total)
        found = fit_step(work, generations, made)
        again = np.asarray(seconds(work, found, efficiency(found, generations)).total)
        assert np.median(abs(again / made - 1)) < 0.01
        assert found["efficiency_ampere"] > found["efficiency_hopper"]
        assert found["host_ms"] == pytest.approx(4.0, rel=0.2)

    def test_gives_the_same_twice_and_all_that_a_step_needs(self) -> None:
        work, generations = steps()
        made = np.asarray(seconds(work, TRUE, efficiency(TRUE, generations)).total)
        first, second = (fit_step(work, generations, made) for _ in range(2))
        assert first == second
        assert set(MEANINGS) == set(EXPECTED) == set(first) - {f"efficiency_{k}" for k in ("ampere", "hopper", "cdna")}
        assert first["efficiency_cdna"] < first["efficiency_hopper"]

    def test_a_step_that_is_ten_times_too_slow_hardly_moves_the_others(self) -> None:
        work, generations = steps()
        made = np.asarray(seconds(work, TRUE, efficiency(TRUE, generations)).total)
        spoilt = made.copy()
        spoilt[3] *= 10
        found = fit_step(work, generations, spoilt)
        again = np.asarray(seconds(work, found, efficiency(found, generations)).total)
        assert np.median(abs(again / made - 1)) < 0.03

    def test_coefficients_stay_within_physical_bounds(self) -> None:
        work, generations = steps()
        made = np.asarray(seconds(work, TRUE, efficiency(TRUE, generations)).total)
        found = fit_step(work, generations, made / 20)  # faster than any device could be
        for name, prior in EXPECTED.items():
            assert 0 < found[name] <= prior.most * 1.000001
        assert found["efficiency_ampere"] <= EXPECTED["efficiency"].most * 1.000001

    def test_large_errors_count_by_their_size(self) -> None:
        squares = damped(np.array([0.01, -100.0])) ** 2
        assert squares == pytest.approx([1e-4, 200], rel=0.02)


class TestUsual:
    @given(parameters=st.floats(5e7, 1e12))
    def test_a_shape_has_about_the_parameters_asked_for(self, parameters: float) -> None:
        shape = usual_shape(parameters, vocabulary=1)
        assert count(shape).total == pytest.approx(parameters, rel=0.25)
        assert shape.hidden == shape.heads * shape.head_dim

    @pytest.mark.parametrize(
        "key", ["llama-3.1-70b", "llama-3.1-405b", "mixtral-8x7b", "deepseek-v3", "nemotron-4-340b"]
    )
    @pytest.mark.parametrize("device", ["a100-80", "h100-sxm", "gb200"])
    def test_splits_make_weights_and_optimizer_fit(self, key: str, device: str) -> None:
        arch, accelerator = MODELS[key].architecture, ACCELERATORS[device]
        memory = accelerator.memory_gib * 2**30
        layout = usual_layout(arch, cluster_of(accelerator), memory, 1024, Layout(sequence=4096, zero_stage=1))
        kept = fullest_device(arch, replace(layout, recomputation="full", micro_batches=1))
        assert layout.devices == 1024
        assert kept.weights + kept.gradients + kept.optimizer < memory

    def test_a_model_that_fits_is_not_split(self) -> None:
        arch, device = MODELS["llama-3.2-1b"].architecture, ACCELERATORS["h100-sxm"]
        layout = usual_layout(arch, cluster_of(device), device.memory_gib * 2**30, 64, Layout(sequence=8192))
        assert (layout.tensor, layout.pipeline, layout.expert, layout.data) == (1, 1, 1, 64)

    def test_known_splits_are_kept(self) -> None:
        arch, device = MODELS["llama-3.1-405b"].architecture, ACCELERATORS["h100-sxm"]
        known = Layout(sequence=8192, tensor=8, pipeline=16, data=8)
        assert usual_layout(arch, cluster_of(device), 8e10, 1024, known) == known
        sharded = Layout(sequence=8192, data=1024, zero_stage=3)
        assert usual_layout(arch, cluster_of(device), 8e10, 1024, sharded) == sharded

    @given(
        devices=st.sampled_from([1, 8, 96, 512, 16384]),
        key=st.sampled_from(["gpt2-124m", "llama-3.1-8b", "gpt-3-175b"]),
    )
    def test_a_run_trains_about_the_usual_tokens_a_step(self, devices: int, key: str) -> None:
        device = ACCELERATORS["a100-80"]
        arch = MODELS[key].architecture
        layout = usual_run(arch, cluster_of(device), device.memory_gib * 2**30, devices, 2048, fused=True)
        tokens = layout.global_batch * 2048
        assert tokens >= 1e6
        assert layout.micro_batches >= (4 * layout.pipeline if layout.pipeline > 1 else 1)

    def test_a_step_has_at_least_one_micro_batch(self) -> None:
        assert micro_batches(3, Layout(sequence=2048, data=64)) == 1
