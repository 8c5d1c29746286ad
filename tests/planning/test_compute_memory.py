"""Memory against published tables, closed forms, and what automatic differentiation keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.catalog.architectures import MODELS
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.layout import Layout
from portal.planning.compute.memory import (
    GIB,
    bytes_per_parameter,
    fullest_device,
    layer_activations,
    logit_bytes,
    stage_activations,
    stage_parameters,
)
from portal.planning.compute.parameters import count
from tests.planning.test_compute_parameters import gpt

MEASURED = {"logits": 5.0, "workspace": 2.7}

# Korthikanti et al. 2022, figure 1: GiB of parameters, gradients and optimizer states of a middle stage; activations
# with the tensor split alone; with sequence parallelism and selective recomputation. Splits from table 3.
KORTHIKANTI: dict[str, tuple[Architecture, dict[str, Any], float, float, float]] = {
    "175B": (gpt(96, 128, 96, 51_200, 2048), {"pipeline": 8, "virtual_stages": 3}, 45.56, 66.84, 12.35),
    "530B": (gpt(105, 160, 128, 51_200, 2048), {"pipeline": 35, "virtual_stages": 3}, 31.64, 114.02, 23.08),
    "1T": (gpt(128, 160, 160, 51_200, 2048), {"pipeline": 64}, 32.96, 131.25, 26.56),
}


@pytest.mark.parametrize("size", KORTHIKANTI)
def test_megatrons_memory(size: str) -> None:
    arch, splits, states, plain, selective = KORTHIKANTI[size]
    layout = Layout(sequence=2048, tensor=8, micro_batches=512, wide_gradients=True, flash=False, **splits)
    assert sum(bytes_per_parameter(layout)) == 18
    of_layers = count(arch).layers / layout.pipeline / layout.tensor * 18 / GIB
    assert of_layers == pytest.approx(states, rel=2e-4)
    alone = replace(layout, sequence_parallel=False)
    assert stage_activations(arch, alone, first=True) / GIB == pytest.approx(plain, abs=0.006)
    cheaper = replace(layout, recomputation="selective")
    assert stage_activations(arch, cheaper, first=True) / GIB == pytest.approx(selective, abs=0.006)


GPTS = st.builds(gpt, st.integers(1, 100), st.integers(1, 128), st.integers(1, 64), st.integers(2, 300_000), st.just(0))


@given(GPTS, st.integers(1, 100_000), st.integers(1, 64))
def test_a_gpt_layer_keeps_34_s_b_h_and_5_a_s_squared_b(arch: Architecture, s: int, b: int) -> None:
    h, a = arch.hidden, arch.heads
    plain = Layout(sequence=s, micro_batch=b, flash=False)
    assert layer_activations(arch, plain) == s * b * h * 34 + 5 * a * s * s * b
    assert layer_activations(arch, replace(plain, flash=True)) == s * b * h * 34
    split = replace(plain, tensor=8, sequence_parallel=False, flash=True)
    assert layer_activations(arch, split) == s * b * h * (10 + 24 / 8)


BYTES = {
    ("bf16", "adamw", False): 16,
    ("bf16", "adamw", True): 18,
    ("fp32", "adamw", False): 16,
    ("pure_bf16", "adamw", False): 8,
    ("bf16", "adamw_8bit", False): 10,
    ("bf16", "muon", False): 12,
    ("bf16", "sgd_momentum", False): 12,
    ("bf16", "adafactor", False): 8,
}


@pytest.mark.parametrize(("precision", "optimizer", "wide"), BYTES)
def test_bytes_a_parameter(precision, optimizer, wide: bool) -> None:
    layout = Layout(sequence=1, precision=precision, optimizer=optimizer, wide_gradients=wide)
    assert sum(bytes_per_parameter(layout)) == BYTES[precision, optimizer, wide]


@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_zero_shards_what_its_stage_says(stage: int) -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    n, d = count(arch).total, 64
    held = fullest_device(arch, Layout(sequence=1, data=d, zero_stage=stage))
    table = arch.vocabulary * arch.hidden  # larger than a layer: the unit that is gathered whole
    assert held.optimizer == 12 * n / (d if stage >= 1 else 1)
    assert held.gradients == pytest.approx(2 * n / d + 2 * table if stage >= 2 else 2 * n)
    assert held.weights == pytest.approx(2 * n / d + 2 * 2 * table if stage == 3 else 2 * n)


def test_one_replica_has_nothing_to_shard() -> None:
    arch = MODELS["gpt2-124m"].architecture
    whole = fullest_device(arch, Layout(sequence=1024, zero_stage=0))
    assert fullest_device(arch, Layout(sequence=1024, zero_stage=3)) == whole
    assert whole.weights + whole.gradients + whole.optimizer == 16 * count(arch).total


def test_full_recomputation_keeps_the_inputs_of_layers_and_one_whole_layer() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    layout = Layout(sequence=8192, recomputation="full")
    kept = stage_activations(arch, layout, first=True)
    assert kept == 2 * 8192 * 4096 * 32 + layer_activations(arch, layout)


def test_a_pipeline_holds_as_many_micro_batches_as_there_are_stages_or_micro_batches() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    one = Layout(sequence=4096)
    whole = stage_activations(arch, one, first=True)
    piped = replace(one, pipeline=8, micro_batches=8)
    assert stage_activations(arch, piped, first=True) == pytest.approx(whole)
    assert stage_activations(arch, piped, first=False) == pytest.approx(whole / 8)
    assert stage_activations(arch, replace(piped, micro_batches=2), first=True) == pytest.approx(whole / 4)
    # 1 + (p − 1)/(p v) of a whole model's layers
    interleaved = replace(piped, virtual_stages=4, micro_batches=64)
    assert stage_activations(arch, interleaved, first=True) == pytest.approx(whole * (1 + 7 / 32))


def test_the_fullest_device_is_the_first_or_the_last() -> None:
    wide = MODELS["llama-3.1-8b"].architecture
    piped = Layout(sequence=8192, pipeline=2, micro_batches=1)
    assert fullest_device(wide, piped).logits > 0  # one micro-batch: the logits decide
    assert fullest_device(wide, replace(piped, micro_batches=8)).logits == 0
    assert stage_parameters(wide, piped) == (count(wide).layers / 2 + 128_256 * 4096 + 4096)


def test_a_context_split_shares_out_what_a_sequence_keeps() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    whole = fullest_device(arch, Layout(sequence=32_768, data=8, zero_stage=1))
    split = fullest_device(arch, Layout(sequence=32_768, data=2, context=4, zero_stage=1))
    assert split.activations == pytest.approx(whole.activations / 4)
    assert split.logits == pytest.approx(whole.logits / 4)
    assert split.weights == whole.weights
    assert split.optimizer == pytest.approx(whole.optimizer)  # sharded over replicas and context alike


def test_an_expert_split_shares_out_experts_and_nothing_else() -> None:
    arch = MODELS["mixtral-8x7b"].architecture
    n = count(arch)
    plain = fullest_device(arch, Layout(sequence=1, data=8, zero_stage=1))
    split = fullest_device(arch, Layout(sequence=1, data=8, expert=8, zero_stage=1))
    assert plain.weights == 2 * n.total
    assert split.weights == pytest.approx(2 * (n.total - n.experts + n.experts / 8))
    # Sharded over eight before, on one device each now: as many bytes
    assert split.optimizer == pytest.approx(plain.optimizer)
    with pytest.raises(ValueError, match="expert split divides"):
        Layout(sequence=1, data=4, expert=8)


def test_stages_that_cannot_be_equal_count_their_fullest() -> None:
    arch = MODELS["deepseek-v3"].architecture  # 61 layers, of which 3 dense ones at the beginning
    held = stage_parameters(arch, Layout(sequence=1, pipeline=31))
    n = count(arch)
    ends = n.embedding + n.outer_norms
    assert held == pytest.approx((n.layers - n.experts) * 2 / 61 + ends + n.experts * 2 / 58)


def test_many_layouts_at_once_need_what_each_needs_alone() -> None:
    arch = MODELS["mixtral-8x7b"].architecture
    splits = {
        "tensor": [1, 2, 4, 8, 1], "context": [1, 1, 2, 1, 4], "pipeline": [1, 2, 4, 1, 8], "data": [8, 4, 2, 1, 16],
        "expert": [8, 1, 2, 8, 4], "micro_batch": [1, 2, 4, 1, 1], "micro_batches": [4, 8, 1, 2, 16],
        "virtual_stages": [1, 2, 1, 1, 2], "zero_stage": [3, 1, 0, 0, 2],
    }  # fmt: skip
    for recomputation in ("none", "selective", "full"):
        arrays: dict[str, Any] = {name: np.array(values) for name, values in splits.items()}
        together = fullest_device(arch, Layout(sequence=4096, recomputation=recomputation, **arrays), MEASURED)
        for at in range(5):
            single: dict[str, Any] = {name: values[at] for name, values in splits.items()}
            alone = fullest_device(arch, Layout(sequence=4096, recomputation=recomputation, **single), MEASURED)
            assert together.total[at] == pytest.approx(alone.total)


def test_logits_made_in_parts_are_not_stored() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    assert logit_bytes(arch, Layout(sequence=8192, chunked_logits=True)) == 8192 * 2 * 2 * 4096


def test_logits_of_a_large_vocabulary_are_not_forgotten() -> None:
    arch = MODELS["llama-3.1-8b"].architecture
    # 3.9 GiB in 32 bits and as much for their gradient
    assert logit_bytes(arch, Layout(sequence=8192)) / GIB == pytest.approx(2 * 3.91 + 0.125, abs=0.01)


LAYOUTS = st.builds(
    Layout,
    sequence=st.integers(1, 65_536),
    micro_batch=st.integers(1, 16),
    micro_batches=st.integers(1, 64),
    tensor=st.sampled_from([1, 2, 4, 8]),
    pipeline=st.sampled_from([1, 2, 4]),
    data=st.integers(1, 512),
    virtual_stages=st.sampled_from([1, 2]),
    sequence_parallel=st.booleans(),
    precision=st.sampled_from(["bf16", "fp8", "fp32", "pure_bf16"]),
    optimizer=st.sampled_from(["adamw", "adamw_8bit", "sgd_momentum", "muon", "adafactor"]),
    zero_stage=st.integers(0, 2),
    recomputation=st.sampled_from(["none", "selective"]),
    flash=st.booleans(),
    wide_gradients=st.booleans(),
)


@given(st.sampled_from(sorted(MODELS)), LAYOUTS)
def test_saving_never_takes_more_memory(model: str, layout: Layout) -> None:
    arch = MODELS[model].architecture
    now = fullest_device(arch, layout)
    assert min(now.weights, now.gradients, now.activations) > 0
    assert min(now.optimizer, now.logits) >= 0
    assert fullest_device(arch, replace(layout, micro_batch=layout.micro_batch + 1)).total > now.total
    assert fullest_device(arch, replace(layout, flash=True)).total <= now.total
    assert fullest_device(arch, replace(layout, recomputation="selective")).total <= now.total
    assert fullest_device(arch, replace(layout, tensor=2 * layout.tensor)).total <= now.total
    assert (
        fullest_device(arch, replace(layout, zero_stage=1)).optimizer <= now.optimizer * (1 + 1e-12)
        or layout.zero_stage
    )


def test_impossible_layouts_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Layout(sequence=0)
    with pytest.raises(ValueError, match="ZeRO has stages 0 to 3"):
        Layout(sequence=1, zero_stage=4)


@pytest.mark.parametrize(("gated", "kv_heads"), [(False, 8), (True, 8), (True, 2)])
def test_a_layer_keeps_what_automatic_differentiation_keeps(gated: bool, kv_heads: int) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    batch, length, hidden, heads, ffn = 2, 128, 256, 8, 896
    kept = _saved_bytes(torch, batch, length, hidden, heads, kv_heads, ffn, gated)
    arch = Architecture(
        layers=1, hidden=hidden, heads=heads, kv_heads=kv_heads, head_dim=hidden // heads, ffn=ffn, gated=gated,
        vocabulary=1, tied=True,
    )  # fmt: skip
    layout = Layout(sequence=length, micro_batch=batch, fused=False)
    assert kept == pytest.approx(layer_activations(arch, layout), rel=0.01)


def _saved_bytes(torch, batch: int, length: int, hidden: int, heads: int, kv_heads: int, ffn: int, gated: bool) -> int:
    """Bytes of activations that PyTorch saves for the backward pass of one layer in 16 bits."""
    functional, linear = torch.nn.functional, torch.nn.functional.linear
    width = hidden // heads
    shapes = {"q": (hidden, hidden), "k": (kv_heads * width, hidden), "v": (kv_heads * width, hidden),
              "o": (hidden, hidden), "up": (ffn, hidden), "gate": (ffn, hidden), "down": (hidden, ffn)}  # fmt: skip
    w = {name: torch.randn(shape, dtype=torch.bfloat16, requires_grad=True) for name, shape in shapes.items()}
    own = {weight.untyped_storage().data_ptr() for weight in w.values()}
    saved: dict[int, int] = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    x = torch.randn(batch, length, hidden, dtype=torch.bfloat16, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y = functional.layer_norm(x, (hidden,))
        q, k, v = (linear(y, w[name]).view(batch, length, -1, width).transpose(1, 2) for name in "qkv")
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=kv_heads != heads)
        x = x + linear(mixed.transpose(1, 2).reshape(batch, length, hidden), w["o"])
        y = functional.layer_norm(x, (hidden,))
        inner = (
            functional.silu(linear(y, w["gate"])) * linear(y, w["up"]) if gated else functional.gelu(linear(y, w["up"]))
        )
        result = x + linear(inner, w["down"])
    assert result.requires_grad
    return sum(saved.values())
