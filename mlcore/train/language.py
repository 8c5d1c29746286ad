"""Learning to predict the next token: the ``Learner`` of decoder models."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mlcore.data.sampler import BlockSampler, blocks_in_order
from mlcore.device import Device
from mlcore.models.decoder import Decoder
from mlcore.train.pace import EVALUATED_TOKENS

_TOKENS_AT_ONCE = 8_192  # evaluated together: bounds the logits, tokens x vocabulary, in memory


class LanguageLearner:
    """Blocks of ``length`` tokens in batches of ``batch``."""

    item = "tokens"

    def __init__(
        self,
        model: Decoder,
        training: np.ndarray,
        held_out: np.ndarray,
        *,
        length: int,
        batch: int,
        seed: int,
        device: Device,
    ) -> None:
        self.model = model.to(device.torch)
        self.device = device
        self.items_per_batch = batch * length
        self.flops_per_item = model.config.training_flops_per_token(length)
        self.sampler = BlockSampler(training, length=length, batch=batch, seed=seed)
        self.blocks = blocks_in_order(held_out, length=length, most=max(1, EVALUATED_TOKENS // length))
        self._identity = {
            **model.config.to_json(),
            "length": length,
            "batch": batch,
            "tokens": hashlib.sha256(training.tobytes() + held_out.tobytes()).hexdigest(),
        }

    def identity(self) -> Mapping[str, Any]:
        return self._identity

    def batch(self) -> Tensor:
        return self.sampler.next().to(self.device.torch, non_blocking=True)  # (B, S + 1)

    def loss(self, batch: Tensor) -> Tensor:
        logits = self.model(batch[:, :-1])  # (B, S, V)
        return F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())

    def evaluate(self) -> Mapping[str, float]:
        return {"validation_loss": mean_loss(self.model, self.blocks.to(self.device.torch))}

    def state(self) -> Mapping[str, Any]:
        return self.sampler.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self.sampler.restore(state)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """How well a model predicts text it has never seen, whichever tokenizer it has."""

    loss: float
    """Nats per token."""
    tokens: int
    bits_per_byte: float

    @property
    def perplexity(self) -> float:
        return math.exp(self.loss)


@torch.inference_mode()
def evaluate(model: Decoder, held_out: np.ndarray, *, length: int, pieces: list[bytes]) -> HeldOut:
    """Over all of ``held_out`` but its first token and an unfinished last block; each token is predicted from those
    before it in its block of ``length``."""
    model.eval()
    blocks = blocks_in_order(held_out, length=length)
    loss = mean_loss(model, blocks.to(next(model.parameters()).device))
    targets = blocks[:, 1:].flatten().tolist()
    num_bytes = sum(len(pieces[token]) for token in targets)
    return HeldOut(loss=loss, tokens=len(targets), bits_per_byte=loss * len(targets) / math.log(2) / num_bytes)


def mean_loss(model: Decoder, blocks: Tensor) -> float:
    """Nats per token over ``blocks`` (N, S + 1); the caller switches gradients off."""
    length = blocks.shape[1] - 1
    total = 0.0
    for part in blocks.split(max(1, _TOKENS_AT_ONCE // length)):
        logits = model(part[:, :-1]).flatten(0, 1).float()
        total += float(F.cross_entropy(logits, part[:, 1:].flatten(), reduction="sum"))
    return total / (len(blocks) * length)
