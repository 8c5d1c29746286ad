"""Exact parameter counts.

GPT type: Narayanan et al. 2021 (arXiv 2104.04473), equation 2, plus the final norm, which it leaves out. Llama type,
mixture of experts and latent attention: the matrices of the published configurations, one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.planning.compute.architecture import Architecture, Latent


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Numbers of parameters by part; ``multiplied`` are the weights that a token is multiplied with."""

    embedding: int
    head: int  # the output projection; 0 when it is the embedding
    positions: int
    layers: int  # all that stands in the layers
    experts: int  # part of the layers: all experts among which routers choose
    outer_norms: int
    idle: int  # experts that a token does not pass, and biases that only steer the choice of experts
    multiplied_layers: int  # weights of the layers that a token is multiplied with; no biases, no norms
    multiplied_head: int

    @property
    def total(self) -> int:
        return self.embedding + self.head + self.positions + self.layers + self.outer_norms

    @property
    def active(self) -> int:
        """Parameters that one token uses, embedding and output projection included, as model cards count them."""
        return self.total - self.idle

    @property
    def multiplied(self) -> int:
        """Weights in matrix products: looking a row up in the embedding multiplies nothing."""
        return self.multiplied_layers + self.multiplied_head


def count(arch: Architecture) -> Parameters:
    """The parameters of a model by part."""
    attention = _attention_weights(arch)
    dense = arch.matrices * arch.hidden * arch.ffn
    dense_layers = arch.layers - arch.expert_layers
    all_experts = passed = routed = expert_biases = idle_biases = 0
    if arch.experts:
        one_expert, biases = arch.matrices * arch.hidden * arch.experts.ffn, _ffn_biases(arch, arch.experts.ffn)
        router = arch.hidden * arch.experts.count
        routed = arch.expert_layers * arch.experts.count * (one_expert + biases)
        all_experts = router + (arch.experts.count + arch.experts.shared) * one_expert
        passed = router + (arch.experts.active + arch.experts.shared) * one_expert
        expert_biases = (arch.experts.count + arch.experts.shared) * biases
        expert_biases += arch.experts.count if arch.biases == "all" else 0  # the router's
        idle_biases = (arch.experts.count - arch.experts.active) * biases
    unused = arch.expert_layers * (all_experts - passed)
    steering = arch.expert_layers * arch.experts.count if arch.experts and arch.experts.balanced else 0
    weights = arch.layers * attention + dense_layers * dense + arch.expert_layers * all_experts
    vectors = arch.layers * (_attention_vectors(arch) + arch.inner_norms * arch.norm_vectors * arch.hidden)
    vectors += dense_layers * _ffn_biases(arch, arch.ffn) + arch.expert_layers * expert_biases + steering
    table = arch.vocabulary * arch.hidden
    return Parameters(
        embedding=table,
        head=0 if arch.tied else table,
        positions=arch.positions * arch.hidden,
        layers=weights + vectors,
        experts=routed,
        outer_norms=arch.outer_norms * arch.norm_vectors * arch.hidden,
        idle=unused + arch.expert_layers * idle_biases + steering,
        multiplied_layers=weights - unused,
        multiplied_head=table,
    )


def _attention_weights(arch: Architecture) -> int:
    if arch.latent:
        return _latent_weights(arch, arch.latent)
    queries = arch.heads * arch.head_dim
    keys_and_values = 2 * arch.kv_heads * arch.head_dim
    return arch.hidden * (queries + keys_and_values) + queries * arch.hidden


def _latent_weights(arch: Architecture, latent: Latent) -> int:
    queries = arch.heads * arch.score_dim
    if latent.query_rank:
        into_queries = arch.hidden * latent.query_rank + latent.query_rank * queries
    else:
        into_queries = arch.hidden * queries
    into_latent = arch.hidden * (latent.kv_rank + latent.rope_dim)
    out_of_latent = latent.kv_rank * arch.heads * (latent.nope_dim + latent.value_dim)
    return into_queries + into_latent + out_of_latent + arch.heads * latent.value_dim * arch.hidden


def _attention_vectors(arch: Architecture) -> int:
    if arch.latent:
        return arch.latent.query_rank + arch.latent.kv_rank  # norms of the two latents
    vectors = (2 * arch.head_dim if arch.qk_norm else 0) + (arch.heads if arch.sinks else 0)
    if arch.biases != "none":
        vectors += (arch.heads + 2 * arch.kv_heads) * arch.head_dim
    if arch.biases == "all":
        vectors += arch.hidden
    return vectors


def _ffn_biases(arch: Architecture, ffn: int) -> int:
    """The biases of one feed-forward block, or of one expert."""
    return (arch.matrices - 1) * ffn + arch.hidden if arch.biases == "all" else 0
