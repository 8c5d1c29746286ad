"""What a calculator has computed as a file: XLSX with live formulas and JSON of any, more of the cap table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mlcore.reading import Invalid
from portal.interchange.workbooks import MEDIA_TYPE as XLSX
from portal.interchange.workbooks import workbook_bytes
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.planning.equity.ledger import as_of
from portal.planning.equity.money import Refused
from portal.planning.holding.rows import events_of
from portal.planning.interchange.calculation_book import calculation_book
from portal.planning.interchange.cap_table_book import cap_table_book
from portal.planning.interchange.exit_book import exit_book
from portal.planning.interchange.round_book import round_book
from portal.planning.interchange.sheets import Workbook
from portal.planning.interchange.writing import Exported, Issuer, write
from portal.planning.outcome import Case
from portal.planning.raising.terms import company, rounding_of, terms_of
from portal.planning.registry import all_calculators
from portal.planning.selling.calculation import exactly, waterfall_of
from portal.plans.exports import neutral

CAP_TABLE = "cap-table"
MEDIA_TYPES = {"xlsx": XLSX, "json": "application/json", "csv": "text/csv; charset=utf-8"}
_COLUMNS = (
    "security", "holder", "class", "kind", "shares", "common shares for each", "as converted",
    "part of shares in issue", "part fully diluted",
)  # fmt: skip

Translate = Callable[[str], str]


def suffixes(calculator: Calculator) -> tuple[str, ...]:
    """The kinds of files that a calculator gives."""
    return ("xlsx", "csv", "json") if calculator.slug == CAP_TABLE else ("xlsx", "json")


def export(calculator: Calculator, inputs: Any, suffix: str, *, translate: Translate = str) -> bytes:
    """The file of one calculation, every range at its median.

    Raises:
        Invalid: what the calculator refuses.
    """
    case = engine.evaluate(calculator, inputs)
    if suffix == "json":
        return json.dumps(engine.report(case, tables=True), ensure_ascii=False, indent=1).encode()
    if suffix == "csv":
        return _positions(inputs).encode("utf-8-sig")  # the mark tells spreadsheets that the text is UTF-8
    return workbook_bytes(_workbook(calculator, case, inputs, translate))


def _workbook(calculator: Calculator, case: Case, inputs: Any, translate: Translate) -> Workbook:
    if calculator.slug not in _BOOKS:
        return calculation_book(case, translate=translate)
    try:
        return _BOOKS[calculator.slug](case.resolved, inputs, translate)
    except Refused as refused:
        raise Invalid({"": [refused.problem]}) from None


def _of_cap_table(x: Any, inputs: Any, translate: Translate) -> Workbook:
    return cap_table_book(events_of(inputs), inputs.as_of, translate=translate)


def _of_round(x: Any, inputs: Any, translate: Translate) -> Workbook:
    return round_book(company(x), terms_of(x), rounding_of(x), translate=translate)


def _of_exit(x: Any, inputs: Any, translate: Translate) -> Workbook:
    return exit_book(
        waterfall_of(x), exactly(x.exit_value), own_shares=exactly(x.own_shares),
        own_carve_out=exactly(x.own_carve_out), translate=translate,
    )  # fmt: skip


# What has more to show than its declared formulas, each from the resolved and the typed inputs.
_BOOKS = {CAP_TABLE: _of_cap_table, "round": _of_round, "exit": _of_exit}


def package(inputs: Any, issuer: Issuer) -> Exported:
    """The cap table as an Open Cap Format package, with what it does not carry.

    Raises:
        Invalid: what the calculator refuses.
    """
    engine.evaluate(all_calculators()[CAP_TABLE], inputs)
    return write(events_of(inputs), issuer, on=inputs.as_of, made_at=datetime.now(UTC))


def _positions(inputs: Any) -> str:
    """A line for each certificate and grant on the day, and one for the pool. English, as all files for programs."""
    state = as_of(events_of(inputs), inputs.as_of)
    table, text = state.table(), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for position in table.positions:
        held, converted = state.holdings[position.security], position.as_converted
        issued = float(converted / table.shares) if held.kind.outstanding else ""
        cells = (
            position.security, position.holder, held.stock_class, held.kind.value, held.quantity, str(held.ratio),
            float(converted), issued, float(converted / table.fully_diluted),
        )  # fmt: skip
        writer.writerow([neutral(cell) for cell in cells])
    pool = table.reserved + table.topup
    writer.writerow(["pool", "", "", "pool", int(pool), "1", float(pool), "", float(pool / table.fully_diluted)])
    return text.getvalue()
