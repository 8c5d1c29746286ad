"""How often a run is measured on held-out data, and what a quote makes of its seconds. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVALUATED_TOKENS = 16_384  # of the held-out text, evenly spaced; all of it is read once, at the end
_EVALUATIONS = 20  # of a run, at most
_FEWEST_STEPS = 25  # between two of them


def evaluate_every(steps: int) -> int:
    """Steps between two evaluations of a run of ``steps``."""
    return max(_FEWEST_STEPS, steps // _EVALUATIONS)


def evaluation_share(steps: int, tokens_per_step: int) -> float:
    """What evaluations cost, as a share of the training itself: a token forward is a third of one forward and back."""
    evaluations = -(-steps // evaluate_every(steps))
    return evaluations * EVALUATED_TOKENS / 3 / (steps * tokens_per_step)


def budgeted(seconds: float, inputs: Any, device: Mapping[str, Any]) -> dict[str, Any]:
    """Time, dollars and energy of a quote, as the two budgets of ``mlcore.train.declared`` allow them.

    Args:
        seconds: what the run would take if nothing stopped it.
        inputs: declared with ``budget_minutes`` and ``budget_usd``.
        device: may hold ``usd_per_hour`` and ``watts``.
    """
    usd_per_hour, watts = float(device.get("usd_per_hour", 0)), float(device.get("watts", 0))
    allowed = inputs.budget_minutes * 60
    if usd_per_hour > 0:
        allowed = min(allowed, inputs.budget_usd / usd_per_hour * 3600)
    spent = min(seconds, allowed)
    return {
        "seconds": spent,
        "usd": spent / 3600 * usd_per_hour,
        "kwh": spent / 3600 * watts / 1000,
        "within_budget": seconds <= allowed,
    }
