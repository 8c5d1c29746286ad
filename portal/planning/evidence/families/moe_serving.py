"""Time per output token of mixtures of experts under load, at a fixed number of requests at once.

Rows are measured runs of ai-dynamo/aiconfigurator's comparison data (runs of InferenceX and of NVIDIA; Apache-2.0), one
replica each on at most 8 devices without replicated attention, medians of a run. Sparse and linear attention are
counted as ``served_models.csv`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.planning.compute.roofline import loaded_seconds
from portal.planning.evidence.families import dense_serving
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import Prior, fit_near

PRIORS: Mapping[str, Prior] = {
    **dense_serving.PRIORS,
    "experts_bandwidth": Prior(
        expected=0.7, share=True, meaning="speed of reading the weights of a mixture over that of a dense model"
    ),
    "experts_compute": Prior(
        expected=0.5, share=True, meaning="speed of multiplying in a mixture over that of a dense model"
    ),
    "expert_layer_seconds": Prior(expected=3e-5, spread=0.7, meaning="further seconds of a layer with experts"),
}


def read(path: Path | None = None) -> tuple[Case, ...]:
    """The published runs, or those of a table in the same columns."""
    return tuple(dense_serving.built(row) for row in dense_serving.rows("moe_serving", path))


def _predicting(cases: Sequence[Case]) -> Callable[[Mapping[str, float]], NDArray[np.float64]]:
    under = dense_serving.stacked([case.inputs.under for case in cases])
    kinds = [(case.inputs.precision, case.inputs.engine) for case in cases]
    layers = np.array([case.inputs.expert_layers for case in cases])

    def seconds(coefficients: Mapping[str, float]) -> NDArray[np.float64]:
        shares = dense_serving.shares_of(kinds, coefficients)
        further = layers * shares["expert_layer_seconds"]
        return np.asarray(loaded_seconds(under, shares, shares["stalled"]) + further, dtype=float)

    return seconds


def predict(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """Seconds per output token, shape (cases,)."""
    return _predicting(cases)(coefficients)


def fit(cases: Sequence[Case]) -> Coefficients:
    return fit_near(PRIORS, _predicting(cases), [case.measured for case in cases])


FAMILIES = (
    Family(
        slug="moe-serving",
        title="Time per output token under load, mixtures of experts",
        summary="Median time between two tokens of one replica that serves a fixed number of requests at once. As for "
        "dense models, with the experts that a batch touches, and seconds of a layer for choosing and joining them.",
        unit="s",
        read=read,
        fit=fit,
        predict=predict,
        meanings={name: prior.meaning for name, prior in PRIORS.items()},
        rule=dense_serving.rule,
        rule_name="roofline with one fitted constant",
        order=61,
    ),
)
