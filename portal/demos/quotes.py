"""What a run will take, told before it runs: time, dollars, place in the queue, and what the estimate rests on.

The task says how much work its inputs are (``Action.estimate``); how fast this machine does it was measured by the
last finished run like it. How far such quotes were off in the past gives the interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from mlcore.reading import to_json
from mlcore.spec import Kind, params
from mlcore.task import Action, Task, load
from portal.jobs.models import Job
from portal.jobs.selectors import Ahead, queue_ahead, quoted_seconds
from portal.jobs.states import State

LOOKED_AT = 60  # finished runs of the action, newest first
FEWEST_RATIOS = 5  # quotes with a known outcome from which an interval is drawn
# Actual over quoted time where too few outcomes are known: of another size on this device, and of another device.
ASSUMED = {"measured": (0.7, 1.6), "reference": (0.2, 10.0)}


@dataclass(frozen=True, slots=True)
class Quote:
    """``seconds``, ``usd`` and ``kwh`` are of the device; low and high hold nine times in ten."""

    facts: Mapping[str, Any]
    seconds: float
    seconds_low: float
    seconds_high: float
    usd: float
    usd_low: float
    usd_high: float
    ahead: Ahead
    basis: Job | None
    outcomes: int  # past quotes from which the interval is drawn; 0 when it is assumed

    def stored(self) -> dict[str, Any]:
        """What the job keeps, to be compared with what came."""
        return {
            **self.facts,
            "seconds": self.seconds,
            "seconds_low": self.seconds_low,
            "seconds_high": self.seconds_high,
            "usd": self.usd,
            "usd_low": self.usd_low,
            "usd_high": self.usd_high,
            "measured_by": self.basis.uid if self.basis else None,
        }


def queue_of_this_machine() -> str:
    """The device class in which runs are submitted: the fastest that a worker takes."""
    return Job.Queue.CUDA if Job.Queue.CUDA in settings.WORKER_QUEUES else Job.Queue.CPU


def quote(task: Task, action: Action, inputs: Any) -> Quote | None:
    """None for an action that does not estimate itself, such as an interactive one."""
    if not action.estimate:
        return None
    queue = queue_of_this_machine()
    past = _past(task, action, queue)
    basis = _most_alike(past, action, inputs)
    device = {
        **(basis.measures if basis else {}),
        "usd_per_hour": settings.DEVICE_USD_PER_HOUR,
        "watts": settings.DEVICE_WATTS,
    }
    facts = load(action.estimate)(inputs, device=device)
    low, high, outcomes = _interval(past, facts.get("basis", "reference"))
    if facts.get("within_budget") is False:
        high = 1.0  # the budget stops it there
    seconds, usd = float(facts["seconds"]), float(facts["usd"])
    return Quote(
        facts, seconds, seconds * low, seconds * high, usd, usd * low, usd * high,
        queue_ahead(queue), basis if facts.get("basis") == "measured" else None, outcomes,
    )  # fmt: skip


def _past(task: Task, action: Action, queue: str) -> list[Job]:
    done = Job.objects.filter(runner="task", mode=action.mode.value, queue=queue, state=State.DONE)
    alike = done.filter(payload__task=task.slug, payload__action=action.slug).order_by("-pk")
    return list(alike.defer("results")[:LOOKED_AT])


def _most_alike(past: list[Job], action: Action, inputs: Any) -> Job | None:
    """The run that shares the most choices and sizes with these inputs; the newest of those."""
    wanted = to_json(inputs)
    telling = [name for name, param, _start in params(action.inputs) if param.kind in (Kind.CHOICE, Kind.INTEGER)]

    def shared(job: Job) -> int:
        given = job.payload.get("inputs", {})
        # Choices decide speed more than numbers do, so one of them outweighs all numbers.
        weights = {name: len(telling) if name in choices else 1 for name in telling}
        return sum(weight for name, weight in weights.items() if given.get(name) == wanted[name])

    choices = {name for name, param, _start in params(action.inputs) if param.kind is Kind.CHOICE}
    measured = [job for job in past if job.measures]
    return max(measured, key=shared, default=None)


def _interval(past: list[Job], basis: str) -> tuple[float, float, int]:
    """Factors on the quoted time, 5th and 95th percentile of how past runs came out; and how many those were."""
    quoted = [(job.device_seconds, quoted_seconds(job)) for job in past if (job.quote or {}).get("basis") == basis]
    ratios = [actual / seconds for actual, seconds in quoted if seconds]
    if len(ratios) < FEWEST_RATIOS:
        return (*ASSUMED[basis], 0)
    low, high = np.quantile(ratios, (0.05, 0.95))
    return float(min(low, 1.0)), float(max(high, 1.0)), len(ratios)
