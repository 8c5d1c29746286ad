"""How long one answer takes, measured as a visitor would meet it: one after another, on a warm model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Asked = TypeVar("Asked")

_WARM_UP = 3  # answers that load kernels and allocate


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds of one answer; ``per_second`` is how many come one after another."""

    p50: float
    p95: float
    per_second: float

    def usd(self, price_per_hour: float) -> float | None:
        """Of one answer, on a device that is always busy; None where nobody stated a price."""
        return price_per_hour / 3600 / self.per_second if price_per_hour else None


def time_each(answer: Callable[[Asked], object], asked: Sequence[Asked], check: Callable[[], None]) -> Latency:
    """Time ``answer`` for each of ``asked``, one by one; it has to wait for its device itself.

    Raises:
        Cancelled: by ``check``, between two answers.
    """
    assert asked, "nothing to time"
    for each in asked[:_WARM_UP]:
        answer(each)
    seconds = []
    for each in asked:
        check()
        started = time.perf_counter()
        answer(each)
        seconds.append(time.perf_counter() - started)
    p50, p95 = np.quantile(seconds, (0.5, 0.95))
    return Latency(float(p50), float(p95), len(seconds) / sum(seconds))
