"""Every page that a person can jump to, in sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from mlcore.registry import all_tasks
from mlcore.task import Mode
from portal.catalogue.described import TABLES
from portal.jobs.selectors import jobs_of, visitor_of
from portal.planning.evidence.registry import all_families
from portal.planning.registry import all_calculators
from portal.plans.selectors import scenarios_of
from portal.web.context import pages

RECENT = 10  # scenarios and jobs


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    icon: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    links: list[Link]


def sections(request: HttpRequest) -> list[Section]:
    found = [
        Section(_("Pages"), [Link(page.url, page.icon, page.label) for page in pages()]),
        Section(_("Tools"), list(_tools())),
        Section(_("Demos"), list(_demos())),
        Section(_("Scenarios"), list(_scenarios(request))),
        Section(_("Jobs"), list(_jobs(request))),
        Section(_("Catalogue"), list(_catalogue())),
        Section(_("Scorecard"), list(_scorecard())),
        Section(_("Docs"), list(_docs())),
    ]
    return [section for section in found if section.links]


def _tools() -> Iterator[Link]:
    for calculator in all_calculators().values():
        yield Link(
            reverse("tools:page", args=[calculator.slug]), "calculator", _(calculator.title), _(calculator.summary)
        )


def _demos() -> Iterator[Link]:
    for task in all_tasks().values():
        yield Link(reverse("demos:page", args=[task.slug]), "flask-conical", _(task.title), _(task.summary))
        for action in task.actions:
            if action.mode is Mode.TRAINING:
                yield Link(reverse("demos:train", args=[task.slug]), "cpu", _(action.title), _(task.title))


def _scenarios(request: HttpRequest) -> Iterator[Link]:
    for scenario in scenarios_of(request.user)[:RECENT]:
        calculator = all_calculators().get(scenario.calculator)
        yield Link(scenario.get_absolute_url(), "layers", scenario.name, _(calculator.title) if calculator else "")


def _jobs(request: HttpRequest) -> Iterator[Link]:
    for job in jobs_of(request.user, visitor_of(request))[:RECENT]:
        yield Link(reverse("jobs:page", args=[job.uid]), "cpu", _(job.title), job.get_state_display())


def _catalogue() -> Iterator[Link]:
    for table in TABLES:
        yield Link(reverse("catalogue:table", args=[table.slug]), "table", _(table.title), _("Catalogue"))


def _scorecard() -> Iterator[Link]:
    for family in all_families().values():
        yield Link(reverse("scorecard:family", args=[family.slug]), "target", _(family.title), _("Scorecard"))


def _docs() -> Iterator[Link]:
    yield Link(reverse("docs:settings"), "book-open", _("Settings"))
    for calculator in all_calculators().values():
        yield Link(reverse("docs:calculator", args=[calculator.slug]), "book-open", _(calculator.title), _("Docs"))
    for task in all_tasks().values():
        yield Link(reverse("docs:task", args=[task.slug]), "book-open", _(task.title), _("Docs"))
