"""The classic convolutional network: two blocks of convolution and pooling, one dense layer, one output a class.

After LeNet-5 (LeCun et al. 1998), with rectifiers and max-pooling as is usual since.
"""

from __future__ import annotations

from torch import Tensor, nn

WIDTHS, DENSE = (32, 64), 64


class SmallCnn(nn.Module):
    """Logits (B, classes) of normalised images (B, channels, size, size); softmax makes them probabilities.

    Raises:
        ValueError: ``size`` cannot be halved twice.
    """

    def __init__(self, *, channels: int, size: int, classes: int) -> None:
        super().__init__()
        if size % 4 or size < 4:
            raise ValueError(f"size: wanted a multiple of 4, which two poolings can halve, got {size}")
        first, second = WIDTHS
        self.features = nn.Sequential(
            nn.Conv2d(channels, first, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(first, second, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(second * (size // 4) ** 2, DENSE), nn.ReLU(), nn.Linear(DENSE, classes)
        )

    @property
    def last_convolution(self) -> nn.Module:
        """Where an image still has places and the features are the most telling: what Grad-CAM looks at."""
        return self.features[3]

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))  # B C S S -> B 64 S/4 S/4 -> B classes
