"""How running work reports to whoever watches it. Standard library only.

Training and generation are given a ``Progress`` and know nothing of jobs, databases or streams. ``check`` is
called often (each step, each token) and raises ``Cancelled`` when the work should stop; loops call it between
steps so that a stop takes effect within one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class Cancelled(Exception):
    """The person or the lease that asked for the work no longer wants it."""


class Progress(Protocol):
    folder: Path
    """Where this run may write: checkpoints and results. It survives a restart of the same job."""

    def check(self) -> None:
        """Raises Cancelled when the work should stop."""

    def stage(self, name: str) -> None:
        """Enter a named stage: preparing, training, evaluating, saving."""

    def step(self, done: int, total: int, **measures: float) -> None:
        """Report ``done`` of ``total`` steps with measures such as loss and tokens_per_second."""

    def log(self, message: str) -> None: ...

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """Anything else a page draws live: ``token`` for streamed text."""


class Quiet:
    """A Progress for the command line, benchmarks and tests: keeps what it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[tuple[str, dict[str, Any]]] = []

    def check(self) -> None:
        return

    def stage(self, name: str) -> None:
        self.events.append(("stage", {"name": name}))

    def step(self, done: int, total: int, **measures: float) -> None:
        self.events.append(("step", {"done": done, "total": total, **measures}))

    def log(self, message: str) -> None:
        self.events.append(("log", {"message": message}))

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        self.events.append((kind, data))
