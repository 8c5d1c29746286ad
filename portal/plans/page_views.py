"""The page of one scenario, and saving what is on a calculator's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mlcore.reading import Invalid, to_json
from portal.accounts.selectors import workspace_of
from portal.derive.forms import InputsForm, form_class
from portal.derive.wording import figure
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.plans.join_services import calculators_for_scenario
from portal.plans.models import Scenario
from portal.plans.pending import pending_keep, pending_take
from portal.plans.present import problems_text, revision_lines
from portal.plans.provenance import told
from portal.plans.selectors import Opened, revisions_of, scenario_open, scenarios_of
from portal.plans.services import FIRST_SEED, Stale, scenario_save, scenario_update
from portal.plans.views import access, seen, user_of
from portal.tools.views import calculator_page

SHOWN_REVISIONS = 50


@require_GET
def page(request: HttpRequest, uid: str) -> HttpResponse:
    scenario = access(request, uid)
    return _page(request, scenario_open(scenario))


@require_GET
def revisions(request: HttpRequest, uid: str) -> HttpResponse:
    """The drawer of earlier states; a whole page where there are no scripts."""
    scenario = access(request, uid)
    found = list(revisions_of(scenario)[: SHOWN_REVISIONS + 1])
    template = "plans/revisions.html" if request.headers.get("HX-Request") else "plans/revisions_page.html"
    return render(request, template, {"scenario": scenario, "lines": revision_lines(found)[:SHOWN_REVISIONS]})


@require_http_methods(["GET", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Save the inputs of a calculator's page as a new scenario.

    A visitor is asked to sign in first; the way back leads here by GET, and what they sent is saved then.
    """
    if request.method == "GET":
        return _save_kept(request)
    calculator = _calculator(request.POST.get("calculator", ""))
    form = form_class(calculator.inputs)(request.POST)
    if not form.is_valid():
        return calculator_page(request, calculator, inputs=form.inputs, provenance={}, form=form)
    name = request.POST.get("name") or _default_name(calculator)
    if not request.user.is_authenticated:
        pending_keep(request, calculator=calculator, given=to_json(form.inputs), name=name)
        messages.info(request, _("Sign in to save this scenario. Your numbers are kept until you come back."))
        return redirect_to_login(reverse("plans:save"))
    try:
        return redirect(_saved(request, calculator, form.inputs, name, _seed(request)))
    except Invalid as problem:
        form.add_problems(problem)
        return calculator_page(request, calculator, inputs=form.inputs, provenance={}, form=form)


@require_POST
@login_required
def update(request: HttpRequest, uid: str) -> HttpResponse:
    """Save the page of a scenario over the revision that it showed."""
    scenario = access(request, uid)
    opened = scenario_open(scenario)
    if opened.calculator is None:
        return _page(request, opened)
    form = form_class(opened.calculator.inputs)(request.POST)
    if not form.is_valid():
        return _page(request, opened, form)
    try:
        saved = scenario_update(
            scenario=scenario, by=user_of(request), revision=seen(request), inputs=form.inputs, seed=_seed(request)
        )
    except Invalid as problem:
        form.add_problems(problem)
        return _page(request, opened, form)
    except Stale as problem:
        return _stale(request, opened, form, problem)
    messages.success(request, _("Saved as revision %(revision)d.") % {"revision": saved.revision})
    return redirect(saved)


def _page(request: HttpRequest, opened: Opened, form: InputsForm | None = None) -> HttpResponse:
    scenario, calculator = opened.scenario, opened.calculator
    if calculator is None or (opened.inputs is None and form is None):
        return render(request, "plans/closed.html", {"scenario": scenario, "problem": opened.problem})
    targets = calculators_for_scenario(scenario)
    mine = scenarios_of(request.user)
    return calculator_page(
        request,
        calculator,
        inputs=opened.inputs,
        provenance=told(calculator.inputs, scenario.provenance),
        scenario=scenario,
        template="plans/page.html",
        extra={
            "seed": scenario.seed,
            "targets": [(target, mine.filter(calculator=target.slug)[:50]) for target in targets],
            "alike": mine.filter(calculator=scenario.calculator).exclude(pk=scenario.pk)[:50],
        },
        form=form,
    )


def _stale(request: HttpRequest, opened: Opened, form: InputsForm, problem: Stale) -> HttpResponse:
    """Keep what this person typed as a scenario of its own, so that neither their work nor the other's is lost."""
    assert opened.calculator is not None
    name = _("%(name)s (my changes)") % {"name": opened.scenario.name[:100]}
    saved = _saved(request, opened.calculator, form.inputs, name)
    messages.warning(
        request,
        _("Someone saved revision %(revision)d of “%(name)s” meanwhile. Your numbers are kept here, apart from it.")
        % {"revision": problem.revision, "name": opened.scenario.name},
    )
    return redirect(saved)


def _save_kept(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("plans:save"))
    kept = pending_take(request)
    if kept is None:
        return redirect("plans:list")
    calculator, given, name = kept
    try:
        return redirect(_saved(request, calculator, given, name))
    except Invalid as problem:
        messages.error(request, problems_text(problem.problems))
        return redirect("tools:page", slug=calculator.slug)


def _saved(request: HttpRequest, calculator: Calculator, inputs: Any, name: str, seed: int | None = None) -> Scenario:
    workspace = workspace_of(request.user)
    if workspace is None:
        raise Http404
    scenario = scenario_save(
        workspace=workspace, by=user_of(request), calculator=calculator, name=name, inputs=inputs,
        seed=FIRST_SEED if seed is None else seed,
    )  # fmt: skip
    messages.success(request, _("Saved as “%(name)s”. Click the name to change it.") % {"name": scenario.name})
    return scenario


def _seed(request: HttpRequest) -> int | None:
    """The page sends its seed where it is not the usual one."""
    given = request.POST.get("seed", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 11 else None


def _default_name(calculator: Calculator) -> str:
    today = figure(timezone.localdate(), "day")
    return _("%(calculator)s, %(date)s") % {"calculator": _(calculator.title), "date": today}


def _calculator(slug: str) -> Calculator:
    try:
        return all_calculators()[slug]
    except KeyError:
        raise Http404 from None
