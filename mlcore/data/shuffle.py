"""The order in which training sees examples that stand for themselves, such as reviews or images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class ShuffledBatches:
    """Batches of indices below ``count``: random, each once an epoch, and resumable.

    Everything follows from ``(seed, epoch, position)``, which is the whole state. A batch may reach into the next
    epoch, so that all batches have one size.
    """

    def __init__(self, count: int, *, batch: int, seed: int) -> None:
        assert count > 0, "an order of nothing"
        self.count, self.batch, self.seed = count, batch, seed
        self.epoch, self.position = 0, 0
        self._order = self._shuffled()

    def next(self) -> np.ndarray:
        """Indices (batch,), int64."""
        taken: list[np.ndarray] = []
        missing = self.batch
        while missing:
            if self.position == self.count:
                self.epoch, self.position = self.epoch + 1, 0
                self._order = self._shuffled()
            part = self._order[self.position : self.position + missing]
            self.position += len(part)
            missing -= len(part)
            taken.append(part)
        return np.concatenate(taken)

    def state(self) -> dict[str, int]:
        return {"seed": self.seed, "epoch": self.epoch, "position": self.position}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.seed, self.epoch, self.position = int(state["seed"]), int(state["epoch"]), int(state["position"])
        self._order = self._shuffled()

    def _shuffled(self) -> np.ndarray:
        # A generator of its own: training that draws random numbers elsewhere cannot change the order.
        draw = np.random.Generator(np.random.Philox(key=[self.seed, self.epoch]))
        return draw.permutation(self.count)
