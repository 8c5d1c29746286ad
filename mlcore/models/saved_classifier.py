"""A trained text classifier as files in a folder: ``model.json``, ``model.safetensors``, ``tokenizer.json``.

``model.json`` names the two others with their SHA-256, holds the architecture and the classes, and the facts of the
training run for cards and pages. Weights are stored in 16 bits. Nothing else is ever read from the folder. Another
``name`` than "model" lets two models share a folder and a vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from mlcore.data.words import Words
from mlcore.models.text_classifiers import TextClassifier, build
from mlcore.models.text_shape import TextClassifierConfig
from mlcore.storage import Damaged, read_checked, read_json, read_tensors, write_atomic, write_json, write_tensors

_FORMAT = 1
_ARCHITECTURE = "text classifier"


@dataclass(frozen=True, slots=True)
class SavedClassifier:
    network: TextClassifier
    words: Words
    classes: tuple[str, ...]
    facts: Mapping[str, Any]
    bytes: int
    """Of its files."""


def files(name: str = "model") -> dict[str, str]:
    """The names of a model's files, by what they hold."""
    return {"model": f"{name}.json", "weights": f"{name}.safetensors", "tokenizer": "tokenizer.json"}


def rounded(network: TextClassifier) -> dict[str, torch.Tensor]:
    """The weights as they are stored, in 16 bits."""
    return {key: tensor.to(torch.float16) for key, tensor in network.state_dict().items()}


def save_classifier(
    folder: Path,
    network: TextClassifier,
    words: Words,
    classes: tuple[str, ...],
    facts: Mapping[str, Any],
    *,
    name: str = "model",
) -> None:
    """Write the three files; the JSON last, so a folder that has it is complete."""
    named = files(name)
    weights_sha256 = write_tensors(folder / named["weights"], rounded(network))
    words_json = words.to_json().encode()
    write_atomic(folder / named["tokenizer"], words_json)
    about = {
        "format": _FORMAT,
        "architecture": _ARCHITECTURE,
        "config": network.config.to_json(),
        "classes": list(classes),
        "weights": {"file": named["weights"], "sha256": weights_sha256},
        "tokenizer": {"file": named["tokenizer"], "sha256": sha256(words_json).hexdigest()},
        "facts": dict(facts),
    }
    write_json(folder / named["model"], about)


def load_classifier(folder: Path, *, name: str = "model") -> SavedClassifier:
    """A model in evaluation mode, in 32 bits, on the CPU.

    Raises:
        ValueError: the folder holds no text classifier of ours, or one that is damaged.
    """
    named = files(name)
    path = folder / named["model"]
    if not path.is_file():
        raise ValueError(f"Wanted a trained model ({named['model']}), found none. Choose a run that has finished.")
    about = read_json(path)
    config, classes = _config(about, named["model"])
    tensors = read_tensors(folder / named["weights"], sha256=about["weights"]["sha256"])
    words_json = read_checked(folder / named["tokenizer"], sha256=about["tokenizer"]["sha256"])
    # Before anything is allocated by the numbers of the JSON, they must be those of the weights.
    if sum(tensor.numel() for tensor in tensors.values()) != config.parameters():
        raise Damaged(f"{named['model']}: wanted {config.parameters():,} parameters, got another number of weights")
    network = build(replace(config, dropout=0.0))  # which only training draws
    network.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    size = sum((folder / file).stat().st_size for file in named.values())
    return SavedClassifier(network.eval(), Words.from_json(words_json.decode()), classes, about.get("facts", {}), size)


def _config(about: Any, file: str) -> tuple[TextClassifierConfig, tuple[str, ...]]:
    if not isinstance(about, dict) or (about.get("format"), about.get("architecture")) != (_FORMAT, _ARCHITECTURE):
        raise Damaged(
            f"{file}: wanted a text classifier of format {_FORMAT}, got something else. Choose a run of this task."
        )
    try:
        config, classes = TextClassifierConfig(**about["config"]), tuple(map(str, about["classes"]))
    except (KeyError, TypeError, ValueError) as problem:
        raise Damaged(f"{file}: wanted the sizes of a text classifier, got something else ({problem})") from None
    if len(classes) != config.classes:
        raise Damaged(f"{file}: wanted the names of {config.classes} classes, got {len(classes)}")
    return config, classes
