"""Learning to tell classes apart: the ``Learner`` of classifiers, whatever they read.

A model gives logits of shape (B, C), or (B, 1) where two classes share one sigmoid; ``probabilities`` and ``mean_loss``
read both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mlcore.data.shuffle import ShuffledBatches
from mlcore.device import Device

_EVALUATED_TOGETHER = 256


@dataclass(frozen=True, slots=True)
class Examples:
    """``inputs`` (N, …) as the model reads them, ``labels`` (N,) int64 from 0.

    Raises:
        ValueError: no examples, or not one label for each.
    """

    inputs: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        if not len(self.inputs) or self.labels.shape != (len(self.inputs),):
            raise ValueError(
                f"wanted examples with one label each, got {len(self.inputs):,} and labels {tuple(self.labels.shape)}"
            )

    def __len__(self) -> int:
        return len(self.labels)


class ClassificationLearner:
    """Examples in shuffled batches of ``batch``.

    ``item`` is what one example is called ("reviews", "images"). ``identity`` tells the architecture. ``augment``
    changes the inputs (B, …) of a training batch on the device; it may draw from torch's generator, which a checkpoint
    restores.
    """

    def __init__(
        self,
        model: nn.Module,
        training: Examples,
        validation: Examples,
        *,
        item: str,
        batch: int,
        seed: int,
        device: Device,
        flops_per_item: float,
        identity: Mapping[str, Any],
        augment: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.model = model.to(device.torch)
        self.item, self.items_per_batch, self.flops_per_item = item, batch, flops_per_item
        self._device, self._augment = device, augment
        self._training, self._validation = training, validation
        self._order = ShuffledBatches(len(training), batch=batch, seed=seed)
        self._identity = {**identity, "batch": batch, "examples": _sha256(training, validation)}

    def identity(self) -> Mapping[str, Any]:
        return self._identity

    def batch(self) -> tuple[Tensor, Tensor]:
        chosen = torch.from_numpy(self._order.next())
        inputs = self._training.inputs[chosen].to(self._device.torch, non_blocking=True)
        labels = self._training.labels[chosen].to(self._device.torch, non_blocking=True)
        return (self._augment(inputs) if self._augment else inputs), labels

    def loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        inputs, labels = batch
        return mean_loss(self.model(inputs), labels)

    def evaluate(self) -> Mapping[str, float]:
        logits = all_logits(self.model, self._validation.inputs)
        labels = self._validation.labels
        right = probabilities(logits).argmax(dim=1) == labels
        return {
            "validation_loss": float(mean_loss(logits, labels)),
            "validation_accuracy": float(right.double().mean()),
        }

    def state(self) -> Mapping[str, Any]:
        return self._order.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self._order.restore(state)


def mean_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy in nats an example; binary cross-entropy where two classes share one sigmoid."""
    if logits.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(logits[:, 0].float(), labels.float())
    return F.cross_entropy(logits.float(), labels)


def probabilities(logits: Tensor) -> Tensor:
    """(N, C) float64 on the CPU, each row adding up to one; from logits (N, C) or, of the second class, (N, 1)."""
    logits = logits.detach().cpu().double()
    if logits.shape[1] == 1:
        second = torch.sigmoid(logits)
        return torch.cat([1 - second, second], dim=1)
    return torch.softmax(logits, dim=1)


@torch.inference_mode()
def all_logits(model: nn.Module, inputs: Tensor) -> Tensor:
    """Logits of all ``inputs`` (N, …), float32 on the CPU, in batches; the caller chooses evaluation mode."""
    device = next(model.parameters()).device
    parts = inputs.split(_EVALUATED_TOGETHER)
    return torch.cat([model(part.to(device)).float().cpu() for part in parts])


def _sha256(*parts: Examples) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for tensor in (part.inputs, part.labels):
            digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
