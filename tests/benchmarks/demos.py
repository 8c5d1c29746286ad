"""How long a visitor waits for each task: every interactive action with its starting values, submitted by the API to a
whole portal until its results are there, beside the same entry called in a process of its own.

``python -m tests.benchmarks.demos`` writes only into temporary folders. Which tasks there are, the registry says.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx

from mlcore.registry import all_tasks
from mlcore.spec import Kind, params
from mlcore.task import Action, Mode, Task
from tests.servers import ROOT, Server, clean_environment

RUNS = 20
PAUSE = 0.01  # seconds between two looks at a job
# A white stroke on black, 64 by 64: what a canvas sends.
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAMklEQVR42u3OsREAMAgDMcj+OycbkILGhb41p6NKUkY9z/d7dLYfAAAAAAAAAOQB"
    "klJ66X4BSMnsMcAAAAAASUVORK5CYII="
)

_DIRECT = """
import json, os, sys, tempfile, time
from pathlib import Path
from mlcore.progress import Quiet
from mlcore.reading import read_inputs
from mlcore.registry import all_tasks
task, action, runs, files = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
found = all_tasks()[task].action(action)
entry, inputs, seconds = found.load(), read_inputs(found.inputs, {}), []
given = {name: Path(path) for name, path in files.items()}
for _ in range(runs + 1):
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        entry(inputs, Quiet(Path(folder)), **given)
        seconds.append(time.perf_counter() - began)
import resource
print(json.dumps([seconds[1:], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        picture.write_bytes(_PNG)
        server = Server(Path(folder) / "state", DEMO_RATE="10000/m")
        server.start()
        try:
            server.until_ready()
            with httpx.Client(base_url=server.url, timeout=60) as visitor:
                for task in all_tasks().values():
                    for action in (action for action in task.actions if action.mode is Mode.INTERACTIVE):
                        measure(visitor, task, action, picture)
        finally:
            server.end()


def measure(visitor: httpx.Client, task: Task, action: Action, picture: Path) -> None:
    fields = [name for name, param, _ in params(action.inputs) if param.kind is Kind.MEDIA and param.when is None]
    direct, memory = _direct(task, action, dict.fromkeys(fields, str(picture)))
    portal = [_through(visitor, task, action, fields, picture) for _ in range(RUNS + 1)][1:]
    name = f"{task.slug} {action.slug}"
    print(f"{name:<32} direct {_spread(direct)}   through the portal {_spread(portal)}   {memory:,.0f} MiB", flush=True)


def _direct(task: Task, action: Action, files: dict[str, str]) -> tuple[list[float], float]:
    command = [sys.executable, "-c", _DIRECT, task.slug, action.slug, str(RUNS), json.dumps(files)]
    found = json.loads(subprocess.check_output(command, cwd=ROOT, env=clean_environment()))
    return found[0], found[1]


def _through(visitor: httpx.Client, task: Task, action: Action, fields: list[str], picture: Path) -> float:
    """Seconds from the first request, an upload where there is a file, until the results are read."""
    began = time.perf_counter()
    inputs: dict[str, Any] = {}
    for field in fields:
        upload = visitor.post("/api/v1/uploads/", files={"file": ("picture.png", picture.read_bytes(), "image/png")})
        upload.raise_for_status()
        inputs[field] = upload.json()["uid"]
    started = visitor.post(f"/api/v1/tasks/{task.slug}/{action.slug}/runs", json=inputs)
    started.raise_for_status()
    address = started.headers["Location"]
    while (job := visitor.get(address).raise_for_status().json())["state"] in ("queued", "running"):
        time.sleep(PAUSE)
    assert job["state"] == "done", job
    seconds = time.perf_counter() - began
    for field in fields:
        visitor.delete(f"/api/v1/uploads/{inputs[field]}")
    return seconds


def _spread(seconds: list[float]) -> str:
    cuts = quantiles(seconds, n=20, method="inclusive")
    return f"p50 {cuts[9] * 1000:7.1f} ms  p95 {cuts[18] * 1000:7.1f} ms"


if __name__ == "__main__":
    main()
