"""Pages: opening an Open Cap Format package, and a calculator's figures as a file. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from mlcore.reading import Invalid, read_inputs
from portal.derive.forms import InputsForm, form_class
from portal.derive.query import state_to_query
from portal.derive.wording import problem_text
from portal.interchange.exports import CAP_TABLE, MEDIA_TYPES, export, package, suffixes
from portal.interchange.forms import FIELDS, read_issuer
from portal.interchange.packages import MOST_BYTES, inputs_of, package_read
from portal.planning.calculator import Calculator
from portal.planning.interchange.cap_table_words import EVENTS
from portal.planning.interchange.report import Loss, PackageRefused
from portal.planning.interchange.writing import Issuer, packed
from portal.planning.registry import all_calculators
from portal.tools.throttles import admit
from portal.tools.views import PROBLEMS, calculator_page

ROOM = 100_000  # bytes of a request besides the files
LONGEST_LINK = 12_000  # characters of an address; a longer one is not offered
SHOWN_IDS = 6


@csrf_exempt
@require_http_methods(["GET", "POST"])
def ocf(request: HttpRequest) -> HttpResponse:
    """Open a package: what was read of it, what was lost, or why it is refused. A request that is too large is refused
    before its body is read, which the check of its token would do."""
    if request.method == "GET":
        return render(request, "interchange/ocf.html", _limits())
    if (size := int(request.META.get("CONTENT_LENGTH") or 0)) > MOST_BYTES + ROOM:
        told = _("Wanted at most {most} bytes, got {given}.").format(most=f"{MOST_BYTES:,}", given=f"{size:,}")
        return render(request, "interchange/ocf.html", {**_limits(), "problem": told}, status=PROBLEMS)
    return _opened(request)


@csrf_protect
def _opened(request: HttpRequest) -> HttpResponse:
    admit(request)
    uploaded = [(file.name or "", file.read()) for file in request.FILES.getlist("file")]
    try:
        imported = package_read(uploaded)
    except PackageRefused as refused:
        context = {**_limits(), "faults": refused.faults, "more": refused.more, "reasons": list(_reasons(refused))}
        return render(request, "interchange/ocf.html", context, status=PROBLEMS)
    made = [(_(EVENTS[name]), count) for name, count in imported.made.items()]
    context = {**_limits(), "imported": imported, "made": made, "losses": list(_told(imported.losses))}
    return render(request, "interchange/ocf.html", {**context, **_taken(imported)})


def _taken(imported: Any) -> dict[str, Any]:
    """How the events go on: into the cap table by a link, into a scenario by a form."""
    calculator = all_calculators()[CAP_TABLE]
    try:
        inputs: Any = read_inputs(calculator.inputs, inputs_of(imported))
    except Invalid as invalid:
        told = [problem_text(each) for problems in invalid.problems.values() for each in problems]
        return {"untaken": " ".join(told)}
    query = state_to_query(inputs)
    return {
        "query": query if len(query) <= LONGEST_LINK else "",
        "fields": parse_qsl(query, keep_blank_values=True),
        "calculator": calculator,
    }


def _reasons(refused: PackageRefused) -> Iterator[tuple[str, str, str, str]]:
    for fault in refused.faults:
        yield fault.file, fault.object_id, fault.field, problem_text(fault.problem)


def _told(losses: tuple[Loss, ...]) -> Iterator[dict[str, Any]]:
    for loss in losses:
        yield {
            "kind": loss.kind, "text": problem_text(loss.problem), "whole": loss.whole, "count": len(loss.ids),
            "ids": ", ".join(loss.ids[:SHOWN_IDS]), "more": max(0, len(loss.ids) - SHOWN_IDS),
        }  # fmt: skip


@require_POST
def download(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """A calculator's figures as they stand on its page, as a file."""
    calculator, form = _posted(request, slug)
    if suffix not in suffixes(calculator):
        raise Http404
    if not form.is_valid():
        return _back(request, calculator, form)
    try:
        data = export(calculator, form.inputs, suffix, translate=_)
    except Invalid as problem:
        form.add_problems(problem)
        return _back(request, calculator, form)
    return _file(data, MEDIA_TYPES[suffix], f"{slug}.{suffix}")


@require_POST
def ocf_export(request: HttpRequest) -> HttpResponse:
    """What a package of this cap table does not carry, and what the format asks about the company; then the package."""
    calculator, form = _posted(request, CAP_TABLE)
    if not form.is_valid():
        return _back(request, calculator, form)
    typed = {name: request.POST.get(f"issuer-{name}", "") for name, _label, _kind in FIELDS}
    problems: dict[str, str] = {}
    issuer = None
    if "issuer-name" in request.POST:
        try:
            issuer = read_issuer(typed)
        except Invalid as invalid:
            problems = {name: " ".join(map(problem_text, found)) for name, found in invalid.problems.items()}
    try:
        made = package(form.inputs, issuer or _anybody())
    except Invalid as problem:
        form.add_problems(problem)
        return _back(request, calculator, form)
    if issuer is not None:
        return _file(packed(made.files), "application/zip", "cap-table.ocf.zip")
    context = {
        "calculator": calculator,
        "fields": parse_qsl(state_to_query(form.inputs), keep_blank_values=True),
        "losses": list(_told(made.losses)),
        "asked": [(name, label, kind, typed[name], problems.get(name, "")) for name, label, kind in FIELDS],
    }
    return render(request, "interchange/ocf_export.html", context, status=PROBLEMS if problems else 200)


def _anybody() -> Issuer:
    """A company to write for while its facts are asked: the losses are the same for all."""
    return read_issuer({"name": "-", "formed": "2000-01-01", "country": "US"})


def _posted(request: HttpRequest, slug: str) -> tuple[Calculator, InputsForm]:
    calculator = all_calculators().get(slug)
    if calculator is None:
        raise Http404
    admit(request)
    return calculator, form_class(calculator.inputs)(request.POST)


def _back(request: HttpRequest, calculator: Calculator, form: InputsForm) -> HttpResponse:
    """The calculator's page with what is wrong."""
    return calculator_page(request, calculator, inputs=form.inputs, provenance={}, form=form)


def _limits() -> dict[str, Any]:
    return {"most_megabytes": MOST_BYTES // 1_000_000}


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
