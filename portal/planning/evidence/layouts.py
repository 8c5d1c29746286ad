"""Layouts that are known to have run, and layouts that are known not to fit: what is said of each.

A yes or no, so no family of measurements. What a source leaves open (recomputation, micro-batch, whether logits are
made in parts) is taken at its thriftiest: the question is whether any such run is possible.

Left out: a Llama 3.1 70B whole on one GB300 with nothing sharded, which its source prints in one release and as fully
sharded in all others (weights and gradients alone are 394 of 268 GiB).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, cast

from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.flops import Recomputation
from portal.planning.compute.layout import Layout, Precision
from portal.planning.compute.memory import GIB, fullest_device
from portal.planning.evidence.coefficients import fitted

FRAGMENTATION = 0.05  # of what the tensors take
FRAMEWORK_GIB = 2.3  # CUDA context 0.5 to 2 GiB, communication buffers 1 to 2 GiB: the middle


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLayout:
    """A layout, and whether it ran."""

    key: str
    model: str
    accelerator: str
    devices: int
    architecture: Architecture
    layout: Layout
    fits: bool
    source: str
    as_of: str

    @property
    def needed(self) -> float:
        """GiB on the fullest device, with what no tensor accounts for."""
        tensors = fullest_device(self.architecture, self.layout, fitted("training-memory")).total / GIB
        return float(tensors * (1 + FRAGMENTATION) + FRAMEWORK_GIB)

    @property
    def capacity(self) -> float:
        return ACCELERATORS[self.accelerator].memory_gib

    @property
    def said_to_fit(self) -> bool:
        return self.needed <= self.capacity


@dataclass(frozen=True, slots=True)
class LayoutScore:
    """How many layouts that ran are said to fit, and how many that cannot are refused."""

    ran: int
    said_to_fit: int
    misfits: int
    refused: int


def score(layouts: Sequence[KnownLayout]) -> LayoutScore:
    ran = [known for known in layouts if known.fits]
    misfits = [known for known in layouts if not known.fits]
    return LayoutScore(
        ran=len(ran),
        said_to_fit=sum(known.said_to_fit for known in ran),
        misfits=len(misfits),
        refused=sum(not known.said_to_fit for known in misfits),
    )


def read(path: Path | None = None) -> tuple[KnownLayout, ...]:
    """Every row of the table, or of another in the same columns.

    Raises:
        ValueError: naming the row that is wrong.
    """
    text = path.read_text(encoding="utf-8") if path else _table()
    return tuple(_known(Row(cells)) for cells in csv.DictReader(StringIO(text, newline=""), strict=True))


@cache
def _table() -> str:
    return (files("portal.planning.evidence") / "tables" / "training_layouts.csv").read_text(encoding="utf-8")


def _known(row: Row) -> KnownLayout:
    try:
        return KnownLayout(
            key=row.text("key"),
            model=row.text("model"),
            accelerator=row.text("device"),
            devices=row.count("devices"),
            architecture=_architecture(row),
            layout=_layout(row),
            fits=row.flag("fits"),
            source=row.text("source"),
            as_of=row.text("as_of"),
        )
    except (KeyError, ValueError) as problem:
        raise ValueError(f"training layout {row.cells.get('key')}: {problem}") from problem


def _architecture(row: Row) -> Architecture:
    """A model of the catalogue, or a GPT of the given sizes."""
    if row.cells["architecture"]:
        return MODELS[row.text("architecture")].architecture
    hidden, heads = row.count("hidden"), row.count("heads")
    return Architecture(
        layers=row.count("layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=hidden // heads,
        ffn=4 * hidden,
        gated=False,
        vocabulary=row.count("vocabulary"),
        tied=True,
        biases="all",
        norm_vectors=2,
        positions=row.count("sequence"),
    )


def _layout(row: Row) -> Layout:
    names = ("tensor", "context", "pipeline", "expert", "virtual_stages")
    split: dict[str, Any] = {name: row.count(name) or 1 for name in names}
    apart = split["tensor"] * split["context"] * split["pipeline"]
    if row.count("devices") % apart:
        raise ValueError(f"{row.count('devices')} devices are no multiple of the splits, {apart}")
    return Layout(
        **split,
        sequence=row.count("sequence"),
        micro_batch=row.count("micro_batch") or 1,
        micro_batches=row.count("micro_batches") or 1,
        data=row.count("devices") // apart,
        zero_stage=row.count("zero"),
        precision=cast(Precision, row.text("precision")),
        recomputation=cast(Recomputation, row.cells["recomputation"] or "full"),
        flash=row.flag("flash"),
        chunked_logits=not row.cells["recomputation"],
        wide_gradients=row.flag("wide_gradients"),
    )
