"""Real processes, really killed: worker, child, broker. The row is the job, whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import httpx
import pytest

from tests.jobs.live import Portal, fair, is_alive
from tests.servers import until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    live = Portal(tmp_path_factory.mktemp("live"))
    try:
        live.start("valkey", "database", "driver")
        yield live
    finally:
        live.close()


@pytest.fixture
def portal(processes: Portal) -> Portal:
    """All that runs jobs, also after a test that killed some of it."""
    processes.start(*(name for name in ("valkey", "worker", "housekeeping") if name not in processes.running))
    return processes


def diary(portal: Portal, uid: str) -> list[tuple[int, int]]:
    """Attempt and step of every step that was counted."""
    lines = (portal.folder(uid) / "diary").read_text().splitlines()
    return [(int(attempt), int(step)) for attempt, step in (line.split() for line in lines)]


def test_a_worker_runs_jobs_and_survives_the_death_of_its_child(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 3})
    portal.reaches(uid, "done")
    maps = Path(f"/proc/{portal.running['worker'].pid}/maps").read_text()
    assert "torch" not in maps, "the parent of the worker has nothing that could touch CUDA before the fork"

    [uid] = portal.call("submit", runner="count", payload={"steps": 30, "pause": 0.1})
    until(lambda: portal.call("look", uid=uid)["done"] > 5, "some steps are done")
    killed_at, child = time.monotonic(), portal.child()
    os.kill(child, signal.SIGKILL)
    until(lambda: portal.call("look", uid=uid)["fence"] == 2, "the job is taken up again")
    noticed = time.monotonic() - killed_at
    assert noticed < fair(10), "lease 5 s and sweep 0.5 s here; 30 s and 10 s in production"
    row = portal.reaches(uid, "done")
    assert row["attempt"] == 2
    assert row["results"] == {"count": 30}
    steps = diary(portal, uid)
    assert {step for _, step in steps} == set(range(1, 31))
    assert len(steps) <= 31, "at most the step that was cut is done again"
    assert {attempt for attempt, _ in steps} == {1, 2}
    reasons = [data.get("reason") for kind, data in portal.call("told", uid=uid) if kind == "state"]
    assert reasons == [None, None, "worker_lost", None, None]


def test_sigterm_puts_the_job_back_and_the_next_worker_goes_on(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 30, "pause": 0.1})
    until(lambda: portal.call("look", uid=uid)["done"] > 3, "some steps are done")
    child = portal.child()
    took = portal.end("worker", signal.SIGTERM)
    assert took < fair(7), "the process manager kills after 7 s"
    assert not is_alive(child)
    row = portal.call("look", uid=uid)
    assert (row["state"], row["attempt"], row["fence"]) == ("queued", 0, 1)
    assert (portal.folder(uid) / "stopped").read_text() == "shutdown"
    portal.start("worker")
    row = portal.reaches(uid, "done")
    assert (row["attempt"], row["fence"]) == (1, 2)
    assert [step for _, step in diary(portal, uid)] == list(range(1, 31)), "no step is done twice"


def test_a_killed_worker_leaves_no_orphan_and_its_job_is_taken_up(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 40, "pause": 0.1})
    until(lambda: portal.call("look", uid=uid)["done"] > 3, "some steps are done")
    child = portal.child()
    portal.end("worker", signal.SIGKILL)
    until(lambda: not is_alive(child), "the child died with its parent", seconds=fair(5))
    portal.start("worker")
    row = portal.reaches(uid, "done")
    assert (row["attempt"], row["results"]) == (2, {"count": 40})


def test_a_signal_to_the_whole_group_saves_the_job_too(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 30, "pause": 0.1})
    until(lambda: portal.call("look", uid=uid)["done"] > 3, "some steps are done")
    worker = portal.running.pop("worker")
    os.killpg(worker.pid, signal.SIGTERM)
    worker.wait(fair(10))
    row = portal.call("look", uid=uid)
    assert (row["state"], row["attempt"]) == ("queued", 0)
    portal.call("cancel", uid=uid)


def test_three_deaths_are_the_last(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 600, "pause": 0.1})
    for attempt in (1, 2, 3):
        until(lambda n=attempt: (row := portal.call("look", uid=uid))["fence"] == n and row["done"], "it runs")
        os.kill(portal.child(), signal.SIGKILL)
        time.sleep(0.3)
    row = portal.reaches(uid, "failed")
    assert (row["attempt"], row["error_kind"]) == (3, "worker_lost")


def test_cancel_and_a_deaf_run(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 600, "pause": 0.05})
    until(lambda: portal.call("look", uid=uid)["done"], "it runs")
    asked = time.monotonic()
    portal.call("cancel", uid=uid)
    portal.reaches(uid, "cancelled")
    assert time.monotonic() - asked < fair(2)

    [deaf] = portal.call("submit", runner="deaf", payload={"seconds": 600})
    until((portal.folder(deaf) / "started").exists, "it runs")
    child = portal.child()
    portal.call("cancel", uid=deaf)
    portal.reaches(deaf, "cancelled", seconds=fair(10))
    until(lambda: not is_alive(child), "its process is ended", seconds=fair(5))
    [uid] = portal.call("submit", runner="count", payload={"steps": 2})
    portal.reaches(uid, "done")


def test_a_worker_without_a_turn_loses_its_lease_and_writes_nothing(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="stuck", payload={"seconds": 8})
    row = until(lambda: (row := portal.call("look", uid=uid))["fence"] == 2 and row, "the job is taken up again")
    assert row["attempt"] == 2
    portal.call("cancel", uid=uid)
    portal.reaches(uid, "cancelled")
    states = [data["state"] for kind, data in portal.call("told", uid=uid) if kind == "state"]
    assert states == ["queued", "running", "queued", "running", "running", "cancelled"]


def test_jobs_submitted_without_a_broker_start_when_it_is_back(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 2})
    portal.reaches(uid, "done")
    portal.end("valkey", signal.SIGKILL)
    began = time.monotonic()
    uids = portal.call("submit", runner="count", payload={"steps": 2}, times=3)
    assert time.monotonic() - began < fair(3), "a submit takes at most a second without a broker"
    time.sleep(1)
    assert {portal.call("look", uid=u)["state"] for u in uids} == {"queued"}
    portal.start("valkey")
    for u in uids:
        portal.reaches(u, "done")


def test_a_job_that_runs_does_not_mind_that_the_broker_dies(portal: Portal) -> None:
    [uid] = portal.call("submit", runner="count", payload={"steps": 40, "pause": 0.1})
    until(lambda: portal.call("look", uid=uid)["done"] > 3, "some steps are done")
    portal.end("valkey", signal.SIGKILL)
    row = portal.reaches(uid, "done")
    assert (row["attempt"], row["fence"]) == (1, 1)


def test_many_doorbells_run_a_job_once(portal: Portal) -> None:
    uids = portal.call("submit", runner="count", payload={"steps": 2}, times=20)
    for uid in uids:
        portal.call("ring", uid=uid, times=5)
    for uid in uids:
        portal.reaches(uid, "done")
    assert all(len(diary(portal, uid)) == 2 for uid in uids)
    assert all(portal.call("look", uid=uid)["fence"] == 1 for uid in uids)


def test_housekeeping_ends_when_it_is_told_to(portal: Portal) -> None:
    log = portal.state / "housekeeping.log"
    until(lambda: "housekeeping every" in log.read_text(), "housekeeping has begun")
    process = portal.running["housekeeping"]
    assert portal.end("housekeeping") < fair(7)
    assert process.returncode == 0


def _read_stream(portal: Portal, uid: str, last: int = 0, until_tokens: int = 10**9) -> tuple[list[str], int, str]:
    """Words, the last id and the kind of the last event of a job's stream, read until it ends or is long enough."""
    words: list[str] = []
    kind = ""
    url = f"http://127.0.0.1:{portal.port}/jobs/{uid}/events"
    headers = {"Last-Event-ID": str(last), "Cookie": f"sessionid={portal.call('session')}"}
    with httpx.stream("GET", url, headers=headers, timeout=60) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            field, _, value = line.partition(": ")
            if field == "id":
                last = int(value)
            elif field == "event":
                kind = value
            elif field == "data" and kind == "tokens":
                words += [token["text"] for token in json.loads(value)["tokens"]]
                if len(words) >= until_tokens:
                    break
            elif field == "data" and kind == "end":
                break
    return words, last, kind


def test_a_reader_loses_nothing_when_broker_and_web_server_die(portal: Portal) -> None:
    portal.start("web")  # and again below: it is killed in between
    words = [f"w{n} " for n in range(120)]
    [uid] = portal.call("submit", runner="talk", payload={"words": words, "pause": 0.1}, mode="interactive")
    read, last, kind = _read_stream(portal, uid, until_tokens=10)
    assert kind == "tokens"
    portal.end("valkey", signal.SIGKILL)
    more, last, _ = _read_stream(portal, uid, last, until_tokens=30)  # by the record, every two seconds
    read += more
    portal.end("web", signal.SIGKILL)
    portal.start("valkey", "web")
    rest, last, kind = _read_stream(portal, uid, last)
    assert kind == "end"
    assert read + rest == words
    portal.end("web")


def test_an_event_is_live_within_moments(portal: Portal) -> None:
    portal.start("web")
    payload = {"words": [f"w{n}" for n in range(40)], "pause": 0.1}
    [uid] = portal.call("submit", runner="talk", payload=payload, mode="interactive")
    delays: list[float] = []
    url = f"http://127.0.0.1:{portal.port}/jobs/{uid}/events"
    with httpx.stream("GET", url, headers={"Cookie": f"sessionid={portal.call('session')}"}, timeout=60) as response:
        for line in response.iter_lines():
            if '"at":' in line:
                delays.append(time.time() - json.loads(line.removeprefix("data: "))["at"])
            if line == "event: end":
                break
    assert len(delays) >= 20
    assert median(delays) < fair(0.5), "by Redis, not by the poll of two seconds"
    portal.end("web")
