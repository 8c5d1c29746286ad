"""Small texts, small models and one thread: these tests compute for real and take seconds."""

from __future__ import annotations

import os

# Before torch is imported: two test processes with a pool of threads each slow one another down many times over.
os.environ["OMP_NUM_THREADS"] = "1"

import random
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from mlcore.data.tokenizer import TextTokenizer
from mlcore.device import Device
from mlcore.models.shape import DecoderConfig
from mlcore.progress import Quiet

torch.set_num_threads(1)
settings.register_profile("mlcore", deadline=None, max_examples=40)
settings.load_profile("mlcore")

SMALL = DecoderConfig(vocab=300, layers=2, hidden=32, heads=4, kv_heads=2, ffn=48, context=24, dropout=0.1)


@pytest.fixture(scope="session")
def cpu() -> Device:
    """One processor core in 32 bits, so that results do not depend on the machine's instructions."""
    return Device("cpu", "one core", 2**34, 1, torch.float32)


@pytest.fixture(scope="session")
def story() -> str:
    """Some 30,000 characters of sentences with structure to learn, the same each time."""
    draw = random.Random(7)
    who = ("Elizabeth", "Mr. Darcy", "Emma", "Anne", "Captain Wentworth", "Lady Russell")
    did = ("walked to", "wrote of", "thought of", "returned from", "spoke kindly of")
    what = ("the village", "Netherfield", "the ball", "Bath", "her sister", "a long letter")
    lines = (f"{draw.choice(who)} {draw.choice(did)} {draw.choice(what)}." for _ in range(900))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def tokenizer(story: str) -> TextTokenizer:
    return TextTokenizer.train([story], vocab=300)


@pytest.fixture
def quiet(tmp_path: Path) -> Quiet:
    return Quiet(tmp_path)
