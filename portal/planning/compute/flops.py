"""Floating-point operations of training; a multiplication and an addition count as two.

A token costs 6 FLOPs for every weight it is multiplied with, 2 forward and 4 backward (Kaplan et al. 2020, arXiv
2001.08361, table 1), and attention scores and sums on top (PaLM, arXiv 2204.02311, appendix B). For a GPT that is
Megatron's 72 B s L h² (1 + s/6h + V/12Lh) (Narayanan et al. 2021, arXiv 2104.04473, appendix).
"""

from __future__ import annotations

from typing import Literal

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.parameters import count

Recomputation = Literal["none", "selective", "full"]

FORWARD = 2  # FLOPs of a weight or a score in the forward pass; the backward pass takes twice as many
TRAINING = 6


def matmul_per_token(arch: Architecture) -> int:
    """FLOPs of a token for the weights it is multiplied with, forward and backward."""
    return TRAINING * count(arch).multiplied


def attention_per_token(arch: Architecture, sequence: int, *, causal: bool) -> float:
    """FLOPs of a token for scores and weighted sums, forward and backward: 12 L a d s for the full square.

    ``causal`` counts the half of the square that a causal kernel computes. PaLM, Megatron and most published
    utilisations count the full square.
    """
    return TRAINING * _attention_products(arch, sequence, causal=causal)


def model_per_token(arch: Architecture, sequence: int, *, causal: bool) -> float:
    """FLOPs of a token that the model needs, whatever is recomputed: what a model FLOPs utilisation counts."""
    return matmul_per_token(arch) + attention_per_token(arch, sequence, causal=causal)


def recomputed_per_token(arch: Architecture, sequence: int, recomputation: Recomputation, *, causal: bool) -> float:
    """FLOPs of a token for running parts of the forward pass again.

    Full: all layers, not the output projection (the 96 B s L h² form of Narayanan et al.). Selective: scores and sums
    alone (Korthikanti et al. 2022, arXiv 2205.05198, section 5; their appendix prints three times as much for it,
    within 2% of the whole for their models).
    """
    scores = FORWARD * _attention_products(arch, sequence, causal=causal)
    if recomputation == "none":
        return 0.0
    if recomputation == "selective":
        return scores
    return FORWARD * count(arch).multiplied_layers + scores


def _attention_products(arch: Architecture, sequence: int, *, causal: bool) -> float:
    """Products that the scores and sums of one token take in all layers."""
    per_key = arch.heads * (arch.score_dim + arch.value_dim)
    keys = (arch.layers - arch.windowed_layers) * sequence + arch.windowed_layers * windowed(sequence, arch.window)
    return per_key * keys * (0.5 if causal else 1.0)


def windowed(sequence: int, window: int) -> float:
    """Twice the mean number of tokens that one looks back on in a layer with a window; the sequence when none.

    Of a sequence of s tokens with a window of w, the first w see as many as stand before them, the others w:
    w − w²/2s in the mean, which is s/2 for w = s.
    """
    seen = min(sequence, window)
    return 2 * seen - seen**2 / sequence
