"""Pages of single calculators: the list, the page that starts filled in, and what is recomputed as inputs change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mlcore.reading import Invalid, read_inputs
from portal.derive.forms import InputsForm, form_class
from portal.derive.query import state_to_query, unknown_names
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.tools.origins import sources
from portal.tools.results import read_baseline, results
from portal.tools.rows import changed_rows
from portal.tools.snippets import Snippet, snippets

SEED = 7  # the same for everyone, so that a link shows the same figures to all
DRAWS = 10_000
MOST_DRAWS = 20_000  # that one request of a page may ask for
MOST_PRESETS, PRESET_CHARACTERS = 4, 72  # that fit beside the title; more are a menu
PROBLEMS = 422
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  the name of a form's field
CONTROLS = {"draws", "seed", "baseline", "add", "remove", TOKEN}
"""Names in an address that are not inputs; a test keeps inputs from being called so."""


@require_GET
def calculator_list(request: HttpRequest) -> HttpResponse:
    families: dict[str, list[Calculator]] = {}
    for calculator in all_calculators().values():
        families.setdefault(calculator.family, []).append(calculator)
    return render(request, "tools/list.html", {"families": families})


@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    calculator = _calculator(slug)
    if TOKEN in request.GET:
        return redirect(f"{request.path}?{_short_query(calculator, request.GET)}")
    form = form_class(calculator.inputs)(changed_rows(calculator.inputs, request.GET) if request.GET else None)
    unknown = unknown_names(calculator.inputs, request.GET, CONTROLS)
    extra = {"unknown": ", ".join(unknown[:5]), "seed": _seed(request)}
    return calculator_page(request, calculator, inputs=form.inputs, provenance={}, extra=extra, form=form)


def calculator_page(
    request: HttpRequest,
    calculator: Calculator,
    *,
    inputs: Any,
    provenance: Mapping[str, Mapping[str, Any]],
    scenario: Any = None,
    template: str = "tools/page.html",
    extra: Mapping[str, Any] | None = None,
    form: InputsForm | None = None,
) -> HttpResponse:
    """The page of a calculator filled with ``inputs``, for whoever keeps such inputs.

    Args:
        inputs: an instance of ``calculator.inputs``; what it gives is the baseline that changes are measured against.
        provenance: by input ``{"kind", "text", ...}``, as ``portal.tools.origins`` reads it.
        scenario: what keeps the inputs, for templates; None on a calculator's own page.
        template: a template that extends ``tools/page.html`` and fills its blocks.
        extra: more for that template; its ``seed`` is drawn with.
        form: a form that was sent, shown instead of ``inputs``, with its problems.
    """
    form = form or form_class(calculator.inputs)(inputs=inputs)
    seed = (extra or {}).get("seed", SEED)
    context = _computed(request, calculator, form, DRAWS, seed)
    if not form.problems:
        form.sources = sources(form.inputs, provenance)
    presets = _presets(calculator, form)
    context |= {
        "calculator": calculator,
        "form": form,
        "groups": form.groups(),
        "scenario": scenario,
        "presets": presets,
        "presets_folded": len(presets) > MOST_PRESETS or sum(len(p["label"]) for p in presets) > PRESET_CHARACTERS,
        "seed": seed,
        "usual_seed": SEED,
        "state": state_to_query(form.inputs),
        **(extra or {}),
    }
    return render(request, template, context, status=200 if "results" in context else PROBLEMS)


@require_GET
def recompute(request: HttpRequest, slug: str) -> HttpResponse:
    """The results for the form as it stands, as a fragment; problems beside their fields with status 422."""
    calculator = _calculator(slug)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('tools:page', args=[slug])}?{request.GET.urlencode()}")
    form = form_class(calculator.inputs)(request.GET)
    draws, seed = _whole(request.GET, "draws", DRAWS, 2, MOST_DRAWS), _seed(request)
    context = _computed(request, calculator, form, draws, seed)
    context |= {"calculator": calculator, "form": form, "settled": draws == DRAWS}
    if "results" not in context:
        return render(request, "tools/recomputed.html", context, status=PROBLEMS)
    response = render(request, "tools/recomputed.html", context)
    if draws == DRAWS and (address := _address(request, slug, form.inputs, seed)):
        response["HX-Replace-Url"] = address
    return response


def _computed(request: HttpRequest, calculator: Calculator, form: InputsForm, draws: int, seed: int) -> dict[str, Any]:
    """The context of the results: without ``results`` when the inputs cannot be computed with."""
    valid = not form.is_bound or form.is_valid()
    context: dict[str, Any] = {"snippets": _snippets(request, calculator, form.inputs, seed)}
    if not valid:
        return context
    began = time.perf_counter()
    try:
        outcome = engine.simulate(calculator, form.inputs, draws=draws, seed=seed)
    except Invalid as problem:
        form.add_problems(problem)
        return context
    baseline = request.GET.get("baseline", "")
    found = results(outcome, read_baseline(baseline) if baseline else None)
    return {**context, "results": found, "milliseconds": round((time.perf_counter() - began) * 1000)}


def _snippets(request: HttpRequest, calculator: Calculator, inputs: Any, seed: int) -> list[Snippet]:
    url = request.build_absolute_uri(reverse(f"tools-api:{calculator.slug}-simulate"))
    return snippets(calculator.slug, url, inputs, draws=DRAWS, seed=seed)


def _presets(calculator: Calculator, form: InputsForm) -> list[dict[str, Any]]:
    now = None if form.problems else form.inputs
    found = []
    for preset in calculator.presets:
        inputs: Any = read_inputs(calculator.inputs, preset.inputs)
        found.append({"label": _(preset.label), "query": state_to_query(inputs), "current": inputs == now})
    return found


def _address(request: HttpRequest, slug: str, inputs: Any, seed: int) -> str:
    """The address that shows these inputs, where the page that asked is the calculator's own."""
    path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    try:
        asked = resolve(path)
    except Resolver404:
        return ""
    if asked.view_name != "tools:page" or asked.kwargs.get("slug") != slug:
        return ""
    parts = [state_to_query(inputs), "" if seed == SEED else f"seed={seed}"]
    query = "&".join(part for part in parts if part)
    return f"{path}?{query}" if query else path


def _short_query(calculator: Calculator, data: QueryDict) -> str:
    """The address of a form that was sent without scripts: what was changed, and not the token for saving it."""
    kept = changed_rows(calculator.inputs, data)
    form = form_class(calculator.inputs)(kept)
    if form.is_valid():
        return state_to_query(form.inputs)
    for name in CONTROLS & set(kept):
        del kept[name]
    return kept.urlencode()


def _seed(request: HttpRequest) -> int:
    return _whole(request.GET, "seed", SEED, 0, engine.LARGEST_SEED)


def _whole(data: QueryDict, name: str, otherwise: int, least: int, most: int) -> int:
    """A control of the page as a whole number; what is none is as if it were not there."""
    text = data.get(name, "")
    return min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 11 else otherwise


def _calculator(slug: str) -> Calculator:
    try:
        return all_calculators()[slug]
    except KeyError:
        raise Http404 from None
