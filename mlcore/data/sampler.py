"""The order in which training sees its data: random, without repetition in an epoch, and resumable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor


class BlockSampler:
    """Batches of blocks of ``length + 1`` tokens, the last one the target of the last position.

    An epoch starts at a random offset, so that blocks are cut differently each time, and visits its blocks in a random
    order. Everything follows from ``(seed, epoch, position)``, which is the whole state.

    Raises:
        ValueError: fewer tokens than one block.
    """

    def __init__(self, tokens: np.ndarray, *, length: int, batch: int, seed: int) -> None:
        if len(tokens) < 2 * length + 1:
            raise ValueError(
                f"Wanted at least {2 * length + 1:,} tokens of training text for sequences of {length}, "
                f"got {len(tokens):,}. Use more text or a shorter sequence."
            )
        self.tokens, self.length, self.batch, self.seed = tokens, length, batch, seed
        self.epoch, self.position = 0, 0
        self._order = self._shuffled()

    def next(self) -> Tensor:
        """Token ids (batch, length + 1), int64. A batch may reach into the next epoch."""
        starts = np.empty(self.batch, dtype=np.int64)
        for row in range(self.batch):
            if self.position == len(self._order):
                self.epoch, self.position = self.epoch + 1, 0
                self._order = self._shuffled()
            starts[row] = self._order[self.position]
            self.position += 1
        blocks = self.tokens[starts[:, None] + np.arange(self.length + 1)]
        return torch.from_numpy(blocks.astype(np.int64))

    def state(self) -> dict[str, int]:
        return {"seed": self.seed, "epoch": self.epoch, "position": self.position}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.seed, self.epoch, self.position = int(state["seed"]), int(state["epoch"]), int(state["position"])
        self._order = self._shuffled()

    def _shuffled(self) -> np.ndarray:
        """Where this epoch's blocks start, in the order of visits."""
        # A generator of its own: training that draws random numbers elsewhere cannot change the order.
        draw = np.random.Generator(np.random.Philox(key=[self.seed, self.epoch]))
        offset = int(draw.integers(self.length))
        return draw.permutation(np.arange(offset, len(self.tokens) - self.length, self.length, dtype=np.int64))


def blocks_in_order(tokens: np.ndarray, *, length: int, most: int | None = None) -> Tensor:
    """Blocks (N, length + 1) side by side from the start, or ``most`` of them evenly spaced: for evaluation."""
    starts = np.arange(0, len(tokens) - length, length, dtype=np.int64)
    if most is not None and most < len(starts):
        starts = starts[np.linspace(0, len(starts) - 1, most).round().astype(np.int64)]
    return torch.from_numpy(tokens[starts[:, None] + np.arange(length + 1)].astype(np.int64))
