"""The pages of jobs: the list, one job, and its buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.models import User
from portal.jobs import present
from portal.jobs.admission import demo_admit
from portal.jobs.models import Job
from portal.jobs.selectors import job_access, jobs_of, place, visitor_of
from portal.jobs.services import NotPermitted, job_cancel, job_retry
from portal.jobs.states import STEPS, State

PAGE_SIZE = 30


@require_safe
@never_cache
def job_list(request: HttpRequest) -> HttpResponse:
    """One's jobs, newest first; a fragment of the table alone for htmx."""
    wanted = request.GET.get("state", "")
    jobs = jobs_of(request.user, visitor_of(request)).defer("payload", "results", "measures")
    if wanted in State.values:
        jobs = jobs.filter(state=wanted)
    page = Paginator(jobs, PAGE_SIZE).get_page(request.GET.get("page"))
    template = "jobs/rows.html" if request.headers.get("HX-Request") else "jobs/list.html"
    return render(request, template, {"page": page, "states": State.choices, "wanted": wanted})


@require_safe
@never_cache
def job_page(request: HttpRequest, uid: str) -> HttpResponse:
    job = _mine(request, uid)
    live, made = present.live(job), _made(job)
    drawn = present.curves(job, made["description"].curves, live.steps)
    more = {"curves": drawn, "live": live, "restarts": present.restarts(job)}
    return render(request, "jobs/page.html", _now(job) | made | more)


@require_safe
@never_cache
def job_now(request: HttpRequest, uid: str) -> HttpResponse:
    """How the job stands, as a fragment: what the page asks for when an event says that it changed."""
    return render(request, "jobs/now.html", _now(_mine(request, uid)))


@require_safe
@never_cache
def job_made(request: HttpRequest, uid: str) -> HttpResponse:
    """What came of the job, as a fragment."""
    return render(request, "jobs/made.html", _made(_mine(request, uid)))


def _now(job: Job) -> dict[str, object]:
    return {
        "job": job,
        "place": place(job),
        "stages": present.stages(job),
        "elapsed": present.elapsed_seconds(job),
        "eta": present.eta_seconds(job),
        "can_retry": job.state in STEPS["retry"].before,
    }


def _made(job: Job) -> dict[str, Any]:
    return {"job": job, "description": present.describe(job), "artifacts": job.artifacts.all()}


@require_POST
def job_cancel_post(request: HttpRequest, uid: str) -> HttpResponse:
    job_cancel(job=_mine(request, uid), by=_person(request))
    return redirect("jobs:page", uid)


@require_POST
def job_retry_post(request: HttpRequest, uid: str) -> HttpResponse:
    job = _mine(request, uid)
    if job.mode == Job.Mode.INTERACTIVE:
        demo_admit(user=request.user, visitor=visitor_of(request), address=request.META.get("REMOTE_ADDR", ""))
    try:
        job_retry(job=job, by=_person(request))
    except NotPermitted as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The job is in the queue again and goes on from its last checkpoint."))
    return redirect("jobs:page", uid)


def _mine(request: HttpRequest, uid: str) -> Job:
    try:
        return job_access(request.user, visitor_of(request), uid)
    except Job.DoesNotExist:
        raise Http404 from None


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
