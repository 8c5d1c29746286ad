"""Fit the coefficients of a step to measured steps.

Each coefficient is pulled towards what is physically expected of it, the more the less the measurements say; each
generation of devices towards the mean of all. So few measurements, or a device that nobody measured, give sensible
numbers rather than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.planning.compute.step import GENERATION, Coefficients, seconds
from portal.planning.compute.work import StepWork

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a coefficient is before anything is measured: within a factor exp(±``doubt``) of ``value``, most likely."""

    value: float
    doubt: float
    most: float = np.inf  # physical bound


EXPECTED: Mapping[str, Expected] = {
    # Large products reach 0.78 to 0.87 of the dense peak on A100, H100 and B200 (stas00/ml-engineering, MAMF).
    "efficiency": Expected(value=0.75, doubt=0.15, most=0.95),
    "untuned": Expected(value=0.9, doubt=0.2, most=1.0),
    "eight_bit": Expected(value=0.8, doubt=0.2, most=1.0),
    "grouped": Expected(value=0.8, doubt=0.3, most=1.0),
    # FlashAttention-2 and 3 reach 0.6 to 0.75 of the peak (arXiv 2307.08691, 2407.08608).
    "attention": Expected(value=0.75, doubt=0.3, most=1.0),
    "operands": Expected(value=1.0, doubt=0.7),
    "traffic": Expected(value=1.3, doubt=0.5),
    "link": Expected(value=0.6, doubt=0.5, most=1.0),
    "network": Expected(value=0.5, doubt=0.5, most=1.0),
    # About 200 kernels a layer, forward and backward, at 5 to 15 microseconds each; fused, a third of them.
    "host_ms": Expected(value=3.0, doubt=0.3),
    "wait_us": Expected(value=30.0, doubt=1.0),
    "fused_host": Expected(value=0.3, doubt=0.3, most=1.0),
    "fused_wait": Expected(value=0.6, doubt=0.5, most=1.0),
    "exposed": Expected(value=0.5, doubt=0.5, most=1.0),
    "fixed_ms": Expected(value=5.0, doubt=0.7),
}
# How far generations lie from their mean, most likely.
GENERATION_DOUBT = 0.15
# Of generations whose steps nobody measured, how their large products compare with the mean: 0.51 to 0.63 of the peak
# on MI300X to MI355X, 0.78 to 0.87 on A100 to B200 (stas00/ml-engineering, MAMF).
COMPARED: Mapping[str, float] = {"cdna": 0.7}
# Error of the model itself, as a share of what was measured; larger ones count by their size, not their square.
MODEL_ERROR = 0.08


def fit_step(
    work: StepWork,
    generations: Sequence[str],
    measured: Floats,
    *,
    weights: Floats | None = None,
    expected: Mapping[str, Expected] = EXPECTED,
) -> Coefficients:
    """Coefficients of ``step.MEANINGS`` and one efficiency for each generation, those of ``COMPARED`` included.

    Args:
        work: of all steps, stacked.
        generations: of each step's devices.
        measured: seconds of each step.
        weights: how much each step counts; equally by default.
    """
    from scipy.optimize import least_squares

    names = list(expected)
    kinds = sorted(set(generations))
    place = np.array([kinds.index(name) for name in generations])
    counted = np.ones(len(measured)) if weights is None else weights
    start = np.log([expected[name].value for name in names])
    doubts = np.array([expected[name].doubt for name in names] + [GENERATION_DOUBT] * len(kinds))
    most = np.log([expected[name].most for name in names])
    ceiling = most[names.index("efficiency")]
    logs = np.log(measured)

    def unpacked(x: Floats) -> tuple[dict[str, float], Floats]:
        values = dict(zip(names, np.exp(x[: len(names)]).tolist(), strict=True))
        return values, np.exp(np.minimum(x[names.index("efficiency")] + x[len(names) :], ceiling))

    def off(x: Floats) -> Floats:
        values, reached = unpacked(x)
        errors = (np.log(seconds(work, values, reached[place]).total) - logs) / MODEL_ERROR
        pulled = (x - np.concatenate([start, np.zeros(len(kinds))])) / doubts
        return np.concatenate([damped(errors) * np.sqrt(counted), pulled])

    free = np.full(len(kinds), np.inf)
    x0 = np.concatenate([start, np.zeros(len(kinds))])
    found = least_squares(off, x0, bounds=(-np.inf, np.concatenate([most, free])), x_scale=doubts)
    values, reached = unpacked(found.x)
    compared = {GENERATION + kind: values["efficiency"] * factor for kind, factor in COMPARED.items()}
    return values | compared | {GENERATION + kind: float(share) for kind, share in zip(kinds, reached, strict=True)}


def damped(errors: Floats) -> Floats:
    """Roots of the soft L1 loss: small errors count squared, large ones by their size."""
    return np.sign(errors) * np.sqrt(2 * (np.sqrt(1 + errors**2) - 1))
