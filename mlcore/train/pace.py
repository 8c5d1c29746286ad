"""How often a run is measured on held-out text, and on how much of it. Standard library only: quotes count it too."""

from __future__ import annotations

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
