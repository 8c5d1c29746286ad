"""How the cells of an editable row are asked for: label, help, what may be chosen, and with what a new row begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from portal.catalogue.described import CUSTOMERS, DEVICES, KINDS, TABLES, WEIGHTS
from portal.planning.catalog.salaries import MEASURES

YES_NO = {"yes": _("yes"), "no": _("no")}
BIASES = {"none": _("none"), "qkv": _("of queries, keys and values"), "all": _("of every matrix")}
MILLION = _("US dollars for a million tokens.")
ZERO = _("Empty: none.")


@dataclass(frozen=True, slots=True)
class Cell:
    """``label`` is empty where the table of the catalogue's page has one."""

    label: str = ""
    help: str = ""
    choices: Mapping[str, str] | None = None
    optional: bool = False
    start: str = ""


def cell(table: str, column: str) -> Cell:
    """How ``column`` of ``table`` is asked for."""
    return _OF[table].get(column) or _ANY.get(column) or Cell()


def label(table: str, column: str) -> str:
    return cell(table, column).label or _SHOWN[table].get(column) or _ANY[column].label


def needed(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that no row leaves empty."""
    return tuple(column for column in columns if not cell(table, column).optional)


_SHOWN = {table.name: {column.name: column.label for column in table.columns} for table in TABLES}
_ANY = {
    "as_of": Cell(_("Month"), _("The month in which it held, such as 2026-06.")),
    "source": Cell(_("Source"), _("Where it was read: an address, or a title with its date.")),
    "note": Cell(_("Note"), optional=True),
}
_DEVICE = Cell(choices=DEVICES)
_OF: Mapping[str, Mapping[str, Cell]] = {
    "accelerators": {
        "key": Cell(_("Key"), _("How programs call it, such as h100-sxm. Devices whose keys begin alike are taken to "
                                "be efficient alike.")),
        "memory_gib": Cell(help=_("As software sees it; empty: what was sold."), optional=True),
        "bf16_tflops": Cell(help=_("Dense matrix products: half of what a sheet prints for sparse ones.")),
        "fp8_tflops": Cell(help=ZERO, optional=True),
        "fp32_tflops": Cell(help=_("Empty: not known."), optional=True),
        "interconnect": Cell(help=_("What joins the devices of a node, such as NVLink 4.")),
        "link_gbs": Cell(help=_("GB/s to the other devices of a node, both directions together.")),
    },
    "prices": {
        "accelerator": _DEVICE,
        "kind": Cell(choices=KINDS),
        "usd_per_hour": Cell(help=_("US dollars for an hour of one device.")),
    },
    "purchases": {
        "accelerator": _DEVICE,
        "usd": Cell(help=_("US dollars for one device.")),
        "devices": Cell(help=_("How many were sold together: 1, or those of a server whose price is shared out.")),
    },
    "api_prices": {
        "model": Cell(_("Key"), _("How programs call it, such as gpt-4.1-mini.")),
        "weights": Cell(choices=WEIGHTS),
        "input": Cell(help=MILLION),
        "output": Cell(help=MILLION),
        "cached": Cell(
            help=_("US dollars for a million tokens that the seller has seen before; empty: as other input."),
            optional=True),
    },
    "architectures": {
        "key": Cell(_("Key"), _("How programs call it, such as llama-3.1-8b.")),
        "head_dim": Cell(_("Width of a head")),
        "ffn": Cell(help=_("Of the dense layers; 0 where all have experts.")),
        "gated": Cell(_("Gated feed-forward"), _("SwiGLU and kin: three matrices instead of two."), YES_NO,
                      start="yes"),
        "context": Cell(help=_("The longest sequence that it was published for.")),
        "tied": Cell(_("Tied embedding"), _("One matrix serves as embedding and as output projection."), YES_NO,
                     start="no"),
        "biases": Cell(_("Biases"), choices=BIASES, start="none"),
        "norm_vectors": Cell(_("Vectors of a norm"), _("1 for RMSNorm, 2 for LayerNorm with its bias."), start="1"),
        "inner_norms": Cell(_("Norms of a layer"), _("2, or 4 where what each block gives is normed too."), start="2"),
        "outer_norms": Cell(_("Norms outside the layers"), start="1"),
        "qk_norm": Cell(_("Norms of queries and keys"), choices=YES_NO, start="no"),
        "sinks": Cell(_("Attention sinks"), _("A learned score for each head, as in gpt-oss."), YES_NO, start="no"),
        "positions": Cell(_("Learned positions"), _("Rows of the table; empty for rotary positions."), optional=True),
        "window": Cell(help=_("Tokens that a layer with sliding-window attention looks back on; empty: none."),
                       optional=True),
        "windowed_layers": Cell(help=_("The other layers see the whole sequence."), optional=True),
        "experts": Cell(help=_("Of a mixture; empty for a dense model."), optional=True),
        "active_experts": Cell(_("Active experts"), _("Experts that a router chooses for each token."), optional=True),
        "expert_ffn": Cell(_("Expert width"), _("Feed-forward width of one expert."), optional=True),
        "shared_experts": Cell(_("Shared experts"), _("Experts that every token passes."), optional=True),
        "dense_layers": Cell(_("Dense layers"), _("First layers without experts."), optional=True),
        "balanced": Cell(_("Balanced by a bias"), _("A bias for each expert that only steers the choice, as in "
                                                    "DeepSeek-V3."), YES_NO, start="no"),
        "query_rank": Cell(_("Rank of queries"), ZERO, optional=True),
        "kv_rank": Cell(_("Rank of keys and values"), _("Empty where attention is not latent."), optional=True),
        "rope_dim": Cell(_("Width with positions"), optional=True),
        "nope_dim": Cell(_("Width without positions"), optional=True),
        "value_dim": Cell(_("Width of values"), optional=True),
        "published_total": Cell(_("Published parameters"), _("The sizes above must make exactly so many. Empty: not "
                                                              "checked."), optional=True),
        "published_active": Cell(_("Published active parameters"), _("The same of what one token uses."),
                                 optional=True),
    },
    "regions": {
        "key": Cell(_("Key"), _("Three small letters of ISO 3166, such as fra.")),
        "grams_per_kwh": Cell(help=_("Grams of CO₂ equivalent for a kilowatt-hour, mean of the year.")),
    },
    "electricity": {
        "customers": Cell(choices=CUSTOMERS),
        "usd_per_kwh": Cell(help=_("US dollars for a kilowatt-hour, grid and taxes included.")),
    },
    "salaries": {
        "measure": Cell(choices=MEASURES),
        "usd_per_year": Cell(help=_("US dollars a year, gross.")),
    },
}  # fmt: skip

GROUPS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "architectures": (
        (_("Model"), ("key", "name", "context", "source", "as_of")),
        (_("Shape"), ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "gated", "vocabulary", "tied")),
        (_("Norms, biases and positions"),
         ("biases", "norm_vectors", "inner_norms", "outer_norms", "qk_norm", "sinks", "positions")),
        (_("Sliding window"), ("window", "windowed_layers")),
        (_("Mixture of experts"),
         ("experts", "active_experts", "expert_ffn", "shared_experts", "dense_layers", "balanced")),
        (_("Latent attention"), ("query_rank", "kv_rank", "rope_dim", "nope_dim", "value_dim")),
        (_("Check"), ("published_total", "published_active")),
    ),
}  # fmt: skip
"""Headings under which the many columns of a table stand in its form; where a table has none, they are in its order."""
