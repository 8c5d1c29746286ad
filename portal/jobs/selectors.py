"""Reading jobs. ``job_access`` is the one door to a job; what is somebody else's does not exist there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal.accounts.models import User
from portal.jobs.models import Artifact, Job, JobEvent
from portal.jobs.states import State

SIMILAR_JOBS = 20  # finished jobs from which the length of an unquoted one is judged
_UID = re.compile(r"job_[0-9a-f]{18}")
_VISITOR = "visitor"  # key in the session


def visitor_of(request: HttpRequest, *, create: bool = False) -> str:
    """The mark of a visitor's session, under which their jobs and uploads are kept; empty when they have none.

    It lies in the session's data and not in its key, so it stays when signing in changes the key.
    """
    if create and _VISITOR not in request.session:
        request.session[_VISITOR] = secrets.token_urlsafe(18)
    return request.session.get(_VISITOR, "")


async def avisitor_of(request: HttpRequest) -> str:
    return await request.session.aget(_VISITOR, "")


def jobs_of(user: User | AnonymousUser | None, visitor: str = "") -> QuerySet[Job]:
    """The jobs of a person's workspaces, and those of the session in which they work, newest first."""
    mine = Q(pk__in=())
    if isinstance(user, User):
        mine |= Q(workspace__in=user.workspaces.values("pk"))
    if visitor:
        mine |= Q(visitor=visitor)
    return Job.objects.filter(mine)


def job_access(user: User | AnonymousUser | None, visitor: str, uid: str) -> Job:
    """The job with this id.

    Raises:
        Job.DoesNotExist: also for a job of somebody else.
    """
    if not _UID.fullmatch(uid):  # PostgreSQL takes no NUL, and no database needs to look for the rest
        raise Job.DoesNotExist
    return jobs_of(user, visitor).get(uid=uid)


def artifact_access(job: Job, name: str) -> Artifact:
    """A file of a job to which one has access. Raises Artifact.DoesNotExist."""
    if not name.isprintable():
        raise Artifact.DoesNotExist
    return job.artifacts.get(name=name)


def audiences_of(user: User | AnonymousUser | None, visitor: str = "") -> frozenset[str]:
    """What ``events.audience_of`` says of this person's jobs."""
    found = {f"visitor:{visitor}"} if visitor else set()
    if isinstance(user, User):
        found |= {f"workspace:{pk}" for pk in user.workspaces.values_list("pk", flat=True)}
    return frozenset(found)


def events_after(job: Job, after: int, limit: int = 500) -> list[JobEvent]:
    """The next events of a job, oldest first."""
    return list(JobEvent.objects.filter(job=job, pk__gt=after).order_by("pk")[:limit])


# --- the queue ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a job in the queue waits for. ``wait_seconds`` is None when nothing is known of what is ahead."""

    jobs: int
    wait_seconds: float | None

    @property
    def place(self) -> int:
        return self.jobs + 1


def queue_ahead(queue: str, before: Job | None = None) -> Ahead:
    """What is ahead of ``before``, or of a job that would be submitted now.

    Expected times are the quotes of running and waiting jobs, less what the running ones have used; without a quote,
    the median device time of jobs alike. Workers are counted by who holds a lease, at least one.
    """
    waiting = Job.objects.filter(queue=queue, state=State.QUEUED)
    if before is not None:
        waiting = waiting.filter(pk__lt=before.pk)
    running = list(_timed(Job.objects.filter(queue=queue, state=State.RUNNING)))
    jobs = [*running, *_timed(waiting)]
    if not jobs:
        return Ahead(0, 0.0)
    typical = _typical_seconds(jobs)
    lengths = [quoted_seconds(job) or typical.get((job.runner, job.mode)) for job in jobs]
    if None in lengths:
        return Ahead(len(jobs), None)
    left = [max(length - job.device_seconds, 0.0) for job, length in zip(jobs, lengths, strict=True) if length]
    workers = max(len({job.lease_owner for job in running}), 1)
    return Ahead(len(jobs), sum(left) / workers)


def quoted_seconds(job: Job) -> float | None:
    """Expected device time (s) by the job's quote: ``{"seconds": number, …}``."""
    seconds = (job.quote or {}).get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else None


def _timed(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.only("pk", "runner", "mode", "quote", "device_seconds", "lease_owner")


def _typical_seconds(jobs: Iterable[Job]) -> dict[tuple[str, str], float]:
    found = {}
    for runner, mode in {(job.runner, job.mode) for job in jobs if quoted_seconds(job) is None}:
        alike = Job.objects.filter(runner=runner, mode=mode, state=State.DONE).order_by("-pk")
        times = list(alike.values_list("device_seconds", flat=True)[:SIMILAR_JOBS])
        if times:
            found[runner, mode] = median(times)
    return found


# --- what a page or a client is told -----------------------------------------------------------------------------


def snapshot(job: Job) -> dict[str, Any]:
    """How a job stands, as told by the first event of a stream and by the API."""
    return {
        "uid": job.uid,
        "state": job.state,
        "cancelling": job.is_cancelling,
        "stage": job.stage,
        "attempt": job.attempt,
        "done": job.done,
        "total": job.total,
        "device": job.device,
        "device_seconds": round(job.device_seconds, 3),
        "usd": job.usd,
        "kwh": job.kwh,
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "error": {"kind": job.error_kind, "text": job.error_text} if job.error_kind else None,
    }


def place(job: Job) -> dict[str, Any]:
    """A waiting job's place in its queue and expected wait; empty for any other."""
    if job.state != State.QUEUED:
        return {}
    ahead = queue_ahead(job.queue, before=job)
    return {"place": ahead.place, "wait_seconds": ahead.wait_seconds}
