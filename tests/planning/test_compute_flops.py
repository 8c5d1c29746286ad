"""FLOPs against Megatron's, PaLM's and Korthikanti's closed forms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.flops import (
    attention_per_token,
    matmul_per_token,
    model_per_token,
    recomputed_per_token,
    windowed,
)
from portal.planning.compute.parameters import count
from tests.planning.test_compute_parameters import gpt

GPTS = st.builds(
    gpt, st.integers(1, 200), st.integers(1, 256), st.integers(1, 200), st.integers(2, 300_000), st.just(1)
)
LENGTHS = st.integers(1, 1_000_000)


@given(GPTS, LENGTHS)
def test_a_gpt_needs_megatrons_flops(arch, s: int) -> None:
    layers, h, v = arch.layers, arch.hidden, arch.vocabulary
    model = model_per_token(arch, s, causal=False)
    assert model == pytest.approx(72 * layers * h**2 * (1 + s / (6 * h) + v / (12 * layers * h)), rel=1e-12)
    hardware = model + recomputed_per_token(arch, s, "full", causal=False)
    assert hardware == pytest.approx(96 * layers * h**2 * (1 + s / (6 * h) + v / (16 * layers * h)), rel=1e-12)


@given(GPTS, LENGTHS)
def test_selective_recomputation_runs_a_third_of_attention_again(arch, s: int) -> None:
    attention = attention_per_token(arch, s, causal=False)
    assert recomputed_per_token(arch, s, "selective", causal=False) == pytest.approx(attention / 3)
    assert recomputed_per_token(arch, s, "none", causal=False) == 0


def test_attention_is_12_layers_heads_width_and_length() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    assert attention_per_token(arch, 8192, causal=False) == 12 * 32 * 32 * 128 * 8192
    share = attention_per_token(arch, 8192, causal=True) / (6 * count(arch).total)
    assert share == pytest.approx(0.13, abs=0.005)
    assert attention_per_token(arch, 8192, causal=False) / (6 * count(arch).total) == pytest.approx(0.27, abs=0.005)


def test_a_window_bounds_what_a_token_looks_back_on() -> None:
    # By counting: token i of a sequence sees min(i, w) tokens before it, in the continuum that s/2 stands for.
    s, w = 4096, 1024
    seen = sum(min(i + 0.5, w) for i in range(s)) / s
    assert windowed(s, w) / 2 == pytest.approx(seen, rel=1e-3)
    assert windowed(s, s) == windowed(s, 10 * s) == s
    plain = MODELS["llama-3.1-8b"].architecture
    half = replace(plain, window=w, windowed_layers=plain.layers // 2)
    share = attention_per_token(half, s, causal=True) / attention_per_token(plain, s, causal=True)
    assert share == pytest.approx((1 + windowed(s, w) / s) / 2)
    with pytest.raises(ValueError, match="cannot have a window"):
        replace(plain, window=1024)


def test_the_embedding_is_looked_up_and_not_multiplied() -> None:
    untied = MODELS["llama-3.1-8b"].architecture
    norms = (2 * untied.layers + 1) * untied.hidden
    assert matmul_per_token(untied) == 6 * (count(untied).total - untied.vocabulary * untied.hidden - norms)
    tied = MODELS["llama-3.2-1b"].architecture
    norms = (2 * tied.layers + 1) * tied.hidden
    assert matmul_per_token(tied) == 6 * (count(tied).total - norms)


def test_experts_cost_what_a_token_passes() -> None:
    mixture = MODELS["mixtral-8x7b"].architecture
    idle = 6 * mixture.layers * 3 * mixture.hidden * mixture.ffn  # six of eight experts
    norms = (2 * mixture.layers + 1) * mixture.hidden
    left = count(mixture).total - idle - norms - mixture.vocabulary * mixture.hidden
    assert matmul_per_token(mixture) == 6 * left


def test_latent_attention_scores_over_192_and_sums_over_128() -> None:
    arch = MODELS["deepseek-v3"].architecture
    assert attention_per_token(arch, 4096, causal=True) == 6 * 61 * 128 * (192 + 128) * 4096 / 2
