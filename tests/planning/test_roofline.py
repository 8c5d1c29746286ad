"""Bytes and time of serving: published figures, and what must hold for any model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.compute import engines
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.parameters import count
from portal.planning.compute.power import step_energy
from portal.planning.compute.roofline import (
    COEFFICIENTS,
    Node,
    Served,
    attention_seconds,
    cache_bytes,
    cache_seconds,
    load,
    loaded_seconds,
    matmul_seconds,
    reduce_bytes,
    reduce_seconds,
    step_seconds,
    weight_bytes_read,
    weight_seconds,
    work,
)

LLAMA = MODELS["llama-3.1-8b"].architecture
SHARES = dict.fromkeys(COEFFICIENTS, 0.5) | {
    "layer_seconds": 2e-5, "reduce_seconds": 1e-5, "step_seconds": 1e-3, "request_seconds": 1e-5,
}  # fmt: skip
H100 = Node(peak=989e12, wide_peak=989e12, bandwidth=3.35e12, link=450e9)


def served(arch: Architecture, **values: float) -> Served:
    return Served(arch=arch, weight_bytes=2.0, **values)  # type: ignore[arg-type]


def decode_seconds(model: Served, node: Node, shares: dict[str, float], **done: Any) -> Any:
    return step_seconds(work(model, node, **done), shares)


def prefill_seconds(model: Served, node: Node, shares: dict[str, float], *, tokens: float, context: float = 0) -> Any:
    return step_seconds(work(model, node, prompt_tokens=tokens, cached=context), shares)


def test_cache_of_llama_is_what_vllm_prints() -> None:
    # vLLM 0.19 log: 58.11 GiB hold 476,016 tokens of Llama 3.1 8B; twice as many with an 8-bit cache.
    assert cache_bytes(served(LLAMA), 1) == 131_072
    assert 58.11 * 2**30 / cache_bytes(served(LLAMA), 1) == pytest.approx(476_016, rel=1e-3)
    assert cache_bytes(served(LLAMA, cache_bytes=1.0), 1) == 65_536


def test_cache_of_latent_attention() -> None:
    # DeepSeek-V3: (512 + 64) numbers in each of 61 layers.
    assert cache_bytes(served(MODELS["deepseek-v3"].architecture), 1) == 70_272


def test_weights_of_a_step_are_all_but_the_embedding_and_the_norms() -> None:
    norms = (2 * 32 + 1) * 4096
    assert weight_bytes_read(served(LLAMA)) == 2 * (8_030_261_248 - 128_256 * 4096 - norms)
    assert served(LLAMA).bytes_held == 2 * 8_030_261_248


def test_a_single_stream_at_full_bandwidth() -> None:
    # Llama 3.1 8B in 16 bits on H100: 15.0 GB over 3.35 TB/s are 4.48 ms.
    assert weight_seconds(served(LLAMA), H100) == pytest.approx(4.48e-3, rel=1e-3)


def test_a_window_bounds_the_cache() -> None:
    arch = Architecture(
        layers=4, hidden=64, heads=4, kv_heads=2, head_dim=16, ffn=128, gated=True, vocabulary=256, tied=True,
        window=100, windowed_layers=3,
    )  # fmt: skip
    one_layer = 2 * 2 * 16 * 2
    assert cache_bytes(served(arch), 50) == 4 * 50 * one_layer
    assert cache_bytes(served(arch), 1000) == (1000 + 3 * 100) * one_layer
    assert cache_bytes(served(arch, cacheless_layers=1), 1000) == 3 * 100 * one_layer


def test_experts_are_touched_by_chance() -> None:
    # 8 experts, 2 a token: 8 (1 − (3/4)^2) = 3.5 by two tokens.
    arch = MODELS["mixtral-8x7b"].architecture
    assert arch.experts is not None
    one = arch.layers * 3 * arch.hidden * arch.experts.ffn * 2
    two = weight_bytes_read(served(arch), 2) - weight_bytes_read(served(arch), 1)
    assert two == pytest.approx(1.5 * one)
    everything = weight_bytes_read(served(arch))
    assert everything == pytest.approx(2 * (count(arch).multiplied + count(arch).idle), rel=1e-3)


def test_a_prompt_alone_is_its_operations() -> None:
    tokens = 1000
    flops = 2 * count(LLAMA).multiplied * tokens + 2 * LLAMA.layers * LLAMA.hidden * tokens**2
    ideal = matmul_seconds(served(LLAMA), H100, tokens) + attention_seconds(served(LLAMA), H100, tokens)
    assert ideal == pytest.approx(flops / 989e12)


def test_attention_after_a_cached_prefix_meets_it_too() -> None:
    model = served(LLAMA)
    whole = attention_seconds(model, H100, 1000)
    halves = attention_seconds(model, H100, 500) + attention_seconds(model, H100, 500, 500)
    assert halves == pytest.approx(whole)


def test_one_device_exchanges_nothing() -> None:
    assert reduce_seconds(served(LLAMA), Node(peak=1e12, wide_peak=1e12, bandwidth=1e12), 5.0) == 0
    two = Node(peak=1e12, wide_peak=1e12, bandwidth=1e12, link=1e9, tensor=2)
    assert reduce_bytes(served(LLAMA), two, 1) == 2 * 32 * 4096 * 2  # a ring of two sends as much as there is


def test_copies_of_groups_are_read_by_all() -> None:
    model = served(LLAMA)
    eight = Node(peak=1e15, wide_peak=1e15, bandwidth=1e12, link=1e11, tensor=8)
    sixteen = Node(peak=1e15, wide_peak=1e15, bandwidth=1e12, link=1e11, tensor=16)
    assert cache_seconds(model, sixteen, 4, 1000) == cache_seconds(model, eight, 4, 1000)


def test_a_state_is_read_and_written() -> None:
    model = served(LLAMA, cacheless_layers=32, state_bytes=1e6)
    assert cache_seconds(model, H100, 3, 10_000) == pytest.approx(3 * 2e6 / 3.35e12)


def test_steps_are_parts_added_up() -> None:
    model = served(LLAMA)
    done = work(model, H100, batch=4, context=100)
    by_hand = done.read / 0.5 + done.cache / 0.5 + 32 * 2e-5 + 4e-5 + 1e-3
    assert step_seconds(done, SHARES) == pytest.approx(by_hand)
    assert decode_seconds(model, H100, SHARES, batch=4, context=100) == pytest.approx(by_hand)


def test_waves_of_prompts_delay_tokens_less() -> None:
    under = load(served(LLAMA), H100, batch=32, prompt=1000, output=200)
    assert loaded_seconds(under, SHARES, 0.5) < loaded_seconds(under, SHARES, 1.0)
    cached = load(served(LLAMA), H100, batch=32, prompt=1000, output=200, cached=900)
    assert loaded_seconds(cached, SHARES) < loaded_seconds(under, SHARES)


sizes = st.sampled_from(["llama-3.1-8b", "llama-3.1-70b", "qwen3-30b-a3b", "deepseek-v3", "gpt2-124m"])


@given(name=sizes, batch=st.floats(1, 1e4), context=st.floats(1, 1e6), more=st.floats(1.01, 100))
def test_more_to_do_takes_longer(name: str, batch: float, context: float, more: float) -> None:
    model = served(MODELS[name].architecture)
    alone = decode_seconds(model, H100, SHARES, batch=batch, context=context)
    assert 0 < alone < decode_seconds(model, H100, SHARES, batch=batch * more, context=context)
    assert alone < decode_seconds(model, H100, SHARES, batch=batch, context=context * more)
    assert alone <= decode_seconds(model, H100, SHARES, batch=batch, context=context, prompt_tokens=100 * more)
    prompt = prefill_seconds(model, H100, SHARES, tokens=context)
    assert 0 < prompt <= prefill_seconds(model, H100, SHARES, tokens=context, context=context * more)
    assert prompt < prefill_seconds(model, H100, SHARES, tokens=context + 1e6)


@given(name=sizes, batches=st.lists(st.floats(1, 1e3), min_size=1, max_size=5))
def test_arrays_are_numbers_one_by_one(name: str, batches: list[float]) -> None:
    model = served(MODELS[name].architecture)
    together = decode_seconds(model, H100, SHARES, batch=np.array(batches), context=500.0)
    alone = [decode_seconds(model, H100, SHARES, batch=batch, context=500.0) for batch in batches]
    np.testing.assert_allclose(together, alone)


def test_peaks_by_precision() -> None:
    h100, a100, b200 = (ACCELERATORS[key] for key in ("h100-sxm", "a100-80", "b200"))
    assert engines.peak_flops(h100, "bf16") == 989e12
    assert engines.peak_flops(h100, "fp8") == 1979e12
    assert engines.peak_flops(h100, "int4") == 989e12
    assert engines.peak_flops(h100, "nvfp4") is None
    assert engines.peak_flops(a100, "fp8") is None
    assert engines.peak_flops(b200, "nvfp4") == 9000e12
    with pytest.raises(ValueError, match="does not multiply in fp8"):
        engines.node(a100, "fp8", 1)


def test_room_for_caches() -> None:
    h100 = ACCELERATORS["h100-sxm"]
    model = served(MODELS["llama-3.1-70b"].architecture)
    assert engines.cache_room(model, h100, 1) < 0 < engines.cache_room(model, h100, 4)
    room = 4 * (0.9 * h100.memory_gib - 3) * 2**30 - 2 * 70_553_706_496
    assert engines.cache_room(model, h100, 4) == pytest.approx(room)
    assert engines.sequences_held(model, h100, 4, 1000) == pytest.approx(room / 327_680_000)


def test_energy_is_held_to_the_design_power() -> None:
    shares = {"idle": 0.3, "reading": 0.5, "multiplying": 0.6}
    assert step_energy(10.0, reading=0.0, multiplying=0.0, shares=shares) == pytest.approx(3)
    assert step_energy(10.0, reading=4.0, multiplying=5.0, shares=shares) == pytest.approx(8)
    assert step_energy(10.0, reading=10.0, multiplying=10.0, shares=shares) == 10
