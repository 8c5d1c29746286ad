"""What people ask of jobs: submit, cancel, retry. Who may reach a job is decided in ``selectors.job_access``."""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import Any

from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError
from redis import RedisError

from portal.accounts.models import User
from portal.accounts.selectors import workspace_of
from portal.jobs import runners, strict
from portal.jobs.admission import may_train
from portal.jobs.events import events_record
from portal.jobs.models import IdempotencyKey, Job
from portal.jobs.states import STEPS, State

TASK = "portal.jobs.run"
MAX_PAYLOAD_BYTES = 256_000
_ONCE_MORE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}  # for a connection that a restart cut

logger = logging.getLogger(__name__)


class KeyReused(ValueError):
    """An idempotency key came again with another body."""


class NotPermitted(ValueError):
    """The job's state does not permit what was asked."""


def job_submit(
    *,
    runner: str,
    title: str,
    payload: dict[str, Any],
    queue: str = Job.Queue.CPU,
    mode: str,
    owner: User | None,
    visitor: str = "",
    quote: dict[str, Any] | None = None,
    idempotency_key: str = "",
    parent: Job | None = None,
) -> Job:
    """Put a job into its queue; a worker is told once the surrounding transaction is committed.

    With an ``idempotency_key`` the same submit by the same person returns the same job.

    Raises:
        ValueError: the payload is larger than ``MAX_PAYLOAD_BYTES``.
        PermissionDenied: training without an account.
        KeyReused: the key was used for something else.
    """
    assert runners.is_known(runner), f"no runner is registered as {runner!r}"
    assert owner or visitor, "a job belongs to somebody: give an owner or the mark of a visitor"
    if mode == Job.Mode.TRAINING and not may_train(owner):
        raise PermissionDenied(_("Training runs need an account: sign in, then start the run again."))
    body = strict.dumps([runner, mode, queue, strict.plain(payload)])
    if len(body) > MAX_PAYLOAD_BYTES:
        raise ValueError(
            _("The configuration of a job holds up to {limit} bytes; this one has {size}. Upload long text as a file.")
            .format(limit=MAX_PAYLOAD_BYTES, size=len(body))
        )  # fmt: skip
    job = Job(
        runner=runner, title=strict.line(title, 120), payload=strict.plain(payload), queue=queue, mode=mode,
        owner=owner, workspace=workspace_of(owner) if owner else None, visitor="" if owner else visitor,
        quote=strict.plain(quote), parent=parent, rung_at=timezone.now(),
    )  # fmt: skip
    with transaction.atomic():
        if not idempotency_key:
            return _insert(job)
        principal = f"user:{owner.pk}" if owner else f"visitor:{visitor}"
        return _insert_once(job, principal, idempotency_key, hashlib.sha256(body.encode()).hexdigest())


def _insert(job: Job) -> Job:
    job.save()
    events_record(job=job, events=[("state", {"state": State.QUEUED})])
    transaction.on_commit(partial(job_ring, job))
    return job


def _insert_once(job: Job, principal: str, key: str, digest: str) -> Job:
    """Of twins that arrive together one inserts the key; the other waits for it and then finds the first one's job."""
    found = IdempotencyKey.objects.filter(principal=principal, key=key)
    if not found.exists():
        try:
            with transaction.atomic():
                _insert(job)
                IdempotencyKey.objects.create(principal=principal, key=key, body_sha256=digest, job=job)
                return job
        except IntegrityError:
            logger.info("two submits came together with one idempotency key")
    earlier = found.select_related("job").get()
    if earlier.body_sha256 != digest:
        raise KeyReused(
            _(
                "This Idempotency-Key was sent before with other contents. "
                "Use a new key for a new request, or repeat the old one unchanged."
            )
        )
    return earlier.job


def job_ring(job: Job) -> bool:
    """Tell a worker that the job waits. False when the broker is away: housekeeping rings again."""
    try:
        current_app.send_task(
            TASK, args=[job.pk], queue=str(job.queue), ignore_result=True, retry=True, retry_policy=_ONCE_MORE
        )
    except (KombuError, RedisError, OSError) as problem:
        logger.warning("job %s: no worker could be told, housekeeping will: %s", job.uid, problem)
        return False
    return True


def job_cancel(*, job: Job, by: User | None) -> Job:
    """Cancel a waiting job at once and ask a running one to stop; a job that is over stays as it is."""
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk)
        told = {"by": str(by or "")}
        if mine.filter(state__in=STEPS["cancel"].before).update(
            state=State.CANCELLED, finished_at=Now(), cancel_requested_at=Now()
        ):
            events_record(job=job, events=[("state", {"state": State.CANCELLED, **told})])
        elif mine.filter(state=State.RUNNING, cancel_requested_at=None).update(cancel_requested_at=Now()):
            events_record(job=job, events=[("state", {"state": State.RUNNING, "cancelling": True, **told})])
    job.refresh_from_db()
    return job


def job_retry(*, job: Job, by: User | None) -> Job:
    """Queue a failed or cancelled job again; it goes on from what its folder holds.

    Raises:
        NotPermitted: the job is in another state.
    """
    with transaction.atomic():
        retried = Job.objects.filter(pk=job.pk, state__in=STEPS["retry"].before).update(
            state=State.QUEUED, stage="", attempt=0, cancel_requested_at=None, finished_at=None, error_kind="",
            error_text="", rung_at=Now(), rings=0,
        )  # fmt: skip
        job.refresh_from_db()
        if not retried:
            raise NotPermitted(
                _("Only a failed or cancelled job can be run again; this one is in the state “{state}”.")
                .format(state=job.get_state_display())
            )  # fmt: skip
        events_record(job=job, events=[("state", {"state": State.QUEUED, "reason": "retry", "by": str(by or "")})])
        transaction.on_commit(partial(job_ring, job))
    return job
