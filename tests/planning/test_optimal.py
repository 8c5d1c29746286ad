"""Compute-optimal sizes against Chinchilla, its refit and what Sardana et al. say of serving."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.compute.optimal import (
    LAWS,
    best_size,
    best_size_to_serve,
    best_tokens,
    loss,
    tokens_to_reach,
)

EPOCH, HOFFMANN = LAWS["epoch"], LAWS["hoffmann"]
SIZES = st.floats(1e7, 1e13)
ANY_LAW = st.sampled_from(sorted(LAWS)).map(LAWS.__getitem__)


def test_chinchilla_is_the_best_use_of_its_compute() -> None:
    flops = 6 * 70e9 * 1.4e12
    assert best_size(EPOCH, flops) == pytest.approx(70e9, rel=0.05)
    assert best_tokens(EPOCH, 70e9) / 70e9 == pytest.approx(20, rel=0.1)


def test_a_smaller_model_on_more_data_saves_17_percent_for_two_trillion_tokens() -> None:
    """Sardana et al. 2024, figure 1: 7B instead of 13B saves 1.7e22 FLOPs, 17 %."""
    wanted = loss(HOFFMANN, 13e9, best_tokens(HOFFMANN, 13e9))
    size = best_size_to_serve(HOFFMANN, wanted, 2e12, 1.0)
    assert size == pytest.approx(7e9, rel=0.02)
    before = 6 * 13e9 * best_tokens(HOFFMANN, 13e9) + 2 * 13e9 * 2e12
    after = 6 * size * tokens_to_reach(HOFFMANN, wanted, size) + 2 * size * 2e12
    assert before - after == pytest.approx(1.7e22, rel=0.02)
    assert 1 - after / before == pytest.approx(0.17, abs=0.005)


@given(ANY_LAW, SIZES, st.floats(0.3, 3))
def test_no_other_size_reaches_a_lower_loss(law, size: float, factor: float) -> None:
    tokens = best_tokens(law, size)
    assert best_size(law, 6 * size * tokens) == pytest.approx(size)
    assert loss(law, size * factor, tokens / factor) >= loss(law, size, tokens) * (1 - 1e-12)
    assert tokens_to_reach(law, loss(law, size, tokens), size) == pytest.approx(tokens, rel=1e-6)


@given(ANY_LAW, st.floats(1e8, 1e12), st.floats(0, 1e16), st.floats(0.1, 10), st.floats(0.5, 2))
def test_no_other_size_costs_less_to_train_and_serve(
    law, size: float, served: float, ratio: float, factor: float
) -> None:
    wanted = loss(law, size, best_tokens(law, size))
    best = best_size_to_serve(law, wanted, served, ratio)

    def cost(parameters: float) -> float:
        return float(parameters * (6 * tokens_to_reach(law, wanted, parameters) + 2 * ratio * served))

    assert best <= size * (1 + 1e-9)
    assert cost(best * factor) >= cost(best) * (1 - 1e-9)
    assert served or best == pytest.approx(size)


def test_a_model_may_be_too_small_for_a_loss() -> None:
    assert tokens_to_reach(EPOCH, 1.9, 1e8) == np.inf
    drawn = tokens_to_reach(EPOCH, 2.0, np.array([1e8, 1e11]))
    assert drawn[0] == np.inf
    assert np.isfinite(drawn[1])


def test_draws_give_what_single_numbers_give() -> None:
    served = np.array([0.0, 1e12, 1e15])
    together = best_size_to_serve(EPOCH, 2.1, served, 2.0)
    assert together == pytest.approx([best_size_to_serve(EPOCH, 2.1, one, 2.0) for one in served])
