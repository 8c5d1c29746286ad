"""Tasks and their runs as pages show them, from the declarations alone: no task is known here by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import select_template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.reading import Invalid, read_value
from mlcore.spec import params
from mlcore.task import Action, Result
from portal.demos.quotes import Quote
from portal.demos.runs import action_of
from portal.derive.values import value_words
from portal.derive.wording import figure, range_words
from portal.jobs.models import Job
from portal.jobs.runners import Description, Row

BADGE_UNITS = ("seconds", "tokens/s")  # what of a result says how fast it came
LONG = 80  # characters
# What an estimate may say besides time and money, and in which unit.
FACTS = {
    "parameters": (gettext_noop("Parameters"), "parameters"),
    "tokens": (gettext_noop("Tokens to learn from"), "tokens"),
    "flops": (gettext_noop("Work"), "FLOP"),
    "kwh": (gettext_noop("Energy"), "kWh"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One result: its declaration and its value, drawn by the template of its kind."""

    name: str
    result: Result
    value: Any

    @property
    def label(self) -> str:
        return _(self.result.label)

    @property
    def help(self) -> str:
        return _(self.result.help) if self.result.help else ""

    @property
    def is_timing(self) -> bool:
        """Whether it says how fast the run was: that stands in the badge."""
        return self.result.kind == "number" and self.result.unit in BADGE_UNITS

    @property
    def html(self) -> SafeString:
        kinds = [f"demos/kinds/{self.result.kind}.html", "demos/kinds/text.html"]
        return select_template(kinds).render({"shown": self, "value": self.value, "unit": self.result.unit})


def shown(action: Action, results: Mapping[str, Any]) -> list[Shown]:
    """The declared results that a run gave, in the order of the declaration."""
    return [
        Shown(name, result, _said(result, results[name]))
        for name, result in action.results.items()
        if results.get(name) is not None
    ]


def _said(result: Result, value: Any) -> Any:
    """``value``, or what it is called where the declaration has a word for it."""
    return _(result.words[value]) if isinstance(value, str) and value in result.words else value


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
    results = [Row(each.label, _words(each), len(_words(each)) > LONG) for each in shown(action, job.results)]
    return Description(tuple(_configuration(action, job.payload.get("inputs", {}))), tuple(results))


def _configuration(action: Action, given: Mapping[str, Any]) -> Iterator[Row]:
    for name, param, _start in params(action.inputs):
        if param.when is not None and given.get(param.when[0]) not in param.when[1]:
            continue
        try:
            text = value_words(param, read_value(param, given[name])) if name in given else ""
        except Invalid:
            text = str(given[name])
        if text:
            yield Row(_(param.label), text, len(text) > LONG)


def _words(each: Shown) -> str:
    if each.result.kind == "number":
        return figure(each.value, each.result.unit)
    return each.value if isinstance(each.value, str) else figure(each.value)
