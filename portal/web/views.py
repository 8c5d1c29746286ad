"""Home, the list of all pages behind "search or jump", and what robots may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mlcore.registry import all_tasks
from portal.jobs.selectors import jobs_of, visitor_of
from portal.jobs.states import State
from portal.plans.selectors import scenario_open, scenarios_of, summary_of
from portal.web.goto import sections
from portal.web.home import sample_headline, scenario_headline

SHOWN = 6  # scenarios and jobs on the home page


def home(request: HttpRequest) -> HttpResponse:
    scenarios = list(scenarios_of(request.user)[:SHOWN])
    jobs = list(jobs_of(request.user, visitor_of(request))[:SHOWN])
    found = (scenario_headline(scenario) for scenario in scenarios)
    context = {
        "headline": next((headline for headline in found if headline), None) or sample_headline(),
        "scenarios": [(opened, summary_of(opened)) for opened in map(scenario_open, scenarios)],
        "jobs": sorted(jobs, key=lambda job: job.state != State.RUNNING),
        "tasks": list(all_tasks().values()),
        "has_own_scenario": any(not scenario.sample for scenario in scenarios),
    }
    return render(request, "home.html", context)


def go(request: HttpRequest) -> HttpResponse:
    """Every page that this person can open: a fragment for the dialog, or a page where there are no scripts."""
    template = "parts/go_list.html" if request.headers.get("HX-Request") else "go.html"
    return render(request, template, {"sections": sections(request)})


def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
