"""How a worker process is told to end, so that a running job can save itself and go back into the queue.

The parent and its forked child share one byte. The parent sets it when it is asked to shut down; the child's job
sees it at its next ``check``. A byte cannot arrive too early, as a signal between two jobs would.
Celery itself ties the child's life to the parent's (``PR_SET_PDEATHSIG``).
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import worker_shutting_down

_shared = mmap.mmap(-1, 1)  # anonymous and shared: one byte for the parent and whatever it forks


@worker_shutting_down.connect
def _tell_children(**_: Any) -> None:
    _shared[0] = 1


def is_stopping() -> bool:
    return _shared[0] != 0


def name() -> str:
    """Who holds a lease: host and process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


@contextmanager
def termination(ask: Callable[[], None]) -> Iterator[None]:
    """Within the block, SIGTERM to this process calls ``ask``; after the block the process ends as it was told to.

    A process manager may signal the whole group. Only a main thread may set handlers: elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told = []

    def on_sigterm(signum: int, frame: Any) -> None:
        told.append(signum)
        ask()

    before = signal.signal(signal.SIGTERM, on_sigterm)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        if told:
            os.kill(os.getpid(), signal.SIGTERM)
