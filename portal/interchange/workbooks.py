"""A workbook of ``portal.planning.interchange.sheets`` as the bytes of an XLSX file."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import Workbook as File
from openpyxl.cell.cell import Cell as FileCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from portal.planning.interchange.sheets import Cell, Formula, Look, Sheet, Workbook
from portal.plans.exports import neutral

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_GREY, _BLUE = "FF6B6B6B", "FF1F4E9E"
_FONTS = {
    Look.TITLE: Font(bold=True, size=14),
    Look.NOTE: Font(color=_GREY),
    Look.HEAD: Font(bold=True),
    Look.INPUT: Font(color=_BLUE),
    Look.PASTED: Font(italic=True, color=_GREY),
    Look.CHECK: Font(bold=True),
}
_FILLS = {
    Look.INPUT: PatternFill("solid", fgColor="FFFFF7DB"),
    Look.HEAD: PatternFill("solid", fgColor="FFEFEFEC"),
    Look.CHECK: PatternFill("solid", fgColor="FFE6F2E6"),
}
_FORMATS = {"%": "0.00%", "USD": "#,##0.00", "price": "#,##0.000000000"}
_DAY = "yyyy-mm-dd"
_WIDEST, _NARROWEST = 46, 9  # characters of a column


def workbook_bytes(book: Workbook) -> bytes:
    """The file, without values beside its formulas: a spreadsheet computes them when it opens."""
    file = File()
    file.remove(file.worksheets[0])
    for sheet in book.sheets:
        _write(file.create_sheet(sheet.title), sheet)
    file.calculation.fullCalcOnLoad = True
    data = io.BytesIO()
    file.save(data)
    return data.getvalue()


def _write(into: Worksheet, sheet: Sheet) -> None:
    widths: dict[str, int] = {}
    for (row, column), cell in sheet.cells.items():
        written: Any = into.cell(row=row, column=column)
        _fill(written, cell)
        if cell.look not in (Look.TITLE, Look.NOTE):
            wide = 14 if isinstance(cell.value, Formula) else len(str(cell.value)) + 2
            widths[written.column_letter] = max(widths.get(written.column_letter, _NARROWEST), min(wide, _WIDEST))
    for letter, width in widths.items():
        into.column_dimensions[letter].width = width
    into.sheet_view.showGridLines = False
    heads = [row for (row, _column), cell in sheet.cells.items() if cell.look is Look.HEAD]
    if heads:
        into.freeze_panes = into.cell(row=min(heads) + 1, column=2)


def _fill(written: FileCell, cell: Cell) -> None:
    if isinstance(cell.value, Formula):
        written.value = f"={cell.value.text}"
    elif isinstance(cell.value, str):
        # A text that begins as a formula would be taken for one by the library, and later by whoever copies it.
        written.value = neutral(cell.value)
        written.data_type = "s"
    else:
        written.value = cell.value
    if cell.look in _FONTS:
        written.font = _FONTS[cell.look]
    if cell.look in _FILLS:
        written.fill = _FILLS[cell.look]
    if isinstance(cell.value, date):
        written.number_format = _DAY
    elif not isinstance(cell.value, str | bool):
        written.number_format = _FORMATS.get(cell.unit.split("/")[0], _plain_format(cell))
    if cell.look is Look.HEAD:
        written.alignment = Alignment(wrap_text=True, vertical="top")


def _plain_format(cell: Cell) -> str:
    whole = isinstance(cell.value, int) or (isinstance(cell.value, float) and cell.value == int(cell.value))
    return "#,##0" if whole else "General"
