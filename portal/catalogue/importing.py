"""Rows of a table from a CSV file in its own columns; prices also from SkyPilot's catalogue of virtual machines.

SkyPilot's files (https://github.com/skypilot-org/skypilot-catalog, schema of ``vms.csv``) price an instance with all
its accelerators, in every region and zone. A row of ours is one seller's price of one device, so the price is divided
by the count and of all regions the cheapest is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from mlcore.numbers import Unreadable, read_number
from mlcore.reading import Invalid, Problem
from portal.accounts.models import User
from portal.catalogue.columns import needed
from portal.catalogue.described import EDITABLE
from portal.catalogue.services import row_check, rows_check, rows_save
from portal.derive.tabular import MOST_BYTES, MOST_LINES, Line, read_cells
from portal.planning.catalog.edits import Cells
from portal.planning.catalog.prices import PRICES as PRICE_TABLE

PRICES = "prices"
SKYPILOT = ("AcceleratorName", "AcceleratorCount", "Price")
SKYPILOT_SOURCE = "https://github.com/skypilot-org/skypilot-catalog"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

# What SkyPilot calls a device. TPUs are left out: a name there is a slice, whose chips the file does not say.
DEVICES = {
    "A100": "a100-40", "A100-40GB": "a100-40", "A100-80GB": "a100-80", "A100-80GB-SXM": "a100-80", "A10G": "a10g",
    "A40": "a40", "B200": "b200", "B200-SXM": "b200", "B300": "b300", "GB200": "gb200", "GB300": "gb300",
    "GH200": "gh200", "H100": "h100-sxm", "H100-80GB": "h100-sxm", "H100-MEGA": "h100-sxm", "H100-NVL": "h100-nvl",
    "H100-PCIE": "h100-pcie", "H100-SXM": "h100-sxm", "H20": "h20", "H200": "h200", "H200-SXM": "h200", "L4": "l4",
    "L40S": "l40s", "MI300X": "mi300x", "MI325X": "mi325x", "MI355X": "mi355x", "RTX4090": "rtx-4090",
    "RTXA6000": "rtx-a6000", "RTXPRO6000": "rtx-pro-6000", "T4": "t4", "V100": "v100-16", "V100-16GB": "v100-16",
    "V100-32GB": "v100-32",
}  # fmt: skip
PCIE = {"h100-sxm": "h100-pcie", "a100-80": "a100-80-pcie"}
"""Devices of which the name does not say how they are built in; an instance called so is the other one."""


@dataclass(frozen=True, slots=True)
class Refused:
    line: int
    problem: Problem


@dataclass(slots=True)
class Report:
    """What a file would do, or did when ``written``. ``lines`` is how many rows it holds below its heading."""

    kind: str
    lines: int
    accepted: list[Cells] = field(default_factory=list)
    unchanged: int = 0
    dearer: int = 0  # lines of regions that are not the cheapest of their seller
    refused: list[Refused] = field(default_factory=list)
    written: bool = False


def rows_import(
    *, table: str, given: bytes | str, name: str, by: User | None, dry: bool, seller: str = "", month: str = "",
    source: str = "", most_bytes: int = MOST_BYTES, most_lines: int = MOST_LINES,
) -> Report:  # fmt: skip
    """Read a file, and write what is new in it unless ``dry``. A second time it changes nothing.

    Args:
        table: one that is open to edits.
        name: of the file, for the history.
        seller: whose prices they are; SkyPilot's files do not say it.
        month: in which they hold, as 2026-06; of SkyPilot's files too.

    Raises:
        Invalid: it is no table, its columns are not those of ``table``, what the form needs is not given, or a
            calculator would lack what it starts from.
    """
    report = rows_read(
        table, given, seller=seller, month=month, source=source, most_bytes=most_bytes, most_lines=most_lines
    )
    if dry:
        rows_check(table=table, rows=report.accepted)
    elif report.accepted:
        rows_save(table=table, rows=report.accepted, by=by, how=f"import of {name}"[:200])
    report.written = not dry
    return report


def rows_read(
    table: str, given: bytes | str, *, seller: str = "", month: str = "", source: str = "",
    most_bytes: int = MOST_BYTES, most_lines: int = MOST_LINES,
) -> Report:  # fmt: skip
    cells = read_cells(given, most_bytes=most_bytes, most_lines=most_lines)
    heading, *lines = cells.lines
    columns = [column.strip() for column in heading.cells]
    if len(set(columns)) < len(columns):
        raise _wrong(_("Wanted columns of different names, got {columns}."), columns=", ".join(columns))
    own = needed(table, EDITABLE[table].columns)
    if set(own) <= set(columns):
        report = Report(_("our own columns"), len(lines))
        rows = _own(EDITABLE[table].columns, columns, lines, report)
    elif table == PRICES and set(SKYPILOT) <= set(columns):
        _check_said(seller, month)
        report = Report(_("SkyPilot's columns"), len(lines))
        rows = _cheapest(_skypilot(columns, lines, report, seller, month, source or SKYPILOT_SOURCE), report)
    else:
        raise _wrong(
            _("Wanted the columns {own}, or SkyPilot's {skypilot}; got {columns}.") if table == PRICES
            else _("Wanted the columns {own}; got {columns}."),
            own=", ".join(own), skypilot=", ".join(SKYPILOT), columns=", ".join(columns)[:200],
        )  # fmt: skip
    _sort_out(table, rows, report)
    return report


def _check_said(seller: str, month: str) -> None:
    if not seller.strip():
        raise _wrong(_("SkyPilot's files do not say whose prices they are: name the seller."))
    if not MONTH.fullmatch(month):
        raise _wrong(_("Wanted the month of these prices, such as 2026-06; got {given}."), given=month[:20] or "–")


def _own(
    wanted: Sequence[str], columns: Sequence[str], lines: Sequence[Line], report: Report
) -> list[tuple[int, Cells]]:
    found: list[tuple[int, Cells]] = []
    for line in lines:
        if (row := _by_column(columns, line, report)) is not None:
            found.append((line.number, {name: row.get(name, "").strip() for name in wanted}))
    return found


def _by_column(columns: Sequence[str], line: Line, report: Report) -> Mapping[str, str] | None:
    if len(line.cells) > len(columns):
        template = _("Wanted {wanted} cells, got {given}.")
        report.refused.append(
            Refused(line.number, Problem(template, {"wanted": len(columns), "given": len(line.cells)}))
        )
        return None
    # Spreadsheets leave out empty cells at the end of a line.
    return dict(zip(columns, [*line.cells, *[""] * (len(columns) - len(line.cells))], strict=True))


def _skypilot(
    columns: Sequence[str], lines: Sequence[Line], report: Report, seller: str, month: str, source: str
) -> Iterator[tuple[int, Cells]]:
    for line in lines:
        row = _by_column(columns, line, report)
        if row is None:
            continue
        try:
            device, count = _device(row), _number("AcceleratorCount", row["AcceleratorCount"])
            prices = {"on_demand": row["Price"], "spot": row.get("SpotPrice", "")}
            known = {kind: _number("Price", text) / count for kind, text in prices.items() if text}
            if not known:
                raise Unreadable(_("There is no price on this line."))
        except Unreadable as problem:
            report.refused.append(Refused(line.number, Problem(problem.template, problem.values)))
            continue
        region = row.get("Region", "")
        for kind, price in known.items():
            yield line.number, {
                "accelerator": device, "seller": seller.strip(), "kind": kind, "as_of": month,
                "usd_per_hour": f"{price:.6g}", "source": source,
                "note": "; ".join(part for part in (row.get("InstanceType", ""), region) if part),
            }  # fmt: skip


def _device(row: Mapping[str, str]) -> str:
    name = row["AcceleratorName"]
    if not name:
        raise Unreadable(_("There is no accelerator on this line."))
    device = DEVICES.get(name.upper())
    if device is None:
        raise Unreadable(_("{given} is not among the devices of the catalogue."), given=name[:60])
    return PCIE.get(device, device) if "pcie" in row.get("InstanceType", "").lower() else device


def _number(name: str, text: str) -> float:
    try:
        value = read_number(text)
    except Unreadable:
        value = 0.0
    if not 0 < value < float("inf"):
        raise Unreadable(_("Wanted {name} as a number above 0, got {given}."), name=name, given=text[:40] or "–")
    return value


def _cheapest(rows: Iterator[tuple[int, Cells]], report: Report) -> list[tuple[int, Cells]]:
    """Of the regions of an offer the cheapest."""
    found: dict[str, tuple[int, Cells]] = {}
    for number, cells in rows:
        key = PRICE_TABLE.key_of(cells)
        held = found.get(key)
        if held is not None:
            report.dearer += 1
        if held is None or float(cells["usd_per_hour"]) < float(held[1]["usd_per_hour"]):
            found[key] = (number, cells)
    return list(found.values())


def _sort_out(table: str, rows: Sequence[tuple[int, Cells]], report: Report) -> None:
    """Which rows are new, which say what is known already, and which are refused."""
    known = {line.key: line.cells for line in EDITABLE[table].lines()}
    seen: dict[str, int] = {}
    for number, cells in rows:
        try:
            key = row_check(table, cells)
        except Invalid as problem:
            report.refused.append(Refused(number, problem.problems[""][0]))
            continue
        if key in seen:
            template = _("Line {line} has a row of the same key.")
            report.refused.append(Refused(number, Problem(template, {"line": seen[key]})))
            continue
        seen[key] = number
        if key in known and all(_same(known[key][name], text) for name, text in cells.items()):
            report.unchanged += 1
        else:
            report.accepted.append(cells)


def _same(one: str, other: str) -> bool:
    """Equal as texts, or as numbers: a spreadsheet may write 2.50 for 2.5."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _wrong(template: str, **values: object) -> Invalid:
    return Invalid({"": [Problem(template, values)]})
