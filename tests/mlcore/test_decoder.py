"""The decoder: its counts, its causality, its cache, and that it is the same function as transformers' Llama."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM

from mlcore.models.decoder import Cache, Decoder
from mlcore.models.llama import llama_config, llama_state
from mlcore.models.shape import DecoderConfig
from tests.mlcore.conftest import SMALL


@st.composite
def configs(draw: st.DrawFn) -> DecoderConfig:
    kv_heads, group = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    heads = kv_heads * group
    return DecoderConfig(
        vocab=draw(st.integers(2, 60)),
        layers=draw(st.integers(1, 3)),
        hidden=heads * 2 * draw(st.integers(1, 4)),
        heads=heads,
        kv_heads=kv_heads,
        ffn=draw(st.integers(1, 40)),
        context=draw(st.integers(2, 12)),
    )


def model_of(config: DecoderConfig, seed: int = 0) -> Decoder:
    torch.manual_seed(seed)
    model = Decoder(config).eval()
    for weight in model.parameters():  # also the norms, which start as ones
        torch.nn.init.normal_(weight, mean=1.0 if weight.dim() == 1 else 0.0, std=0.2)
    return model


@given(configs())
def test_the_stated_parameters_are_those_of_the_model(config: DecoderConfig) -> None:
    assert config.parameters() == sum(weight.numel() for weight in Decoder(config).parameters())


def test_parameters_of_llama_3_8b() -> None:
    """The published count is 8,030,261,248 with an output matrix of its own, which ours shares with the embedding."""
    config = DecoderConfig(
        vocab=128_256, layers=32, hidden=4096, heads=32, kv_heads=8, ffn=14_336, context=8192, rope_base=500_000
    )
    assert config.parameters() + config.vocab * config.hidden == 8_030_261_248


def test_training_flops_are_those_that_torch_counts() -> None:
    config = replace(SMALL, dropout=0.0)
    ids = torch.randint(0, config.vocab, (3, config.context))
    # As plain products, because the counter does not know the fused kernel of the CPU.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        Decoder(config)(ids).sum().backward()
    attention = 6 * config.layers * config.hidden * config.context
    assert config.training_flops_per_token(config.context) == 6 * config.matmul_parameters() + attention
    # Plain products compute the full square of attention; what is stated is the causal half.
    assert counter.get_total_flops() == ids.numel() * (6 * config.matmul_parameters() + 2 * attention)


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_logits_are_those_of_llama(kv_heads: int) -> None:
    config = replace(SMALL, kv_heads=kv_heads)
    ours = model_of(config)
    theirs = LlamaForCausalLM(LlamaConfig(**llama_config(config))).eval()
    theirs.load_state_dict(llama_state(ours))
    ids = torch.randint(0, config.vocab, (2, config.context))
    with torch.inference_mode():
        torch.testing.assert_close(ours(ids), theirs(ids).logits, atol=1e-4, rtol=1e-4)


@given(configs(), st.integers(0, 2**31))
def test_a_token_sees_only_what_came_before(config: DecoderConfig, seed: int) -> None:
    model = model_of(config, seed)
    ids = torch.randint(0, config.vocab, (1, config.context))
    changed = ids.clone()
    changed[0, -1] = (ids[0, -1] + 1) % config.vocab
    with torch.inference_mode():
        before, after = model(ids), model(changed)
    torch.testing.assert_close(before[:, :-1], after[:, :-1], atol=1e-5, rtol=1e-5)


@given(configs(), st.data())
def test_the_cache_changes_nothing(config: DecoderConfig, data: st.DataObject) -> None:
    model = model_of(config)
    ids = torch.randint(0, config.vocab, (1, config.context))
    prompt = data.draw(st.integers(1, config.context))
    with torch.inference_mode():
        whole = model(ids)
        cache = Cache(config)
        parts = [model(ids[:, :prompt], cache)]
        parts += [model(ids[:, at : at + 1], cache) for at in range(prompt, config.context)]
    torch.testing.assert_close(torch.cat(parts, 1), whole[:, prompt - 1 :], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hidden": 36}, "hidden 36 and heads 4"),
        ({"kv_heads": 3}, "heads 4 and kv_heads 3"),
        ({"layers": 0}, "layers: wanted at least 1, got 0"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(change: dict[str, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(SMALL, **change)
