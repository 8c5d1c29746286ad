"""The catalogue's pages: the tables, one table to search and sort, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.catalogue.described import BY_SLUG, STALE, TABLES, CatalogueTable, status_of
from portal.catalogue.models import Edit
from portal.catalogue.present import Entry, entries
from portal.derive.listing import Column, listed
from portal.planning.catalog.age import MONTHS

ADMIN = {
    "accelerators": "acceleratoredit",
    "architectures": "architectureedit",
    "prices": "priceedit",
    "purchases": "purchaseedit",
    "api_prices": "apipriceedit",
    "regions": "regionedit",
    "electricity": "electricityedit",
    "salaries": "salaryedit",
}
"""Tables that are open to edits, by what their place in the admin is called."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    shown = []
    for table in TABLES:
        rows = table.rows()
        states = status_of(table, rows, date.today())
        newest = max((row.as_of for row in rows), default=None)
        shown.append({"table": table, "rows": len(rows), "newest": newest, "stale": states.count(STALE)})
    return render(request, "catalogue/list.html", {"tables": shown})


@require_GET
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """One table; for htmx only its rows as they are searched and sorted."""
    found = table_of(slug)
    known = entries(found)
    lines = [{**_in_words(found, entry), "number": number} for number, entry in enumerate(known)]
    filters = [column.name for column in found.columns if column.filtered]
    listing = listed(lines, _columns(found), request.GET.dict(), filters=[*filters, "status"], sort=found.sort)
    editable = request.user.is_staff and found.name in ADMIN
    edited = dict(Edit.objects.filter(table=found.name).values_list("key", "pk")) if editable else {}
    context: dict[str, Any] = {
        "table": found,
        "months": MONTHS[found.name],
        "listing": listing,
        "shown": [_shown(found, known[line["number"]], editable, edited) for line in listing.page],
        "editable": editable,
        "api": reverse(f"catalogue-api:{found.slug}"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "catalogue/rows.html", context)
    if editable:
        context["admin"] = reverse(f"admin:catalogue_{ADMIN[found.name]}_changelist")
    return render(request, "catalogue/table.html", context)


@require_GET
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Every row of a table, in plain numbers: first the cells as an import takes them, then what follows from them."""
    found = table_of(slug)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    cells = found.editable.columns if found.editable else ()
    shown = (*(column.name for column in found.columns), "as_of", "source", "note", "status")
    names = [*cells, *(name for name in shown if name not in cells)]
    writer.writerow(names)
    for entry in entries(found):
        known = {**entry.values, **(entry.line.cells if entry.line else {})}
        writer.writerow([_plain(known[name]) for name in names])
    response = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{found.slug}.csv") or "attachment"
    return response


def table_of(slug: str) -> CatalogueTable:
    try:
        return BY_SLUG[slug]
    except KeyError:
        raise Http404 from None


def _columns(found: CatalogueTable) -> list[Column]:
    return [
        *(Column(c.name, _(c.label), c.unit or "", numeric=c.unit is not None) for c in found.columns),
        Column("status", _("State")),
        Column("as_of", _("Month"), "month", numeric=True),
        Column("source", _("Source")),
    ]


def _in_words(found: CatalogueTable, entry: Entry) -> dict[str, Any]:
    """What rows are searched, filtered and sorted by: what their readers see."""
    return {**entry.values, **{column.name: column.shown(entry.values[column.name]) for column in found.columns}}


def _shown(found: CatalogueTable, entry: Entry, editable: bool, edited: Mapping[str, int]) -> dict[str, Any]:
    first, *cells = [(column, column.shown(entry.values[column.name])) for column in found.columns]
    return {"first": first, "cells": cells, "entry": entry, "edit": _edit(found, entry, edited) if editable else ""}


def _edit(found: CatalogueTable, entry: Entry, edited: Mapping[str, int]) -> str:
    """Where an admin changes this row: the edit that holds, or a new one filled with what the file says."""
    assert entry.line is not None, "tables that are open to edits know their lines"
    name = ADMIN[found.name]
    if entry.line.key in edited:
        return reverse(f"admin:catalogue_{name}_change", args=[edited[entry.line.key]])
    return f"{reverse(f'admin:catalogue_{name}_add')}?{urlencode(dict(entry.line.cells))}"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return f"{value:%Y-%m}"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else value
