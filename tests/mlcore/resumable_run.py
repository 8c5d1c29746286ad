"""A training run of seconds, as a process of its own that a test can kill: ``python resumable_run.py FOLDER STEPS``.

It writes a checkpoint after every step, so that a kill may come between any two writes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mlcore.device import Device
from mlcore.models.decoder import Decoder
from mlcore.models.shape import DecoderConfig
from mlcore.progress import Progress, Quiet
from mlcore.repro import seed_everything
from mlcore.train import loop
from mlcore.train.language import LanguageLearner
from mlcore.train.loop import Outcome, fit
from mlcore.train.recipe import Recipe

CONFIG = DecoderConfig(vocab=80, layers=2, hidden=32, heads=4, kv_heads=2, ffn=48, context=16, dropout=0.2)


def learner(seed: int = 3, *, dropout: float = 0.2) -> LanguageLearner:
    """A model and data with something to learn: counting up, with noise."""
    seed_everything(seed)
    draw = np.random.default_rng(0)
    tokens = (np.arange(4_000) % 70 + draw.integers(0, 3, 4_000)).astype(np.int32)
    device = Device("cpu", "one core", 2**34, 1, torch.float32)
    config = DecoderConfig(**{**CONFIG.to_json(), "dropout": dropout})
    return LanguageLearner(
        Decoder(config), tokens[:3_400], tokens[3_400:], length=16, batch=4, seed=seed, device=device
    )


def recipe(steps: int, **changes: Any) -> Recipe:
    given: dict[str, Any] = {"steps": steps, "learning_rate": 0.01, "seed": 3, "accumulation": 2, "evaluate_every": 4}
    given["warmup_steps"] = min(3, steps)
    return Recipe(**{**given, "checkpoint_seconds": 0.0, **changes})


def run(progress: Progress, steps: int, **changes: Any) -> Outcome:
    loop._SAVING_SHARE = 1e9  # otherwise a checkpoint waits until its cost is a small share of the time
    taught = learner()
    return fit(taught, recipe(steps, **changes), progress, taught.device)


class Announcing(Quiet):
    """Says on standard output how far it is."""

    def check(self) -> None:
        pointer = self.folder / "checkpoints" / "last.json"
        if pointer.exists():
            print(json.loads(pointer.read_text())["step"], flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    run(Announcing(Path(sys.argv[1])), int(sys.argv[2]))
