"""What time brings: silent workers, lost doorbells, old jobs and files. All of it may be done twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from portal.jobs import artifacts, errors, housekeeping, lease
from portal.jobs.execute import job_run
from portal.jobs.models import IdempotencyKey, Job
from portal.jobs.services import job_cancel, job_submit

pytestmark = pytest.mark.django_db(transaction=True)
Submit = Callable[..., Job]
CALLED: list[str] = []


def chore() -> None:
    CALLED.append("chore")


def broken() -> None:
    raise RuntimeError("this chore does not work")


def silence(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_silent_worker_loses_its_job_to_the_queue(submit: Submit, rung: list[Any]) -> None:
    job = submit()
    lease.claim(job.pk, "w")
    assert housekeeping.expire_leases() == 0, "the lease still holds"
    silence(job)
    assert housekeeping.expire_leases() == 1
    assert housekeeping.expire_leases() == 0
    job.refresh_from_db()
    assert (job.state, job.attempt, job.lease_owner) == ("queued", 1, "")
    assert len(rung) == 2
    assert job.events.latest("pk").data == {"state": "queued", "reason": "worker_lost"}


def test_the_last_attempt_ends_in_words(submit: Submit) -> None:
    job = submit()
    for _ in range(3):
        assert lease.claim(job.pk, "w")
        silence(job)
        housekeeping.expire_leases()
    job.refresh_from_db()
    assert (job.state, job.error_kind, job.error_text) == ("failed", "worker_lost", errors.WORKER_LOST)
    assert job.finished_at


def test_a_cancelled_job_of_a_silent_worker_is_cancelled(submit: Submit, owner: Any) -> None:
    job = submit()
    lease.claim(job.pk, "w")
    job_cancel(job=job, by=owner)
    silence(job)
    housekeeping.expire_leases()
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_lost_doorbell_is_rung_again_with_growing_patience(submit: Submit, rung: list[Any]) -> None:
    job = submit()
    rung.clear()

    def rings_after(seconds: float) -> int:
        Job.objects.filter(pk=job.pk).update(rung_at=timezone.now() - timedelta(seconds=seconds))
        return housekeeping.ring_waiting()

    assert rings_after(14) == 0
    assert rings_after(16) == 1
    assert rung == [("portal.jobs.run", [job.pk], "cpu")]
    assert rings_after(16) == 0
    assert rings_after(31) == 1
    Job.objects.filter(pk=job.pk).update(rings=40)
    assert rings_after(119) == 0
    assert rings_after(121) == 1
    job_run(job.pk)
    assert rings_after(10_000) == 0, "only waiting jobs are rung for"


def test_a_broker_that_is_away_is_asked_once_a_round(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [submit() for _ in range(3)]
    Job.objects.update(rung_at=timezone.now() - timedelta(minutes=5))
    asked: list[int] = []

    def away(job: Job) -> bool:
        asked.append(job.pk)
        return False

    monkeypatch.setattr(housekeeping, "job_ring", away)
    assert housekeeping.ring_waiting() == 0
    assert asked == [jobs[0].pk]
    assert set(Job.objects.values_list("rings", flat=True)) == {0}


def test_a_waiting_job_that_was_cancelled_in_between_ends(submit: Submit) -> None:
    job = submit()
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now())
    assert housekeeping.cancel_waiting() == 1
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_visitors_are_forgotten_after_a_day(submit: Submit) -> None:
    old, new, running = (
        job_submit(runner="count", title="x", payload={"steps": 1}, mode="interactive", owner=None, visitor="v")
        for _ in range(3)
    )
    kept = submit(payload={"steps": 1})
    for job in (old, new, kept):
        job_run(job.pk)
    lease.claim(running.pk, "w")
    Job.objects.exclude(pk=new.pk).update(finished_at=timezone.now() - timedelta(hours=25))
    assert artifacts.job_folder(old.uid).is_dir()
    assert housekeeping.forget_visitors() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {new.pk, running.pk, kept.pk}
    assert not artifacts.job_folder(old.uid).exists()
    assert artifacts.job_folder(kept.uid).is_dir()


def test_idempotency_keys_are_forgotten_after_a_day(submit: Submit) -> None:
    submit(idempotency_key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    submit(idempotency_key="new")
    housekeeping.forget_keys()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def age(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_files_of_nobody_are_removed(submit: Submit) -> None:
    job = submit()
    folder = artifacts.work_folder(job.uid)
    stale, fresh, checkpoint = folder / ".last.ab12.part", folder / ".last.cd34.part", folder / "last"
    orphan, young = artifacts.work_folder("job_" + "0" * 18), artifacts.work_folder("job_" + "1" * 18)
    for path in (stale, fresh, checkpoint, orphan / "x", young / "x"):
        path.write_text("x")
    for path in (stale, checkpoint, orphan.parent, folder.parent):
        age(path, 2)
    assert housekeeping.clear_files() == 2
    assert not stale.exists()
    assert not orphan.exists()
    assert fresh.exists()
    assert checkpoint.exists()
    assert young.exists()
    assert housekeeping.clear_files() == 0


def test_chores_of_other_apps_have_their_turn_though_one_is_broken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(housekeeping, "_registered", [])
    CALLED.clear()

    def locked() -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr(housekeeping, "ring_waiting", locked)
    housekeeping.register("tests.jobs.test_housekeeping:broken")
    housekeeping.register("tests.jobs.test_housekeeping:chore")
    housekeeping.register("tests.jobs.test_housekeeping:chore")
    call_command("housekeeping", once=True)
    assert CALLED == ["chore"]
    assert "this chore does not work" in caplog.text
    assert "tried again in the next round: database is locked" in caplog.text
