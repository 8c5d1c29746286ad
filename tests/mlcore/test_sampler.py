"""The order of training data: complete, random, and the same after a restart."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlcore.data.sampler import BlockSampler, blocks_in_order


def sampler_of(count: int = 500, *, length: int = 8, batch: int = 3, seed: int = 5) -> BlockSampler:
    return BlockSampler(np.arange(count, dtype=np.int32), length=length, batch=batch, seed=seed)


@given(st.integers(17, 400), st.integers(1, 8), st.integers(0, 2**32))
def test_an_epoch_visits_each_block_once(count: int, length: int, seed: int) -> None:
    sampler = sampler_of(count, length=length, batch=1, seed=seed)
    starts = []
    while sampler.epoch == 0:
        block = sampler.next()
        assert block.tolist() == [list(range(block[0, 0], block[0, 0] + length + 1))]
        starts.append(int(block[0, 0]))
        if sampler.position == (count - starts[0] % length - 1) // length:
            break
    assert sorted(starts) == list(range(min(starts), count - length, length))
    assert min(starts) < length


@given(st.integers(0, 60), st.integers(1, 40), st.integers(1, 7))
def test_a_restart_changes_nothing(before: int, after: int, batch: int) -> None:
    straight, stopped = sampler_of(batch=batch), sampler_of(batch=batch)
    for _ in range(before):
        straight.next(), stopped.next()
    resumed = sampler_of(batch=batch, seed=99)
    resumed.restore(json.loads(json.dumps(stopped.state())))
    for _ in range(after):
        assert torch.equal(straight.next(), resumed.next())


def test_epochs_differ_and_seeds_differ() -> None:
    sampler = sampler_of(batch=60)
    first, second = sampler.next(), sampler.next()
    assert sampler.epoch == 1
    assert not torch.equal(first, second)
    assert not torch.equal(first, sampler_of(batch=60, seed=6).next())


def test_too_little_text_is_refused() -> None:
    with pytest.raises(ValueError, match="Wanted at least 17 tokens of training text for sequences of 8, got 10"):
        sampler_of(10)


def test_evaluation_takes_blocks_in_order() -> None:
    tokens = np.arange(101, dtype=np.int32)
    assert blocks_in_order(tokens, length=10)[:, 0].tolist() == list(range(0, 100, 10))
    spread = blocks_in_order(tokens, length=10, most=4)
    assert spread[:, 0].tolist() == [0, 30, 60, 90]
    assert spread.shape == (4, 11)
