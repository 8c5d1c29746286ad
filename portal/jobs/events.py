"""Appending to the log of a job and telling whoever watches it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction

from portal.jobs import bus, strict
from portal.jobs.models import Job, JobEvent

Event = tuple[str, dict[str, Any]]  # kind, data
MAX_BYTES = 64_000  # of one event's data


def audience_of(job: Job) -> str:
    """Whose list shows the job."""
    return f"workspace:{job.workspace_id}" if job.workspace_id else f"visitor:{job.visitor}"


def events_record(*, job: Job, events: Sequence[Event]) -> None:
    """Append ``events`` in their order, within the transaction that has just written the job's row.

    The row's lock is what makes the ids of one job grow in the order of their commits: a reader that has seen an id
    has seen all before it.
    """
    if not events:
        return
    assert transaction.get_connection().in_atomic_block, "events belong to the transaction that changes the job"
    before = JobEvent.objects.filter(job=job).order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = JobEvent.objects.bulk_create([JobEvent(job=job, kind=kind, data=_bounded(data)) for kind, data in events])
    message = {
        "job": job.pk,
        "uid": job.uid,
        "audience": audience_of(job),
        "prev": before,
        "events": [[row.pk, row.kind, row.data] for row in rows],
    }
    transaction.on_commit(partial(bus.publish, message))


def _bounded(data: dict[str, Any]) -> dict[str, Any]:
    clean = strict.plain(data)
    size = len(strict.dumps(clean).encode())
    return clean if size <= MAX_BYTES else {"too_large": size}
