"""What a runner reports, on its way to the record: steps thinned, tokens gathered, logs capped, order kept.

The runner's thread puts, the keeper's thread takes; nothing here waits for a database.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from portal.jobs import strict
from portal.jobs.events import Event

STEP_SECONDS = 0.25  # least time between two step events
STEPS_KEPT = 1000  # of a run's first minutes; later ones thin out, so that a curve stays some thousand points
LOG_LINES = 2000  # of one attempt
LOG_CHARACTERS = 2000  # of one line
TOKENS_TOGETHER = 200
_KIND = re.compile(r"[a-z][a-z_]{0,15}")
_OURS = ("state", "stage", "step", "log", "artifact", "end")  # written by other ways than emit


@dataclass(slots=True)
class Batch:
    events: list[Event] = field(default_factory=list)
    snapshot: dict[str, Any] = field(default_factory=dict)  # columns of the job

    def __bool__(self) -> bool:
        return bool(self.events or self.snapshot)


class Outbox:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batch = Batch()
        self._step: dict[str, Any] | None = None
        self._step_due = 0.0
        self._began = time.monotonic()
        self._lines = 0
        self.filled = threading.Event()

    def stage(self, name: str) -> None:
        with self._lock:
            self._settle_step()
            self._batch.snapshot["stage"] = strict.text(name)[:40]
            self._add("stage", {"name": strict.text(name)[:40]})

    def step(self, done: int, total: int, measures: dict[str, Any]) -> None:
        """The newest count; measures that differ in name, such as an evaluation's, are kept until they are told."""
        with self._lock:
            known = self._step or {}
            self._step = {**known, **strict.plain(measures), "done": max(int(done), 0), "total": max(int(total), 0)}
            if time.monotonic() >= self._step_due:
                self.filled.set()

    def log(self, message: str) -> None:
        with self._lock:
            self._lines += 1
            if self._lines <= LOG_LINES:
                self._add("log", {"message": strict.line(str(message), LOG_CHARACTERS)})
            elif self._lines == LOG_LINES + 1:
                self._add("log", {"message": f"The log ends here: {LOG_LINES} lines are kept of one attempt."})

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """Every one is kept. ``tokens`` that follow one another travel together: their lists are joined."""
        with self._lock:
            last = self._batch.events[-1] if self._batch.events else None
            if kind == "tokens" and last and last[0] == "tokens" and len(last[1]["tokens"]) < TOKENS_TOGETHER:
                last[1].update(data, tokens=[*last[1]["tokens"], *data["tokens"]])
                return
            if kind in _OURS or not _KIND.fullmatch(kind):
                raise ValueError(f"an event's kind is 1 to 16 lower-case letters, not one of {_OURS}: {kind!r}")
            self._add(kind, data)

    def take(self, *, everything: bool = False) -> Batch:
        """What is due; ``everything`` at the end of a run."""
        with self._lock:
            self.filled.clear()
            if everything or time.monotonic() >= self._step_due:
                self._settle_step()
            batch, self._batch = self._batch, Batch()
            return batch

    def give_back(self, batch: Batch) -> None:
        """What could not be written, to be taken again before anything newer."""
        with self._lock:
            self._batch.events[:0] = batch.events
            self._batch.snapshot = {**batch.snapshot, **self._batch.snapshot}

    def _settle_step(self) -> None:
        if self._step is None:
            return
        now = time.monotonic()
        self._step_due = now + max(STEP_SECONDS, (now - self._began) / STEPS_KEPT)
        step, self._step = self._step, None
        self._batch.snapshot.update(done=step["done"], total=step["total"])
        self._add("step", step)

    def _add(self, kind: str, data: dict[str, Any]) -> None:
        self._batch.events.append((kind, data))
        self.filled.set()
