"""Small runners for the tests of jobs; resolved by name, in this process or in a real worker's child."""

from __future__ import annotations

import errno
import sys
import time
from pathlib import Path
from typing import Any

from mlcore.progress import Cancelled
from portal.jobs import runners
from portal.jobs.progress import JobRun

NAMES = ("count", "talk", "make", "raises", "deaf")


def register() -> None:
    for name in NAMES:
        runners.register(name, f"tests.jobs.sample_runners:{name}")


def count(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    """Counts to ``steps`` with a checkpoint at each step, and keeps a diary of who counted what."""
    checkpoint, diary = run.folder / "checkpoint", run.folder / "diary"
    reached = int(checkpoint.read_text()) if checkpoint.exists() else 0
    run.device = "abacus"
    run.stage("training")
    try:
        for step in range(reached + 1, payload["steps"] + 1):
            run.check()
            time.sleep(payload.get("pause", 0))
            temporary = checkpoint.with_suffix(".part")
            temporary.write_text(str(step))
            temporary.replace(checkpoint)
            with diary.open("a") as lines:
                lines.write(f"{run.attempt} {step}\n")
            run.step(step, payload["steps"], loss=1 / step)
    except Cancelled as problem:
        (run.folder / "stopped").write_text(str(problem))
        raise
    return {
        "results": {"count": payload["steps"]},
        "measures": {"steps_per_second": 10.0},
        "artifacts": {"diary": "diary"},
    }


def talk(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    """Says ``words``, once the file ``wait_for`` is in its folder if it is told to wait."""
    while not (run.folder / payload.get("wait_for", "")).exists():
        run.check()
        time.sleep(0.01)
    for word in payload["words"]:
        run.check()
        run.emit("tokens", {"tokens": [{"text": word}], "at": time.time()})
        time.sleep(payload.get("pause", 0))
    return {"results": {"text": "".join(payload["words"])}}


def make(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    for file, text in payload["files"].items():
        path = run.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text * payload.get("repeat", 1))
    for message in payload.get("log", []):
        run.log(message)
    return {"artifacts": payload["artifacts"]}


def raises(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    kind = payload["kind"]
    if kind == "disk":
        raise OSError(errno.ENOSPC, "No space left on device")
    if kind == "exit":
        sys.exit(3)
    raise {
        "memory": MemoryError(),
        "cuda": RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        "value": ValueError("wanted at least 2 lines of text, got 1"),
        "secret": KeyError("/home/someone/secret-path"),
        "nan": ValueError(f"loss is \0 {'x' * 10_000_000}"),
    }[kind]


def deaf(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    """Never looks whether it should stop."""
    Path(run.folder, "started").touch()
    time.sleep(payload["seconds"])
    return {}


def stuck(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    """Holds the interpreter for some seconds, as a bad extension module would: no other thread gets a turn."""
    Path(run.folder, "started").touch()
    sys.setswitchinterval(1e6)
    end = time.monotonic() + payload["seconds"]
    while time.monotonic() < end:
        pass
    sys.setswitchinterval(0.005)
    run.check()
    return {}
