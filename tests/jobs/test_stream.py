"""Event streams: nothing is lost, nothing comes twice, nobody sees what is somebody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient, Client

from portal.accounts.models import User
from portal.jobs import lease, stream
from portal.jobs.execute import job_run
from portal.jobs.hub import QUEUE_LENGTH, Hub, Message, Watcher
from portal.jobs.models import Job
from portal.jobs.outbox import Batch
from portal.jobs.services import job_cancel, job_submit

pytestmark = pytest.mark.django_db(transaction=True)
Submit = Callable[..., Job]
Frame = tuple[int | None, str, dict[str, Any]]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def parsed(text: str) -> list[Frame]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != ":")
        if "event" in fields:
            pk = int(fields["id"]) if "id" in fields else None
            found.append((pk, fields["event"], json.loads(fields["data"])))
    return found


async def opened(user: User | None, path: str, **headers: str) -> Any:
    client = AsyncClient()
    if user:
        await client.aforce_login(user, backend=BACKEND)
    return await client.get(path, headers=headers)


def whole(user: User | None, path: str, **headers: str) -> list[Frame]:
    """All of a stream that ends by itself."""

    async def read() -> str:
        response = await opened(user, path, **headers)
        assert response.status_code == 200
        return b"".join([chunk async for chunk in response.streaming_content]).decode()

    return parsed(async_to_sync(read)())


def test_a_stream_repeats_the_record_and_ends(submit: Submit, owner: User) -> None:
    job = submit(payload={"steps": 3})
    job_run(job.pk)
    frames = whole(owner, f"/jobs/{job.uid}/events")
    snapshot, *told, end = frames
    assert snapshot[:2] == (None, "state")
    assert snapshot[2]["state"] == "done"
    assert snapshot[2]["done"] == 3
    assert end == (None, "end", {"state": "done"})
    recorded = [(event.pk, event.kind, event.data) for event in job.events.all()]
    assert told == recorded


@pytest.mark.parametrize("way", ["header", "address"])
def test_every_place_to_resume_from_loses_nothing(submit: Submit, owner: User, way: str) -> None:
    job = submit(payload={"steps": 3})
    job_run(job.pk)
    ids = list(job.events.values_list("pk", flat=True))
    for seen, last in enumerate(ids, start=1):
        headers = {"Last-Event-ID": str(last)} if way == "header" else {}
        query = "" if way == "header" else f"?after={last}"
        told = whole(owner, f"/jobs/{job.uid}/events{query}", **headers)[1:-1]
        assert [pk for pk, _, _ in told] == ids[seen:]


@pytest.mark.parametrize("last", ["x", "-1", "9" * 40, "1e3", "٣", "0x1", ""])
def test_odd_ids_begin_at_the_beginning(submit: Submit, owner: User, last: str) -> None:
    job = submit(payload={"steps": 1})
    job_run(job.pk)
    told = whole(owner, f"/jobs/{job.uid}/events?after={last}")
    assert len(told) == 2 + job.events.count()


def test_headers_keep_proxies_from_gathering(submit: Submit, owner: User) -> None:
    job = submit()
    job_cancel(job=job, by=owner)
    response = async_to_sync(opened)(owner, f"/jobs/{job.uid}/events")
    assert response["Content-Type"] == "text/event-stream"
    assert response["X-Accel-Buffering"] == "no"
    assert response["Cache-Control"] == "no-cache"


def test_wsgi_is_told_to_ask_the_api(client: Client, submit: Submit) -> None:
    answer = client.get(f"/jobs/{submit().uid}/events")
    assert answer.status_code == 501
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "streams_need_asgi"


@pytest.mark.parametrize("method", ["head", "post", "delete"])
def test_a_stream_is_read_and_nothing_else(submit: Submit, owner: User, method: str) -> None:
    job = submit()

    async def ask() -> int:
        client = AsyncClient()
        await client.aforce_login(owner, backend=BACKEND)
        return (await getattr(client, method)(f"/jobs/{job.uid}/events")).status_code

    assert async_to_sync(ask)() == 405


@pytest.mark.parametrize("prefix", ["/jobs", "/api/v1/jobs"])
def test_streams_of_others_do_not_exist(submit: Submit, stranger: User, prefix: str) -> None:
    job = submit()
    for user in (None, stranger):
        answer = async_to_sync(opened)(user, f"{prefix}/{job.uid}/events")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


def test_a_token_opens_ones_own_stream_only(submit: Submit, owner: User, stranger: User) -> None:
    from knox.models import get_token_model

    job = submit()
    job_cancel(job=job, by=owner)
    tokens = {user: get_token_model().objects.create(user=user)[1] for user in (owner, stranger)}
    path = f"/api/v1/jobs/{job.uid}/events"
    assert whole(None, path, Authorization=f"Token {tokens[owner]}")[-1][1] == "end"
    for token, status in ((tokens[stranger], 404), ("plumb_wrong", 401), (tokens[owner][:-1], 401)):
        answer = async_to_sync(opened)(None, path, Authorization=f"Token {token}")
        assert answer.status_code == status


def test_a_token_that_is_wrong_is_not_helped_by_a_cookie(submit: Submit, owner: User) -> None:
    job = submit()
    answer = async_to_sync(opened)(owner, f"/api/v1/jobs/{job.uid}/events", Authorization="Token wrong")
    assert answer.status_code == 401


# --- live --------------------------------------------------------------------------------------------------------


def told_live(hub: Hub, job: Job, before: int) -> None:
    """Hand the hub what Redis would bring: the events after ``before``."""
    events = [[event.pk, event.kind, event.data] for event in job.events.filter(pk__gt=before)]
    hub._dispatch({"job": job.pk, "uid": job.uid, "audience": "x", "prev": before, "events": events})


def run_live(
    monkeypatch: pytest.MonkeyPatch,
    scenario: Callable[[Hub, AsyncIterator[str], list[str]], Any],
    job: Job,
    after: int = 0,
) -> list[Frame]:
    """Read a job's stream beside ``scenario``, with a hub that believes it is connected."""
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.3)

    async def both() -> str:
        hub = Hub()
        hub._connected.set()
        texts: list[str] = []
        frames = stream._JobStream(hub, job.pk, 0).frames()

        async def read() -> None:
            async for text in frames:
                texts.append(text)

        reader = asyncio.create_task(read())
        await scenario(hub, frames, texts)
        await asyncio.wait_for(reader, 10)
        return "".join(texts)

    monkeypatch.setattr(stream, "_patience", lambda hub: 0.3)
    return parsed(async_to_sync(both)())


@sync_to_async
def say(job: Job, *messages: str) -> int:
    """Append log events; the id of the job's event before them."""
    before = job.events.order_by("-pk").first().pk  # type: ignore[union-attr]
    lease.report(job, Batch([("log", {"message": message}) for message in messages], {}))
    return before


async def until(met: Callable[[], bool]) -> None:
    for _ in range(500):
        if met():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


def test_messages_that_are_lost_swapped_or_repeated_are_told_once_in_order(
    submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit()
    claimed = lease.claim(job.pk, "w")
    assert claimed

    async def scenario(hub: Hub, frames: Any, texts: list[str]) -> None:
        await until(lambda: "running" in "".join(texts))
        a = await say(claimed, "a")
        await sync_to_async(told_live)(hub, claimed, a)
        await until(lambda: '"a"' in "".join(texts))
        await sync_to_async(told_live)(hub, claimed, a)  # repeated
        await say(claimed, "lost")
        c = await say(claimed, "c", "d")
        await sync_to_async(told_live)(hub, claimed, c)  # its predecessor never came
        await until(lambda: '"d"' in "".join(texts))
        await say(claimed, "only in the record")
        await until(lambda: "only in the record" in "".join(texts))
        meter = lease.Meter.of(claimed)
        await sync_to_async(lease.stop)(claimed, meter, Batch(), device="")

    frames = run_live(monkeypatch, scenario, job)
    assert [data["message"] for _, kind, data in frames if kind == "log"] == [
        "a",
        "lost",
        "c",
        "d",
        "only in the record",
    ]
    ids = [pk for pk, _, _ in frames if pk]
    assert ids == list(job.events.values_list("pk", flat=True))
    assert frames[-1][1] == "end"


def test_a_live_end_closes_the_stream_at_once(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    job = submit()
    claimed = lease.claim(job.pk, "w")
    assert claimed

    async def scenario(hub: Hub, frames: Any, texts: list[str]) -> None:
        await until(lambda: "running" in "".join(texts))
        before = await sync_to_async(lambda: job.events.latest("pk").pk)()
        await sync_to_async(lease.stop)(claimed, lease.Meter.of(claimed), Batch(), device="")
        await sync_to_async(told_live)(hub, claimed, before)

    assert [kind for _, kind, _ in run_live(monkeypatch, scenario, job)] == ["state", "state", "state", "state", "end"]


def test_a_stream_of_a_quiet_job_beats(submit: Submit, monkeypatch: pytest.MonkeyPatch, owner: User) -> None:
    job = submit()

    async def scenario(hub: Hub, frames: Any, texts: list[str]) -> None:
        await until(lambda: any(text.startswith(":") for text in texts))
        await sync_to_async(job_cancel)(job=job, by=owner)

    assert run_live(monkeypatch, scenario, job)[-1][1] == "end"


def test_a_deleted_job_ends_its_streams(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    job = submit()

    async def scenario(hub: Hub, frames: Any, texts: list[str]) -> None:
        await until(lambda: bool(texts))
        await sync_to_async(Job.objects.filter(pk=job.pk).delete)()

    assert run_live(monkeypatch, scenario, job)[-1][1] == "end"


def test_a_slow_reader_is_dropped_and_holds_no_more_than_its_queue() -> None:
    async def scenario() -> None:
        hub = Hub()
        async with hub.watch(["job:1"]) as watcher:
            for pk in range(1, QUEUE_LENGTH + 2):
                told = {"job": 1, "uid": "u", "audience": "a", "prev": pk - 1, "events": [[pk, "log", {}]]}
                hub._dispatch(told)
            assert watcher.is_dropped
            assert watcher._queue.qsize() == QUEUE_LENGTH
        assert not hub._watchers
        assert hub.count == 0

    async_to_sync(scenario)()


def test_a_dropped_reader_resumes_from_the_record(submit: Submit, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = submit()
    claimed = lease.claim(job.pk, "w")
    assert claimed
    original = Watcher.offer

    def overflow(self: Watcher, message: Message | None) -> None:
        original(self, message)
        self.is_dropped = True

    async def scenario(hub: Hub, frames: Any, texts: list[str]) -> None:
        await until(lambda: "running" in "".join(texts))
        monkeypatch.setattr(Watcher, "offer", overflow)
        before = await say(claimed, "first")
        await sync_to_async(told_live)(hub, claimed, before)

    frames = run_live(monkeypatch, scenario, job)
    assert frames[-1][1] != "end", "the stream was cut"
    last = max(pk for pk, _, _ in frames if pk)
    monkeypatch.undo()
    lease.report(claimed, Batch([("log", {"message": "second"})], {}))
    lease.stop(claimed, lease.Meter.of(claimed), Batch(), device="")
    resumed = whole(owner, f"/jobs/{job.uid}/events?after={last}")
    seen = [pk for pk, _, _ in [*frames, *resumed] if pk]
    assert seen == list(job.events.values_list("pk", flat=True))


def test_too_many_streams_are_refused_with_a_time_to_wait(
    submit: Submit, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "VIEWERS_MOST", 0)
    answer = async_to_sync(opened)(owner, f"/jobs/{submit().uid}/events")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_list_tells_how_ones_jobs_stand(submit: Submit, owner: User, stranger: User) -> None:
    mine, _ = submit(title="mine"), submit(owner=stranger, title="theirs")
    visitors = job_submit(runner="count", title="v", payload={}, mode="interactive", owner=None, visitor="v")

    async def first() -> str:
        response = await opened(owner, "/jobs/events")
        texts = []
        async for chunk in response.streaming_content:
            texts.append(chunk.decode())
            if len(texts) == 2:
                break
        return "".join(texts)

    frames = parsed(async_to_sync(first)())
    assert [(kind, data["uid"], data["state"]) for _, kind, data in frames] == [("state", mine.uid, "queued")]
    assert visitors.uid not in str(frames)


def test_a_list_hears_of_its_audience_only() -> None:
    async def scenario() -> list[str]:
        hub = Hub()
        async with hub.watch(["workspace:1"]) as mine, hub.watch(["workspace:2"]) as others:
            events = [[5, "step", {"done": 1}], [6, "log", {"message": "not in a list"}]]
            hub._dispatch({"job": 9, "uid": "job_x", "audience": "workspace:1", "prev": 4, "events": events})
            message = await mine.next(1)
            assert message
            assert await others.next(0.05) is None
            return [message.summary]

    [summary] = async_to_sync(scenario)()
    assert parsed(summary) == [(None, "step", {"done": 1, "uid": "job_x"})]
