"""What time brings: silent workers, lost doorbells, old files. Every chore is idempotent; any number may run at once.

Another app adds a chore of its own by name in ``AppConfig.ready``:
``housekeeping.register("portal.demos.services:uploads_expire")``; it is called without arguments.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Now

from portal.jobs import errors
from portal.jobs.artifacts import folder_remove
from portal.jobs.events import Event, events_record
from portal.jobs.models import IdempotencyKey, Job
from portal.jobs.services import job_ring
from portal.jobs.states import STEPS, TERMINAL, State

VISITOR_HOURS = 24  # how long a job of somebody without an account is kept
KEY_HOURS = 24  # how long an idempotency key is remembered
STALE_SECONDS = 3600  # age at which what a killed process left in the artifacts is removed
RING_SECONDS_MOST = 120
BATCH = 500  # rows of one chore in one round

logger = logging.getLogger(__name__)
_registered: list[str] = []


def register(entry: str) -> None:
    """``entry`` is ``"package.module:function"``; registering it twice is once."""
    assert entry.count(":") == 1, f"a chore is 'package.module:function', got {entry!r}"
    if entry not in _registered:
        _registered.append(entry)


def sweep() -> None:
    """One round of everything. A chore that fails is logged and does not keep the others from their turn."""
    for chore in [expire_leases, cancel_waiting, ring_waiting, forget_visitors, forget_keys, clear_files, *_others()]:
        try:
            chore()
        except OperationalError as problem:
            logger.warning("%s is tried again in the next round: %s", chore.__name__, problem)
        except Exception:
            logger.exception("%s failed", chore.__name__)


def _others() -> list[Callable[[], object]]:
    found = []
    for entry in _registered:
        module, _, function = entry.partition(":")
        found.append(getattr(import_module(module), function))
    return found


def expire_leases() -> int:
    """Take running jobs from workers that went silent: back into the queue, or to an end."""
    overdue = Job.objects.filter(state__in=STEPS["expire"].before, lease_until__lt=Now())
    return sum(_expire(job) for job in overdue.only("pk", "uid", "queue", "fence", "attempt", "max_attempts")[:BATCH])


def _expire(job: Job) -> bool:
    with transaction.atomic():
        held = Job.objects.filter(pk=job.pk, fence=job.fence, state=State.RUNNING, lease_until__lt=Now())
        freed = {"lease_owner": "", "lease_until": None}
        event: Event
        if held.filter(cancel_requested_at__isnull=False).update(state=State.CANCELLED, finished_at=Now(), **freed):
            event = ("state", {"state": State.CANCELLED, "reason": "worker_lost"})
        elif held.filter(attempt__lt=F("max_attempts")).update(state=State.QUEUED, rung_at=Now(), rings=0, **freed):
            event = ("state", {"state": State.QUEUED, "reason": "worker_lost"})
            transaction.on_commit(lambda: job_ring(job))
        elif held.update(
            state=State.FAILED, finished_at=Now(), error_kind="worker_lost", error_text=errors.WORKER_LOST, **freed
        ):
            told = {"kind": "worker_lost", "text": errors.WORKER_LOST}
            event = ("state", {"state": State.FAILED, "error": told})
        else:
            return False
        job.refresh_from_db()
        events_record(job=job, events=[event])
    logger.warning("job %s: its worker went silent, it is %s now", job.uid, job.state)
    return True


def cancel_waiting() -> int:
    """End jobs that went back into the queue in the moment in which somebody cancelled them."""
    count = 0
    for job in Job.objects.filter(state=State.QUEUED, cancel_requested_at__isnull=False)[:BATCH]:
        with transaction.atomic():
            held = Job.objects.filter(pk=job.pk, state=State.QUEUED, cancel_requested_at__isnull=False)
            if held.update(state=State.CANCELLED, finished_at=Now()):
                events_record(job=job, events=[("state", {"state": State.CANCELLED})])
                count += 1
    return count


def ring_waiting() -> int:
    """Ring again for jobs that wait, in case the doorbell was lost. Each ring waits twice as long as the last."""
    rung = 0
    rows = Job.objects.filter(state=State.QUEUED).annotate(now=Now()).order_by("pk")
    for job in rows.only("pk", "uid", "queue", "rings", "rung_at")[:BATCH]:
        patience = min(settings.JOB_RING_SECONDS * 2**job.rings, RING_SECONDS_MOST)
        if job.rung_at and (job.now - job.rung_at).total_seconds() < patience:
            continue
        if not job_ring(job):
            break  # the broker is away; nothing is gained by asking it for each job
        Job.objects.filter(pk=job.pk, state=State.QUEUED).update(rung_at=Now(), rings=F("rings") + 1)
        rung += 1
    return rung


def forget_visitors() -> int:
    """Delete what visitors without an account ran more than a day ago."""
    old = Job.objects.filter(workspace=None, state__in=TERMINAL, finished_at__lt=_hours_ago(VISITOR_HOURS))
    uids = list(old.values_list("uid", flat=True)[:BATCH])
    Job.objects.filter(uid__in=uids, state__in=TERMINAL).delete()
    for uid in uids:
        folder_remove(uid)
    return len(uids)


def forget_keys() -> int:
    return IdempotencyKey.objects.filter(created_at__lt=_hours_ago(KEY_HOURS)).delete()[0]


def clear_files() -> int:
    """Remove folders of jobs that are gone, and temporary files that a killed worker left."""
    root = Path(settings.ARTIFACTS)
    if not root.is_dir():
        return 0
    before = time.time() - STALE_SECONDS
    folders = [folder for folder in root.iterdir() if folder.is_dir() and folder.stat().st_mtime < before]
    known = set(Job.objects.filter(uid__in=[f.name for f in folders]).values_list("uid", flat=True))
    orphans = [folder for folder in folders if folder.name not in known]
    for folder in orphans:
        folder_remove(folder.name)
    stale = [path for path in root.glob("*/work/**/*.part") if path.is_file() and path.stat().st_mtime < before]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(orphans) + len(stale)


def _hours_ago(hours: int) -> ExpressionWrapper:
    return ExpressionWrapper(Now() - timedelta(hours=hours), output_field=DateTimeField())
