"""The walk through real processes: a demo that streams, a training on an uploaded text, its measures in a plan."""

import json
import time
from contextlib import closing

import httpx
import pytest

from tests.servers import Server, until

pytestmark = pytest.mark.live

TASK = "/api/v1/tasks/text-generation"
TEXT = "It was a bright cold day in April, and the clocks were striking thirteen. " * 400


@pytest.fixture(scope="module")
def portal(portal_server: Server) -> Server:
    portal_server.until_ready()
    return portal_server


def events_of(client: httpx.Client, path: str) -> list[tuple[str, dict]]:
    """Kind and data of every event until the end of the stream."""
    found, kind = [], ""
    with client.stream("GET", path, timeout=120) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((kind, json.loads(line.removeprefix("data: "))))
                if kind == "end":
                    break
    return found


def finished(client: httpx.Client, job: dict) -> dict:
    return until(
        lambda: (now := client.get(job["url"]).json())["finished_at"] and now, f"{job['title']} ends", seconds=180
    )


def test_a_visitor_generates_text_that_streams(portal: Server) -> None:
    with portal.visitor() as visitor:
        started = visitor.post(f"{TASK}/generate/runs", json={"prompt": "My dear", "max_new_tokens": 24, "seed": 3})
        assert started.status_code == 202, started.text
        job = started.json()
        events = events_of(visitor, job["events_url"])
        streamed = "".join(token["text"] for kind, data in events if kind == "tokens" for token in data["tokens"])
        done = visitor.get(job["url"]).json()
        assert done["state"] == "done", done["error"]
        assert done["results"]["text"] == streamed
        assert 0 < done["results"]["tokens"] <= 24
        page = visitor.get(f"/demos/runs/{job['uid']}/results").text
        assert "tokens/s" in page
    with portal.visitor() as stranger:
        assert stranger.get(job["url"]).status_code == 404


def test_a_stopped_generation_keeps_what_it_wrote(portal: Server) -> None:
    with portal.visitor() as visitor:
        job = visitor.post(f"{TASK}/generate/runs", json={"max_new_tokens": 1_000}).json()
        until(lambda: visitor.get(job["url"]).json()["stage"] == "writing", "it writes")
        asked = time.monotonic()
        assert visitor.post(f"{job['url']}cancel").status_code == 200
        done = finished(visitor, job)
        assert (done["state"], time.monotonic() - asked < 10) == ("cancelled", True)


def test_from_a_training_on_ones_own_text_to_a_runway(portal: Server) -> None:
    with closing(portal.owner()) as owner:
        upload = owner.post("/api/v1/uploads/", files={"file": ("mine.txt", TEXT.encode(), "text/plain")})
        assert upload.status_code == 201, upload.text
        inputs = {"data": "upload", "upload": upload.json()["uid"], "size": "tiny", "sequence": 32, "steps": 4,
                  "batch": 2}  # fmt: skip
        quote = owner.post(f"{TASK}/train/quote", json=inputs).json()
        assert quote["seconds_low"] <= quote["seconds"] <= quote["seconds_high"]
        key = {"Idempotency-Key": "the-walk"}
        job = owner.post(f"{TASK}/train/runs", json=inputs, headers=key).json()
        assert owner.post(f"{TASK}/train/runs", json=inputs, headers=key).json()["uid"] == job["uid"]
        done = finished(owner, job)
        assert done["state"] == "done", done["error"]
        for quantity in ("tokens_per_second", "achieved_flops", "utilisation", "device_peak_tflops", "arch.layers"):
            assert done["measures"][quantity] > 0, quantity

        made = owner.post("/api/v1/scenarios/from-job", json={"job": job["uid"], "calculator": "training-run"})
        assert made.status_code == 201, made.text
        run = made.json()
        assert run["inputs"]["architecture"] == run["inputs"]["accelerator"] == "custom"
        assert run["inputs"]["utilisation"] == pytest.approx(done["measures"]["utilisation"])
        words = f"Measured by {job['uid']} on {done['device']}, "
        assert run["provenance"]["utilisation"]["text"].startswith(words)
        assert words in owner.get(f"/scenarios/{run['uid']}/").text
        assert words in owner.get(f"/scenarios/{run['uid']}.csv").text
        assert words in json.dumps(owner.get(f"/scenarios/{run['uid']}.json").json(), ensure_ascii=False)

        sent = owner.post(f"/api/v1/scenarios/{run['uid']}/send", json={"calculator": "runway"}).json()
        cost = sent["inputs"]["training_cost"]
        assert 0 < cost["low"] < cost["high"]
        assert sent["provenance"]["training_cost"]["scenario"] == run["uid"]
        assert "Cash" in owner.get(f"/scenarios/{sent['uid']}/").text

        # The trained model is one to choose, and speaks.
        assert f'<option value="{job["uid"]}">' in owner.get("/demos/text-generation/").text
        spoken = owner.post(f"{TASK}/generate/runs", json={"model": job["uid"], "max_new_tokens": 4}).json()
        assert finished(owner, spoken)["results"]["model"] == job["uid"]
        # What was measured now is what the next quote rests on.
        assert owner.post(f"{TASK}/train/quote", json=inputs).json()["basis"] == "measured"


def test_training_needs_an_account(portal: Server) -> None:
    with portal.visitor() as visitor:
        refused = visitor.post(f"{TASK}/train/runs", json={"steps": 1})
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
