"""Tasks and their runs as pages show them, from the declarations alone: no task is known here by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.reading import Invalid, read_value
from mlcore.results import check_value
from mlcore.spec import Kind, params
from mlcore.task import Action
from portal.demos.kinds import LONG, Shown
from portal.demos.models import Upload
from portal.demos.quotes import Quote
from portal.demos.runs import action_of
from portal.derive.values import value_words
from portal.derive.wording import figure, range_words
from portal.jobs.models import Job
from portal.jobs.runners import Description, Row

# What an estimate may say besides time and money, and in which unit.
FACTS = {
    "parameters": (gettext_noop("Parameters"), "parameters"),
    "tokens": (gettext_noop("Tokens to learn from"), "tokens"),
    "images": (gettext_noop("Images to learn from"), "images"),
    "flops": (gettext_noop("Work"), "FLOP"),
    "kwh": (gettext_noop("Energy"), "kWh"),
}


def shown(action: Action, results: Mapping[str, Any]) -> list[Shown]:
    """The declared results that a run gave, in the order of the declaration."""
    return [
        Shown(name, result, results[name])
        for name, result in action.results.items()
        if results.get(name) is not None and _is_of(result.kind, results[name])
    ]


def _is_of(kind: str, value: Any) -> bool:
    """An old run may have given what its task now declares to be of another kind."""
    try:
        check_value(kind, value)
    except ValueError:
        return False
    return True


def main_result(action: Action) -> str:
    """The result for which a person runs the action: the first that is not a number."""
    return next((name for name, result in action.results.items() if result.kind not in ("number", "flag")), "")


def badge(job: Job, action: Action) -> list[tuple[str, str]]:
    """How fast it came, as the server measured it: queue, what the action timed, the whole, the device."""
    told = []
    if job.started_at:
        told.append((_("Queue"), figure((job.started_at - job.created_at).total_seconds(), "seconds")))
    told += [
        (each.label, figure(each.value, each.result.unit)) for each in shown(action, job.results) if each.is_timing
    ]
    if job.started_at and job.finished_at:
        told.append((_("Total"), figure((job.finished_at - job.created_at).total_seconds(), "seconds")))
    if job.device:
        told.append((_("Device"), job.device))
    return told


def quote_spans(told: Quote) -> dict[str, str]:
    """Nine times in ten, in words."""
    return {
        "seconds": range_words(told.seconds_low, told.seconds_high, "seconds"),
        "usd": range_words(told.usd_low, told.usd_high, "USD"),
    }


def quote_facts(told: Quote) -> list[tuple[str, str]]:
    """What the task says of the work, where it uses a name that is known here."""
    return [(_(label), figure(told.facts[name], unit)) for name, (label, unit) in FACTS.items() if name in told.facts]


def describe(job: Job) -> Description:
    """What a job of ours was asked for and what came of it, for the page of the job."""
    known = action_of(job)
    if known is None:
        return Description((), ())
    _task, action = known
    results = [
        Row(each.label, "", each.is_long, each.name, each.help, each.html, each.has_title)
        for each in shown(action, job.results)
    ]
    asked = _configuration(action, job.payload.get("inputs", {}))
    return Description(tuple(asked), tuple(results), action.curves, has_charts(action))


def has_charts(action: Action) -> bool:
    """Whether a page of the action needs the chart library."""
    return any(result.kind == "figure" for result in action.results.values())


def _configuration(action: Action, given: Mapping[str, Any]) -> Iterator[Row]:
    for name, param, _start in params(action.inputs):
        if param.when is not None and given.get(param.when[0]) not in param.when[1]:
            continue
        if param.kind is Kind.MEDIA:
            # The name under which it came says more than an id, for as long as the file is kept.
            upload = Upload.objects.filter(uid=given.get(name, "")).first()
            yield Row(_(param.label), upload.name if upload else given.get(name) or "–")
            continue
        try:
            text = value_words(param, read_value(param, given[name])) if name in given else ""
        except Invalid:
            text = str(given[name])
        if text:
            yield Row(_(param.label), text, len(text) > LONG)
