"""Exactly how many parameters a method trains, and over which matrices of the model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from portal.planning.compute.architecture import Architecture
from portal.planning.compute.parameters import count
from portal.planning.finetuning.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Matrix:
    """A weight of the layers as adapters see it: ``copies`` of it in the whole model."""

    target: str
    wide_in: int
    wide_out: int
    copies: int


@lru_cache(maxsize=256)
def matrices(arch: Architecture) -> tuple[Matrix, ...]:
    """The matrices of all layers; of experts each one, the router left out, as adapter libraries have it."""
    queries = arch.heads * arch.head_dim
    values = arch.kv_heads * arch.head_dim
    found: list[Matrix]
    if (latent := arch.latent) is not None:
        wide = arch.heads * arch.score_dim
        into = [(arch.hidden, latent.query_rank), (latent.query_rank, wide)]
        found = [Matrix("q", *sizes, arch.layers) for sizes in (into if latent.query_rank else [(arch.hidden, wide)])]
        found += [
            Matrix("k", arch.hidden, latent.kv_rank + latent.rope_dim, arch.layers),
            Matrix("v", latent.kv_rank, arch.heads * (latent.nope_dim + latent.value_dim), arch.layers),
            Matrix("o", arch.heads * latent.value_dim, arch.hidden, arch.layers),
        ]
    else:
        found = [
            Matrix("q", arch.hidden, queries, arch.layers),
            Matrix("k", arch.hidden, values, arch.layers),
            Matrix("v", arch.hidden, values, arch.layers),
            Matrix("o", queries, arch.hidden, arch.layers),
        ]
    found += _blocks(arch, arch.ffn, arch.layers - arch.expert_layers)
    if arch.experts:
        found += _blocks(arch, arch.experts.ffn, arch.expert_layers * (arch.experts.count + arch.experts.shared))
    return tuple(found)


def _blocks(arch: Architecture, ffn: int, copies: int) -> list[Matrix]:
    up = ("gate", "up") if arch.gated else ("up",)
    inner = [Matrix(target, arch.hidden, ffn, copies) for target in up]
    return [*inner, Matrix("down", ffn, arch.hidden, copies)] if copies else []


@lru_cache(maxsize=1024)
def trained(tuning: Tuning) -> int:
    """Parameters that the optimizer changes.

    LoRA: r (d_in + d_out) a matrix (Hu et al. 2021, arXiv 2106.09685, section 4.1); DoRA: d_out more (Liu et al. 2024,
    arXiv 2402.09353). (IA)³: a vector for keys, values and the inner width (Liu et al. 2022, arXiv 2205.05638, 3.3).
    Prompt: rank × h (Lester et al. 2021, arXiv 2104.08691); prefix: keys and values of each layer (Li and Liang 2021,
    arXiv 2101.00190). Bottleneck: 2 h m + h + m each (Houlsby et al. 2019, arXiv 1902.00751, section 2.1).
    """
    parameters = count(tuning.arch)
    ends = parameters.embedding + parameters.head
    if tuning.method == "full":
        return parameters.total
    if tuning.method == "head":
        return parameters.head or parameters.embedding
    return _added(tuning) + (ends if tuning.whole_embedding else 0)


def _added(tuning: Tuning) -> int:
    arch, rank = tuning.arch, tuning.rank
    keys_and_values = 2 * arch.layers * arch.kv_heads * arch.head_dim
    if tuning.low_rank:
        low = sum(_low_rank(tuning, matrix) for matrix in matrices(arch) if matrix.target in tuning.targets)
        return low + (rank * (arch.hidden + arch.vocabulary) if tuning.low_rank_head else 0)
    if tuning.method == "ia3":
        inner = sum(matrix.wide_in * matrix.copies for matrix in matrices(arch) if matrix.target == "down")
        return keys_and_values + inner
    if tuning.method == "prompt":
        return rank * arch.hidden
    if tuning.method == "prefix":
        return rank * keys_and_values
    return tuning.blocks * arch.layers * (2 * arch.hidden * rank + arch.hidden + rank)


def _low_rank(tuning: Tuning, matrix: Matrix) -> int:
    magnitude = matrix.wide_out if tuning.method == "dora" else 0
    return matrix.copies * (tuning.rank * (matrix.wide_in + matrix.wide_out) + magnitude)


def narrowest(arch: Architecture, targets: frozenset[str]) -> int:
    """The smaller side of the smallest target: a rank above it saves nothing over the matrix itself."""
    return min((min(m.wide_in, m.wide_out) for m in matrices(arch) if m.target in targets), default=arch.hidden)
