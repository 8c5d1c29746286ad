"""The networks that a person can choose, with what they hold and compute. Standard library only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

DIGIT_SIDE, PHOTO_SIDE = 8, 32
MOST_VALIDATED = 1_000  # images, each time that a run measures itself
_CNN_WIDTHS, _CNN_DENSE = (32, 64), 64
_STEM, _RESNET_WIDTHS, _RESNET_DEPTH = 16, (24, 48, 96), 2
_MAX_CLASSES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """What is needed to build a network: ``kind`` is "cnn" or "resnet", ``size`` the side of its images in pixels.

    Raises:
        ValueError: a combination that does not exist.
    """

    kind: str
    classes: int
    size: int
    channels: int

    def __post_init__(self) -> None:
        if self.kind not in ("cnn", "resnet"):
            raise ValueError(f"kind: wanted cnn or resnet, got {self.kind!r}")
        if self.size not in (DIGIT_SIDE, PHOTO_SIDE) or self.channels not in (1, 3):
            raise ValueError(
                f"wanted images of 8 or 32 pixels with 1 or 3 channels, got {self.size} with {self.channels}"
            )
        if self.kind == "resnet" and (self.size, self.channels) != (PHOTO_SIDE, 3):
            raise ValueError(f"resnet: wanted size 32 and 3 channels, got {self.size} and {self.channels}")
        if not 2 <= self.classes <= _MAX_CLASSES:
            raise ValueError(f"classes: wanted 2 to {_MAX_CLASSES:,}, got {self.classes}")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def parameters(self) -> int:
        """Weights that training changes."""
        if self.kind == "cnn":
            return sum(9 * into * out + out for _, into, out in self._cnn_convolutions()) + self._dense(biases=True)
        convolutions = self._resnet_convolutions()
        # Each convolution is followed by a batch norm of two weights for each of its outputs.
        return sum(kernel**2 * into * out + 2 * out for _, kernel, into, out in convolutions) + self._dense(biases=True)

    def forward_flops(self) -> int:
        """Of one image: two for each product of a convolution or a dense layer; norms and activations left out."""
        if self.kind == "cnn":
            products = sum(9 * into * out * side**2 for side, into, out in self._cnn_convolutions())
        else:
            products = sum(k**2 * into * out * side**2 for side, k, into, out in self._resnet_convolutions())
        return 2 * (products + self._dense(biases=False))

    def training_flops(self) -> int:
        """Of one image forward and backward: gradients of inputs and of weights cost one forward pass each."""
        return 3 * self.forward_flops()

    def _cnn_convolutions(self) -> list[tuple[int, int, int]]:
        """(side of the output, channels in, channels out)."""
        first, second = _CNN_WIDTHS
        return [(self.size, self.channels, first), (self.size // 2, first, second)]

    def _resnet_convolutions(self) -> list[tuple[int, int, int, int]]:
        """(side of the output, side of the kernel, channels in, channels out)."""
        found = [(self.size, 3, self.channels, _STEM)]
        into, side = _STEM, self.size
        for width in _RESNET_WIDTHS:
            side //= 2
            found += [(side, 1, into, width), (side, 3, into, width)]  # the short cut, and beside it the first
            found += [(side, 3, width, width)] * (2 * _RESNET_DEPTH - 1)
            into = width
        return found

    def _dense(self, *, biases: bool) -> int:
        if self.kind == "resnet":
            layers = [(_RESNET_WIDTHS[-1], self.classes)]
        else:
            layers = [(_CNN_WIDTHS[-1] * (self.size // 4) ** 2, _CNN_DENSE), (_CNN_DENSE, self.classes)]
        return sum(into * out + out * biases for into, out in layers)


def network_config(model: str, *, classes: int, digits: bool) -> NetworkConfig:
    """Of the choice ``model`` of the form. The classic network reads digits as they are stored, in 8 by 8 of grey;
    everything else is 32 by 32 in colour, which is what the pre-trained network knows."""
    if model == "cnn" and digits:
        return NetworkConfig(kind="cnn", classes=classes, size=DIGIT_SIDE, channels=1)
    return NetworkConfig(kind="cnn" if model == "cnn" else "resnet", classes=classes, size=PHOTO_SIDE, channels=3)
