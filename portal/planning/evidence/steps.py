"""Coefficients of a training step from measured steps.

Each coefficient is pulled towards what is physically expected of it, the more the less the measurements say; each
generation of devices towards the mean of all. So few measurements, or a device that nobody measured, give sensible
numbers rather than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from portal.planning.compute.step import GENERATION, Coefficients, seconds
from portal.planning.compute.work import StepWork
from portal.planning.evidence.fitting import Prior, fit_near

Floats = NDArray[np.float64]

EXPECTED: Mapping[str, Prior] = {
    # Large products reach 0.78 to 0.87 of the dense peak on A100, H100 and B200 (stas00/ml-engineering, MAMF).
    "efficiency": Prior(expected=0.75, spread=0.15, most=0.95),
    "untuned": Prior(expected=0.9, spread=0.2, most=1.0),
    "eight_bit": Prior(expected=0.8, spread=0.2, most=1.0),
    "grouped": Prior(expected=0.8, spread=0.3, most=1.0),
    # FlashAttention-2 and 3 reach 0.6 to 0.75 of the peak (arXiv 2307.08691, 2407.08608).
    "attention": Prior(expected=0.75, spread=0.3, most=1.0),
    "operands": Prior(expected=1.0, spread=0.7),
    "traffic": Prior(expected=1.3, spread=0.5),
    "link": Prior(expected=0.6, spread=0.5, most=1.0),
    "network": Prior(expected=0.5, spread=0.5, most=1.0),
    # About 200 kernels a layer, forward and backward, at 5 to 15 microseconds each; fused, a third of them.
    "host_ms": Prior(expected=3.0, spread=0.3),
    "wait_us": Prior(expected=30.0, spread=1.0),
    "fused_host": Prior(expected=0.3, spread=0.3, most=1.0),
    "fused_wait": Prior(expected=0.6, spread=0.5, most=1.0),
    "exposed": Prior(expected=0.5, spread=0.5, most=1.0),
    "fixed_ms": Prior(expected=5.0, spread=0.7),
}
# How far generations lie from their mean, most likely.
OF_GENERATION = Prior(expected=1.0, spread=0.15)
# Of generations whose steps nobody measured, how their large products compare with the mean: 0.51 to 0.63 of the peak
# on MI300X to MI355X, 0.78 to 0.87 on A100 to B200 (stas00/ml-engineering, MAMF).
COMPARED: Mapping[str, float] = {"cdna": 0.7}
# Error of the model itself, as a share of what was measured.
MODEL_ERROR = 0.08


def fit_step(work: StepWork, generations: Sequence[str], measured: Floats, *, weights: ArrayLike = 1.0) -> Coefficients:
    """Coefficients of ``step.MEANINGS`` and one efficiency for each generation, those of ``COMPARED`` included.

    Args:
        work: of all steps, stacked.
        generations: of each step's devices.
        measured: seconds of each step.
        weights: how much each step counts.
    """
    kinds = sorted(set(generations))
    place = np.array([kinds.index(name) for name in generations])

    def reached(values: Coefficients) -> Floats:
        mean, most = values["efficiency"], EXPECTED["efficiency"].most
        return np.minimum([mean * values[GENERATION + kind] for kind in kinds], most)

    found = fit_near(
        {**EXPECTED, **{GENERATION + kind: OF_GENERATION for kind in kinds}},
        lambda values: np.asarray(seconds(work, values, reached(values)[place]).total),
        measured,
        noise=MODEL_ERROR,
        weights=weights,
    )
    compared = {GENERATION + kind: found["efficiency"] * factor for kind, factor in COMPARED.items()}
    measured_kinds = {GENERATION + kind: float(share) for kind, share in zip(kinds, reached(found), strict=True)}
    return {name: found[name] for name in EXPECTED} | compared | measured_kinds
