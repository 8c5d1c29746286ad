"""The model in question: one of the catalogue, or sizes of one's own. Calculators inherit these inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.spec import choice, flag, integer
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.edits import Live
from portal.planning.compute.architecture import Architecture

CUSTOM = "custom"
ARCHITECTURES = Live(
    lambda: {CUSTOM: "Custom sizes"} | {key: model.name for key, model in MODELS.items()}, MODELS.table
)
OWN_MODEL = ("architecture", (CUSTOM,))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    architecture: str = choice(
        "Architecture", default="llama-3.1-8b", choices=ARCHITECTURES, group="Model",
        help="A public model, or your own sizes.")
    layers: int = integer(
        "Layers", default=32, low=1, high=2_000, fixed=True, group="Model", when=OWN_MODEL, quantity="arch.layers",
        help="Blocks of attention and feed-forward.")
    hidden: int = integer(
        "Hidden width", default=4_096, low=1, high=1_000_000, fixed=True, group="Model", when=OWN_MODEL,
        quantity="arch.hidden", help="Width of the residual stream; a multiple of the attention heads.")
    heads: int = integer(
        "Attention heads", default=32, low=1, high=10_000, fixed=True, group="Model", when=OWN_MODEL,
        quantity="arch.heads", help="Query heads of a layer.")
    kv_heads: int = integer(
        "Key-value heads", default=8, low=1, high=10_000, fixed=True, group="Model", when=OWN_MODEL,
        quantity="arch.kv_heads", help="As many as attention heads, or fewer that are shared among them.")
    ffn: int = integer(
        "Feed-forward width", default=14_336, low=1, high=10_000_000, fixed=True, group="Model", when=OWN_MODEL,
        quantity="arch.ffn", help="Inner width of the feed-forward block.")
    gated: bool = flag(
        "Gated feed-forward", default=True, group="Model", when=OWN_MODEL, quantity="arch.gated",
        help="SwiGLU and kin: three matrices instead of two.")
    vocabulary: int = integer(
        "Vocabulary", default=128_256, low=1, high=10_000_000, fixed=True, group="Model", when=OWN_MODEL,
        unit="tokens", quantity="arch.vocab", help="Rows of the embedding, padding included.")
    tied: bool = flag(
        "Tied embedding", default=False, group="Model", when=OWN_MODEL, quantity="arch.tied",
        help="One matrix serves as embedding and as output projection.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMixture(OwnModel):
    ffn: int = integer(
        "Feed-forward width", default=14_336, low=1, high=10_000_000, fixed=True, group="Model", when=OWN_MODEL,
        quantity="arch.ffn", help="Inner width of the feed-forward block. With experts, of the dense layers.")
    experts: int = integer(
        "Experts", default=0, low=0, high=10_000, fixed=True, group="Model", when=OWN_MODEL,
        help="Feed-forward blocks among which a router chooses; 0 for a dense model.")
    active_experts: int = integer(
        "Active experts", default=0, low=0, high=10_000, fixed=True, group="Model", when=OWN_MODEL,
        help="Experts that each token passes. Counts only with experts.")
    expert_ffn: int = integer(
        "Expert width", default=0, low=0, high=10_000_000, fixed=True, group="Model", when=OWN_MODEL,
        help="Feed-forward width of one expert. Counts only with experts.")
# fmt: on


def architecture_of(x: Any, **more: Any) -> Architecture:
    """The architecture that the inputs choose, or describe with what ``more`` says of it."""
    if x.architecture != CUSTOM:
        return MODELS[x.architecture].architecture
    return Architecture(
        layers=x.layers,
        hidden=x.hidden,
        heads=x.heads,
        kv_heads=x.kv_heads,
        head_dim=x.hidden // x.heads,
        ffn=x.ffn,
        gated=x.gated,
        vocabulary=x.vocabulary,
        tied=x.tied,
        **more,
    )
