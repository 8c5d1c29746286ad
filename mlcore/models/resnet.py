"""A small residual network for images of 32 by 32, made by ``transformers``.

The library's first layers shrink an image of 224 to 56; of 32 they would leave 8. So, as He et al. (2016, section 4.2)
do for CIFAR-10, the first convolution is 3 by 3 without a stride, and there is no pooling behind it.
"""

from __future__ import annotations

from torch import Tensor, nn

STEM, WIDTHS, DEPTH = 16, (24, 48, 96), 2


class SmallResNet(nn.Module):
    """Logits (B, classes) of normalised images (B, 3, 32, 32)."""

    def __init__(self, *, channels: int, classes: int) -> None:
        super().__init__()
        # Here because transformers takes seconds to load, which no other model should cost.
        from transformers import ResNetConfig, ResNetForImageClassification

        config = ResNetConfig(
            num_channels=channels,
            embedding_size=STEM,
            hidden_sizes=list(WIDTHS),
            depths=[DEPTH] * len(WIDTHS),
            layer_type="basic",
            downsample_in_first_stage=True,
        )
        config.num_labels = classes
        self.net = ResNetForImageClassification(config)
        stem = self.net.resnet.embedder
        stem.embedder.convolution = nn.Conv2d(channels, STEM, kernel_size=3, padding=1, bias=False)
        nn.init.kaiming_normal_(stem.embedder.convolution.weight, mode="fan_out", nonlinearity="relu")
        stem.add_module("pooler", nn.Identity())

    @property
    def last_convolution(self) -> nn.Module:
        """Where an image still has places and the features are the most telling: what Grad-CAM looks at."""
        return self.net.resnet.encoder.stages[-1]

    def take_body(self, other: SmallResNet) -> None:
        """All weights of a network that was trained on something else, but for those that name its classes."""
        self.net.resnet.load_state_dict(other.net.resnet.state_dict())

    def forward(self, images: Tensor) -> Tensor:
        return self.net(images, return_dict=False)[0]
