"""A table that someone pastes or uploads for the rows of a calculator: read, and shown before anything is used.

Nothing is stored. The answer holds the rows as the form has them, for a script to put into the page, and a link that
opens the calculator with them where there is no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from mlcore.reading import Invalid, Problem, read_inputs, to_json
from mlcore.spec import Kind, Param, params
from portal.derive.fields import View, view
from portal.derive.pasted import Pasted, read_pasted
from portal.derive.query import query_to_given, state_to_query, texts
from portal.derive.tabular import MOST_BYTES, Cells, read_cells
from portal.derive.wording import problem_text
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.tools.throttles import admit

SHOWN = 20  # rows and refusals that the preview lists
ROOM = 200_000  # bytes of a request besides the table: the state of the form, and the parts' headings
PROBLEMS = 422


@dataclass(frozen=True, slots=True)
class Filled:
    """A table of the form with its new rows."""

    view: View
    count: int


@csrf_exempt
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What a pasted table was read as. A request that is too large is refused before its body is read, which the check
    of its token would do."""
    calculator = all_calculators().get(slug)
    if calculator is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + ROOM:
        told = {"most": f"{MOST_BYTES:,}", "given": f"{int(request.META['CONTENT_LENGTH']):,}"}
        return _answer(request, calculator, {"problem": _("Wanted at most {most} bytes, got {given}.").format(**told)})
    return _protected(request, calculator)


@csrf_protect
def _protected(request: HttpRequest, calculator: Calculator) -> HttpResponse:
    admit(request)
    name = request.POST.get("table", "")
    tables = {field: param for field, param, _start in params(calculator.inputs) if param.kind is Kind.ROWS}
    if name not in tables:
        raise Http404
    given = _tables_now(calculator) | query_to_given(calculator.inputs, QueryDict(request.POST.get("state", "")))
    counts = {each: (param.label, _length(given[each])) for each, param in tables.items()}
    try:
        cells = read_cells(_sent(request))
        found = read_pasted(tables[name], cells, wanted=counts)
    except Invalid as invalid:
        told = " ".join(problem_text(problem) for problems in invalid.problems.values() for problem in problems)
        return _answer(request, calculator, {"problem": told, "table": tables[name]})
    given[name] = found.records
    if found.along:
        given[found.along] = _headed_rows(tables[found.along], given[found.along], found.names)
    return _answer(request, calculator, _context(calculator, tables, name, found, cells, given))


def _sent(request: HttpRequest) -> bytes | str:
    """The file, or the text where there is none."""
    if file := request.FILES.get("file"):
        if (file.size or 0) > MOST_BYTES:
            given = {"most": f"{MOST_BYTES:,}", "given": f"{file.size:,}"}
            raise Invalid({"": [Problem("Wanted at most {most} bytes, got {given}.", given)]})
        return file.read()
    return request.POST.get("text", "")


def _tables_now(calculator: Calculator) -> dict[str, Any]:
    """The rows that a form starts with."""
    return {name: to_json(start) for name, param, start in params(calculator.inputs) if param.kind is Kind.ROWS}


def _length(rows: Any) -> int:
    return len(rows) if isinstance(rows, list) else 0


def _headed_rows(table: Param, now: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """A row for each heading, called by it; one of that name that is there already keeps what else it says."""
    assert table.row is not None
    title = next(name for name, param, _start in params(table.row) if param.kind is Kind.TEXT)
    known = {row.get(title): row for row in (now if isinstance(now, list) else ()) if isinstance(row, dict)}
    return [{**known.get(name, {}), title: name} for name in names]


def _context(
    calculator: Calculator, tables: Mapping[str, Param], name: str, found: Pasted, cells: Cells, given: dict[str, Any]
) -> dict[str, Any]:
    changed = [each for each in (name, found.along) if each]
    flat = texts(calculator.inputs, given)
    filled = [Filled(view(each, tables[each], flat, {}), len(given[each])) for each in changed]
    return {
        "table": tables[name],
        "pasted": found,
        "cells": cells,
        "delimiter": _DELIMITERS[cells.delimiter](),
        "filled": filled,
        "shown": [[cell.text for cell in record.cells] for record in filled[0].view.records[:SHOWN]],
        "more_rows": max(0, len(found.records) - SHOWN),
        "refused": found.refused[:SHOWN],
        "more_refused": max(0, len(found.refused) - SHOWN),
        "query": _query(calculator, given),
    }


def _query(calculator: Calculator, given: dict[str, Any]) -> str | None:
    """The address of the calculator with these rows; None where the rest of the form cannot be read."""
    try:
        inputs: Any = read_inputs(calculator.inputs, given)
    except Invalid:
        return None
    return state_to_query(inputs)


def _answer(request: HttpRequest, calculator: Calculator, context: dict[str, Any]) -> HttpResponse:
    template = "tools/pasted.html" if request.headers.get("HX-Request") else "tools/pasted_page.html"
    found = context.get("pasted")
    status = 200 if found is not None and found.records else PROBLEMS
    return render(request, template, {**context, "calculator": calculator}, status=status)


_DELIMITERS = {
    "\t": lambda: _("tabs"),
    ";": lambda: _("semicolons"),
    ",": lambda: _("commas"),
    "|": lambda: _("upright strokes"),
}
