"""Changing training images a little each time they are seen, so that a model learns what does not matter."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

PADDING_SHARE = 8  # the side over this is the padding: 4 pixels of 32, as He et al. (2016) crop CIFAR-10


def augmentation(kind: str, *, size: int) -> Callable[[Tensor], Tensor] | None:
    """From uint8 or float images (B, C, size, size) to such in 0 to 1, shifted and, with ``crop-flip``, mirrored.

    kornia draws from torch's generator, whose state checkpoints hold, so that a resumed run sees the same images.
    """
    if kind == "none":
        return None
    assert kind in ("crop", "crop-flip"), kind
    # Here because kornia takes half a second to load, which classifying should not cost.
    from kornia.augmentation import RandomCrop, RandomHorizontalFlip

    steps: list[Callable[[Tensor], Tensor]] = [RandomCrop((size, size), padding=max(1, size // PADDING_SHARE))]
    if kind == "crop-flip":
        steps.append(RandomHorizontalFlip(p=0.5))

    def changed(images: Tensor) -> Tensor:
        images = images.float() / 255 if images.dtype == torch.uint8 else images
        for step in steps:
            images = step(images)
        return images

    return changed
