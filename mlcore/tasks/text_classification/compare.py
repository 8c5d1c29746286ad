"""The entry point ``evaluate``: all models read the same held-out reviews, which none of them has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.data.labelled import Labelled, shipped_reviews
from mlcore.device import pick
from mlcore.evaluate.classification import Measures, measure
from mlcore.evaluate.latency import Latency, time_each
from mlcore.models.saved_classifier import SavedClassifier
from mlcore.progress import Progress
from mlcore.tasks.text_classification.baseline import shipped_baseline
from mlcore.tasks.text_classification.models import answers, chosen, starter_model
from mlcore.tasks.text_classification.quote import STARTER
from mlcore.tasks.text_classification.spec import EvaluateInputs

_SHOWN_CHARACTERS = 400  # of a misread review
_MEASURES = {
    "accuracy": "Accuracy",
    "precision": "Precision of great",
    "recall": "Recall of great",
    "f1": "F1 of great",
}


@dataclass(frozen=True, slots=True)
class Contender:
    label: str
    answers: Callable[[list[str]], np.ndarray]
    """Texts to probabilities (N, C)."""
    parameters: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one contender reached on the test reviews."""

    contender: Contender
    probabilities: np.ndarray
    measures: Measures
    latency: Latency


def evaluate(
    inputs: EvaluateInputs,
    progress: Progress,
    *,
    run_folder: Path | None = None,
    price_per_hour: float = 0.0,
    **_given: object,
) -> dict[str, Any]:
    """Quality, calibration, size, time and cost of all models, and the errors of the one that is looked at.

    ``run_folder`` holds the model that ``inputs.run`` names.

    Raises:
        ValueError: a model that cannot be had, or one of other classes; the message says what to do.
    """
    progress.stage("loading")
    test = shipped_reviews().test
    contenders = _contenders(inputs, run_folder, test)
    progress.stage("evaluating")
    found: dict[str, Found] = {}
    for done, (name, contender) in enumerate(contenders.items(), 1):
        progress.check()
        found[name] = look_at(contender, test, timed=inputs.timed, check=progress.check)
        progress.step(done, len(contenders))
    looked_at = found[inputs.model]
    accuracy = looked_at.measures.accuracy
    return {
        "accuracy": accuracy.value,
        "accuracy_low": accuracy.low,
        "accuracy_high": accuracy.high,
        **_tables(found, price_per_hour),
        "confusion": _confusion(looked_at.measures, test),
        "misread": _misread(looked_at.probabilities, test, inputs.misread),
        "requests_per_second": looked_at.latency.per_second,
        "usd_per_request": looked_at.latency.usd(price_per_hour),
        "device": pick().name,
    }


def look_at(contender: Contender, test: Labelled, *, timed: int, check: Callable[[], None]) -> Found:
    """Measure one contender on all of ``test``, and time it on the first ``timed`` texts."""
    chances = contender.answers(list(test.texts))
    latency = time_each(lambda text: contender.answers([text]), test.texts[:timed], check)
    return Found(contender, chances, measure(test.labels, chances), latency)


def shipped_contenders(starter: Path = STARTER) -> dict[str, Contender]:
    """The two networks of a folder and what they have to beat."""
    baseline = shipped_baseline()
    return {
        "transformer": _contender("Transformer encoder", starter_model("transformer", starter)),
        "classic": _contender("Classic network", starter_model("classic", starter)),
        "baseline": Contender("TF-IDF and logistic regression", baseline.answers, baseline.parameters, baseline.bytes),
    }


def _contenders(inputs: EvaluateInputs, run_folder: Path | None, test: Labelled) -> dict[str, Contender]:
    if inputs.model != "run":
        return shipped_contenders()
    saved = chosen("run", inputs.run, run_folder)
    if set(saved.classes) != set(test.classes):
        raise ValueError(
            f"Trained model: wanted one that tells {' from '.join(test.classes)}, got one for "
            f"{', '.join(saved.classes)}. Its own held-out texts were measured when it was trained: open that run."
        )
    # A table of one's own may hold the same classes in another order.
    places = [saved.classes.index(name) for name in test.classes]
    own = Contender(
        inputs.run, lambda texts: answers(saved, texts)[:, places], saved.network.config.parameters(), saved.bytes
    )
    return {"run": own, **shipped_contenders()}


def _contender(label: str, saved: SavedClassifier) -> Contender:
    return Contender(label, lambda texts: answers(saved, texts), saved.network.config.parameters(), saved.bytes)


# What is shown


def _tables(found: Mapping[str, Found], price_per_hour: float) -> dict[str, Any]:
    each = list(found.values())
    return {
        "quality": {
            "columns": [["Model", ""], ["Measure", ""], ["Value", "%"], ["From", "%"], ["To", "%"]],
            "rows": [row for one in each for row in _quality_rows(one)],
        },
        "calibration": {
            "columns": [["Model", ""], ["Calibration error", "%"], ["Brier score", ""]],
            "rows": [[one.contender.label, one.measures.calibration_error, one.measures.brier] for one in each],
        },
        "cost": {
            "columns": [
                ["Model", ""], ["Parameters", ""], ["Size", "MB"], ["Half are faster than", "ms"],
                ["95 % are faster than", "ms"], ["Requests", "requests/s"], ["1,000 requests", "USD"],
            ],
            "rows": [_cost_row(one, price_per_hour) for one in each],
        },
        "reliability": _reliability(each),
    }  # fmt: skip


def _quality_rows(one: Found) -> list[list[Any]]:
    estimates = {label: getattr(one.measures, name) for name, label in _MEASURES.items()}
    return [
        [one.contender.label, label, estimate.value, estimate.low, estimate.high]
        for label, estimate in estimates.items()
    ]


def _cost_row(one: Found, price_per_hour: float) -> list[Any]:
    contender, latency = one.contender, one.latency
    usd = latency.usd(price_per_hour)
    return [
        contender.label,
        contender.parameters,
        contender.bytes / 1e6,
        latency.p50 * 1e3,
        latency.p95 * 1e3,
        latency.per_second,
        None if usd is None else usd * 1e3,
    ]


def _reliability(each: list[Found]) -> dict[str, Any]:
    lines = [
        {
            "label": one.contender.label,
            "x": [place.confidence for place in one.measures.bins],
            "y": [place.accuracy for place in one.measures.bins],
        }
        for one in each
    ]
    # With two classes the likelier one has at least one half.
    lines.append({"label": "Perfectly calibrated", "x": [0.5, 1.0], "y": [0.5, 1.0]})
    return {"lines": lines, "x": ["Confidence", "%"], "y": ["Accuracy", "%"]}


def _confusion(measures: Measures, test: Labelled) -> dict[str, Any]:
    classes = list(test.classes)
    return {"grid": {"rows": classes, "columns": classes, "values": measures.confusion.tolist()}}


def _misread(probabilities: np.ndarray, test: Labelled, most: int) -> dict[str, Any]:
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != test.labels)
    surest = wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:most]
    return {
        "columns": [["Review", ""], ["It is", ""], ["The model said", ""], ["Confidence", "%"]],
        "rows": [
            [
                _shortened(test.texts[at]),
                test.classes[test.labels[at]],
                test.classes[predicted[at]],
                float(probabilities[at, predicted[at]]),
            ]
            for at in surest
        ],
    }


def _shortened(text: str) -> str:
    plain = " ".join(text.replace("<br />", " ").split())
    return plain if len(plain) <= _SHOWN_CHARACTERS else plain[: _SHOWN_CHARACTERS - 1].rstrip() + "…"
