"""Shapes of models whose serving was measured: those of the catalogue, and further ones of ``served_models.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture, Experts, Latent
from portal.planning.compute.roofline import Served


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An architecture, how many of its layers keep no cache that grows with the context, and numbers of their state."""

    name: str
    arch: Architecture
    cacheless_layers: int = 0
    state: int = 0

    def served(self, weight_bytes: float) -> Served:
        """As it is served with weights of so many bytes; states have 32 bits."""
        return Served(
            arch=self.arch,
            weight_bytes=weight_bytes,
            cacheless_layers=self.cacheless_layers,
            state_bytes=4 * self.state,
        )


def shape(key: str) -> Shape:
    """Of ``served_models.csv``, whose shapes coefficients were fitted on, or else of a model of the catalogue.

    Raises:
        KeyError: neither has it.
    """
    if key in _further():
        return _further()[key]
    return Shape(name=MODELS[key].name, arch=MODELS[key].architecture)


@cache
def _further() -> dict[str, Shape]:
    text = (files(__package__) / "tables" / "served_models.csv").read_text(encoding="utf-8")
    rows = [Row(cells) for cells in csv.DictReader(StringIO(text, newline=""), strict=True)]
    return {row.text("key"): _built(row) for row in rows}


def _built(row: Row) -> Shape:
    experts = latent = None
    if row.count("experts"):
        experts = Experts(
            count=row.count("experts"),
            active=row.count("active_experts"),
            ffn=row.count("expert_ffn"),
            shared=row.count("shared_experts"),
            dense_layers=row.count("dense_layers"),
        )
    if row.count("kv_rank"):
        latent = Latent(
            query_rank=row.count("query_rank"),
            kv_rank=row.count("kv_rank"),
            rope_dim=row.count("rope_dim"),
            nope_dim=row.count("nope_dim"),
            value_dim=row.count("value_dim"),
        )
    arch = Architecture(
        layers=row.count("layers"),
        hidden=row.count("hidden"),
        heads=row.count("heads"),
        kv_heads=row.count("kv_heads"),
        head_dim=row.count("head_dim"),
        ffn=row.count("ffn"),
        gated=row.flag("gated"),
        vocabulary=row.count("vocabulary"),
        tied=row.flag("tied"),
        experts=experts,
        latent=latent,
        window=row.count("window"),
        windowed_layers=row.count("windowed_layers"),
    )
    return Shape(
        name=row.text("name"), arch=arch, cacheless_layers=row.count("cacheless_layers"), state=row.count("state")
    )
