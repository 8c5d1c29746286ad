"""How fast training goes: tokens a second over the whole run, and a rate for reports that follows recent steps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

REPORT_SECONDS = 0.2  # at most five reports a second
_SKIPPED_STEPS = 2  # the first steps of a process load kernels and allocate


class Meter:
    """Counts tokens and the seconds of the steps themselves; evaluation and saving are not training speed."""

    def __init__(self) -> None:
        self.tokens, self.seconds = 0, 0.0
        self._skipped = 0
        self._recent_tokens, self._recent_seconds = 0.0, 0.0
        self._reported = 0.0

    def add(self, tokens: int, seconds: float) -> None:
        if self._skipped < _SKIPPED_STEPS:
            self._skipped += 1
            return
        self.tokens, self.seconds = self.tokens + tokens, self.seconds + seconds
        # Forget with a half-life of some two seconds of work.
        keep = 0.5 ** (seconds / 2.0)
        self._recent_tokens = keep * self._recent_tokens + tokens
        self._recent_seconds = keep * self._recent_seconds + seconds

    @property
    def tokens_per_second(self) -> float:
        """Over the whole run; 0 before anything was timed."""
        return self.tokens / self.seconds if self.seconds else 0.0

    @property
    def recent_tokens_per_second(self) -> float:
        return self._recent_tokens / self._recent_seconds if self._recent_seconds else 0.0

    def due(self) -> bool:
        """Whether it is time for a report; true at most once in ``REPORT_SECONDS``."""
        now = time.monotonic()
        if now - self._reported < REPORT_SECONDS:
            return False
        self._reported = now
        return True

    def state(self) -> dict[str, Any]:
        return {"tokens": self.tokens, "seconds": self.seconds}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.tokens, self.seconds = state["tokens"], state["seconds"]
