"""Pages of scenarios. Each is a thin face of a service; a form that was sent comes back as a redirect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mlcore.reading import Invalid
from portal.accounts.selectors import workspace_of
from portal.jobs.models import Job
from portal.jobs.selectors import job_access, visitor_of
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.plans.compare import MOST, Comparison, compare
from portal.plans.exports import scenario_csv, scenario_json
from portal.plans.join_services import sample_make, scenario_from_job, scenario_send
from portal.plans.models import Revision, Scenario
from portal.plans.present import SERIES, comparison_charts, input_lines, listed, output_lines, problems_text
from portal.plans.selectors import (
    deleted_access,
    deleted_of,
    scenario_access,
    scenario_open,
    scenarios_access,
    scenarios_of,
)
from portal.plans.services import (
    Stale,
    scenario_delete,
    scenario_duplicate,
    scenario_rename,
    scenario_restore,
    scenario_undelete,
)

PAGE = 50


@require_GET
def scenario_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(scenarios_of(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": listed(list(page)), "most": MOST}
    if gone := request.GET.get("deleted"):
        context["undo"] = deleted_of(request.user).filter(uid=gone).first()
    return render(request, "plans/list.html", context)


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Scenarios side by side, in the order of ``ids``: the first is the baseline."""
    uids = [uid for given in request.GET.getlist("ids") for uid in given.split(",") if uid]
    scenarios = found(lambda: scenarios_access(request.user, uids), Scenario)
    others = [scenario for scenario in scenarios_of(request.user)[:200] if scenario not in scenarios]
    context: dict[str, Any] = {
        "chips": _chips(scenarios),
        "others": [other for other in others if not scenarios or other.calculator == scenarios[0].calculator],
        "ids": ",".join(scenario.uid for scenario in scenarios),
        "room": len(scenarios) < MOST,
        "show_all": request.GET.get("rows") == "all",
    }
    try:
        context |= _compared(compare(scenarios))
    except Invalid as problem:
        context["problem"] = problems_text(problem.problems)
    return render(request, "plans/compare.html", context)


@require_GET
def export(request: HttpRequest, uid: str, suffix: str) -> HttpResponse:
    scenario = access(request, uid)
    opened = scenario_open(scenario)
    try:
        if suffix == "json":
            response: HttpResponse = JsonResponse(scenario_json(opened), json_dumps_params={"indent": 1})
        else:
            # The mark tells spreadsheets that the text is UTF-8.
            response = HttpResponse("\ufeff" + scenario_csv(opened), content_type="text/csv; charset=utf-8")
    except Invalid as problem:
        messages.error(request, problems_text(problem.problems))
        return redirect(scenario)
    response["Content-Disposition"] = content_disposition_header(True, f"{scenario.name}.{suffix}")
    return response


@require_POST
@login_required
def rename(request: HttpRequest, uid: str) -> HttpResponse:
    scenario = access(request, uid)
    return _write(
        request, scenario,
        lambda: scenario_rename(scenario=scenario, by=user_of(request), revision=seen(request),
                                name=request.POST.get("name", "")),
    )  # fmt: skip


@require_POST
@login_required
def duplicate(request: HttpRequest, uid: str) -> HttpResponse:
    scenario = access(request, uid)
    name = request.POST.get("name") or _("%(name)s (copy)") % {"name": scenario.name[:100]}
    return _write(request, scenario, lambda: scenario_duplicate(scenario=scenario, by=user_of(request), name=name))


@require_POST
@login_required
def restore(request: HttpRequest, uid: str) -> HttpResponse:
    scenario = access(request, uid)
    number = _whole(request, "number")
    found(lambda: scenario.revisions.get(number=number), Revision)
    return _write(
        request, scenario,
        lambda: scenario_restore(scenario=scenario, by=user_of(request), revision=seen(request), number=number),
        _("Restored from revision %(number)d.") % {"number": number},
    )  # fmt: skip


@require_POST
@login_required
def delete(request: HttpRequest, uid: str) -> HttpResponse:
    scenario = access(request, uid)
    try:
        scenario_delete(scenario=scenario, by=user_of(request), revision=seen(request))
    except Stale as problem:
        return stale_redirect(request, scenario, problem)
    return redirect(f"{reverse('plans:list')}?deleted={scenario.uid}")


@require_POST
@login_required
def undelete(request: HttpRequest, uid: str) -> HttpResponse:
    scenario = found(lambda: deleted_access(request.user, uid), Scenario)
    return redirect(scenario_undelete(scenario=scenario, by=user_of(request)))


@require_POST
@login_required
def samples(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request.user)
    if workspace is None:
        raise Http404
    sample_make(workspace)
    return redirect("plans:list")


@require_POST
@login_required
def send(request: HttpRequest, uid: str) -> HttpResponse:
    """Send what a scenario computes into another calculator."""
    scenario = access(request, uid)
    calculator, into = target(request)
    return _write(
        request, scenario,
        lambda: scenario_send(scenario=scenario, calculator=calculator, by=user_of(request), into=into),
        _("The values that “%(name)s” computes are in this scenario now; they are marked.") % {"name": scenario.name},
    )  # fmt: skip


@require_POST
@login_required
def from_job(request: HttpRequest) -> HttpResponse:
    """Use what a job measured in a new or an existing scenario."""
    job = found(lambda: job_access(request.user, visitor_of(request), request.POST.get("job", "")), Job)
    workspace = workspace_of(request.user)
    if workspace is None:
        raise Http404
    calculator, into = target(request)
    chosen = request.POST.getlist("quantity") or None
    try:
        scenario = scenario_from_job(
            job=job, calculator=calculator, workspace=workspace, by=user_of(request), into=into, only=chosen
        )
    except Invalid as problem:
        messages.error(request, problems_text(problem.problems))
        return redirect("jobs:page", uid=job.uid)
    messages.success(
        request, _("What “%(job)s” measured is in this scenario now; the values are marked.") % {"job": _(job.title)}
    )
    return redirect(scenario)


# What the views share


def access(request: HttpRequest, uid: str) -> Scenario:
    return found(lambda: scenario_access(request.user, uid), Scenario)


def found(get: Callable[[], Any], model: type[Any]) -> Any:
    """What is not theirs does not exist for them."""
    try:
        return get()
    except model.DoesNotExist:
        raise Http404 from None


def user_of(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def seen(request: HttpRequest) -> int:
    """The revision that the page showed when the form on it was sent."""
    return _whole(request, "revision")


def target(request: HttpRequest) -> tuple[Calculator, Scenario | None]:
    """Where values are sent: a new scenario of a calculator (its slug), or an existing one (its uid)."""
    wanted = request.POST.get("to", "")
    into = None if wanted in all_calculators() else access(request, wanted)
    calculator = all_calculators().get(into.calculator if into else wanted)
    if calculator is None:
        raise Http404
    return calculator, into


def stale_redirect(request: HttpRequest, scenario: Scenario, problem: Stale) -> HttpResponse:
    messages.warning(
        request,
        _("Someone saved revision %(revision)d meanwhile. It is shown here; nothing of yours was written over it.")
        % {"revision": problem.revision},
    )
    return redirect(scenario)


def _write(request: HttpRequest, scenario: Scenario, write: Callable[[], Scenario], done: str = "") -> HttpResponse:
    """Call a service, say how it went, and show the scenario that it wrote."""
    try:
        written = write()
    except Stale as problem:
        return stale_redirect(request, scenario, problem)
    except Invalid as problem:
        messages.error(request, problems_text(problem.problems))
        return redirect(scenario)
    if done:
        messages.success(request, done)
    return redirect(written)


def _whole(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Http404
    return int(given)


def _chips(scenarios: list[Scenario]) -> list[dict[str, Any]]:
    uids = [scenario.uid for scenario in scenarios]
    return [
        {
            "scenario": scenario,
            "colour": SERIES[index] if index < len(SERIES) else "",
            "without": ",".join(uid for uid in uids if uid != scenario.uid),
            "as_baseline": ",".join([scenario.uid, *(uid for uid in uids if uid != scenario.uid)]),
        }
        for index, scenario in enumerate(scenarios)
    ]


def _compared(result: Comparison) -> dict[str, Any]:
    return {
        "calculator": result.calculator,
        "scenarios": result.scenarios,
        "sections": [("inputs", input_lines(result)), ("outputs", output_lines(result))],
        "columns": len(result.scenarios) + 1,
        "differs": any([row.differs for row in result.inputs] + [row.differs for row in result.outputs]),
        "charts": list(comparison_charts(result)),
    }
