"""Parameter counts against published ones, exactly, and against Megatron's equation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.architecture import Architecture, Experts
from portal.planning.compute.parameters import count

# Printed by the authors, or read from the released weights.
PUBLISHED = {
    "llama-3.1-8b": (8_030_261_248, 8_030_261_248),
    "llama-3.1-70b": (70_553_706_496, 70_553_706_496),
    "llama-3.1-405b": (405_853_388_800, 405_853_388_800),
    "qwen3-8b": (8_190_735_360, 8_190_735_360),
    "qwen3-32b": (32_762_123_264, 32_762_123_264),
    "qwen3-30b-a3b": (30_532_122_624, 3_353_032_704),
    "qwen3-235b-a22b": (235_093_634_560, 22_190_763_520),
    "mixtral-8x7b": (46_702_792_704, 12_879_925_248),
    "deepseek-v3": (671_026_419_200, 37_552_282_624),
    "kimi-k2": (1_026_408_232_448, 32_861_477_888),
    "gpt2-124m": (124_439_808, 124_439_808),
    "pythia-12b": (11_846_072_320, 11_846_072_320),
    "bloom-176b": (176_247_271_424, 176_247_271_424),
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_counts_equal_the_published_ones(key: str) -> None:
    counted = count(MODELS[key].architecture)
    assert (counted.total, counted.active) == PUBLISHED[key]


def gpt(layers: int, width_of_head: int, heads: int, vocabulary: int, positions: int) -> Architecture:
    hidden = width_of_head * heads
    return Architecture(
        layers=layers, hidden=hidden, heads=heads, kv_heads=heads, head_dim=width_of_head, ffn=4 * hidden, gated=False,
        vocabulary=vocabulary, tied=True, biases="all", norm_vectors=2, positions=positions,
    )  # fmt: skip


SIZES = st.tuples(
    st.integers(1, 200), st.integers(1, 256), st.integers(1, 200), st.integers(2, 300_000), st.integers(1, 8192)
)


@given(SIZES)
def test_a_gpt_has_megatrons_count_and_its_final_norm(sizes: tuple[int, int, int, int, int]) -> None:
    arch = gpt(*sizes)
    layers, h, v, s = arch.layers, arch.hidden, arch.vocabulary, arch.positions
    # 12 L h² (1 + 13/(12 h) + (V + s)/(12 L h)), Narayanan et al. 2021, equation 2, multiplied out
    assert count(arch).total == 12 * layers * h * h + 13 * layers * h + (v + s) * h + 2 * h


@given(SIZES)
def test_parts_add_up(sizes: tuple[int, int, int, int, int]) -> None:
    counted = count(gpt(*sizes))
    assert counted.total == counted.embedding + counted.positions + counted.layers + counted.outer_norms
    assert counted.multiplied <= counted.total == counted.active


def test_one_expert_of_one_is_a_dense_model_with_a_router() -> None:
    dense = MODELS["llama-3.1-8b"].architecture
    sizes = {name: getattr(dense, name) for name in dense.__dataclass_fields__}
    routed = Architecture(**sizes | {"experts": Experts(count=1, active=1, ffn=dense.ffn)})
    assert count(routed).total - count(dense).total == dense.layers * dense.hidden
    assert count(routed).active == count(routed).total


def test_sizes_that_cannot_be_are_refused() -> None:
    dense = MODELS["llama-3.1-8b"].architecture
    sizes = {name: getattr(dense, name) for name in dense.__dataclass_fields__}
    for wrong, words in (
        ({"kv_heads": 5}, "32 heads"),
        ({"layers": 0}, "at least 1"),
        ({"experts": Experts(count=4, active=5, ffn=8)}, "5 of 4"),
        ({"experts": Experts(count=4, active=2, ffn=8, dense_layers=33)}, "33 dense layers"),
    ):
        with pytest.raises(ValueError, match=words):
            Architecture(**sizes | wrong)
