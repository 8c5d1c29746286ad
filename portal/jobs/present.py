"""What the page of a job shows beyond its row: stages with their times, time left, curves, log, description."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from portal.jobs import runners
from portal.jobs.models import Job, JobEvent
from portal.jobs.runners import Description, Row
from portal.jobs.states import TERMINAL, State

STAGES = {
    "queued": gettext_lazy("Queued"),
    "preparing": gettext_lazy("Preparing"),
    "loading": gettext_lazy("Loading"),
    "training": gettext_lazy("Training"),
    "evaluating": gettext_lazy("Evaluating"),
    "writing": gettext_lazy("Writing"),
    "saving": gettext_lazy("Saving"),
}
EXPECTED = {Job.Mode.TRAINING.value: ("preparing", "training", "evaluating", "saving")}
REASONS = {
    "worker_lost": gettext_noop("The worker went silent; the job goes on from its last checkpoint."),
    "shutdown": gettext_noop("The worker was shut down; the job goes on from its last checkpoint."),
}
CURVE_POINTS = 1000
TABLE_ROWS = 12
LOG_LINES = 2000
HIDDEN = frozenset({"total", "seconds", "usd", "kwh", "eta"})  # of a step event, where it is a point of a curve


@dataclass(frozen=True, slots=True)
class Stage:
    """``state`` is past, now or ahead; ``seconds`` is None for what has not begun. A clock that began at ``since``
    and runs on shows the time of the stage that is now."""

    label: str
    seconds: float | None
    state: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """``rows`` are some of its points: the step, then each measure or None."""

    id: str
    title: str
    measures: tuple[str, ...]  # names, as in the step events
    labels: tuple[str, ...]  # for the reader
    unit: str
    best: str  # min, max or empty
    rows: list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Live:
    """Events until ``last``, from where the page's stream goes on."""

    last: int
    steps: list[dict[str, Any]]
    lines: list[str]


def curves(job: Job, declared: Sequence[runners.Curve], steps: list[dict[str, Any]]) -> list[Curve]:
    """The curves that a run declares; of one that is over, those for which it told something."""
    drawn = [
        Curve(
            id=f"curve-{at}",
            title=_(curve.title),
            measures=tuple(curve.measures),
            labels=tuple(_(label) for label in curve.measures.values()),
            unit=curve.unit,
            best=curve.best,
            rows=_table(steps, tuple(curve.measures)),
        )
        for at, curve in enumerate(declared)
    ]
    return [curve for curve in drawn if curve.rows or job.state not in TERMINAL]


def _table(steps: list[dict[str, Any]], measures: tuple[str, ...]) -> list[list[float | None]]:
    shown = [step for step in steps if any(isinstance(step.get(name), int | float) for name in measures)]
    every = -(-len(shown) // TABLE_ROWS) if shown else 1
    chosen = [step for at, step in enumerate(shown) if at % every == 0 or at == len(shown) - 1]
    return [[step["done"], *(step.get(name) for name in measures)] for step in chosen]


def live(job: Job) -> Live:
    """Thinned steps and the log, each up to one event id."""
    last = job.events.order_by("-pk").values_list("pk", flat=True).first() or 0
    told = job.events.filter(pk__lte=last)
    steps = list(told.filter(kind="step").values_list("data", flat=True))
    lines = list(told.filter(kind="log").order_by("-pk").values_list("data", flat=True)[:LOG_LINES])
    return Live(last, _thinned(steps), [line.get("message", "") for line in reversed(lines)])


def _thinned(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """About ``CURVE_POINTS`` steps: every n-th, the last, and all with a rare measure such as an evaluation's."""
    counts = Counter(name for step in steps for name in step)
    rare = {name for name, count in counts.items() if count < len(steps) / 2}
    every, last = max(-(-len(steps) // CURVE_POINTS), 1), len(steps) - 1
    kept = [step for at, step in enumerate(steps) if at % every == 0 or at == last or not rare.isdisjoint(step)]
    return [{name: value for name, value in step.items() if name not in HIDDEN} for step in kept]


def elapsed_seconds(job: Job) -> float:
    """From the first start to the end, or until now."""
    return ((job.finished_at or timezone.now()) - job.started_at).total_seconds() if job.started_at else 0.0


def eta_seconds(job: Job) -> float | None:
    """Seconds left by the pace of this attempt, or by the quote until it has one; None when neither is known."""
    if job.state != State.RUNNING:
        return None
    step = job.events.filter(kind="step").order_by("-pk").values_list("data", flat=True).first()
    if step and isinstance(step.get("eta"), int | float):
        return float(step["eta"])
    seconds = (job.quote or {}).get("seconds")
    return max(float(seconds) - job.device_seconds, 0.0) if isinstance(seconds, int | float) else None


def stages(job: Job) -> list[Stage]:
    """The stages that a job went through, each with its time over all attempts, and those to come."""
    moments = job.events.filter(kind__in=("state", "stage")).only("kind", "data", "created_at")
    until = job.finished_at or timezone.now()
    spent, now = _spent(moments, until)
    if job.state in TERMINAL:
        return [Stage(_stage_label(name), seconds, "past") for name, seconds in spent.items()]
    begun = [
        Stage(_stage_label(name), seconds, "now", until - timedelta(seconds=seconds))
        if name == now
        else Stage(_stage_label(name), seconds, "past")
        for name, seconds in spent.items()
    ]
    ahead = [name for name in EXPECTED.get(job.mode, ()) if name not in spent]
    return [*begun, *(Stage(_stage_label(name), None, "ahead") for name in ahead)]


def _spent(moments: Iterable[JobEvent], end: datetime) -> tuple[dict[str, float], str]:
    """Seconds in each stage in the order in which they first came, and the stage of the last moment."""
    spent: dict[str, float] = {}
    name, since = "", end
    for event in moments:
        if name:
            spent[name] = spent.get(name, 0.0) + (event.created_at - since).total_seconds()
        state = event.data.get("state", "")
        if event.kind == "stage":
            name = event.data.get("name", "")
        elif state in TERMINAL or state == State.QUEUED:
            name = "" if state in TERMINAL else "queued"
        elif name == "queued":
            name = "preparing"  # a worker has it; what it does until it says so is getting ready
        since = event.created_at
    if name:
        spent[name] = spent.get(name, 0.0) + max((end - since).total_seconds(), 0.0)
    return spent, name


def _stage_label(name: str) -> str:
    return str(STAGES.get(name, name.replace("_", " ").capitalize()))


def restarts(job: Job) -> list[tuple[datetime, str]]:
    """When and why the job was taken up again, for who wonders at a gap in the curve."""
    told = job.events.filter(kind="state", data__reason__in=list(REASONS)).only("data", "created_at")
    return [(event.created_at, _(REASONS[event.data["reason"]])) for event in told]


def describe(job: Job) -> Description:
    """What was asked for and what came of it, in the words of the app that runs it, else name by name."""
    describer = runners.describer(job.runner)
    if describer is not None:
        return describer(job)
    return Description(tuple(_rows(job.payload)), tuple(_rows(job.results)))


def _rows(values: Any, prefix: str = "") -> list[Row]:
    if not isinstance(values, dict):
        return []
    found = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += _rows(value, f"{prefix}{name}.")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            found.append(Row(f"{prefix}{name}", text, is_long=len(text) > 80))
    return found
