"""One doorbell answered: claim the job, run it, record how it ended."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from mlcore.progress import Cancelled
from portal.jobs import errors, lease, runners, strict, worker
from portal.jobs.artifacts import artifacts_seal, folder_prune
from portal.jobs.keeper import Keeper
from portal.jobs.lease import Meter
from portal.jobs.models import Artifact, Job
from portal.jobs.outbox import Batch
from portal.jobs.progress import JobRun, Stop
from portal.jobs.services import job_ring

logger = logging.getLogger(__name__)

Settle = Callable[[Batch], None]  # the one write that ends an attempt, with the last events


def job_run(job_pk: int) -> None:
    """Run the job if it waits to be run. Harmless when called twice, late, or for a job that is gone."""
    if worker.is_stopping():
        return
    job = lease.claim(job_pk, worker.name())
    if job is None:
        logger.info("job %s: nothing to do", job_pk)
        return
    run = JobRun(job, Meter.of(job))
    with worker.termination(partial(run.ask, Stop.SHUTDOWN)):
        with Keeper(job, run, overdue=partial(_end_process, job, run)):
            settle = _attempt(job, run)
        _settle(job, run, settle)


def _attempt(job: Job, run: JobRun) -> Settle:
    """Call the runner; what it returned or raised decides the write that ends the attempt."""
    try:
        run.check()
        made = runners.load(job.runner)(job.payload, run)
        artifacts = artifacts_seal(job, made.get("artifacts", {}))
        return partial(
            _finish, job, run, artifacts,
            strict.plain(made.get("results", {})), strict.plain(made.get("measures", {})),
        )  # fmt: skip
    except Cancelled:
        return partial(_stopped, job, run)
    except (Exception, SystemExit) as problem:
        if run.stop is Stop.CANCELLED:  # what a run throws on its way out does not matter to who cancelled it
            logger.warning("job %s failed while it was being cancelled", job.uid, exc_info=True)
            return partial(_stopped, job, run)
        logger.exception("job %s failed", job.uid)
        kind, text = errors.explain(problem) if runners.is_known(job.runner) else ("not_found", errors.NOT_FOUND)
        return partial(_fail, job, run, kind, text)


def _finish(job: Job, run: JobRun, artifacts: list[Artifact], results: Any, measures: Any, batch: Batch) -> None:
    device = _device(job, run, measures)
    lease.finish(job, run.meter, batch, results=results, measures=measures, device=device, artifacts=artifacts)
    try:
        folder_prune(job.uid, artifacts)
    except OSError:
        logger.warning("job %s: its folder could not be cleared", job.uid, exc_info=True)


def _fail(job: Job, run: JobRun, kind: str, text: str, batch: Batch) -> None:
    lease.fail(job, run.meter, batch, kind=kind, text=text, device=_device(job, run, {}))


def _stopped(job: Job, run: JobRun, batch: Batch) -> None:
    """The end that was asked for. A run that stops by itself is taken for cancelled."""
    reason, device = run.stop, _device(job, run, {})
    if reason is Stop.LOST:
        raise lease.Lost(job.uid)
    if reason is Stop.TIME:
        _fail(job, run, "time_limit", errors.TIME_LIMIT, batch)
    elif reason is Stop.SHUTDOWN:
        lease.release(job, run.meter, batch, device=device)
        job_ring(job)
    else:
        lease.stop(job, run.meter, batch, device=device)


def _device(job: Job, run: JobRun, measures: dict[str, Any]) -> str:
    return strict.text(str(run.device or measures.get("device") or job.device))[:120]


def _settle(job: Job, run: JobRun, settle: Settle) -> None:
    """Make the last write, and make it again while the database is away and the lease holds."""
    batch = run.take(everything=True)
    while True:
        try:
            return settle(batch)
        except lease.Lost:
            logger.warning("job %s: another claim is newer, nothing is written", job.uid)
            return None
        except (OperationalError, InterfaceError) as problem:
            if time.monotonic() > run.valid_until:
                logger.exception("job %s: its end could not be written; it will be run again", job.uid)
                return None
            logger.warning("job %s: its end is not written yet: %s", job.uid, problem)
            connection.close()
            time.sleep(min(1.0, settings.JOB_POLL_SECONDS))


def _end_process(job: Job, run: JobRun) -> None:
    """Last resort for a run that does not stop: record its end and kill this process. Celery starts another."""
    logger.error("job %s did not stop in %s s: ending its process", job.uid, settings.JOB_GRACE_SECONDS)
    _settle(job, run, partial(_stopped, job, run))
    os.kill(os.getpid(), signal.SIGKILL)
