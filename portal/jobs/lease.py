"""What a worker may write, and only while it holds the newest claim on a job.

A claim is a compare-and-set that raises the fence; every later write names the fence it was claimed with. A worker
that was paused, cut off or replaced finds no row to write, gets ``Lost`` and stops. Times are on the database's
clock, so that machines need not agree on theirs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Coalesce, Now

from portal.jobs.events import events_record
from portal.jobs.models import Artifact, Job
from portal.jobs.outbox import Batch
from portal.jobs.states import STEPS, State


class Lost(Exception):
    """The job is no longer this worker's: it was cancelled, taken over or deleted."""


@dataclass(slots=True)
class Meter:
    """What an attempt costs, on top of what earlier attempts cost."""

    seconds: float
    usd: float
    kwh: float
    usd_per_hour: float
    watts: float
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, job: Job) -> Meter:
        price, watts = settings.DEVICE_USD_PER_HOUR, settings.DEVICE_WATTS
        return cls(job.device_seconds, job.usd, job.kwh, usd_per_hour=price, watts=watts)

    def reading(self) -> dict[str, float]:
        """Device time (s), money (USD) and energy (kWh) so far, as columns of the job."""
        elapsed = time.monotonic() - self.started
        return {
            "device_seconds": self.seconds + elapsed,
            "usd": self.usd + elapsed / 3600 * self.usd_per_hour,
            "kwh": self.kwh + elapsed / 3600 * self.watts / 1000,
        }


def _until() -> ExpressionWrapper:
    return ExpressionWrapper(Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS), output_field=DateTimeField())


def claim(job_pk: int, owner: str) -> Job | None:
    """The job, now running under a new fence; None when there is nothing to do, as for a doorbell rung twice."""
    with transaction.atomic():
        taken = Job.objects.filter(pk=job_pk, state__in=STEPS["claim"].before).update(
            state=State.RUNNING,
            stage="",
            attempt=F("attempt") + 1,
            fence=F("fence") + 1,
            lease_owner=owner[:80],
            lease_until=_until(),
            started_at=Coalesce("started_at", Now()),
        )
        if not taken:
            return None
        job = Job.objects.get(pk=job_pk)
        events_record(job=job, events=[("state", {"state": State.RUNNING, "attempt": job.attempt})])
    return job


def is_cancelled(job: Job) -> bool:
    """Whether somebody asked to stop. Raises Lost."""
    found = Job.objects.filter(pk=job.pk, fence=job.fence, state=State.RUNNING).values_list("cancel_requested_at")
    if not found:
        raise Lost(job.uid)
    return found[0][0] is not None


def renew(job: Job, meter: Meter) -> None:
    """Hold the job for another lease. Raises Lost."""
    _write(job, lease_until=_until(), **meter.reading())


def report(job: Job, batch: Batch) -> None:
    """Append events and keep the row's snapshot (stage, done, total) in step. Raises Lost."""
    with transaction.atomic():
        _write(job, **(batch.snapshot or {"fence": job.fence}))
        events_record(job=job, events=batch.events)


def finish(
    job: Job,
    meter: Meter,
    batch: Batch,
    *,
    results: dict[str, Any],
    measures: dict[str, Any],
    device: str,
    artifacts: Sequence[Artifact],
) -> None:
    """Done. Result, artifacts and last events are one transaction: all of them are seen, or none. Raises Lost."""
    with transaction.atomic():
        _end(job, "finish", State.DONE, meter, batch, device=device, results=results, measures=measures)
        Artifact.objects.filter(job=job).delete()
        Artifact.objects.bulk_create(artifacts)
        made = [("artifact", {"name": a.name, "size": a.size, "sha256": a.sha256}) for a in artifacts]
        events_record(job=job, events=[*batch.events, *made, ("state", {"state": State.DONE})])


def fail(job: Job, meter: Meter, batch: Batch, *, kind: str, text: str, device: str) -> None:
    """Failed, with a kind for programs and a sentence for people. Raises Lost."""
    with transaction.atomic():
        _end(job, "fail", State.FAILED, meter, batch, device=device, error_kind=kind, error_text=text)
        told = {"state": State.FAILED, "error": {"kind": kind, "text": text}}
        events_record(job=job, events=[*batch.events, ("state", told)])


def stop(job: Job, meter: Meter, batch: Batch, *, device: str) -> None:
    """Cancelled, as somebody asked. Raises Lost."""
    with transaction.atomic():
        _end(job, "stop", State.CANCELLED, meter, batch, device=device)
        events_record(job=job, events=[*batch.events, ("state", {"state": State.CANCELLED})])


def release(job: Job, meter: Meter, batch: Batch, *, device: str) -> None:
    """Back into the queue because this worker shuts down; the attempt does not count. Raises Lost."""
    assert State.QUEUED in STEPS["release"].after
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, fence=job.fence, state=State.RUNNING, cancel_requested_at=None)
        requeued = mine.update(
            state=State.QUEUED, attempt=F("attempt") - 1, lease_owner="", lease_until=None, rung_at=Now(), rings=0,
            device=device, **batch.snapshot, **meter.reading(),
        )  # fmt: skip
        if not requeued:  # lost, or cancelled in the last moment
            stop(job, meter, batch, device=device)
            return
        told = {"state": State.QUEUED, "reason": "shutdown"}
        events_record(job=job, events=[*batch.events, ("state", told)])


def _end(job: Job, step: str, state: State, meter: Meter, batch: Batch, **changes: Any) -> None:
    assert state in STEPS[step].after
    changes |= batch.snapshot | meter.reading()
    _write(job, state=state, lease_owner="", lease_until=None, finished_at=Now(), **changes)


def _write(job: Job, **changes: Any) -> None:
    if not Job.objects.filter(pk=job.pk, fence=job.fence, state=State.RUNNING).update(**changes):
        raise Lost(f"{job.uid}: the claim with fence {job.fence} is not the newest")
