"""When a run ends before its last step: no improvement any more, or the budget is spent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


class BestSoFar:
    """The lowest held-out loss, and how many evaluations have passed since."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.loss = math.inf
        self.step = 0
        self.waited = 0

    def improves(self, loss: float, step: int) -> bool:
        """Take one evaluation in; whether it is the best yet."""
        if loss < self.loss:
            self.loss, self.step, self.waited = loss, step, 0
            return True
        self.waited += 1
        return False

    @property
    def exhausted(self) -> bool:
        return self.patience > 0 and self.waited >= self.patience

    def state(self) -> dict[str, Any]:
        # JSON knows no infinity: before the first evaluation there is no loss.
        return {"loss": None if math.isinf(self.loss) else self.loss, "step": self.step, "waited": self.waited}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.loss = math.inf if state["loss"] is None else state["loss"]
        self.step, self.waited = state["step"], state["waited"]
