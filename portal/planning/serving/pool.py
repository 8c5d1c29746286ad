"""The key-value pool of a serving engine: what is left of device memory once all else has its place.

vLLM sizes the pool at start: it runs a step of as many tokens and sequences as it is allowed, looks at the peak, and
gives the pool what is left of ``utilisation × memory`` (vLLM documentation, "Conserving memory"; the parts are printed
in its log). The parts here are the shares of that peak which follow from the model's shape, each times a fitted
coefficient. Structure is whole numbers; memory, utilisation and coefficients may be arrays of draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.roofline import Served, cache_width

GIB = 2**30
BLOCK = 16  # tokens of a block of the pool
_ACTIVATION_BYTES = 2
_LOGIT_BYTES = 4  # sampling works on logits in 32 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How the engine was started. The defaults are vLLM's on devices of 70 GiB and more; on smaller ones and on A100 it
    takes 2,048 tokens and 256 sequences.

    Raises:
        ValueError: a split, a number of tokens or of sequences below 1.
    """

    tensor: int = 1
    pipeline: int = 1
    batched_tokens: int = 8192  # that a step may compute
    sequences: int = 1024  # that may run at once
    encoder: bool = False  # an image or audio encoder is loaded too
    before_0_17: bool = False  # vLLM up to 0.16, which kept more while sampling

    def __post_init__(self) -> None:
        if min(self.tensor, self.pipeline, self.batched_tokens, self.sequences) < 1:
            raise ValueError(f"splits, tokens and sequences are at least 1, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Bytes of one device by part. ``cache`` is below 0 where the weights leave no room."""

    weights: Any
    activations: Any
    other: Any  # what the driver and the libraries for communication hold
    cache: Any


def pool(
    arch: Architecture, engine: Engine, *, weights: Any, memory: Any, utilisation: Any, coefficients: Mapping[str, Any]
) -> Pool:
    """The pool of the fullest device.

    Args:
        weights: bytes on that device, as ``stage_weights`` has them.
        memory: bytes that the device physically has; less than it is sold with.
        utilisation: share of it that the engine may use.
        coefficients: those of ``COEFFICIENTS``.
    """
    activations = activation_bytes(arch, engine, coefficients)
    split = engine.tensor > 1
    other = GIB * coefficients["split_other" if split else "single_other"]
    return Pool(
        weights=weights,
        activations=activations,
        other=other,
        cache=utilisation * memory - weights - activations - other,
    )


def stage_weights(layer_bytes: Any, end_bytes: Any, *, ends: int, engine: Engine) -> Any:
    """Bytes of weights on the fullest device.

    Args:
        layer_bytes: of all layers, and of an encoder if there is one.
        end_bytes: of the embedding; of the output projection just as many.
        ends: 2, or 1 where one matrix is both.
    """
    held = ends if engine.pipeline == 1 else 1
    return (layer_bytes / engine.pipeline + held * end_bytes) / engine.tensor


def activation_bytes(arch: Architecture, engine: Engine, coefficients: Mapping[str, Any]) -> Any:
    """Peak of the step that the engine tries out: in the layers, or while sampling, whichever is more.

    Logits are gathered on every device, so a split does not make them smaller; the last hidden states lie beside them.
    """
    tokens = engine.batched_tokens
    row = tokens * arch.hidden * _ACTIVATION_BYTES
    logits = min(engine.sequences, tokens) * arch.vocabulary * _LOGIT_BYTES
    sampling = coefficients["logit_copies"] * logits + row
    layers = tokens * _ACTIVATION_BYTES * (3 * _block_width(arch) / engine.tensor + 4 * arch.hidden)
    peak = np.maximum(sampling, coefficients["layer_copies"] * layers)
    if arch.experts:
        peak = peak + coefficients["expert_copies"] * arch.experts.active * row
    if engine.encoder:
        peak = peak + coefficients["encoder_copies"] * row
    return peak * coefficients["before_0_17"] if engine.before_0_17 else peak


def _block_width(arch: Architecture) -> int:
    """Width of the feed-forward block that a token passes."""
    if arch.experts:
        return max((arch.experts.active + arch.experts.shared) * arch.experts.ffn, arch.ffn)
    return arch.ffn


def tokens_that_fit(model: Served, engine: Engine, cache: Any) -> Any:
    """Tokens that the pools of all devices together hold, in whole blocks, as the engine prints them.

    Layers with a sliding window count as the others do: how many fewer blocks they need depends on the lengths of the
    sequences. Latent attention and heads that the split does not divide are kept whole on every device.

    Args:
        cache: bytes of the pool of one device; 0 tokens where it is below 0.
    """
    split = 1 if model.arch.latent else min(engine.tensor, model.arch.kv_heads)
    layers = -(-model.arch.layers // engine.pipeline)
    token = cache_width(model.arch) * layers * model.cache_bytes / split
    return np.floor(np.maximum(cache, 0.0) / (token * BLOCK)) * BLOCK


COEFFICIENTS: Mapping[str, str] = {
    "logit_copies": "tensors of logits in 32 bits that exist at once while sampling",
    "layer_copies": "peak in the layers over three widths of a block and four hidden states a token",
    "expert_copies": "hidden states a token and active expert that a mixture's kernels keep",
    "encoder_copies": "hidden states a token that are kept for an encoder's outputs",
    "before_0_17": "activations of vLLM up to 0.16 over those since",
    "single_other": "GiB held outside of PyTorch on one device",
    "split_other": "GiB held outside of PyTorch with a tensor split",
}
