"""Public models: their shape, and their published parameter counts, which ours must equal exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from portal.planning.catalog.tables import Row, by_key, read
from portal.planning.compute.architecture import Architecture, Biases, Experts, Latent
from portal.planning.compute.parameters import count


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
        layers=row.count("layers"),
        hidden=row.count("hidden"),
        heads=row.count("heads"),
        kv_heads=row.count("kv_heads"),
        head_dim=row.count("head_dim"),
        ffn=row.count("ffn"),
        gated=row.flag("gated"),
        vocabulary=row.count("vocabulary"),
        tied=row.flag("tied"),
        biases=cast(Biases, biases),
        norm_vectors=row.count("norm_vectors"),
        outer_norms=row.count("outer_norms"),
        qk_norm=row.flag("qk_norm"),
        positions=row.count("positions"),
        experts=_experts(row),
        latent=_latent(row),
    )
    _check_published(row, architecture)
    return Model(
        key=row.text("key"),
        name=row.text("name"),
        architecture=architecture,
        context=row.count("context"),
        source=row.text("source"),
        as_of=row.month(),
    )


def _experts(row: Row) -> Experts | None:
    if not row.count("experts"):
        return None
    return Experts(
        count=row.count("experts"),
        active=row.count("active_experts"),
        ffn=row.count("expert_ffn"),
        shared=row.count("shared_experts"),
        dense_layers=row.count("dense_layers"),
        balanced=row.flag("balanced"),
    )


def _latent(row: Row) -> Latent | None:
    if not row.count("kv_rank"):
        return None
    return Latent(
        query_rank=row.count("query_rank"),
        kv_rank=row.count("kv_rank"),
        rope_dim=row.count("rope_dim"),
        nope_dim=row.count("nope_dim"),
        value_dim=row.count("value_dim"),
    )


def _check_published(row: Row, architecture: Architecture) -> None:
    ours = count(architecture)
    for column, counted in (("published_total", ours.total), ("published_active", ours.active)):
        published = row.count(column)
        if published and published != counted:
            raise ValueError(f"{column} is {published:,}, but these sizes make {counted:,} parameters")


MODELS = by_key("architectures", read("architectures", _build), lambda row: row.key)
