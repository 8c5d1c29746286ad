"""What is asked of trained networks: ``classify`` reads one image, ``evaluate`` measures them on held-out ones."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mlcore.data.images import Images, digits
from mlcore.data.images_file import MAX_BYTES, as_png, read_image, square
from mlcore.data.images_ink import like_a_digit
from mlcore.device import pick
from mlcore.progress import Progress
from mlcore.tasks.image_classification.measuring import (
    Row,
    baseline_megabytes,
    comparison_table,
    confusion_figure,
    fit_baseline,
    misread_images,
    read_by,
    row,
    small,
)
from mlcore.tasks.image_classification.network import FILES, Kept, SavedNetwork, load_kept, load_network
from mlcore.tasks.image_classification.quote import STARTER
from mlcore.tasks.image_classification.sizes import PHOTO_SIDE
from mlcore.tasks.image_classification.spec import BASELINES, NETWORKS, ClassifyInputs, EvaluateInputs

_MOST_NAMED = 10  # classes, the likeliest first
_SEEN_SIDE = 256


def classify(
    inputs: ClassifyInputs,
    progress: Progress,
    *,
    image: Path | None = None,
    model_folder: Path | None = None,
    **_given: object,
) -> dict[str, Any]:
    """Name what an image shows. ``model_folder`` holds the model that ``inputs.model`` names.

    Raises:
        ValueError: a model or image that cannot be had or read; the message says what to do.
    """
    progress.stage("loading")
    saved = _saved(inputs.model, model_folder) if inputs.model else _loaded(STARTER / inputs.network)
    held_out = None if image else _held_out(inputs, model_folder)
    progress.stage("reading")
    network = saved.network
    with torch.inference_mode():  # the first image of a process also loads kernels
        network(network.read(np.zeros((1, PHOTO_SIDE, PHOTO_SIDE, 3), np.uint8)).to(network.mean.device))
    started = time.perf_counter()
    pixels = _made_ready(image, saved.reads) if image else held_out.pixels[inputs.sample]  # type: ignore[union-attr]
    found = read_by(network)(pixels[None])[0]
    seconds = time.perf_counter() - started
    progress.check()
    order = np.argsort(-found, kind="stable")[:_MOST_NAMED]
    best = saved.classes[order[0]]
    picture, missed = _explained(saved, pixels, int(order[0]), inputs.explain)
    return {
        "classes": [[saved.classes[at], float(found[at])] for at in order],
        "seen": {"png": as_png(pixels, side=_SEEN_SIDE), "alt": f"{pixels.shape[1]} × {pixels.shape[0]}"},
        "why": {"png": as_png(picture), "alt": best, "caption": best},
        "missed": missed,
        "seconds": seconds,
        "truth": held_out.classes[held_out.labels[inputs.sample]] if held_out else None,
        "model": inputs.model or inputs.network,
    }


def evaluate(
    inputs: EvaluateInputs,
    progress: Progress,
    *,
    model_folder: Path | None = None,
    price_per_hour: float = 0.0,
    **_given: object,
) -> dict[str, Any]:
    """Compare networks and baselines on images that none of them has seen.

    Raises:
        ValueError: a model that cannot be had.
    """
    progress.stage("loading")
    if inputs.model:
        networks = {"trained": _saved(inputs.model, model_folder)}
        assert model_folder is not None, "else it was refused"
        kept = load_kept(model_folder)
    else:
        networks = {name: _loaded(STARTER / name) for name in NETWORKS}
        kept = _kept_digits()
    progress.stage("evaluating")
    rows = _rows(networks, kept, progress)
    best = max((each for each in rows if each.is_network), key=lambda each: each.measured.accuracy.value)
    return {
        "comparison": comparison_table(rows, price_per_hour),
        "confusion": confusion_figure(best.measured.confusion, kept.test.classes),
        "misread": misread_images(best.probabilities, kept.test, inputs.misread),
        "best": best.name,
        "images": len(kept.test),
        "accuracy": best.measured.accuracy.value,
        "requests_per_second": best.requests_per_second,
        "usd_per_request": best.usd_per_request(price_per_hour),
        "device": pick().name,
    }


def _rows(networks: dict[str, SavedNetwork], kept: Kept, progress: Progress) -> list[Row]:
    found: list[Row] = []
    total = len(networks) + len(BASELINES)

    def add(name: str, reader: Any, megabytes: float, *, is_network: bool) -> None:
        found.append(
            row(name, reader, kept.test, megabytes=megabytes, is_network=is_network, check=progress.check)
        )  # fmt: skip
        progress.step(len(found), total)

    for name, saved in networks.items():
        add(name, read_by(saved.network), saved.weight_bytes / 1e6, is_network=True)
    for name in BASELINES:
        progress.check()
        add(name, fit_baseline(name, kept.learnt), baseline_megabytes(name, kept.learnt), is_network=False)
    return found


def _saved(model: str, folder: Path | None) -> SavedNetwork:
    if folder is None:
        raise ValueError(f"Trained model: found no finished run {model}. Empty it for the starter model.")
    return _loaded(folder)


def _loaded(folder: Path) -> SavedNetwork:
    path = folder / FILES["model"]
    return _cached(folder, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _cached(folder: Path, _version: int) -> SavedNetwork:
    """A model stays loaded in a warm worker; the version is of its files, so a new one is seen."""
    saved = load_network(folder)
    saved.network.to(pick().torch)
    return saved


@lru_cache(maxsize=1)
def _kept_digits() -> Kept:
    parts = digits()
    return Kept(test=parts.test, learnt=small(parts.training, channels=1))


def _held_out(inputs: ClassifyInputs, model_folder: Path | None) -> Images:
    test = (load_kept(model_folder) if inputs.model and model_folder else _kept_digits()).test
    if inputs.sample >= len(test):
        raise ValueError(
            f"Held-out image: wanted 0 to {len(test) - 1:,}, since there are {len(test):,}, got {inputs.sample:,}."
        )
    return test


def _made_ready(path: Path, reads: str) -> np.ndarray:
    """(H, W, 1 or 3) uint8 as the network's training images were."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    image = read_image(content)
    return like_a_digit(image) if reads == "digit" else square(image, PHOTO_SIDE)


def _explained(saved: SavedNetwork, pixels: np.ndarray, target: int, by: str) -> tuple[np.ndarray, float | None]:
    """The picture (256, 256, 3), and for integrated gradients by how much they miss."""
    # Here because captum takes two seconds to load, which measuring should not cost.
    from mlcore.explain.saliency import as_input, grad_cam, integrated_gradients, overlay

    network = saved.network
    image = as_input(network.read(pixels[None]), network.mean.device)
    if by == "grad-cam":
        return overlay(pixels, grad_cam(network, network.body.last_convolution, image, target=target)), None
    # Compared with the mean training image: against black, black paper could speak neither for nor against.
    baseline = network.mean[None, :, None, None].expand_as(image)
    weights, missed = integrated_gradients(network, image, target=target, baseline=baseline)
    return overlay(pixels, weights), missed
