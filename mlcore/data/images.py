"""Images with one label each: the set, its split, the handwritten digits, and pixels as a model reads them.

Files are opened in ``images_file``, archives in ``images_archive`` and ``images_cifar``; drawn letters and shapes come
from ``images_glyphs``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

MIN_CLASSES = 2
MIN_PER_CLASS = 10  # with fewer, validation or test would be left with none of a class
VALIDATION_SHARE = 0.15
TEST_SHARE = 0.25
_DIGITS_SEED = 0  # of the split of the shipped digits, the same for every run, so that their test images stay unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """``pixels`` (N, H, W, C) uint8 with C of 1 or 3, ``labels`` (N,) int64 that count from 0 into ``classes``."""

    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, chosen: np.ndarray) -> Images:
        return Images(pixels=self.pixels[chosen], labels=self.labels[chosen], classes=self.classes)


@dataclass(frozen=True, slots=True)
class Split:
    training: Images
    validation: Images
    test: Images


def digits() -> Split:
    """1,797 handwritten digits of 8 by 8 from the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin and
    Kaynak 1998, CC BY 4.0), as scikit-learn ships them.

    The set does not say who wrote which digit, so one hand may be on both sides of the split.
    """
    shipped = load_digits()
    pixels = np.rint(shipped.images * (255 / 16)).astype(np.uint8)[..., None]  # counts from 0 to 16
    classes = tuple(str(name) for name in shipped.target_names)
    return split(Images(pixels=pixels, labels=shipped.target.astype(np.int64), classes=classes), seed=_DIGITS_SEED)


def split(images: Images, *, seed: int) -> Split:
    """Three parts at random, each with the classes in the same shares.

    Raises:
        ValueError: too few classes, or too few images of one.
    """
    rest, test = hold_out(images, TEST_SHARE, seed=seed)
    training, validation = _parted(rest, VALIDATION_SHARE / (1 - TEST_SHARE), seed)
    return Split(training, validation, test)


def hold_out(images: Images, share: float, *, seed: int) -> tuple[Images, Images]:
    """The images but a share of each class, and that share. Raises ValueError as ``split`` does."""
    check_classes(images)
    return _parted(images, share, seed)


def _parted(images: Images, share: float, seed: int) -> tuple[Images, Images]:
    kept, held_out = train_test_split(
        np.arange(len(images)), test_size=share, random_state=seed % 2**32, stratify=images.labels
    )
    return images.at(np.sort(kept)), images.at(np.sort(held_out))


def check_classes(images: Images) -> None:
    """Raises ValueError where a classifier could not be trained and measured."""
    if len(images.classes) < MIN_CLASSES:
        raise ValueError(
            f"Wanted images of at least {MIN_CLASSES} classes, got {len(images.classes)}: "
            f"{', '.join(images.classes) or 'none'}. Put the images of each class into a folder of its own."
        )
    counts = np.bincount(images.labels, minlength=len(images.classes))
    if counts.min() < MIN_PER_CLASS:
        fewest = images.classes[int(counts.argmin())]
        raise ValueError(
            f"Wanted at least {MIN_PER_CLASS} images of each class, to learn from some and measure with others, got "
            f"{counts.min()} of “{fewest}”. Add images, or leave the class out."
        )


def as_read(pixels: np.ndarray, *, size: int, channels: int) -> Tensor:
    """(N, channels, size, size) uint8 from (N, H, W, 1 or 3) uint8: scaled, grey repeated, colour made grey."""
    found = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)  # N C H W
    if found.shape[1] != channels:
        found = found.expand(-1, 3, -1, -1) if channels == 3 else _grey(found)
    if found.shape[2:] != (size, size):
        scaled = F.interpolate(found.float(), size=(size, size), mode="bilinear", antialias=True)
        found = scaled.round().clamp(0, 255).to(torch.uint8)
    return found.contiguous()


def _grey(colour: Tensor) -> Tensor:
    """Luma as ITU-R BT.601 weighs it, which Pillow uses too."""
    weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    return (colour.float() * weights).sum(dim=1, keepdim=True).round().clamp(0, 255).to(torch.uint8)
