"""What a runner sees of its job: ``JobRun``, which implements ``mlcore.progress.Progress``."""

from __future__ import annotations

import threading
import time
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings

from mlcore.progress import Cancelled
from portal.jobs import worker
from portal.jobs.artifacts import work_folder
from portal.jobs.lease import Meter
from portal.jobs.models import Job
from portal.jobs.outbox import Batch, Outbox


class Stop(StrEnum):
    """Why a run must end early; the text of the ``Cancelled`` that ``check`` raises."""

    CANCELLED = "cancelled"
    SHUTDOWN = "shutdown"
    TIME = "time limit"
    LOST = "lost"


class JobRun:
    """One attempt at a job, in the thread that runs it. Nothing here touches the database.

    ``folder`` survives restarts of the same job. ``device`` may be set to the name of the device in use.
    """

    def __init__(self, job: Job, meter: Meter) -> None:
        self.meter = meter
        self.job_uid = job.uid
        self.queue = job.queue
        self.attempt = job.attempt
        self.folder: Path = work_folder(job.uid)
        self.usd_per_hour = meter.usd_per_hour
        self.watts = meter.watts
        self.device = ""
        self.outbox = Outbox()
        self.valid_until = time.monotonic() + settings.JOB_LEASE_SECONDS
        self.stopped_at: float | None = None
        self._first: tuple[float, int] | None = None  # time and count of the attempt's first step
        self._stop: Stop | None = None
        self._lock = threading.Lock()

    def ask(self, reason: Stop) -> None:
        """Ask the run to end. The first reason stays, but nothing outranks a lost claim."""
        with self._lock:
            if self._stop is None:
                self.stopped_at = time.monotonic()
            if self._stop is None or reason is Stop.LOST:
                self._stop = reason

    @property
    def stop(self) -> Stop | None:
        if worker.is_stopping():
            self.ask(Stop.SHUTDOWN)
        # A process that was paused wakes up here before any database has told it that its lease is over.
        if time.monotonic() > self.valid_until:
            self.ask(Stop.LOST)
        return self._stop

    def check(self) -> None:
        reason = self.stop
        if reason is not None:
            raise Cancelled(reason.value)

    def stage(self, name: str) -> None:
        self.outbox.stage(name)

    def step(self, done: int, total: int, **measures: float) -> None:
        self.outbox.step(done, total, measures)

    def log(self, message: str) -> None:
        self.outbox.log(message)

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        self.outbox.emit(kind, data)

    def take(self, *, everything: bool = False) -> Batch:
        """What is due to be written; steps say what the job has cost so far and how long it will take."""
        batch = self.outbox.take(everything=everything)
        for kind, data in batch.events:
            if kind == "step" and "usd" not in data:
                data.update(self._cost(data["done"], data["total"]))
        return batch

    def _cost(self, done: int, total: int) -> dict[str, Any]:
        now, reading = time.monotonic(), self.meter.reading()
        told = {"seconds": round(reading["device_seconds"], 2), "usd": reading["usd"], "kwh": reading["kwh"]}
        if self._first is None:
            self._first = (now, done)
        began, first = self._first
        if done > first:
            told["eta"] = round((now - began) / (done - first) * max(total - done, 0), 1)
        return told
