"""How a model is trained: the numbers of a run, its learning rate by step, and its optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The numbers of one run.

    Raises:
        ValueError: naming the number, what was wanted and what came.
    """

    steps: int
    learning_rate: float
    seed: int
    optimizer: str = "adamw"
    """adamw, adam or sgd."""
    momentum: float = 0.0
    """Of sgd."""
    accumulation: int = 1
    """Batches whose gradients are summed before one optimizer step."""
    warmup_steps: int = 0
    final_rate_share: float = 0.1
    """The learning rate at the end, as a share of the highest."""
    weight_decay: float = 0.1
    beta2: float = 0.95
    clip: float = 1.0
    """Largest norm of the gradient."""
    evaluate_every: int = 100
    patience: int = 0
    """Evaluations without improvement after which training stops; 0 never does."""
    budget_seconds: float = math.inf
    budget_usd: float = math.inf
    usd_per_hour: float = 0.0
    checkpoint_seconds: float = 15.0

    def __post_init__(self) -> None:
        for name in ("steps", "accumulation", "evaluate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: wanted at least 1, got {getattr(self, name)}")
        for name in ("learning_rate", "clip", "budget_seconds", "budget_usd"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: wanted more than 0, got {getattr(self, name)}")
        if self.optimizer not in _OPTIMIZERS:
            raise ValueError(f"optimizer: wanted one of {', '.join(_OPTIMIZERS)}, got {self.optimizer!r}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum: wanted 0 or more and less than 1, got {self.momentum}")
        if not 0 <= self.warmup_steps <= self.steps:
            raise ValueError(f"warmup_steps: wanted 0 to steps ({self.steps}), got {self.warmup_steps}")

    def rate(self, step: int) -> float:
        """The learning rate of step 0, 1, …: linear warm-up, then a cosine (Loshchilov and Hutter 2017, equation 5)."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        low = self.final_rate_share * self.learning_rate
        return low + (self.learning_rate - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))

    def seconds_allowed(self) -> float:
        """The smaller of the two budgets, in seconds of this device."""
        by_money = self.budget_usd / self.usd_per_hour * 3600 if self.usd_per_hour > 0 else math.inf
        return min(self.budget_seconds, by_money)


def make_optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Weight decay is for matrices only, since norms have no reason to shrink (Loshchilov and Hutter 2019)."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in weights if weight.dim() >= 2], "weight_decay": recipe.weight_decay},
        {"params": [weight for weight in weights if weight.dim() < 2], "weight_decay": 0.0},
    ]
    return _OPTIMIZERS[recipe.optimizer](groups, recipe)


_Groups = list[dict[str, Any]]
_OPTIMIZERS: dict[str, Callable[[_Groups, Recipe], torch.optim.Optimizer]] = {
    "adamw": lambda groups, recipe: torch.optim.AdamW(
        groups, lr=recipe.learning_rate, betas=(0.9, recipe.beta2), fused=True
    ),
    "adam": lambda groups, recipe: torch.optim.Adam(
        groups, lr=recipe.learning_rate, betas=(0.9, recipe.beta2), fused=True
    ),
    "sgd": lambda groups, recipe: torch.optim.SGD(
        groups, lr=recipe.learning_rate, momentum=recipe.momentum, fused=True
    ),
}
