"""A classifier with its normalisation, and how one is stored: ``model.json`` beside ``model.safetensors``.

The JSON names the weights, and ``images.safetensors`` with images kept for measuring where there are any, with their
SHA-256. Weights are stored in 16 bits. Nothing else is ever read from the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mlcore.data.images import Images, as_read
from mlcore.models.resnet import SmallResNet
from mlcore.models.small_cnn import SmallCnn
from mlcore.storage import Damaged, read_json, read_tensors, write_json, write_tensors
from mlcore.tasks.image_classification.sizes import NetworkConfig

FILES = {"model": "model.json", "weights": "model.safetensors", "images": "images.safetensors"}
_FORMAT = 1
_LEAST_DEVIATION = 1 / 255  # of a channel; one that never changes would be divided by nothing


class ImageNetwork(nn.Module):
    """Logits (B, classes) of images (B, channels, size, size), uint8, or float in 0 to 1."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.body: SmallCnn | SmallResNet
        if config.kind == "cnn":
            self.body = SmallCnn(channels=config.channels, size=config.size, classes=config.classes)
        else:
            self.body = SmallResNet(channels=config.channels, classes=config.classes)
        self.register_buffer("mean", torch.zeros(config.channels))
        self.register_buffer("deviation", torch.ones(config.channels))

    def learn_normalisation(self, images: Tensor) -> None:
        """Take mean and deviation of each channel from the training images (N, C, S, S) uint8."""
        parts = images.double() / 255
        self.mean.copy_(parts.mean(dim=(0, 2, 3)))
        self.deviation.copy_(parts.std(dim=(0, 2, 3)).clamp(min=_LEAST_DEVIATION))

    def take_body(self, other: ImageNetwork) -> None:
        """Start from the weights of ``other``, but for the last layer. Both are residual networks."""
        assert isinstance(self.body, SmallResNet)
        assert isinstance(other.body, SmallResNet)
        self.body.take_body(other.body)

    def read(self, pixels: np.ndarray) -> Tensor:
        """(N, C, S, S) uint8, as ``forward`` takes them, of images (N, H, W, 1 or 3)."""
        return as_read(pixels, size=self.config.size, channels=self.config.channels)

    def forward(self, images: Tensor) -> Tensor:
        # Here because kornia takes half a second to load.
        from kornia.enhance import normalize

        images = images.float() / 255 if images.dtype == torch.uint8 else images
        images = normalize(images, self.mean, self.deviation)
        # Channels side by side in memory: on a processor a step of the residual network then takes a quarter less time.
        return self.body(images.contiguous(memory_format=torch.channels_last))


@dataclass(frozen=True, slots=True)
class Kept:
    """Images that lie with a model: held-out ones to measure it with, and small training ones for the baselines."""

    test: Images
    learnt: Images


@dataclass(frozen=True, slots=True)
class SavedNetwork:
    network: ImageNetwork
    classes: tuple[str, ...]
    reads: str
    """How pictures are made ready: "digit" or "photo"."""
    facts: Mapping[str, Any]
    weight_bytes: int


def rounded(network: nn.Module) -> dict[str, Tensor]:
    """The weights as they are stored, in 16 bits; statistics, which are few, in 32."""
    weights = {name for name, _ in network.named_parameters()}
    return {name: each.to(torch.float16) if name in weights else each for name, each in network.state_dict().items()}


def save_network(
    folder: Path, network: ImageNetwork, *, classes: tuple[str, ...], reads: str, facts: Mapping[str, Any],
    kept: Kept | None = None,
) -> None:  # fmt: skip
    """Write the files; the JSON last, so a folder that has it is complete."""
    about: dict[str, Any] = {
        "format": _FORMAT,
        "architecture": "image classifier",
        "config": network.config.to_json(),
        "classes": list(classes),
        "reads": reads,
        "weights": write_tensors(folder / FILES["weights"], rounded(network)),
        "facts": dict(facts),
    }
    if kept is not None:
        about["images"] = write_tensors(folder / FILES["images"], _tensors(kept))
    write_json(folder / FILES["model"], about)


def load_network(folder: Path) -> SavedNetwork:
    """A network in evaluation mode, in 32 bits, on the CPU.

    Raises:
        ValueError: the folder holds no network of ours, or one that is damaged.
    """
    about = _about(folder)
    try:
        config = NetworkConfig(**about["config"])
        classes, reads, sha256 = tuple(map(str, about["classes"])), str(about["reads"]), about["weights"]
    except (KeyError, TypeError, ValueError) as problem:
        raise Damaged(f"{FILES['model']}: wanted an image classifier, got something else ({problem})") from None
    if len(classes) != config.classes or reads not in ("digit", "photo"):
        raise Damaged(f"{FILES['model']}: wanted {config.classes} classes and a way to read images, got others")
    tensors = read_tensors(folder / FILES["weights"], sha256=sha256)
    network = ImageNetwork(config)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as problem:
        raise Damaged(f"{FILES['weights']}: wanted the weights of this network, got others ({problem})") from None
    size = (folder / FILES["weights"]).stat().st_size
    return SavedNetwork(network.eval(), classes, reads, about.get("facts", {}), size)


def load_kept(folder: Path) -> Kept:
    """The images that lie with a run's network. Raises ValueError where there are none, or they are damaged."""
    about = _about(folder)
    if "images" not in about:
        raise Damaged(f"{FILES['model']}: wanted held-out images beside it, found none")
    tensors = read_tensors(folder / FILES["images"], sha256=about["images"])
    classes = tuple(about["classes"])
    test, learnt = (
        Images(pixels=tensors[f"{part}.pixels"].numpy(), labels=tensors[f"{part}.labels"].numpy(), classes=classes)
        for part in ("test", "learnt")
    )
    return Kept(test, learnt)


def _about(folder: Path) -> dict[str, Any]:
    path = folder / FILES["model"]
    if not path.is_file():
        raise ValueError(f"Wanted a trained model ({path.name}), found none. Choose a run that has finished.")
    about = read_json(path)
    if not isinstance(about, dict) or (about.get("format"), about.get("architecture")) != (_FORMAT, "image classifier"):
        raise Damaged(f"{path.name}: wanted an image classifier of format {_FORMAT}, got something else")
    return about


def _tensors(kept: Kept) -> dict[str, Tensor]:
    return {
        f"{part}.{field}": torch.from_numpy(np.ascontiguousarray(getattr(getattr(kept, part), field)))
        for part in ("test", "learnt")
        for field in ("pixels", "labels")
    }
