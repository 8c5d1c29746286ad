"""How fast training goes: items (tokens, images) a second over the whole run, and a rate that follows recent steps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

REPORT_SECONDS = 0.2  # at most five reports a second
_SKIPPED_STEPS = 2  # the first steps of a process load kernels and allocate


class Meter:
    """Counts items and the seconds of the steps themselves; evaluation and saving are not training speed."""

    def __init__(self) -> None:
        self.items, self.seconds = 0, 0.0
        self._skipped = 0
        self._recent_items, self._recent_seconds = 0.0, 0.0
        self._reported = 0.0

    def add(self, items: int, seconds: float) -> None:
        if self._skipped < _SKIPPED_STEPS:
            self._skipped += 1
            return
        self.items, self.seconds = self.items + items, self.seconds + seconds
        # Forget with a half-life of some two seconds of work.
        keep = 0.5 ** (seconds / 2.0)
        self._recent_items = keep * self._recent_items + items
        self._recent_seconds = keep * self._recent_seconds + seconds

    @property
    def items_per_second(self) -> float:
        """Over the whole run; 0 before anything was timed."""
        return self.items / self.seconds if self.seconds else 0.0

    @property
    def recent_items_per_second(self) -> float:
        return self._recent_items / self._recent_seconds if self._recent_seconds else 0.0

    def due(self) -> bool:
        """Whether it is time for a report; true at most once in ``REPORT_SECONDS``."""
        now = time.monotonic()
        if now - self._reported < REPORT_SECONDS:
            return False
        self._reported = now
        return True

    def state(self) -> dict[str, Any]:
        return {"items": self.items, "seconds": self.seconds}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.items, self.seconds = state["items"], state["seconds"]
