"""The three entry points that a worker calls: ``train`` here, ``classify`` and ``evaluate`` from ``answers``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mlcore.data.images import Images, Split, digits, split
from mlcore.data.images_archive import read_archive
from mlcore.data.images_augment import augmentation
from mlcore.data.images_cifar import read_cifar10
from mlcore.device import Device, device_results, matmul_peak, pick
from mlcore.evaluate.classification import Measures, measure
from mlcore.progress import Progress
from mlcore.repro import seed_everything
from mlcore.tasks.image_classification.answers import classify, evaluate
from mlcore.tasks.image_classification.measuring import confusion_figure, fit_baseline, read_by, small
from mlcore.tasks.image_classification.network import FILES, ImageNetwork, Kept, load_network, rounded, save_network
from mlcore.tasks.image_classification.quote import STARTER
from mlcore.tasks.image_classification.sizes import MOST_VALIDATED, PHOTO_SIDE, NetworkConfig, network_config
from mlcore.tasks.image_classification.spec import TrainInputs
from mlcore.train.classify import ClassificationLearner, Examples
from mlcore.train.loop import Outcome, fit
from mlcore.train.pace import evaluate_every
from mlcore.train.recipe import Recipe

__all__ = ["classify", "evaluate", "train"]

_MOST_KEPT = 2_000  # held-out images that lie with a run's model, 6 MB of 32 by 32 in colour
_MOST_LEARNT_BY_BASELINE = 5_000
_SOURCES = {
    "digits": ("Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998)", "CC BY 4.0"),
    "upload": ("Uploaded images", "That of the uploaded images"),
    "cifar10": ("CIFAR-10 (Krizhevsky 2009)", "None stated by its authors"),
}


def train(
    inputs: TrainInputs,
    progress: Progress,
    *,
    upload: Path | None = None,
    cifar10: Path | None = None,
    price_per_hour: float = 0.0,
    power_watts: float = 0.0,
) -> dict[str, Any]:
    """Train a network and leave it in ``progress.folder``; goes on from a checkpoint where there is one.

    ``cifar10`` is the operator's copy of ``cifar-10-binary.tar.gz``.

    Raises:
        ValueError: images that cannot be learnt from, or a run that came to nothing; the message says what to do.
    """
    progress.stage("preparing")
    parts = read_images(inputs, progress, upload, cifar10)
    device = pick()
    peak = matmul_peak(device)
    progress.check()
    config = network_config(inputs.model, classes=len(parts.test.classes), digits=inputs.data == "digits")
    body = load_network(STARTER / "letters").network if inputs.model == "resnet-pretrained" else None
    learner = make_learner(inputs, config, parts, device, body=body)
    outcome = fit(learner, make_recipe(inputs, price_per_hour), progress, device)

    progress.stage("evaluating")
    network = learner.model
    assert isinstance(network, ImageNetwork)
    # The figures are those of the weights as they are stored, in 16 bits.
    network.load_state_dict(rounded(network))
    network.eval()
    measured = measure(parts.test.labels, read_by(network)(parts.test.pixels))
    kept = _kept(parts, inputs.seed)
    baseline = fit_baseline("logistic", kept.learnt)(parts.test.pixels).argmax(axis=1)

    progress.stage("saving")
    results = {
        **_quality(measured, parts.test),
        "baseline_accuracy": float((baseline == parts.test.labels).mean()),
        "validation_loss": outcome.validation_loss,
        "test_images": len(parts.test),
        "training_images": len(parts.training),
        "classes": config.classes,
        "parameters": config.parameters(),
        **outcome.course(price_per_hour),
        **_speed(outcome, peak),
        **device_results(device, peak, price_per_hour=price_per_hour, power_watts=power_watts),
    }
    save_network(
        progress.folder, network, classes=parts.test.classes, reads="digit" if inputs.data == "digits" else "photo",
        facts=_facts(inputs, results), kept=kept,
    )  # fmt: skip
    results["megabytes"] = (progress.folder / FILES["weights"]).stat().st_size / 1e6
    return {**results, "artifacts": dict(FILES)}


def read_images(inputs: TrainInputs, progress: Progress, upload: Path | None, cifar10: Path | None) -> Split:
    """The three parts of what was chosen. Raises ValueError where it is not there or cannot be learnt from."""
    if inputs.data == "digits":
        if inputs.augmentation == "crop-flip":
            raise ValueError(
                "Change images: wanted digits as they are or shifted, got mirrored ones. A mirrored 2, 3 or 7 is no "
                "digit, and the model would learn to take it for one. Choose “Shift”."
            )
        parts = digits()
    elif inputs.data == "upload":
        if upload is None:
            raise ValueError("Your images: wanted a ZIP file, got none. Upload one, or choose the handwritten digits.")
        parts = split(read_archive(upload, size=PHOTO_SIDE, check=progress.check), seed=inputs.seed)
    else:
        if cifar10 is None:
            raise ValueError(
                "Images: wanted CIFAR-10, but this portal has no copy of it. Its operator can provide the archive "
                "cifar-10-binary.tar.gz. Choose the handwritten digits, or upload images."
            )
        parts = read_cifar10(cifar10, seed=inputs.seed)
    progress.log(
        f"{len(parts.training):,} images to learn from, {len(parts.validation):,} to choose the best weights, "
        f"{len(parts.test):,} held out; {len(parts.test.classes)} classes."
    )
    return parts


def make_learner(
    inputs: TrainInputs, config: NetworkConfig, parts: Split, device: Device, *, body: ImageNetwork | None = None
) -> ClassificationLearner:
    """What the loop trains; ``body`` gives its weights but for those of the last layer."""
    seed_everything(inputs.seed)
    network = ImageNetwork(config)
    training = _examples(network, parts.training)
    network.learn_normalisation(training.inputs)
    if body is not None:
        network.take_body(body)
    return ClassificationLearner(
        network,
        training,
        _examples(network, _some(parts.validation, MOST_VALIDATED, inputs.seed)),
        item="images",
        batch=inputs.batch,
        seed=inputs.seed,
        device=device,
        flops_per_item=config.training_flops(),
        identity={**config.to_json(), "start": inputs.model, "augmentation": inputs.augmentation},
        augment=augmentation(inputs.augmentation, size=config.size),
    )


def make_recipe(inputs: TrainInputs, price_per_hour: float) -> Recipe:
    is_cnn = inputs.model == "cnn"
    return Recipe(
        steps=inputs.steps,
        learning_rate=inputs.adam_rate if is_cnn else inputs.sgd_rate,
        seed=inputs.seed,
        optimizer="adam" if is_cnn else "sgd",
        momentum=0.0 if is_cnn else 0.9,
        # As He et al. (2016) for CIFAR-10; in Adam the same would act as another, stronger penalty.
        weight_decay=0.0 if is_cnn else 1e-4,
        beta2=0.999,
        # Gradients of a new residual network are some 2 long: a limit of 1 would slow every step, not only wild ones.
        clip=5.0,
        final_rate_share=0.01,
        warmup_steps=min(30, inputs.steps // 10),
        evaluate_every=evaluate_every(inputs.steps),
        patience=inputs.patience,
        budget_seconds=inputs.budget_minutes * 60,
        budget_usd=inputs.budget_usd,
        usd_per_hour=price_per_hour,
    )


def _examples(network: ImageNetwork, images: Images) -> Examples:
    return Examples(network.read(images.pixels), torch.from_numpy(images.labels))


def _kept(parts: Split, seed: int) -> Kept:
    is_grey = parts.test.pixels.shape[-1] == 1
    learnt = _some(parts.training, _MOST_LEARNT_BY_BASELINE, seed)
    return Kept(test=_some(parts.test, _MOST_KEPT, seed), learnt=small(learnt, channels=1 if is_grey else 3))


def _some(images: Images, most: int, seed: int) -> Images:
    """All of them, or ``most`` at random."""
    if len(images) <= most:
        return images
    return images.at(np.sort(np.random.default_rng(seed).choice(len(images), most, replace=False)))


def _quality(measured: Measures, test: Images) -> dict[str, Any]:
    return {
        "accuracy": measured.accuracy.value,
        "accuracy_low": measured.accuracy.low,
        "accuracy_high": measured.accuracy.high,
        "macro_f1": measured.f1.value,
        "confusion": confusion_figure(measured.confusion, test.classes),
    }


def _speed(outcome: Outcome, peak: float) -> dict[str, Any]:
    return {
        "images_per_second": outcome.items_per_second,
        "achieved_flops": outcome.achieved_flops,
        "share_of_peak": outcome.achieved_flops / peak,
    }


def _facts(inputs: TrainInputs, results: dict[str, Any]) -> dict[str, Any]:
    """What a card says of the model: no more than was chosen and measured."""
    measured = (
        "parameters", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "baseline_accuracy", "validation_loss",
        "test_images", "training_images", "steps", "best_step", "stopped_by", "seconds", "images_per_second",
        "achieved_flops", "device",
    )  # fmt: skip
    chosen = ("model", "steps", "batch", "adam_rate", "sgd_rate", "augmentation", "patience", "seed")
    source, licence = _SOURCES[inputs.data]
    return {
        "data": source,
        "licence": licence,
        "trained_on": datetime.now(UTC).date().isoformat(),
        **{f"asked_{name}": getattr(inputs, name) for name in chosen},
        **{name: results[name] for name in measured},
    }
