"""Public models: their shape, and their published parameter counts, which ours must equal exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from portal.planning.catalog.edits import Live, Table
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture, Biases, Experts, Latent
from portal.planning.compute.parameters import count

# The largest sizes that calculators take of a model that is typed.
MOST_LAYERS, MOST_HEADS, MOST_EXPERTS = 2_000, 10_000, 10_000
MOST_WIDTH = 1_000_000
MOST_INNER, MOST_VOCABULARY = 10_000_000, 10_000_000
MOST_CONTEXT = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    key: str
    name: str
    architecture: Architecture
    context: int  # longest sequence that it was published for
    source: str
    as_of: date


def _build(row: Row) -> Model:
    biases = row.text("biases")
    if biases not in ("none", "qkv", "all"):
        raise ValueError(f"biases is {biases!r}, wanted none, qkv or all")
    architecture = Architecture(
        layers=row.count("layers", MOST_LAYERS),
        hidden=row.count("hidden", MOST_WIDTH),
        heads=row.count("heads", MOST_HEADS),
        kv_heads=row.count("kv_heads", MOST_HEADS),
        head_dim=row.count("head_dim", MOST_WIDTH),
        ffn=row.count("ffn", MOST_INNER),
        gated=row.flag("gated"),
        vocabulary=row.count("vocabulary", MOST_VOCABULARY),
        tied=row.flag("tied"),
        biases=cast(Biases, biases),
        norm_vectors=row.count("norm_vectors", 2),
        inner_norms=row.count("inner_norms", 4),
        outer_norms=row.count("outer_norms", 4),
        qk_norm=row.flag("qk_norm"),
        sinks=row.flag("sinks"),
        positions=row.count("positions", MOST_CONTEXT),
        experts=_experts(row),
        latent=_latent(row),
        window=row.count("window", MOST_CONTEXT),
        windowed_layers=row.count("windowed_layers", MOST_LAYERS),
    )
    if not (architecture.ffn or architecture.experts):
        raise ValueError("ffn is 0 and there are no experts: wanted the width of the feed-forward block")
    _check_published(row, architecture)
    context = row.count("context", MOST_CONTEXT)
    if not context:
        raise ValueError("context is empty, wanted the longest sequence in tokens")
    return Model(
        key=row.key("key"),
        name=row.text("name"),
        architecture=architecture,
        context=context,
        source=row.text("source"),
        as_of=row.month(),
    )


def _experts(row: Row) -> Experts | None:
    if not row.count("experts", MOST_EXPERTS):
        return None
    experts = Experts(
        count=row.count("experts", MOST_EXPERTS),
        active=row.count("active_experts", MOST_EXPERTS),
        ffn=row.count("expert_ffn", MOST_INNER),
        shared=row.count("shared_experts", MOST_EXPERTS),
        dense_layers=row.count("dense_layers", MOST_LAYERS),
        balanced=row.flag("balanced"),
    )
    if not experts.ffn:
        raise ValueError("expert_ffn is empty, wanted the feed-forward width of one expert")
    return experts


def _latent(row: Row) -> Latent | None:
    if not row.count("kv_rank", MOST_WIDTH):
        return None
    latent = Latent(
        query_rank=row.count("query_rank", MOST_WIDTH),
        kv_rank=row.count("kv_rank", MOST_WIDTH),
        rope_dim=row.count("rope_dim", MOST_WIDTH),
        nope_dim=row.count("nope_dim", MOST_WIDTH),
        value_dim=row.count("value_dim", MOST_WIDTH),
    )
    if not min(latent.rope_dim, latent.nope_dim, latent.value_dim):
        raise ValueError("with kv_rank, wanted rope_dim, nope_dim and value_dim too")
    return latent


def _check_published(row: Row, architecture: Architecture) -> None:
    ours = count(architecture)
    for column, counted in (("published_total", ours.total), ("published_active", ours.active)):
        published = row.count(column)
        if published and published != counted:
            raise ValueError(f"{column} is {published:,}, but these sizes make {counted:,} parameters")


TABLE = Table("architectures", _build, key=("key",))
MODELS = Live(lambda: {model.key: model for model in TABLE}, TABLE)
PACKAGED = TABLE.packaged
"""What coefficients were fitted on: the rows of the file, whatever was edited."""
