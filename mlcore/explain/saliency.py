"""Which parts of an image spoke for a class: integrated gradients, Grad-CAM, and a picture of either (captum).

Both tell what the network used, not whether it was right to.
"""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam
from PIL import Image
from torch import Tensor, nn

PICTURE_SIDE = 256  # pixels
_STEPS = 64
_AT_ONCE = 16
_FULL_STRENGTH = 0.99  # quantile of the weights that is drawn in full colour: one hot pixel must not pale the rest
_FOR, _AGAINST = np.array([214.0, 40.0, 40.0]), np.array([40.0, 90.0, 214.0])  # red, blue
_DIMMED = 0.6  # of the picture below the colours


def integrated_gradients(model: nn.Module, image: Tensor, *, target: int, baseline: Tensor) -> tuple[np.ndarray, float]:
    """Weights (S, S), above 0 where the image (1, C, S, S) spoke for ``target`` as against ``baseline``, and by how
    much they miss the difference of the two logits, which they should add up to (Sundararajan et al. 2017, section 3).
    """
    method = IntegratedGradients(model)
    weights, missed = method.attribute(
        image, baselines=baseline, target=target, n_steps=_STEPS, internal_batch_size=_AT_ONCE,
        return_convergence_delta=True,
    )  # fmt: skip
    return weights[0].sum(dim=0).detach().cpu().double().numpy(), float(missed.abs().max())


def grad_cam(model: nn.Module, layer: nn.Module, image: Tensor, *, target: int) -> np.ndarray:
    """Weights (S, S) of 0 or more from the places of ``layer`` that spoke for ``target`` (Selvaraju et al. 2017)."""
    found = LayerGradCam(model, layer).attribute(image, target=target, relu_attributions=True)
    assert isinstance(found, Tensor)
    size = (image.shape[2], image.shape[3])
    scaled = LayerAttribution.interpolate(found, size, interpolate_mode="bilinear")
    return scaled[0, 0].detach().cpu().double().numpy()


def overlay(pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(256, 256, 3) uint8: the image (H, W, 1 or 3) in grey, red where weights are above 0 and blue where below."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).convert("L")
    grey = np.asarray(picture.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.NEAREST), dtype=float)[..., None]
    full = float(np.quantile(np.abs(weights), _FULL_STRENGTH)) or float(np.abs(weights).max()) or 1.0
    strength = Image.fromarray((weights / full).clip(-1, 1).astype(np.float32))
    drawn = np.asarray(strength.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BILINEAR))[..., None]
    colour = np.where(drawn > 0, _FOR, _AGAINST)
    return (grey * _DIMMED * (1 - np.abs(drawn)) + colour * np.abs(drawn)).clip(0, 255).astype(np.uint8)


def as_input(image: Tensor, device: torch.device) -> Tensor:
    """(1, C, S, S) in 0 to 1 from uint8, so that gradients exist."""
    return (image.float() / 255).to(device)
