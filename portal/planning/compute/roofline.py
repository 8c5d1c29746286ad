"""Bytes, operations and time of serving a transformer: prefill of prompts and decoding of tokens.

A step takes as long as reading what it must read or computing what it must compute, whichever is longer, and as the
overheads on top (Williams et al. 2009, CACM 52:65; for transformers Pope et al. 2022, arXiv 2211.05102, section 2).
Functions named ``..._seconds`` of model and node alone are at full bandwidth and peak; a real engine reaches shares of
both, which ``COEFFICIENTS`` names and published measurements give (``portal.planning.evidence``). Structure is whole
numbers; batches, contexts and shares may be arrays of draws, which broadcast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.flops import FORWARD
from portal.planning.compute.parameters import count as count_parameters

Shares = Mapping[str, Any]

count = lru_cache(maxsize=512)(count_parameters)  # a step asks for it many times

COEFFICIENTS: Mapping[str, str] = {
    "weight_bandwidth": "share of the memory bandwidth at which weights are read",
    "cache_bandwidth": "share of the memory bandwidth at which the key-value cache is read",
    "compute": "share of the peak in matrix products",
    "attention_compute": "share of the 16-bit peak in attention of prompts",
    "link_bandwidth": "share of the link bandwidth in all-reduces",
    "layer_seconds": "seconds a layer that nothing else explains",
    "reduce_seconds": "seconds that one all-reduce waits",
    "step_seconds": "seconds a step for scheduling and sampling",
    "request_seconds": "seconds a step for each sequence of the batch",
}

# Bytes of a weight with the scales of its group: GGUF Q4_K_M mixes 4 and 6 bits (4.85 on average), int4 and nf4 have
# a 16-bit scale a group of 64 or 128 weights, NVFP4 one byte for 16, MXFP4 one byte for 32.
WEIGHT_BYTES: Mapping[str, float] = {
    "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "q4_k_m": 4.85 / 8, "int4": 0.53, "nf4": 0.53,
    "nvfp4": 0.5625, "mxfp4": 0.53125,
}  # fmt: skip
ACTIVATION_BYTES = 2  # of a number that devices exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A model as it is served.

    ``cacheless_layers`` have linear attention or a state-space block instead of a cache, for which ``state_bytes`` of
    one sequence are read and written in every step. Quantised checkpoints mostly leave embedding and output projection
    at 16 bits.
    """

    arch: Architecture
    weight_bytes: float  # of a weight in the layers
    head_bytes: float = 2.0  # of a weight of the embedding and of the output projection
    cache_bytes: float = 2.0  # of a number in the key-value cache
    cacheless_layers: int = 0
    state_bytes: float = 0.0

    @property
    def bytes_held(self) -> float:
        """Bytes of all weights."""
        parameters = count(self.arch)
        return parameters.layers * self.weight_bytes + (parameters.total - parameters.layers) * self.head_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The devices of one replica, between which every layer is split. Numbers are of one device."""

    peak: float  # FLOP/s, dense, at the precision in which matrices are multiplied
    wide_peak: float  # FLOP/s, dense, at 16 bits: attention is computed in those
    bandwidth: float  # bytes/s of its memory
    link: float = 0.0  # bytes/s in one direction to the others
    tensor: int = 1


# What must be read and sent


def weight_bytes_read(model: Served, tokens: Any = np.inf) -> Any:
    """Bytes of weights that a step of so many tokens reads.

    Of a mixture of E experts, k a token, E (1 − (1 − k/E)^tokens) are touched if tokens choose independently.
    """
    arch, parameters = model.arch, count(model.arch)
    further: Any = 0.0
    if arch.experts:
        share = 1 - (1 - arch.experts.active / arch.experts.count) ** np.asarray(tokens, dtype=float)
        one = arch.matrices * arch.hidden * arch.experts.ffn
        further = arch.expert_layers * one * (share * arch.experts.count - arch.experts.active)
    return (parameters.multiplied_layers + further) * model.weight_bytes + parameters.multiplied_head * model.head_bytes


def cache_width(arch: Architecture) -> int:
    """Numbers that one layer caches of one token: keys and values, or the latent that makes both."""
    if arch.latent:
        return arch.latent.kv_rank + arch.latent.rope_dim
    return 2 * arch.kv_heads * arch.head_dim


def cache_bytes(model: Served, context: Any) -> Any:
    """Bytes of cache of one sequence of ``context`` tokens; layers with a window keep no more than that."""
    arch = model.arch
    whole = arch.layers - arch.windowed_layers - model.cacheless_layers
    tokens = whole * np.asarray(context, dtype=float) + arch.windowed_layers * np.minimum(context, arch.window)
    return cache_width(arch) * model.cache_bytes * tokens


def reduce_bytes(model: Served, node: Node, tokens: Any) -> Any:
    """Bytes that a device sends for the two all-reduces of every layer; a ring sends 2 (t − 1)/t of the data."""
    share = 2 * (node.tensor - 1) / node.tensor
    return 2 * model.arch.layers * share * ACTIVATION_BYTES * model.arch.hidden * np.asarray(tokens, dtype=float)


# Seconds at full speed


def weight_seconds(model: Served, node: Node, tokens: Any = np.inf) -> Any:
    """Reading the weights once, split over the devices."""
    return weight_bytes_read(model, tokens) / (node.tensor * node.bandwidth)


def cache_seconds(model: Served, node: Node, batch: Any, context: Any) -> Any:
    """Reading the caches of ``batch`` sequences of ``context`` tokens in the mean, and their states twice.

    They are split by key-value heads; what is left of the split keeps copies. A latent serves all heads at once.
    """
    split = 1 if model.arch.latent else min(node.tensor, model.arch.kv_heads)
    states = 2 * model.state_bytes / node.tensor
    return batch * (cache_bytes(model, context) / split + states) / node.bandwidth


def matmul_seconds(model: Served, node: Node, tokens: Any) -> Any:
    """Multiplying ``tokens`` tokens with the weights that each passes."""
    return FORWARD * count(model.arch).multiplied * tokens / (node.tensor * node.peak)


def attention_seconds(model: Served, node: Node, tokens: Any, context: Any = 0.0) -> Any:
    """Scores and weighted sums of ``tokens`` new tokens after ``context`` cached ones, causally."""
    arch = model.arch
    per_key = FORWARD * arch.heads * (arch.score_dim + arch.value_dim)
    keys = context + np.asarray(tokens, dtype=float) / 2
    whole = arch.layers - arch.windowed_layers - model.cacheless_layers
    met = whole * keys + arch.windowed_layers * np.minimum(keys, arch.window)
    return per_key * tokens * met / (node.tensor * node.wide_peak)


def reduce_seconds(model: Served, node: Node, tokens: Any) -> Any:
    """Sending what all-reduces send; 0 on one device."""
    if node.tensor == 1:
        return 0.0 * np.asarray(tokens, dtype=float)
    return reduce_bytes(model, node, tokens) / node.link


# Steps of an engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a step does, in seconds at full speed; numbers, or arrays of one shape."""

    read: Any  # weights
    multiply: Any  # matrix products
    attend: Any  # attention of prompts
    cache: Any  # reading caches for decoding
    exchange: Any  # sending between devices
    layers: Any
    reduces: Any  # all-reduces
    sequences: Any  # that are decoded


def work(
    model: Served, node: Node, *, batch: Any = 0.0, context: Any = 0.0, prompt_tokens: Any = 0.0, cached: Any = 0.0
) -> Work:
    """A step that decodes a token for each of ``batch`` sequences of mean length ``context``, and computes
    ``prompt_tokens`` tokens of a new prompt with them, after ``cached`` tokens of it."""
    tokens = batch + prompt_tokens
    return Work(
        read=weight_seconds(model, node, tokens),
        multiply=matmul_seconds(model, node, tokens),
        attend=attention_seconds(model, node, prompt_tokens, cached),
        cache=cache_seconds(model, node, batch, context),
        exchange=reduce_seconds(model, node, tokens),
        layers=model.arch.layers,
        reduces=2 * model.arch.layers if node.tensor > 1 else 0,
        sequences=batch,
    )


def step_seconds(done: Work, shares: Shares) -> Any:
    """Seconds of a step. Weights are read while they are multiplied, so the longer of the two counts; caches are read
    by other kernels, and devices wait for each other after every block."""
    products = done.multiply / shares["compute"] + done.attend / shares["attention_compute"]
    return (
        np.maximum(done.read / shares["weight_bandwidth"], products)
        + done.cache / shares["cache_bandwidth"]
        + done.exchange / shares["link_bandwidth"]
        + done.layers * shares["layer_seconds"]
        + done.reduces * shares["reduce_seconds"]
        + done.sequences * shares["request_seconds"]
        + shares["step_seconds"]
    )


def delay_seconds(done: Work, shares: Shares) -> Any:
    """Seconds by which a prompt delays the decoding that it is mixed with: its products, attention and exchange, as
    weights are read and kernels started anyway."""
    products = done.multiply / shares["compute"] + done.attend / shares["attention_compute"]
    return products + done.exchange / shares["link_bandwidth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A steady load: ``step`` decodes all running sequences, of which ``prompts`` finish, and begin, in each step."""

    step: Work
    prompt: Work
    prompts: Any


def load(model: Served, node: Node, *, batch: Any, prompt: Any, output: Any, cached: Any = 0.0) -> Load:
    """``batch`` running sequences of ``prompt`` tokens, of which ``cached`` need not be computed, and ``output``
    tokens to write."""
    return Load(
        step=work(model, node, batch=batch, context=prompt + np.asarray(output, dtype=float) / 2),
        prompt=work(model, node, prompt_tokens=prompt - np.asarray(cached, dtype=float), cached=cached),
        prompts=batch / output,
    )


def loaded_seconds(under: Load, shares: Shares, stalled: Any = 1.0) -> Any:
    """Mean seconds between two tokens of a request under a steady load.

    ``stalled`` is the share of the work for prompts that falls between tokens: all of it where requests come one by
    one, half where prompts come in waves and are computed first, so that the rest delays first tokens.
    """
    return step_seconds(under.step, shares) + stalled * under.prompts * delay_seconds(under.prompt, shares)
