"""Figures of jobs on this machine, with real processes: ``python -m tests.benchmarks.jobs``.

Prints how long a job waits from its submit to its start on an idle worker, and how late an event of a running job
reaches each of 100 viewers of one web process. Takes under a minute; writes only into a temporary folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from tests.jobs.live import Portal
from tests.servers import until

SUBMITS = 60
VIEWERS = 100
TOKENS = 150
PAUSE = 0.05  # seconds between two tokens: 20 events a second to each viewer


def spread(name: str, seconds: list[float]) -> None:
    cuts = quantiles(seconds, n=100)
    milliseconds = {"p50": cuts[49], "p95": cuts[94], "most": max(seconds)}
    shown = "  ".join(f"{label} {value * 1000:7.1f} ms" for label, value in milliseconds.items())
    print(f"{name:<44} n={len(seconds):<6} {shown}", flush=True)


def submit_to_start(portal: Portal) -> None:
    [first] = portal.call("submit", runner="count", payload={"steps": 1})
    portal.reaches(first, "done")
    uids = []
    for _ in range(SUBMITS):
        uids += portal.call("submit", runner="count", payload={"steps": 1})
        portal.reaches(uids[-1], "done")
    spread("submit to start, idle worker", portal.call("waits", uids=uids))


async def viewer(port: int, request: bytes, delays: list[float], counts: list[int]) -> None:
    """Reads by hand: a whole HTTP client would cost more than the server that is measured."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    tokens, kind = 0, b""
    while kind != b"end":
        line = await reader.readline()
        if not line:
            break
        if line.startswith(b"event: "):
            kind = line[7:].strip()
        elif line.startswith(b"data: ") and kind == b"tokens":
            data = json.loads(line[6:])
            delays.append(time.time() - data["at"])
            tokens += len(data["tokens"])
    writer.close()
    counts.append(tokens)


async def watch(portal: Portal, uid: str, viewers: int) -> tuple[list[float], list[int]]:
    delays: list[float] = []
    counts: list[int] = []
    cookie = f"sessionid={portal.call('session')}"
    request = f"GET /jobs/{uid}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    await asyncio.gather(*(viewer(portal.port, request, delays, counts) for _ in range(viewers)))
    return delays, counts


def event_delay(portal: Portal, viewers: int) -> None:
    words = [f"word{n} " for n in range(TOKENS)]
    payload = {"words": words, "pause": PAUSE, "wait_for": "go"}
    [uid] = portal.call("submit", runner="talk", payload=payload, mode="interactive")
    portal.reaches(uid, "running")
    rss = _rss(portal.running["web"].pid)

    async def both() -> tuple[list[float], list[int]]:
        watching = asyncio.create_task(watch(portal, uid, viewers))
        await asyncio.sleep(5 if viewers > 1 else 1)  # all are connected, so none is told the past
        (portal.folder(uid) / "go").touch()
        return await watching

    delays, counts = asyncio.run(both())
    spread(f"event to each of {viewers} viewers", delays)
    whole = counts.count(TOKENS)
    grown = (_rss(portal.running["web"].pid) - rss) / viewers
    print(f"{'':<44} {whole} of {viewers} viewers got all {TOKENS} tokens; {grown:.0f} kB of memory each", flush=True)
    if whole != viewers:
        sys.exit("a viewer missed tokens")


def _rss(pid: int) -> int:
    """Resident memory (kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        portal = Portal(Path(folder), LOG_LEVEL="WARNING")
        try:
            portal.start("valkey", "database", "worker", "driver", "web")
            print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            submit_to_start(portal)
            event_delay(portal, 1)
            event_delay(portal, VIEWERS)
            until(lambda: "Traceback" not in (portal.state / "web.log").read_text(), "the web process had no error", 1)
        finally:
            portal.close()


if __name__ == "__main__":
    main()
