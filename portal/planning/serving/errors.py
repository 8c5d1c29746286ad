"""How far estimates of serving time lie off: measured over estimated time of published runs, by models left out."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning.evidence.coefficients import predictions
from portal.planning.evidence.families import dense_serving
from portal.planning.serving.inputs import TYPED

# Tables of runs and families of predictions, of dense models and of mixtures of experts.
DENSE, MIXTURE = "dense-serving", "moe-serving"
_TABLES = {DENSE: "dense_serving", MIXTURE: "moe_serving"}


def family_of(mixture: bool) -> str:
    """The published runs on which an estimate of such a model rests."""
    return MIXTURE if mixture else DENSE


def time_factor(x: Any, family: str) -> Any:
    """Measured over estimated time: typed, or what stands at that place among the published runs of the family."""
    if x.error_basis == TYPED:
        return x.slower
    places, factors = _distribution(family)
    return np.interp(x.error_position, places, factors)


def half_within(family: str) -> float:
    """The error that half of the published runs stay below, as a share of what was measured."""
    return float(np.median(np.abs(1 / _ratios(family)[1] - 1)))


def runs_and_models(family: str) -> tuple[int, int]:
    """How many published runs there are, and of how many models."""
    models, _ = _ratios(family)
    return len(models), len(set(models))


@cache
def _ratios(family: str) -> tuple[list[str], NDArray[np.float64]]:
    """Model, and measured over estimated time by a fit without that model, of each run, in ascending order."""
    said = predictions()[family]
    runs = dense_serving.measured(_TABLES[family])
    found = sorted((seconds / said[key].predicted, model) for key, (model, seconds) in runs.items() if key in said)
    return [model for _, model in found], np.array([ratio for ratio, _ in found])


@cache
def _distribution(family: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places from 0 to 1 and the ratios there. Every model counts the same, however many of its runs are published."""
    models, ratios = _ratios(family)
    counts = Counter(models)
    weights = np.array([1 / counts[model] for model in models])
    return (np.cumsum(weights) - weights / 2) / weights.sum(), ratios
