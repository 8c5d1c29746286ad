"""The tables of the catalogue as people see them: what each is, what its columns mean, which are open to edits.

Whoever runs a portal keeps them, all but the published runs, which are evidence and come with a release. Coefficients
were fitted on the packaged devices and architectures and go on resting on these; who computes with an edited one is
told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop as _

from portal.planning.catalog.accelerators import PACKAGED as PACKAGED_DEVICES
from portal.planning.catalog.accelerators import TABLE as ACCELERATORS
from portal.planning.catalog.age import is_stale
from portal.planning.catalog.api_prices import API_PRICES
from portal.planning.catalog.architectures import TABLE as ARCHITECTURES
from portal.planning.catalog.edits import Live, Table
from portal.planning.catalog.electricity import ELECTRICITY
from portal.planning.catalog.offered import FITTED_ON
from portal.planning.catalog.prices import PRICES
from portal.planning.catalog.purchases import PURCHASES
from portal.planning.catalog.regions import TABLE as REGIONS
from portal.planning.catalog.runs import RUNS
from portal.planning.catalog.salaries import MEASURES, SALARIES
from portal.planning.compute.parameters import count

CURRENT, STALE, HISTORY = _("current"), _("stale"), _("superseded")

EDITABLE: Mapping[str, Table[Any]] = {
    table.name: table
    for table in (ACCELERATORS, PRICES, PURCHASES, API_PRICES, ARCHITECTURES, REGIONS, ELECTRICITY, SALARIES)
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A column: ``value`` takes it from a row. ``unit`` as of ``portal.derive.figures``; text where it has none.

    ``words`` are what people call the values that programs know by a key.
    """

    name: str
    label: str
    value: Callable[[Any], Any]
    unit: str | None = None
    filtered: bool = False
    words: Mapping[str, str] | None = None

    def shown(self, value: Any) -> Any:
        return self.words.get(value, value) if self.words else value


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueTable:
    name: str  # as the CSV file is called
    slug: str
    title: str
    summary: str
    rows: Callable[[], Sequence[Any]]
    columns: tuple[Shown, ...]
    offer: Callable[[Any], Any] | None = None  # what a later row of the same supersedes, where rows are a history
    sort: str = ""

    @property
    def editable(self) -> Table[Any] | None:
        return EDITABLE.get(self.name)

    @property
    def differing(self) -> int:
        """How many rows have other figures than those on which coefficients were fitted."""
        table = self.editable
        if table not in FITTED_ON:
            return 0
        return sum(line.edited and table.has_other_figures(line.key) for line in table.lines())


def status_of(table: CatalogueTable, rows: Sequence[Any], today: date) -> list[str]:
    """For each row whether it is the newest of its offer, and if so whether it is older than its table permits."""
    newest: dict[Any, date] = {}
    if table.offer:
        for row in rows:
            offer = table.offer(row)
            newest[offer] = max(newest.get(offer, row.as_of), row.as_of)
    found = []
    for row in rows:
        if table.offer and row.as_of < newest[table.offer(row)]:
            found.append(HISTORY)
        else:
            found.append(STALE if is_stale(table.name, row.as_of, today) else CURRENT)
    return found


# Prices outlive the device that an edit has taken out.
DEVICES = Live(lambda: {device.key: device.name for device in (*PACKAGED_DEVICES.values(), *ACCELERATORS)})
KINDS = {"on_demand": _("on demand"), "spot": _("spot"), "contract_1y": _("one-year contract")}
PRECISIONS = {"bf16": "BF16", "fp16": "FP16", "fp8": "FP8"}
COUNTED = {"calendar": _("from start to end"), "used": _("as used"), "steps": _("steps alone")}
CUSTOMERS = {"industry": _("industry"), "business": _("business")}
WEIGHTS = {"open": _("open weights"), "closed": _("closed weights"), "unknown": _("not known")}

# fmt: off
TABLES: tuple[CatalogueTable, ...] = (
    CatalogueTable(
        name="accelerators", slug="accelerators", title=_("Accelerators"),
        summary=_("Memory, bandwidth, dense peaks and power of devices. Sheets that print twice as much mean sparse "
                  "matrices."),
        rows=lambda: ACCELERATORS, sort="-year",
        columns=(
            Shown("name", _("Device"), lambda d: d.name),
            Shown("vendor", _("Vendor"), lambda d: d.vendor, filtered=True),
            Shown("year", _("Year"), lambda d: d.year, "year"),
            Shown("memory_gb", _("Memory sold"), lambda d: d.memory_gb, "GB"),
            Shown("memory_gib", _("Memory seen"), lambda d: d.memory_gib, "GiB"),
            Shown("bandwidth_gbs", _("Bandwidth"), lambda d: d.bandwidth_gbs, "GB/s"),
            Shown("bf16_tflops", _("16-bit peak"), lambda d: d.bf16_tflops, "TFLOP/s"),
            Shown("fp8_tflops", _("FP8 peak"), lambda d: d.fp8_tflops, "TFLOP/s"),
            Shown("fp32_tflops", _("FP32 peak"), lambda d: d.fp32_tflops, "TFLOP/s"),
            Shown("design_power_w", _("Design power"), lambda d: d.design_power_w, "W"),
            Shown("interconnect", _("Links"), lambda d: d.interconnect),
            Shown("link_gbs", _("Links, both directions"), lambda d: d.link_gbs, "GB/s"),
        )),
    CatalogueTable(
        name="prices", slug="prices", title=_("Hourly prices"),
        summary=_("What sellers ask for an hour of one device, with the history. Calculators draw from the newest "
                  "offer of each seller."),
        rows=lambda: PRICES, sort="-as_of",
        offer=lambda p: (p.accelerator, p.seller, p.kind),
        columns=(
            Shown("accelerator", _("Device"), lambda p: p.accelerator, filtered=True, words=DEVICES),
            Shown("seller", _("Seller"), lambda p: p.seller, filtered=True),
            Shown("kind", _("Terms"), lambda p: p.kind, filtered=True, words=KINDS),
            Shown("usd_per_hour", _("Price"), lambda p: p.usd_per_hour, "USD/hour"),
        )),
    CatalogueTable(
        name="purchases", slug="purchase-prices", title=_("Purchase prices"),
        summary=_("What was paid or asked for a device: a card alone, or its share of a whole server."),
        rows=lambda: PURCHASES, sort="-as_of",
        offer=lambda p: p.accelerator,
        columns=(
            Shown("accelerator", _("Device"), lambda p: p.accelerator, filtered=True, words=DEVICES),
            Shown("usd", _("Price of one"), lambda p: p.usd, "USD"),
            Shown("devices", _("Sold together"), lambda p: p.devices, ""),
        )),
    CatalogueTable(
        name="api_prices", slug="api-prices", title=_("API prices"),
        summary=_("What sellers ask for a million tokens of a language model: short prompts, not in a batch."),
        rows=lambda: API_PRICES, sort="-as_of",
        offer=lambda p: (p.model, p.seller),
        columns=(
            Shown("name", _("Model"), lambda p: p.name),
            Shown("seller", _("Seller"), lambda p: p.seller, filtered=True),
            Shown("weights", _("Weights"), lambda p: p.weights, filtered=True, words=WEIGHTS),
            Shown("input", _("Million input tokens"), lambda p: p.input, "USD"),
            Shown("output", _("Million output tokens"), lambda p: p.output, "USD"),
            Shown("cached", _("Million cached input tokens"), lambda p: p.cached, "USD"),
        )),
    CatalogueTable(
        name="architectures", slug="architectures", title=_("Model architectures"),
        summary=_("Sizes of public models. They make exactly the published number of parameters where there is one."),
        rows=lambda: ARCHITECTURES, sort="name",
        columns=(
            Shown("name", _("Model"), lambda m: m.name),
            Shown("total", _("Parameters"), lambda m: count(m.architecture).total, ""),
            Shown("active", _("Active parameters"), lambda m: count(m.architecture).active, ""),
            Shown("layers", _("Layers"), lambda m: m.architecture.layers, ""),
            Shown("hidden", _("Hidden width"), lambda m: m.architecture.hidden, ""),
            Shown("heads", _("Attention heads"), lambda m: m.architecture.heads, ""),
            Shown("kv_heads", _("Key-value heads"), lambda m: m.architecture.kv_heads, ""),
            Shown("ffn", _("Feed-forward width"), lambda m: m.architecture.ffn, ""),
            Shown("experts", _("Experts"), lambda m: m.architecture.experts.count if m.architecture.experts else None,
                  ""),
            Shown("vocabulary", _("Vocabulary"), lambda m: m.architecture.vocabulary, ""),
            Shown("context", _("Context"), lambda m: m.context, "tokens"),
            Shown("window", _("Attention window"), lambda m: m.architecture.window or None, "tokens"),
            Shown("windowed_layers", _("Layers with a window"), lambda m: m.architecture.windowed_layers or None, ""),
        )),
    CatalogueTable(
        name="runs", slug="published-runs", title=_("Published training runs"),
        summary=_("End-to-end runs as their authors report them, all charged hours included."),
        rows=lambda: RUNS, sort="-as_of",
        columns=(
            Shown("model", _("Model"), lambda r: r.model),
            Shown("active_parameters", _("Active parameters"), lambda r: r.active_parameters, ""),
            Shown("tokens", _("Tokens"), lambda r: r.tokens, "tokens"),
            Shown("accelerator", _("Device"), lambda r: r.accelerator.key, filtered=True, words=DEVICES),
            Shown("devices", _("Devices"), lambda r: r.devices or None, ""),
            Shown("precision", _("Precision"), lambda r: r.precision, filtered=True, words=PRECISIONS),
            Shown("device_hours", _("Device-hours"), lambda r: r.device_hours, ""),
            Shown("counted", _("Hours counted"), lambda r: r.counted, filtered=True, words=COUNTED),
            Shown("mfu", _("Utilisation stated"), lambda r: r.mfu, "%"),
        )),
    CatalogueTable(
        name="regions", slug="grids", title=_("Carbon of grids"),
        summary=_("Grams of CO₂ equivalent for a kilowatt-hour of electricity, mean of a year, by country."),
        rows=lambda: REGIONS, sort="name",
        columns=(
            Shown("name", _("Country"), lambda r: r.name),
            Shown("grams_per_kwh", _("Grams a kWh"), lambda r: r.grams_per_kwh, ""),
            Shown("year", _("Year"), lambda r: r.year, "year"),
        )),
    CatalogueTable(
        name="electricity", slug="electricity", title=_("Electricity prices"),
        summary=_("What large customers pay for a kilowatt-hour, grid and taxes included, by place."),
        rows=lambda: ELECTRICITY, sort="place",
        offer=lambda e: (e.place, e.customers),
        columns=(
            Shown("place", _("Place"), lambda e: e.place),
            Shown("customers", _("Customers"), lambda e: e.customers, filtered=True, words=CUSTOMERS),
            Shown("usd_per_kwh", _("Price"), lambda e: e.usd_per_kwh, "USD/kWh"),
        )),
    CatalogueTable(
        name="salaries", slug="salaries", title=_("Salaries"),
        summary=_("Gross pay a year by occupation, all employers. Start-ups pay partly in shares, large labs far "
                  "more."),
        rows=lambda: SALARIES, sort="occupation",
        offer=lambda s: (s.occupation, s.region, s.measure),
        columns=(
            Shown("occupation", _("Occupation"), lambda s: s.occupation, filtered=True),
            Shown("region", _("Region"), lambda s: s.region, filtered=True),
            Shown("measure", _("Measure"), lambda s: s.measure, filtered=True, words=MEASURES),
            Shown("usd_per_year", _("Salary"), lambda s: s.usd_per_year, "USD/year"),
        )),
)
# fmt: on
BY_SLUG = {table.slug: table for table in TABLES}
