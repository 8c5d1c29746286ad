"""The physical model of a training step: worked examples from papers, and what must hold for every layout."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.clusters import cluster_of
from portal.planning.compute.architecture import Architecture, Experts
from portal.planning.compute.cluster import Cluster
from portal.planning.compute.flops import model_per_token, recomputed_per_token
from portal.planning.compute.layout import Layout
from portal.planning.compute.step import MEANINGS, StepTime, efficiency, model_utilisation, step_seconds

GPT = MODELS["gpt-3-175b"].architecture
LLAMA = MODELS["llama-3.1-8b"].architecture
MIXTRAL = MODELS["mixtral-8x7b"].architecture
DEEPSEEK = MODELS["deepseek-v3"].architecture
A100 = Cluster(peak_tflops=312, bandwidth_gbs=2039, link_gbs=300, network_gbs=25, generation="ampere")

# A perfect machine: every speed is reached, memory and host cost nothing, nothing of what is sent hides.
PERFECT = dict.fromkeys(MEANINGS, 1.0) | dict.fromkeys(("operands", "traffic", "host_ms", "wait_us", "fixed_ms"), 0.0)
USUAL = PERFECT | {"operands": 1.0, "traffic": 1.3, "host_ms": 1.0, "wait_us": 30.0, "efficiency": 0.75, "exposed": 0.5,
                   "fixed_ms": 5.0}  # fmt: skip

splits = st.builds(
    Layout,
    sequence=st.sampled_from([1024, 4096, 8192]),
    micro_batch=st.integers(1, 4),
    micro_batches=st.integers(1, 64),
    tensor=st.sampled_from([1, 2, 4, 8, 16]),
    pipeline=st.sampled_from([1, 2, 4, 8]),
    data=st.sampled_from([1, 8, 64]),
    context=st.sampled_from([1, 2, 4]),
    zero_stage=st.sampled_from([0, 1, 2, 3]),
    recomputation=st.sampled_from(["none", "selective", "full"]),
    flash=st.booleans(),
)


def time(layout: Layout, arch: Architecture = GPT, cluster: Cluster = A100, **changed: float) -> StepTime:
    return step_seconds(arch, layout, cluster, PERFECT | changed)


class TestWorkedExamples:
    def test_a_perfect_device_takes_the_flops_of_narayanan_over_its_peak(self) -> None:
        layers, hidden, s, vocabulary, batch = 96, 12288, 2048, 50257, 3
        flops = 96 * batch * s * layers * hidden**2 * (1 + s / (6 * hidden) + vocabulary / (16 * layers * hidden))
        layout = Layout(sequence=s, micro_batch=batch, recomputation="full", flash=False)
        assert time(layout).total == pytest.approx(flops / 312e12, rel=1e-9)

    @pytest.mark.parametrize("model", ["llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "windowed", "pythia-1b"])
    @pytest.mark.parametrize("recomputation", ["none", "selective", "full"])
    def test_flops_are_those_of_the_flops_module(self, model: str, recomputation: str) -> None:
        window = replace(LLAMA, window=1024, windowed_layers=16)
        arch = MODELS[model].architecture if model in MODELS else window
        layout = Layout(sequence=4096, recomputation=recomputation)  # type: ignore[arg-type]
        wanted = model_per_token(arch, 4096, causal=True)
        again = recomputed_per_token(arch, 4096, layout.recomputation, causal=True)
        router = 6 * arch.expert_layers * arch.hidden * arch.experts.count * (4 / 3) if arch.experts else 0
        reached = float(time(layout, arch).total) * 312e12 / 4096
        assert wanted + again - router <= reached * 1.000001
        assert reached <= (wanted + again) * 1.000001

    def test_all_reduces_of_the_tensor_split_are_those_of_korthikanti(self) -> None:
        # Four all-reduces of 2 s b h bytes a layer, each sending 2 (t - 1)/t of them.
        layout = Layout(sequence=2048, tensor=8, flash=False)
        wanted = 96 * 4 * 2 * 7 / 8 * 2 * 2048 * 12288 / 300e9
        assert time(layout).communication == pytest.approx(wanted)
        again = time(replace(layout, recomputation="full"))
        assert again.communication == pytest.approx(wanted * 6 / 4)

    def test_a_tensor_split_beyond_the_node_goes_through_its_cards(self) -> None:
        within, beyond = (time(Layout(sequence=2048, tensor=t, flash=False)).communication for t in (8, 16))
        assert beyond / within == pytest.approx((15 / 16) / (7 / 8) * 300 / (25 * 8))

    def test_a_pipeline_idles_p_minus_one_of_m(self) -> None:
        layout = Layout(sequence=2048, pipeline=8, micro_batches=32, flash=False)
        step = time(replace(layout, virtual_stages=3))
        head = float(time(layout).compute) - float(time(replace(layout, pipeline=1)).compute) / 8
        layers = float(step.compute) - head * 8 / 7
        assert step.bubble == pytest.approx(layers * 7 / (3 * 32), rel=1e-6)

    def test_gradients_of_a_data_split_are_one_ring_all_reduce(self) -> None:
        layout = Layout(sequence=2048, data=8, flash=False)
        step = time(layout)
        parameters = 96 * (12 * 12288**2 + 13 * 12288) + 50257 * 12288
        assert step.data == pytest.approx(2 * 7 / 8 * 2 * parameters / 300e9, rel=1e-3)

    def test_sharded_weights_are_gathered_twice_for_each_micro_batch(self) -> None:
        layout = Layout(sequence=2048, data=8, micro_batches=4, flash=False)
        replicated, sharded = time(layout).data, time(replace(layout, zero_stage=3)).data
        assert sharded / replicated == pytest.approx((2 * 4 + 1) / 2)

    def test_eight_bits_double_the_products_and_nothing_else(self) -> None:
        h100 = cluster_of(ACCELERATORS["h100-sxm"])
        layout = Layout(sequence=8192)
        wide, narrow = (time(replace(layout, precision=p), LLAMA, h100).total for p in ("bf16", "fp8"))
        head = 6 * 8192 * 4096 * 128256 / 989e12
        attention = 6 * 32 * 2 * 32 * 128 * 4096 * 8192 / 989e12
        products = wide - head - attention
        assert narrow == pytest.approx(products * 989 / 1979 + head + attention)

    def test_32_bits_run_at_their_own_peak_and_move_twice_the_bytes(self) -> None:
        a100 = replace(A100, peak_32bit_tflops=19.5)
        layout = Layout(sequence=2048, tensor=8)
        half, full = (time(replace(layout, precision=p), LLAMA, a100, operands=1.0) for p in ("fp16", "fp32"))
        assert full.communication == pytest.approx(2 * half.communication)
        products = [time(replace(layout, precision=p), LLAMA, a100).compute for p in ("fp16", "fp32")]
        assert products[1] / products[0] == pytest.approx(312 / 19.5)

    def test_messages_of_experts_leave_the_node_only_where_it_ends(self) -> None:
        layout = Layout(sequence=4096, data=64, expert=8)
        inside = time(layout, MIXTRAL)
        sent = 4 * 2 * 4096 * 2 * 4096 * 32 * 7 / 8
        assert inside.communication == pytest.approx(sent / 300e9)
        wide = replace(MIXTRAL, experts=Experts(count=16, active=2, ffn=14336))
        outside = time(replace(layout, expert=16), wide)
        assert outside.communication == pytest.approx(sent / (7 / 8) * (7 / 16 / 300e9 + 1 / 2 / 25e9))

    def test_utilisation_is_model_flops_over_the_peak(self) -> None:
        layout = Layout(sequence=2048, recomputation="full", flash=False)
        step = time(layout, efficiency=0.5, efficiency_ampere=0.5).total
        assert model_utilisation(GPT, layout, A100, step) == pytest.approx(0.5 * 3 / 4, rel=0.02)


class TestEveryLayout:
    @given(layout=splits)
    def test_parts_are_not_negative_and_make_up_the_whole(self, layout: Layout) -> None:
        step = step_seconds(LLAMA, layout, A100, USUAL)
        parts = [float(getattr(step, name)) for name in StepTime.__dataclass_fields__]
        assert min(parts) >= 0
        assert float(step.total) == pytest.approx(sum(parts))
        assert 0 < model_utilisation(LLAMA, layout, A100, step.total) < 1.5

    @given(layout=splits)
    def test_nothing_gets_slower_on_a_better_machine(self, layout: Layout) -> None:
        better = replace(A100, peak_tflops=624, bandwidth_gbs=4000, link_gbs=600, network_gbs=50)
        assert step_seconds(LLAMA, layout, better, USUAL).total <= step_seconds(LLAMA, layout, A100, USUAL).total

    @given(layout=splits, more=st.integers(2, 4))
    def test_more_micro_batches_take_longer_but_less_than_so_many_times_as_long(
        self, layout: Layout, more: int
    ) -> None:
        once = float(step_seconds(LLAMA, layout, A100, USUAL).total)
        often = float(
            step_seconds(LLAMA, replace(layout, micro_batches=layout.micro_batches * more), A100, USUAL).total
        )
        assert once < often <= once * more * 1.0001

    @given(layout=splits)
    def test_recomputing_all_layers_is_never_faster(self, layout: Layout) -> None:
        none, full = (
            step_seconds(LLAMA, replace(layout, recomputation=r), A100, USUAL).total for r in ("none", "full")
        )
        assert none <= full * 1.000001  # equal where messages of gradients decide

    @pytest.mark.parametrize("arch", [LLAMA, MIXTRAL, DEEPSEEK], ids=["dense", "experts", "latent"])
    def test_layouts_in_arrays_give_what_each_gives_alone(self, arch: Architecture) -> None:
        layouts = [
            Layout(sequence=4096, tensor=t, pipeline=p, data=8, expert=e, micro_batches=m, zero_stage=z)
            for t, p, e, m, z in ((1, 1, 1, 4, 3), (2, 2, 8, 8, 1), (8, 4, 4, 16, 0), (1, 8, 8, 32, 2), (4, 1, 1, 1, 3))
        ]
        names = ("tensor", "pipeline", "data", "expert", "micro_batches", "zero_stage")
        arrays: dict[str, Any] = {name: np.array([getattr(x, name) for x in layouts]) for name in names}
        together = replace(layouts[0], **arrays)
        alone = [float(step_seconds(arch, layout, A100, USUAL).total) for layout in layouts]
        assert step_seconds(arch, together, A100, USUAL).total == pytest.approx(alone)


class TestCoefficients:
    def test_a_generation_that_was_not_fitted_gets_the_mean(self) -> None:
        fitted = {"efficiency": 0.7, "efficiency_hopper": 0.6}
        assert efficiency(fitted, ["hopper", "cdna"]).tolist() == [0.6, 0.7]

    def test_software_that_the_vendor_tuned_is_faster(self) -> None:
        layout = Layout(sequence=2048)
        own, tuned = (time(layout, cluster=replace(A100, tuned=t), untuned=0.8).compute for t in (False, True))
        assert own / tuned == pytest.approx(1 / 0.8)

    def test_a_small_layer_waits_for_the_host(self) -> None:
        small = MODELS["gpt2-124m"].architecture
        step = time(Layout(sequence=128), small, host_ms=2.0)
        assert float(step.total) == pytest.approx(12 * 2e-3, rel=0.2)
        assert step.host > 0.8 * step.total

    @pytest.mark.parametrize("key", list(ACCELERATORS))
    def test_every_accelerator_is_a_cluster_of_a_known_generation(self, key: str) -> None:
        cluster = cluster_of(ACCELERATORS[key])
        assert cluster.generation
        assert cluster.network_gbs <= cluster.link_gbs


class TestRefusals:
    def test_eight_bits_on_a_device_without_them(self) -> None:
        with pytest.raises(
            ValueError, match="fp8 needs a device with a known 8-bit peak: choose bf16, or another device"
        ):
            time(Layout(sequence=2048, precision="fp8"))

    @pytest.mark.parametrize("field", ["peak_tflops", "bandwidth_gbs", "link_gbs", "network_gbs", "node"])
    def test_a_cluster_with_nothing_of_something(self, field: str) -> None:
        with pytest.raises(ValueError, match="above 0"):
            replace(A100, **dict[str, Any]({field: 0}))

    def test_32_bits_without_a_known_peak(self) -> None:
        with pytest.raises(ValueError, match="fp32 needs a device with a known 32-bit peak"):
            time(Layout(sequence=2048, precision="fp32"))

    def test_an_8_bit_peak_of_nothing(self) -> None:
        with pytest.raises(ValueError, match="above 0"):
            replace(A100, peak_8bit_tflops=-1.0)
