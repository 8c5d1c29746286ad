"""Predictions for models that the fit has not seen, and intervals from how far those lie off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.planning.evidence.family import Case, Family

LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of one case, by a fit without its model; ``low`` to ``high`` is to hold ``LEVEL`` of such cases.

    ``rule`` is what the family's rule of thumb says of it, fitted without the model too; None where it has none.
    """

    key: str
    predicted: float
    low: float
    high: float
    rule: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How far predictions lie off, as shares of what was measured."""

    cases: int
    models: int
    median: float
    mean: float
    within_quarter: float
    bias: float  # median of predicted ÷ measured − 1
    coverage: float  # share of cases within their interval


def left_out(family: Family, cases: Sequence[Case]) -> NDArray[np.float64]:
    """The prediction of every case by coefficients fitted on all other models.

    Raises:
        ValueError: a prediction is not above 0, with the case's key.
    """
    as_unseen = family.unseen or (lambda own: own)
    predicted = _by_others(cases, lambda others, own: family.predict(as_unseen(own), family.fit(others)))
    for case, value in zip(cases, predicted, strict=True):
        if not 0 < value < np.inf:
            raise ValueError(f"{family.slug} predicts {value} for {case.key}, wanted a number above 0")
    return predicted


def _by_others(
    cases: Sequence[Case], predict: Callable[[Sequence[Case], Sequence[Case]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """``predict`` (fitted on, predicted) of the cases of each model, by those of the others."""
    predicted = np.empty(len(cases))
    for model in dict.fromkeys(case.model for case in cases):
        places = [at for at, case in enumerate(cases) if case.model == model]
        others = [case for case in cases if case.model != model and case.fitted]
        predicted[places] = predict(others, [cases[at] for at in places])
    return predicted


def spread(logs: NDArray[np.float64], models: Sequence[str], level: float = LEVEL) -> tuple[float, float]:
    """Factors on a prediction between which ``level`` of the cases of new models are to lie, one the other's inverse.

    The ``level`` quantile of |log(measured ÷ predicted)| in which every model weighs the same, however many rows it
    has. Few models do not show how far others may lie: it is set outwards as the interval for one more draw from a
    normal distribution is, of which n draws tell the deviation: by Student's t and √(1 + 1/n). With fewer than five
    models that errs on the wide side, by about a tenth of the cases.
    """
    from scipy.special import ndtri, stdtrit

    counts = {model: models.count(model) for model in set(models)}
    weights = np.array([1 / counts[model] for model in models])
    order = np.argsort(np.abs(logs))
    upto = (np.cumsum(weights[order]) - weights[order] / 2) / len(counts)
    upper = (1 + level) / 2
    wider = stdtrit(max(len(counts) - 1, 1), upper) / ndtri(upper) * (1 + 1 / len(counts)) ** 0.5
    off = np.interp(level, upto, np.abs(logs)[order]) * wider
    return float(np.exp(-off)), float(np.exp(off))


def validate(family: Family) -> list[Prediction]:
    """Every case, predicted and given an interval without its model: neither fit nor interval has seen it."""
    cases = list(family.read())
    predicted = left_out(family, cases)
    rule = _by_others(cases, family.rule) if family.rule else None
    logs = np.log([case.measured for case in cases]) - np.log(predicted)
    out: list[Prediction] = []
    factors: dict[str, tuple[float, float]] = {}
    for place, (case, value) in enumerate(zip(cases, predicted, strict=True)):
        if case.model not in factors:
            others = [at for at, other in enumerate(cases) if other.model != case.model]
            factors[case.model] = spread(logs[others], [cases[at].model for at in others])
        low, high = factors[case.model]
        said = None if rule is None else float(rule[place])
        out.append(Prediction(case.key, float(value), float(value * low), float(value * high), said))
    return out


def score(cases: Sequence[Case], predictions: Sequence[Prediction]) -> Score:
    """Of the same cases in the same order."""
    measured = np.array([case.measured for case in cases])
    ratio = np.array([p.predicted for p in predictions]) / measured
    held = [p.low <= case.measured <= p.high for case, p in zip(cases, predictions, strict=True)]
    off = np.abs(ratio - 1)
    return Score(
        cases=len(cases),
        models=len({case.model for case in cases}),
        median=float(np.median(off)),
        mean=float(off.mean()),
        within_quarter=float((off <= 0.25).mean()),
        bias=float(np.median(ratio) - 1),
        coverage=float(np.mean(held)),
    )
