"""A job from its submit to its end, in this process: what is run, recorded, kept and said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from portal.jobs import artifacts, errors, lease, worker
from portal.jobs.execute import job_run
from portal.jobs.models import Artifact, Job
from portal.jobs.services import KeyReused, NotPermitted, job_cancel, job_retry, job_submit
from portal.jobs.states import State
from tests.jobs.live import fair

pytestmark = pytest.mark.django_db(transaction=True)
Submit = Callable[..., Job]


def kinds(job: Job) -> list[str]:
    return list(job.events.values_list("kind", flat=True))


def states(job: Job) -> list[str]:
    return [event.data["state"] for event in job.events.filter(kind="state")]


def test_a_job_runs_to_its_end(submit: Submit, rung: list[Any], settings: Any) -> None:
    settings.DEVICE_USD_PER_HOUR, settings.DEVICE_WATTS = 3600.0, 3_600_000.0  # a dollar and a kWh each second
    job = submit(payload={"steps": 4, "pause": 0.02}, quote={"seconds": 5})
    assert rung == [("portal.jobs.run", [job.pk], "cpu")]
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.stage, job.done, job.total, job.attempt) == ("done", "training", 4, 4, 1)
    assert job.results == {"count": 4}
    assert job.measures == {"steps_per_second": 10.0}
    assert job.device == "abacus"
    assert job.lease_until is None
    assert job.started_at <= job.finished_at
    assert job.device_seconds > 0.08
    assert job.usd == pytest.approx(job.device_seconds)
    assert job.kwh == pytest.approx(job.device_seconds)
    assert states(job) == ["queued", "running", "done"]
    steps = [event.data for event in job.events.filter(kind="step")]
    assert steps[-1].items() >= {"done": 4, "total": 4, "loss": 0.25}.items()
    assert 0 < steps[-1]["usd"] <= job.usd, "each step says what the job has cost so far"
    made = job.artifacts.get()
    assert (made.name, made.size) == ("diary", len("1 1\n") * 4)
    with artifacts.artifact_open(made) as stream:
        assert stream.read() == b"1 1\n1 2\n1 3\n1 4\n"
    assert [path.name for path in artifacts.work_folder(job.uid).iterdir()] == ["diary"], "the checkpoint is dropped"


def test_a_doorbell_rung_often_runs_the_job_once(submit: Submit) -> None:
    job = submit(payload={"steps": 2})
    for _ in range(5):
        job_run(job.pk)
    job.refresh_from_db()
    assert (job.attempt, job.fence) == (1, 1)
    assert states(job) == ["queued", "running", "done"]


def test_doorbells_rung_at_once_run_the_job_once(submit: Submit) -> None:
    job = submit(payload={"steps": 3, "pause": 0.05})
    rings = [threading.Thread(target=_run_in_thread, args=[job.pk]) for _ in range(6)]
    for ring in rings:
        ring.start()
    for ring in rings:
        ring.join()
    job.refresh_from_db()
    assert (job.state, job.fence) == ("done", 1)
    with artifacts.artifact_open(job.artifacts.get()) as stream:
        assert stream.read() == b"1 1\n1 2\n1 3\n"


def _run_in_thread(job_pk: int) -> None:
    from django.db import connections

    try:
        job_run(job_pk)
    finally:
        connections.close_all()


def test_tokens_are_all_kept_in_order(submit: Submit) -> None:
    words = [f"w{n} " for n in range(500)]
    job = submit("talk", {"words": words, "pause": 0.001}, mode="interactive")
    job_run(job.pk)
    told = [token["text"] for event in job.events.filter(kind="tokens") for token in event.data["tokens"]]
    assert told == words
    assert 2 < job.events.filter(kind="tokens").count() < 250, "they travel in groups"


def test_steps_are_thinned_and_the_last_is_kept(submit: Submit) -> None:
    job = submit(payload={"steps": 300, "pause": 0.002})
    job_run(job.pk)
    steps = [event.data["done"] for event in job.events.filter(kind="step")]
    assert steps == sorted(steps)
    assert steps[-1] == 300
    assert 2 <= len(steps) < 100


@pytest.mark.parametrize(
    ("kind", "error", "text"),
    [
        ("disk", "disk_full", errors.DISK_FULL),
        ("memory", "out_of_memory", errors.OUT_OF_MEMORY),
        ("cuda", "out_of_memory", errors.OUT_OF_MEMORY),
        ("value", "invalid_input", "wanted at least 2 lines of text, got 1"),
        ("secret", "internal", errors.INTERNAL),
        ("exit", "internal", errors.INTERNAL),
    ],
)
def test_a_failure_is_told_in_words_without_a_traceback(submit: Submit, kind: str, error: str, text: str) -> None:
    job = submit("raises", {"kind": kind})
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_kind, job.error_text) == ("failed", error, text)
    assert not any("secret-path" in str(event.data) or "Traceback" in str(event.data) for event in job.events.all())


def test_a_giant_error_text_is_cut(submit: Submit) -> None:
    job = submit("raises", {"kind": "nan"})
    job_run(job.pk)
    job.refresh_from_db()
    assert len(job.error_text) == errors.MAX_CHARACTERS
    assert "\0" not in job.error_text


def test_a_runner_that_is_gone_is_named(submit: Submit) -> None:
    job = submit()
    Job.objects.filter(pk=job.pk).update(runner="retired")
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_kind) == ("failed", "not_found")


@pytest.mark.parametrize("file", ["../../../secret", "/etc/passwd", "missing"])
def test_an_artifact_outside_the_folder_fails_the_job(submit: Submit, file: str) -> None:
    job = submit("make", {"files": {}, "artifacts": {"out": file}})
    job_run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert not Artifact.objects.exists()


def test_a_damaged_artifact_is_refused(submit: Submit) -> None:
    job = submit("make", {"files": {"model/weights": "abc"}, "artifacts": {"weights": "model/weights"}})
    job_run(job.pk)
    path = artifacts.work_folder(job.uid) / "model" / "weights"
    assert path.read_text() == "abc"
    path.write_text("abd")
    with pytest.raises(artifacts.Damaged, match="SHA-256"):
        artifacts.artifact_open(job.artifacts.get())
    path.unlink()
    with pytest.raises(artifacts.Damaged, match="no longer"):
        artifacts.artifact_open(job.artifacts.get())


def test_logs_are_capped_and_lose_their_control_characters(submit: Submit) -> None:
    log = ["\x1b[31mred\x1b[0m\0", *(f"line {n}" for n in range(3000))]
    job = submit("make", {"files": {}, "artifacts": {}, "log": log})
    job_run(job.pk)
    lines = [event.data["message"] for event in job.events.filter(kind="log")]
    assert lines[0] == "[31mred[0m\ufffd"
    assert len(lines) == 2001
    assert "2000 lines" in lines[-1]


# --- stopping ----------------------------------------------------------------------------------------------------


def _while_running(job: Job, act: Callable[[], object]) -> float:
    """Run the job here and ``act`` once it runs; seconds from the act to the end of the run."""
    acted: list[float] = []

    def helper() -> None:
        from django.db import connections

        while not Job.objects.filter(pk=job.pk, state="running", done__gt=0).exists():
            time.sleep(0.01)
        act()
        acted.append(time.monotonic())
        connections.close_all()

    thread = threading.Thread(target=helper)
    thread.start()
    job_run(job.pk)
    ended = time.monotonic()
    thread.join()
    job.refresh_from_db()
    return ended - acted[0]


def test_cancel_reaches_a_running_job_within_two_seconds(submit: Submit, owner: Any, settings: Any) -> None:
    settings.JOB_POLL_SECONDS = 1.0  # as in production
    job = submit(payload={"steps": 1000, "pause": 0.02})
    took = _while_running(job, lambda: job_cancel(job=Job.objects.get(pk=job.pk), by=owner))
    assert took < fair(2)
    assert job.state == "cancelled"
    assert states(job) == ["queued", "running", "running", "cancelled"]
    assert (artifacts.work_folder(job.uid) / "stopped").read_text() == "cancelled"
    reached = int((artifacts.work_folder(job.uid) / "checkpoint").read_text())
    assert job.done == reached, "the row tells the last step, though steps are thinned"


def test_a_cancelled_job_goes_on_from_its_folder(submit: Submit, owner: Any, rung: list[Any]) -> None:
    job = submit(payload={"steps": 40, "pause": 0.02})
    _while_running(job, lambda: job_cancel(job=Job.objects.get(pk=job.pk), by=owner))
    before, spent = job.done, job.device_seconds
    assert 0 < before < 40
    job_retry(job=job, by=owner)
    assert (job.state, job.attempt, job.cancel_requested_at) == ("queued", 0, None)
    assert len(rung) == 2
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.fence) == ("done", 2)
    assert job.device_seconds > spent, "device time is the sum over attempts"
    with artifacts.artifact_open(job.artifacts.get()) as stream:
        assert [int(line.split()[1]) for line in stream.read().decode().splitlines()] == list(range(1, 41))


def test_a_waiting_job_is_cancelled_at_once_and_twice_is_once(submit: Submit, owner: Any) -> None:
    job = submit()
    job_cancel(job=job, by=owner)
    assert job.state == "cancelled"
    job_cancel(job=job, by=owner)
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("cancelled", 0)
    assert states(job) == ["queued", "cancelled"]


def test_shutdown_puts_the_job_back_without_counting_the_attempt(
    submit: Submit, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit(payload={"steps": 30, "pause": 0.02})
    _while_running(job, lambda: monkeypatch.setattr(worker, "is_stopping", lambda: True))
    assert (job.state, job.attempt, job.lease_until) == ("queued", 0, None)
    assert (artifacts.work_folder(job.uid) / "stopped").read_text() == "shutdown"
    assert len(rung) == 2, "the next worker is told at once"
    job_run(job.pk)
    job.refresh_from_db()
    assert job.state == "queued", "a worker that is ending takes nothing new"
    monkeypatch.undo()


def test_the_time_limit_of_the_mode_ends_a_run(submit: Submit, settings: Any) -> None:
    settings.JOB_SECONDS = {"interactive": 0.2, "training": 100.0}
    job = submit(payload={"steps": 1000, "pause": 0.02}, mode="interactive")
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_kind, job.error_text) == ("failed", "time_limit", errors.TIME_LIMIT)


def test_a_run_that_does_not_stop_is_ended_with_its_process(
    submit: Submit, owner: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOB_GRACE_SECONDS = 0.2
    killed: list[int] = []
    monkeypatch.setattr("portal.jobs.execute.os.kill", lambda pid, signum: killed.append(signum))
    job = submit("deaf", {"seconds": 1.5})
    started = artifacts.work_folder(job.uid) / "started"

    def cancel_when_started() -> None:
        from django.db import connections

        while not started.exists():
            time.sleep(0.01)
        job_cancel(job=Job.objects.get(pk=job.pk), by=owner)
        connections.close_all()

    thread = threading.Thread(target=cancel_when_started)
    thread.start()
    job_run(job.pk)
    thread.join()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert killed == [9]


# --- fences ------------------------------------------------------------------------------------------------------


def test_a_worker_whose_job_was_taken_over_writes_nothing_and_stops(submit: Submit) -> None:
    job = submit(payload={"steps": 1000, "pause": 0.02})

    def take_over() -> None:
        Job.objects.filter(pk=job.pk).update(state="queued")
        assert lease.claim(job.pk, "another")

    took = _while_running(job, take_over)
    assert took < fair(2)
    assert (job.state, job.lease_owner, job.attempt) == ("running", "another", 2)
    assert states(job) == ["queued", "running", "running"]
    assert (artifacts.work_folder(job.uid) / "stopped").read_text() == "lost"


def test_a_paused_worker_stops_before_it_asks_the_database(submit: Submit) -> None:
    from mlcore.progress import Cancelled
    from portal.jobs.progress import JobRun

    job = submit()
    claimed = lease.claim(job.pk, "me")
    assert claimed
    run = JobRun(claimed, lease.Meter.of(claimed))
    run.check()
    run.valid_until = time.monotonic() - 0.001  # as after a SIGSTOP longer than the lease
    with pytest.raises(Cancelled, match="lost"):
        run.check()


@pytest.mark.parametrize("write", ["renew", "report", "finish", "fail", "stop", "release", "look"])
def test_each_write_of_a_worker_is_fenced(submit: Submit, write: str) -> None:
    from portal.jobs.outbox import Batch

    job = submit()
    stale = lease.claim(job.pk, "me")
    assert stale
    Job.objects.filter(pk=job.pk).update(state="queued")
    lease.claim(job.pk, "other")
    before = Job.objects.filter(pk=job.pk).values().get()
    events = job.events.count()
    meter, batch = lease.Meter(0, 0, 0, usd_per_hour=1, watts=1), Batch([("log", {"message": "x"})], {"done": 7})
    calls: dict[str, Callable[[], object]] = {
        "renew": lambda: lease.renew(stale, meter),
        "report": lambda: lease.report(stale, batch),
        "finish": lambda: lease.finish(stale, meter, batch, results={}, measures={}, device="", artifacts=[]),
        "fail": lambda: lease.fail(stale, meter, batch, kind="internal", text="", device=""),
        "stop": lambda: lease.stop(stale, meter, batch, device=""),
        "release": lambda: lease.release(stale, meter, batch, device=""),
        "look": lambda: lease.is_cancelled(stale),
    }
    with pytest.raises(lease.Lost):
        calls[write]()
    assert Job.objects.filter(pk=job.pk).values().get() == before
    assert job.events.count() == events


def test_a_deleted_job_stops_its_run(submit: Submit) -> None:
    job = submit(payload={"steps": 1000, "pause": 0.02})
    pk = job.pk
    deleted = threading.Event()

    def delete() -> None:
        from django.db import connections

        while not Job.objects.filter(pk=pk, done__gt=0).exists():
            time.sleep(0.01)
        Job.objects.get(pk=pk).delete()
        connections.close_all()
        deleted.set()

    thread = threading.Thread(target=delete)
    thread.start()
    job_run(pk)
    thread.join()
    assert deleted.is_set()
    assert not Job.objects.exists()


# --- submitting --------------------------------------------------------------------------------------------------


def test_training_needs_an_account(db: None) -> None:
    with pytest.raises(PermissionDenied, match="sign in"):
        job_submit(runner="count", title="x", payload={}, mode="training", owner=None, visitor="v")
    assert not Job.objects.exists()


def test_a_visitor_may_submit_an_interactive_job(db: None) -> None:
    job = job_submit(runner="count", title="x", payload={}, mode="interactive", owner=None, visitor="v")
    assert (job.visitor, job.workspace, job.owner) == ("v", None, None)


def test_one_idempotency_key_makes_one_job(submit: Submit, stranger: Any, rung: list[Any]) -> None:
    first = submit(idempotency_key="k1", title="Zählen")
    again = submit(idempotency_key="k1", title="Count")
    assert again.pk == first.pk
    assert len(rung) == 1
    with pytest.raises(KeyReused, match="Idempotency-Key"):
        submit(payload={"steps": 4}, idempotency_key="k1")
    assert submit(owner=stranger, idempotency_key="k1").pk != first.pk, "keys are each person's own"
    assert submit(idempotency_key="k2").pk != first.pk


def test_twins_with_one_key_make_one_job(submit: Submit) -> None:
    from django.db import connections

    made: list[int] = []

    def one() -> None:
        made.append(submit(idempotency_key="twin").pk)
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert Job.objects.count() == 1


def test_a_payload_that_is_too_large_is_refused(submit: Submit) -> None:
    with pytest.raises(ValueError, match="256000"):
        submit(payload={"text": "x" * 300_000})


def test_a_broker_that_is_away_does_not_break_the_submit(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    from kombu.exceptions import OperationalError

    from portal.jobs import services

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(services.current_app, "send_task", away)
    assert submit().state == State.QUEUED


def test_only_failed_and_cancelled_jobs_are_retried(submit: Submit, owner: Any) -> None:
    job = submit()
    with pytest.raises(NotPermitted, match="Queued"):
        job_retry(job=job, by=owner)
    job_run(job.pk)
    with pytest.raises(NotPermitted, match="Done"):
        job_retry(job=job, by=owner)


def test_events_are_append_only(submit: Submit) -> None:
    job = submit()
    with pytest.raises(TypeError, match="append-only"):
        job.events.update(kind="x")
    with pytest.raises(TypeError, match="append-only"):
        job.events.get().save()


def test_the_web_process_does_not_import_torch() -> None:
    import subprocess
    import sys

    code = "import sys, django; django.setup(); import portal.jobs.tasks; assert 'torch' not in sys.modules"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)
