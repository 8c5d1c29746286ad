"""The protocol of jobs under every order of submits, claims, crashes, lost and repeated messages and cancels.

The invariants, for all that a machine of some dozen steps can do:

1. No job is lost: from any point, workers and housekeeping bring each to an end.
2. A job has at most one result.
3. No job is attempted more often than is permitted.
4. Each claim has a greater fence than the one before.
5. A registered artifact is a whole file with the recorded bytes.
6. Done is final; failed and cancelled are left only when a person retries.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal.accounts.models import User
from portal.jobs import housekeeping, lease
from portal.jobs.artifacts import artifact_open, artifacts_seal, work_folder
from portal.jobs.models import Artifact, Job, JobEvent
from portal.jobs.outbox import Batch
from portal.jobs.services import NotPermitted, job_cancel, job_retry, job_submit
from portal.jobs.states import STEPS, TERMINAL, State, permits

PAST = ExpressionWrapper(Now() - timedelta(seconds=1), output_field=DateTimeField())


def test_the_table_of_states_is_closed() -> None:
    reached = {state for step in STEPS.values() for state in step.after} | {State.QUEUED}
    assert reached == set(State)
    left_from = {state for name, step in STEPS.items() if name != "retry" for state in step.before}
    assert not left_from & TERMINAL, "only a person's retry leaves an end"
    assert not permits("retry", State.DONE)


def keep_house() -> None:
    """The chores of ``housekeeping.sweep`` that belong to the protocol, with all patience over."""
    Job.objects.filter(state=State.QUEUED).update(rung_at=PAST, rings=0)
    housekeeping.expire_leases()
    housekeeping.cancel_waiting()
    housekeeping.ring_waiting()


class Protocol(RuleBasedStateMachine):
    owner: User
    bells: list[tuple[str, list[int], str]]

    def __init__(self) -> None:
        super().__init__()
        Job.objects.all().delete()
        self.bells.clear()
        self.jobs: list[int] = []
        self.claims: list[Job] = []  # of every worker that ever was; most of them stale
        self.fences: dict[int, int] = {}
        self.results: dict[int, int] = {}
        self.ended: dict[int, str] = {}

    # --- people

    @rule()
    def submit(self) -> None:
        job = job_submit(runner="count", title="x", payload={}, mode="training", owner=self.owner)
        self.jobs.append(job.pk)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_cancel(job=Job.objects.get(pk=data.draw(st.sampled_from(self.jobs))), by=self.owner)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        job = Job.objects.get(pk=data.draw(st.sampled_from(self.jobs)))
        before = job.state
        try:
            job_retry(job=job, by=self.owner)
        except NotPermitted:
            assert before not in (State.FAILED, State.CANCELLED)
        else:
            assert before in (State.FAILED, State.CANCELLED)
            self.ended.pop(job.pk, None)

    # --- messages

    @precondition(lambda self: self.bells)
    @rule(data=st.data(), copies=st.integers(1, 3), keep=st.booleans())
    def deliver(self, data: st.DataObject, copies: int, keep: bool) -> None:
        """A doorbell arrives, perhaps more than once, perhaps to come again later."""
        bell = data.draw(st.sampled_from(self.bells))
        if not keep:
            self.bells.remove(bell)
        taken = [claim for _ in range(copies) if (claim := lease.claim(bell[1][0], "worker"))]
        assert len(taken) <= 1
        for claim in taken:
            assert claim.fence > self.fences.get(claim.pk, 0)
            self.fences[claim.pk] = claim.fence
            self.claims.append(claim)

    @rule()
    def flush(self) -> None:
        """The broker forgets everything."""
        self.bells.clear()

    # --- workers: any claim, however old, may wake up and try to write

    def _as_worker(self, data: st.DataObject, act: Callable[[Job, lease.Meter], None]) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        row = Job.objects.filter(pk=claim.pk).first()
        is_newest = bool(row and row.state == State.RUNNING and row.fence == claim.fence)
        try:
            act(claim, lease.Meter.of(claim))
        except lease.Lost:
            assert not is_newest
        else:
            assert is_newest

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        self._as_worker(data, lease.renew)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), done=st.integers(0, 100))
    def report(self, data: st.DataObject, done: int) -> None:
        batch = Batch([("step", {"done": done})], {"done": done})
        self._as_worker(data, lambda claim, _: lease.report(claim, batch))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        def act(claim: Job, meter: lease.Meter) -> None:
            (work_folder(claim.uid) / f"model-{claim.fence}").write_text(f"by {claim.fence}")
            made = artifacts_seal(claim, {"model": f"model-{claim.fence}"})
            lease.finish(claim, meter, Batch(), results={"by": claim.fence}, measures={}, device="", artifacts=made)
            self.results[claim.pk] = self.results.get(claim.pk, 0) + 1

        self._as_worker(data, act)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        self._as_worker(data, lambda c, m: lease.fail(c, m, Batch(), kind="internal", text="x", device=""))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        self._as_worker(data, lambda c, m: lease.stop(c, m, Batch(), device=""))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def shut_down(self, data: st.DataObject) -> None:
        self._as_worker(data, lambda c, m: lease.release(c, m, Batch(), device=""))

    # --- time

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def go_silent(self, data: st.DataObject) -> None:
        Job.objects.filter(pk=data.draw(st.sampled_from(self.jobs)), state=State.RUNNING).update(lease_until=PAST)

    @rule(rounds=st.integers(1, 3))
    def sweep(self, rounds: int) -> None:
        for _ in range(rounds):
            keep_house()

    # --- what always holds

    @invariant()
    def all_holds(self) -> None:
        told: dict[int, list[dict[str, Any]]] = {}
        for event in JobEvent.objects.filter(kind="state"):
            told.setdefault(event.job_id, []).append(event.data)
        for job in Job.objects.all():
            assert job.attempt <= job.max_attempts
            assert (job.lease_until is not None) == (job.state == State.RUNNING)
            assert told[job.pk][-1]["state"] == job.state
            assert not job.is_cancelling or any(data.get("cancelling") for data in told[job.pk])
            assert self.ended.get(job.pk, job.state) == job.state, "an end was left without a retry"
            if job.state in TERMINAL:
                self.ended[job.pk] = job.state
            if job.pk in self.results:
                assert (self.results[job.pk], job.state, job.results) == (1, State.DONE, {"by": job.fence})

    @invariant()
    def artifacts_are_whole(self) -> None:
        for artifact in Artifact.objects.select_related("job"):
            with artifact_open(artifact) as stream:
                assert stream.read().decode() == f"by {artifact.job.fence}"

    def teardown(self) -> None:
        """From wherever the machine stopped, every job comes to an end."""
        for _ in range(12):
            Job.objects.filter(state=State.RUNNING).update(lease_until=PAST)
            keep_house()
            bells, self.bells[:] = list(self.bells), []
            for _, (pk,), _ in bells:
                if claim := lease.claim(pk, "last"):
                    with suppress(lease.Lost):
                        meter = lease.Meter.of(claim)
                        lease.finish(claim, meter, Batch(), results={}, measures={}, device="", artifacts=[])
            if not Job.objects.exclude(state__in=TERMINAL).exists():
                return
        raise AssertionError(f"lost: {list(Job.objects.exclude(state__in=TERMINAL).values())}")


@pytest.mark.django_db(transaction=True)
def test_the_protocol_holds(owner: User, rung: list[Any], settings: Any) -> None:
    settings.JOB_RING_SECONDS = 0.5
    Protocol.owner, Protocol.bells = owner, rung
    run_state_machine_as_test(Protocol, settings=_MANY)


_MANY = settings(
    max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
