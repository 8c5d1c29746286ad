"""A trained decoder as three files in a folder: ``model.json``, ``model.safetensors``, ``tokenizer.json``.

``model.json`` names the two others with their SHA-256, holds the architecture, and the facts of the training run for
cards and pages. Weights are stored in 16 bits. Nothing else is ever read from the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from mlcore.data.tokenizer import TextTokenizer
from mlcore.models.decoder import Decoder, DecoderConfig
from mlcore.storage import Damaged, read_checked, read_json, read_tensors, write_atomic, write_json, write_tensors

FILES = {"model": "model.json", "weights": "model.safetensors", "tokenizer": "tokenizer.json"}
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class SavedModel:
    decoder: Decoder
    tokenizer: TextTokenizer
    facts: Mapping[str, Any]


def rounded(decoder: Decoder) -> dict[str, torch.Tensor]:
    """The weights as they are stored, in 16 bits."""
    return {name: tensor.to(torch.float16) for name, tensor in decoder.state_dict().items()}


def save_model(folder: Path, decoder: Decoder, tokenizer: TextTokenizer, facts: Mapping[str, Any]) -> None:
    """Write the three files; ``model.json`` last, so a folder that has it is complete."""
    weights_sha256 = write_tensors(folder / FILES["weights"], rounded(decoder))
    tokenizer_json = tokenizer.to_json().encode()
    write_atomic(folder / FILES["tokenizer"], tokenizer_json)
    about = {
        "format": _FORMAT,
        "architecture": "decoder",
        "config": decoder.config.to_json(),
        "weights": {"file": FILES["weights"], "sha256": weights_sha256},
        "tokenizer": {"file": FILES["tokenizer"], "sha256": sha256(tokenizer_json).hexdigest()},
        "facts": dict(facts),
    }
    write_json(folder / FILES["model"], about)


def load_model(folder: Path) -> SavedModel:
    """A model in evaluation mode, in 32 bits, on the CPU.

    Raises:
        ValueError: the folder holds no model of ours, or one that is damaged.
    """
    path = folder / FILES["model"]
    if not path.is_file():
        raise ValueError(f"Wanted a trained model ({FILES['model']}), found none. Choose a run that has finished.")
    about = read_json(path)
    config = _config(about)
    tensors = read_tensors(folder / FILES["weights"], sha256=about["weights"]["sha256"])
    tokenizer_json = read_checked(folder / FILES["tokenizer"], sha256=about["tokenizer"]["sha256"])
    # Before anything is allocated by the numbers of the JSON, they must be those of the weights.
    if sum(tensor.numel() for tensor in tensors.values()) != config.parameters():
        raise Damaged(f"{FILES['model']}: wanted {config.parameters():,} parameters, got another number of weights")
    decoder = Decoder(replace(config, dropout=0.0))  # which only training draws
    decoder.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return SavedModel(decoder.eval(), TextTokenizer.from_json(tokenizer_json.decode()), about.get("facts", {}))


def _config(about: Any) -> DecoderConfig:
    if not isinstance(about, dict) or about.get("format") != _FORMAT or about.get("architecture") != "decoder":
        raise Damaged(f"{FILES['model']}: wanted a decoder of format {_FORMAT}, got something else")
    try:
        return DecoderConfig(**about["config"])
    except (KeyError, TypeError) as problem:
        raise Damaged(f"{FILES['model']}: wanted the sizes of a decoder, got something else ({problem})") from None
