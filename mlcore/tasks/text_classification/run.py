"""Two of the entry points that a worker calls: ``classify`` and ``train``; ``evaluate`` is in ``compare``."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mlcore.data.labelled import LICENCE, MAX_CHARACTERS, TITLE, Labelled, Parts, read_labelled, shipped_reviews, split
from mlcore.data.words import PAD, UNKNOWN, Read, Words
from mlcore.device import Device, device_results, matmul_peak, pick
from mlcore.evaluate.classification import Measures, measure
from mlcore.explain.words import attribute
from mlcore.models.saved_classifier import SavedClassifier, files, rounded, save_classifier
from mlcore.models.text_classifiers import TextClassifier, build
from mlcore.progress import Progress
from mlcore.repro import seed_everything
from mlcore.tasks.text_classification.models import chosen
from mlcore.tasks.text_classification.quote import num_steps
from mlcore.tasks.text_classification.sizes import VOCAB, shape
from mlcore.tasks.text_classification.spec import ClassifyInputs, TrainInputs
from mlcore.train.classify import ClassificationLearner, Examples, all_logits, probabilities
from mlcore.train.loop import Outcome, fit
from mlcore.train.pace import evaluate_every
from mlcore.train.recipe import Recipe

_MOST_WORDS_AT_ONCE = 32_768  # bounds the attention, batch x length x length, to a gigabyte


def classify(
    inputs: ClassifyInputs, progress: Progress, *, run_folder: Path | None = None, **_given: object
) -> dict[str, Any]:
    """Classes of a text with their probabilities, and what each word adds to the likeliest.

    ``run_folder`` holds the model that ``inputs.run`` names.

    Raises:
        ValueError: a text that says nothing to the model, or a model that cannot be had; the message says what to do.
    """
    _check_text(inputs.review)
    progress.stage("loading")
    saved = chosen(inputs.model, inputs.run, run_folder)
    progress.check()

    progress.stage("classifying")
    started = time.perf_counter()
    read = saved.words.read(inputs.review, length=saved.network.config.length)
    _check_known(read, saved)
    ids = torch.from_numpy(read.ids)
    chances = probabilities(all_logits(saved.network, ids[None]))[0]
    seconds = time.perf_counter() - started
    progress.check()

    progress.stage("explaining")
    attribution = attribute(saved.network, ids, target=int(chances.argmax()))
    return {
        "classes": sorted(
            ([name, chance] for name, chance in zip(saved.classes, chances.tolist(), strict=True)),
            key=lambda pair: -pair[1],
        ),
        "marks": _marks(read, attribution.weights),
        "words_read": len(read.pieces),
        "words": read.total,
        "known_share": read.known / read.spelled,
        "delta": attribution.delta,
        "difference": attribution.difference,
        "seconds": seconds,
        "model": inputs.run if inputs.model == "run" else inputs.model,
    }


def train(
    inputs: TrainInputs,
    progress: Progress,
    *,
    upload: Path | None = None,
    price_per_hour: float = 0.0,
    power_watts: float = 0.0,
    **_given: object,
) -> dict[str, Any]:
    """Train a classifier and leave it in ``progress.folder``; goes on from a checkpoint where there is one.

    Raises:
        ValueError: a table that cannot be learnt from, or a run that came to nothing; the message says what to do.
    """
    progress.stage("preparing")
    _refuse_too_large_a_batch(inputs)
    parts = _parts(inputs, upload)
    words = Words.train(parts.training.texts, vocab=VOCAB)
    progress.log(
        f"{len(parts.training):,} texts to learn from, {len(parts.validation):,} to validate, {len(parts.test):,} to "
        f"test, vocabulary of {len(words):,} words."
    )
    device = pick()
    peak = matmul_peak(device)
    progress.check()
    learner = _learner(inputs, parts, words, device)
    outcome = fit(learner, _recipe(inputs, len(parts.training), price_per_hour), progress, device)

    progress.stage("evaluating")
    network = learner.model
    assert isinstance(network, TextClassifier)
    # The figures are those of the weights as they are stored, in 16 bits.
    network.load_state_dict(rounded(network))
    network.eval()
    test = _examples(parts.test, words, inputs.length)
    found = measure(parts.test.labels, probabilities(all_logits(network, test.inputs)).numpy())

    progress.stage("saving")
    results = {
        **_quality(found, parts, outcome),
        **outcome.course(price_per_hour),
        **_speed(outcome, peak),
        **device_results(device, peak, price_per_hour=price_per_hour, power_watts=power_watts),
        "parameters": network.config.parameters(),
        "kind": inputs.kind,
    }
    save_classifier(progress.folder, network, words, parts.training.classes, _facts(inputs, results, parts))
    return {**results, "artifacts": files()}


# Classifying


def _check_text(text: str) -> None:
    if not text.strip():
        raise ValueError("Text: wanted something to classify, got nothing. Type or paste a text.")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"Text: wanted at most {MAX_CHARACTERS:,} characters, got {len(text):,}. Give the beginning; "
            "the model reads no more than that."
        )


def _check_known(read: Read, saved: SavedClassifier) -> None:
    """A model asked in a language that it has never seen answers all the same, and sounds sure."""
    if not read.known:
        raise ValueError(
            f"Text: the model knows {len(saved.words):,} words, and none of the {read.spelled:,} that it read here, so "
            "any answer would be a guess. Write in the language that it was trained on; the shipped models know "
            "reviews of food in English."
        )


def _marks(read: Read, weights: Tensor) -> list[list[Any]]:
    """Each word as it stands in the text, with its share as a part of the largest, −1 to 1."""
    shares = weights[: len(read.pieces)].double()
    largest = float(shares.abs().max())
    scaled = shares / largest if largest else shares
    return [[piece, round(weight, 4)] for piece, weight in zip(read.pieces, scaled.tolist(), strict=True)]


# Training


def _refuse_too_large_a_batch(inputs: TrainInputs) -> None:
    at_once = inputs.batch * inputs.length
    if at_once > _MOST_WORDS_AT_ONCE:
        raise ValueError(
            f"Batch: {inputs.batch:,} texts of {inputs.length:,} are {at_once:,} words at once, wanted at most "
            f"{_MOST_WORDS_AT_ONCE:,}. Make the batch smaller, or read less of each text."
        )


def _parts(inputs: TrainInputs, upload: Path | None) -> Parts:
    if inputs.data == "shipped":
        return shipped_reviews()
    if upload is None:
        raise ValueError("Your table: wanted a CSV file, got none. Upload one, or choose the shipped reviews.")
    return split(read_labelled(upload), seed=inputs.seed)


def _learner(inputs: TrainInputs, parts: Parts, words: Words, device: Device) -> ClassificationLearner:
    config = shape(
        inputs.kind, inputs.size, vocab=len(words), length=inputs.length, classes=len(parts.training.classes)
    )
    seed_everything(inputs.seed)
    return ClassificationLearner(
        build(config),
        _examples(parts.training, words, inputs.length),
        _examples(parts.validation, words, inputs.length),
        item="reviews",
        batch=inputs.batch,
        seed=inputs.seed,
        device=device,
        flops_per_item=config.training_flops_per_text(),
        identity={**config.to_json(), "hidden_words": inputs.hidden_words},
        augment=hiding(inputs.hidden_words) if inputs.hidden_words else None,
    )


def hiding(share: float) -> Callable[[Tensor], Tensor]:
    """Hide words at random (word dropout; Iyyer et al. 2015, section 4): they look like words never met, of which
    training would otherwise show none."""

    def hide(ids: Tensor) -> Tensor:
        hidden = (torch.rand(ids.shape, device=ids.device) < share) & (ids != PAD)
        return ids.masked_fill(hidden, UNKNOWN)

    return hide


def _recipe(inputs: TrainInputs, texts: int, price_per_hour: float) -> Recipe:
    steps = num_steps(inputs.epochs, texts, inputs.batch)
    classic = inputs.kind == "classic"
    return Recipe(
        steps=steps,
        learning_rate=inputs.learning_rate,
        seed=inputs.seed,
        optimizer="adam" if classic else "adamw",
        warmup_steps=0 if classic else min(100, steps // 10),
        weight_decay=0.0 if classic else 0.1,
        evaluate_every=evaluate_every(steps),
        patience=inputs.patience,
        budget_seconds=inputs.budget_minutes * 60,
        budget_usd=inputs.budget_usd,
        usd_per_hour=price_per_hour,
    )


def _examples(part: Labelled, words: Words, length: int) -> Examples:
    return Examples(torch.from_numpy(words.encode(part.texts, length=length)), torch.from_numpy(part.labels))


def _quality(found: Measures, parts: Parts, outcome: Outcome) -> dict[str, Any]:
    classes = list(parts.test.classes)
    return {
        "accuracy": found.accuracy.value,
        "accuracy_low": found.accuracy.low,
        "accuracy_high": found.accuracy.high,
        "f1": found.f1.value,
        "commonest_share": float(np.bincount(parts.test.labels).max() / len(parts.test)),
        "calibration_error": found.calibration_error,
        "validation_loss": outcome.validation_loss,
        "confusion": {"grid": {"rows": classes, "columns": classes, "values": found.confusion.tolist()}},
        "texts": len(parts.training),
        "test_texts": len(parts.test),
    }


def _speed(outcome: Outcome, peak: float) -> dict[str, Any]:
    return {
        "reviews_per_second": outcome.items_per_second,
        "achieved_flops": outcome.achieved_flops,
        "share_of_peak": outcome.achieved_flops / peak,
    }


def _facts(inputs: TrainInputs, results: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """What a card says of the model: no more than was chosen and measured."""
    chosen_inputs = (
        "kind", "size", "length", "epochs", "batch", "learning_rate", "hidden_words", "patience", "seed",
    )  # fmt: skip
    shipped = inputs.data == "shipped"
    return {
        "data": TITLE if shipped else "An uploaded table",
        "licence": LICENCE if shipped else "That of the uploaded table",
        "trained_on": datetime.now(UTC).date().isoformat(),
        "validation_texts": len(parts.validation),
        **{
            name: value
            for name, value in results.items()
            if name not in ("confusion", "usd", "usd_per_device_hour", "device_power")
        },
        **{name: getattr(inputs, name) for name in chosen_inputs},
    }
