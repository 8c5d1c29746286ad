"""The models that answer: the two that are shipped, and those of training runs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from mlcore.device import pick
from mlcore.models.saved_classifier import SavedClassifier, files, load_classifier
from mlcore.tasks.text_classification.quote import NAMES, STARTER
from mlcore.train.classify import all_logits, probabilities


def chosen(model: str, run: str, run_folder: Path | None) -> SavedClassifier:
    """The model that a person asked for.

    Raises:
        ValueError: it cannot be had; the message says what to do.
    """
    if model != "run":
        return starter_model(model)
    if not run:
        raise ValueError("Trained model: wanted the id of a training run, got none. Give one, or choose another model.")
    if run_folder is None:
        raise ValueError(f"Trained model: found no finished run {run}. Choose a run that has finished.")
    return _loaded(run_folder, "model", _version(run_folder, "model"))


def starter_model(kind: str, starter: Path = STARTER) -> SavedClassifier:
    return _loaded(starter, NAMES[kind], _version(starter, NAMES[kind]))


def answers(saved: SavedClassifier, texts: list[str]) -> np.ndarray:
    """Probabilities (N, C) of ``texts``."""
    ids = saved.words.encode(texts, length=saved.network.config.length)
    return probabilities(all_logits(saved.network, torch.from_numpy(ids))).numpy()


@lru_cache(maxsize=4)
def _loaded(folder: Path, name: str, version: int) -> SavedClassifier:
    """A model stays loaded in a warm worker; ``version`` is of its files, so a new one is seen."""
    saved = load_classifier(folder, name=name)
    saved.network.to(pick().torch)
    return saved


def _version(folder: Path, name: str) -> int:
    path = folder / files(name)["model"]
    return path.stat().st_mtime_ns if path.exists() else 0
