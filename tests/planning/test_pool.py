"""The key-value pool against a vLLM log, and how it answers to memory, splits and settings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.roofline import Served
from portal.planning.evidence.coefficients import fitted
from portal.planning.serving.pool import GIB, Engine, Pool, activation_bytes, pool, stage_weights, tokens_that_fit

LLAMA = MODELS["llama-3.1-8b"].architecture
H100 = 79.19 * GIB


def of_llama(engine: Engine, utilisation: float = 0.95) -> Pool:
    end = 2.0 * LLAMA.vocabulary * LLAMA.hidden
    weights = stage_weights(2.0 * 8_030_261_248 - 2 * end, end, ends=2, engine=engine)
    return pool(LLAMA, engine, weights=weights, memory=H100, utilisation=utilisation, coefficients=fitted("kv-pool"))


def test_the_pool_of_llama_on_one_h100_is_that_of_the_log() -> None:
    # vLLM 0.19: weights 14.99 GiB, activations 1.89, outside of PyTorch 0.25, pool 58.11.
    parts = of_llama(Engine())
    assert parts.weights / GIB == pytest.approx(14.99, abs=0.04)
    assert parts.activations / GIB == pytest.approx(1.89, abs=0.1)
    assert parts.other / GIB == pytest.approx(0.25, abs=0.05)
    assert parts.cache / GIB == pytest.approx(58.11, rel=0.005)


@pytest.mark.parametrize(("cache_bytes", "tokens"), [(2.0, 476_016), (1.0, 952_032)])
def test_the_tokens_of_a_pool_are_those_of_the_log(cache_bytes: float, tokens: int) -> None:
    fit = tokens_that_fit(Served(arch=LLAMA, weight_bytes=2.0, cache_bytes=cache_bytes), Engine(), 58.11 * GIB)
    assert fit == pytest.approx(tokens, rel=1e-4)
    assert fit % 16 == 0


def test_latent_attention_is_cached_whole_on_every_device() -> None:
    model = Served(arch=MODELS["deepseek-v3"].architecture, weight_bytes=1.0)
    # (512 + 64) numbers a layer, 61 layers, 2 bytes: 70,272 bytes a token.
    assert tokens_that_fit(model, Engine(tensor=8), 70_272 * 1600.0) == 1600
    # Of eight key-value heads every device of a split keeps one, and no less than one.
    llama = Served(arch=LLAMA, weight_bytes=2.0)
    assert tokens_that_fit(llama, Engine(tensor=8), GIB) == 8 * tokens_that_fit(llama, Engine(), GIB)
    assert tokens_that_fit(llama, Engine(tensor=16), GIB) == tokens_that_fit(llama, Engine(tensor=8), GIB)


def test_sampling_or_layers_take_most_whichever_is_more() -> None:
    coefficients = fitted("kv-pool")
    few = activation_bytes(LLAMA, Engine(sequences=1), coefficients)
    width = 8192 * 2 * (3 * 14336 + 4 * 4096)
    assert few == pytest.approx(coefficients["layer_copies"] * width)
    assert activation_bytes(LLAMA, Engine(), coefficients) > few
    older = activation_bytes(LLAMA, Engine(before_0_17=True), coefficients)
    assert older == pytest.approx(coefficients["before_0_17"] * activation_bytes(LLAMA, Engine(), coefficients))


def test_what_does_not_fit_leaves_less_than_nothing_and_no_tokens() -> None:
    parts = of_llama(Engine(), utilisation=0.1)
    assert parts.cache < 0
    assert tokens_that_fit(Served(arch=LLAMA, weight_bytes=2.0), Engine(), parts.cache) == 0


@given(low=st.floats(0.5, 0.95), more=st.floats(0.001, 0.05), tensor=st.sampled_from([1, 2, 4, 8]))
def test_more_memory_leaves_a_larger_pool(low: float, more: float, tensor: int) -> None:
    engine = Engine(tensor=tensor)
    grown = of_llama(engine, low + more).cache - of_llama(engine, low).cache
    assert grown == pytest.approx(more * H100, rel=1e-6)


def test_draws_broadcast() -> None:
    engine = Engine()
    shares = np.array([0.5, 0.9, 0.95])
    parts = pool(LLAMA, engine, weights=16e9, memory=H100, utilisation=shares, coefficients=fitted("kv-pool"))
    assert parts.cache.shape == (3,)
    fit = tokens_that_fit(Served(arch=LLAMA, weight_bytes=2.0), engine, parts.cache)
    assert fit.shape == (3,)
    assert np.all(np.diff(fit) > 0)


@pytest.mark.parametrize("wrong", [{"tensor": 0}, {"pipeline": 0}, {"batched_tokens": 0}, {"sequences": -1}])
def test_settings_below_one_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Engine(**wrong)  # type: ignore[arg-type]
