"""Training tokens a second of our loop against a minimal hand-written loop of the same model, in one run.

``pytest -s -m benchmark tests/benchmarks/training_throughput.py`` takes some two minutes on two cores. The loops take
turns, so that what else the machine does meets both; printed are the best and the median of their rounds.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from mlcore.device import Device, matmul_peak, pick
from mlcore.models.decoder import Decoder
from mlcore.progress import Quiet
from mlcore.repro import seed_everything
from mlcore.tasks.text_generation.sizes import SIZES
from mlcore.train.language import LanguageLearner
from mlcore.train.loop import fit
from mlcore.train.recipe import Recipe

pytestmark = pytest.mark.benchmark

SIZE, LENGTH, BATCH = "small", 256, 16
STEPS, SKIPPED, ROUNDS = 14, 2, 6
RATE = 0.002


def tokens() -> np.ndarray:
    return np.random.default_rng(0).integers(0, SIZES[SIZE].vocab, 200_000).astype(np.int32)


def new_model() -> Decoder:
    seed_everything(0)
    return Decoder(SIZES[SIZE].config(vocab=SIZES[SIZE].vocab, context=LENGTH))


def ours(folder: Path, device: Device) -> float:
    """Tokens a second, with clipping, schedule, reports and checks as every run has them."""
    data = tokens()
    learner = LanguageLearner(new_model(), data, data[:2_000], length=LENGTH, batch=BATCH, seed=0, device=device)
    recipe = Recipe(steps=STEPS, learning_rate=RATE, seed=0, warmup_steps=2, evaluate_every=STEPS)
    return fit(learner, recipe, Quiet(folder), device).items_per_second


def by_hand(device: Device) -> float:
    """What one writes in an afternoon: the same model, optimizer, precision, schedule and clipping, and no more."""
    data = torch.from_numpy(tokens().astype(np.int64))
    model = new_model().to(device.torch).train()
    decaying = [weight for weight in model.parameters() if weight.dim() >= 2]
    free = [weight for weight in model.parameters() if weight.dim() < 2]
    groups = [{"params": decaying, "weight_decay": 0.1}, {"params": free, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.95), fused=True)
    for step in range(STEPS):
        if step == SKIPPED:
            device.synchronize()
            started = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        starts = torch.randint(len(data) - LENGTH - 1, (BATCH,))
        block = torch.stack([data[start : start + LENGTH + 1] for start in starts]).to(device.torch)
        with torch.autocast(device.kind, torch.bfloat16, enabled=device.precision is torch.bfloat16):
            loss = F.cross_entropy(model(block[:, :-1]).flatten(0, 1), block[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    device.synchronize()
    return (STEPS - SKIPPED) * BATCH * LENGTH / (time.perf_counter() - started)


def test_training_throughput(tmp_path: Path) -> None:
    device = pick()
    mine, theirs = [], []
    for turn in range(ROUNDS):
        mine.append(ours(tmp_path / str(turn), device))
        theirs.append(by_hand(device))
    config = new_model().config
    achieved = max(mine) * config.training_flops_per_token(LENGTH)
    print(
        f"\ntraining, {config.parameters():,} parameters, {BATCH} x {LENGTH}, {device.precision_name}, {device.name}"
        f"\n  our loop      best {max(mine):8,.0f}  median {median(mine):8,.0f} tokens/s"
        f"\n  hand-written  best {max(theirs):8,.0f}  median {median(theirs):8,.0f} tokens/s"
        f"\n  ratio         best {max(mine) / max(theirs):8.3f}  median {median(mine) / median(theirs):8.3f}"
        f"\n  achieved {achieved / 1e9:,.0f} GFLOP/s of a measured peak of {matmul_peak(device) / 1e9:,.0f}:"
        f" {achieved / matmul_peak(device):.1%}"
    )
    assert max(mine) > 0.9 * max(theirs)
