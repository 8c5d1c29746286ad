"""From work and speed to time.

Utilisation here is the share of the peak that the step sustains, recomputed work included (hardware FLOPs
utilisation, PaLM, arXiv 2204.02311, appendix B). Without recomputation it equals the model FLOPs utilisation.
All arguments may be numbers or arrays of draws.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

N = TypeVar("N", float, NDArray[np.float64])

SECONDS_PER_DAY = 86_400


def model_speed(peak: N, utilisation: N, model_flops: float, recomputed_flops: float) -> N:
    """FLOP/s that advance the model: what is left of ``peak × utilisation`` when recomputed work is taken off.

    Args:
        peak: FLOP/s of all devices together, dense, at the precision used.
        model_flops: FLOPs of a token that the model needs.
        recomputed_flops: FLOPs of a token that are computed twice.
    """
    return peak * utilisation * model_flops / (model_flops + recomputed_flops)


def training_days(tokens: N, tokens_per_second: N, overhead: N) -> N:
    """Days from start to end. ``overhead`` is the whole time over the time at full speed: restarts, lost steps,
    evaluation, checkpoints."""
    return tokens / tokens_per_second / SECONDS_PER_DAY * overhead


def pipeline_bubble(pipeline: int, virtual_stages: int, micro_batches: int) -> float:
    """Idle time over working time of a 1F1B pipeline: (p − 1)/(v m) (Narayanan et al. 2021, arXiv 2104.04473, 2.2)."""
    return (pipeline - 1) / (virtual_stages * micro_batches)
