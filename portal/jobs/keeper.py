"""The thread beside a running job: holds its lease, writes what it reports, and sees when it must stop.

One thread and one connection do all three, so that a run's events are written in their order and a training loop
never waits for a database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections

from portal.jobs import lease
from portal.jobs.models import Job
from portal.jobs.progress import JobRun, Stop

GATHER_SECONDS = 0.03  # tokens that come within it travel together

logger = logging.getLogger(__name__)


class Keeper:
    """A context: within it the job is held and its events flow; at its end the thread is gone.

    ``overdue`` is called from the thread, once, when the run has not stopped ``JOB_GRACE_SECONDS`` after it was asked.
    """

    def __init__(self, job: Job, run: JobRun, overdue: Callable[[], None]) -> None:
        self._job, self._run, self._overdue = job, run, overdue
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"keeper of {job.uid}", daemon=True)
        self._deadline = time.monotonic() + settings.JOB_SECONDS[job.mode]
        self._look_at = self._beat_at = 0.0

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._run.outbox.filled.set()
        self._thread.join()

    def _loop(self) -> None:
        try:
            while not self._closing.is_set():
                self._run.outbox.filled.wait(settings.JOB_POLL_SECONDS / 4)
                if self._run.stop is not Stop.LOST:
                    self._tick()
                stopped_at = self._run.stopped_at
                if stopped_at and time.monotonic() - stopped_at > settings.JOB_GRACE_SECONDS:
                    self._overdue()
                    return
                self._closing.wait(GATHER_SECONDS)
        finally:
            connections.close_all()

    def _tick(self) -> None:
        try:
            self._hold()
            self._flush()
        except lease.Lost:
            self._run.ask(Stop.LOST)
        except (OperationalError, InterfaceError) as problem:
            # The lease lapses by itself if this goes on; a short outage costs the run nothing.
            logger.warning("job %s: the database did not take a write, trying again: %s", self._job.uid, problem)
            connection.close()
            time.sleep(min(1.0, settings.JOB_POLL_SECONDS))
        except DatabaseError:
            logger.exception("job %s: an event could not be written", self._job.uid)

    def _hold(self) -> None:
        now = time.monotonic()
        if now >= self._beat_at:
            lease.renew(self._job, self._run.meter)
            self._run.valid_until = now + settings.JOB_LEASE_SECONDS
            self._beat_at = now + settings.JOB_BEAT_SECONDS
        if now >= self._look_at:
            self._look_at = now + settings.JOB_POLL_SECONDS
            if lease.is_cancelled(self._job):
                self._run.ask(Stop.CANCELLED)
        if now >= self._deadline:
            self._run.ask(Stop.TIME)

    def _flush(self) -> None:
        batch = self._run.take()
        if not batch:
            return
        try:
            lease.report(self._job, batch)
        except (OperationalError, InterfaceError):
            self._run.outbox.give_back(batch)
            raise
