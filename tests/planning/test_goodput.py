"""Checkpoints and failures against Young's and Daly's formulas, and against failures drawn by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.compute.goodput import HOURS_PER_INTERRUPTION, best_interval, goodput, interruptions

SECONDS = st.floats(1, 1e5)


def test_the_best_interval_is_youngs_when_writing_is_quick() -> None:
    # δ = 10 s, M = 3 h: √(2 · 10 · 10800) = 464.8
    assert best_interval(10.0, 10_800.0) == pytest.approx(464.8 * (1 + 0.0215 / 3) - 10, rel=1e-3)
    assert best_interval(100.0, 20.0) == 20.0


@given(SECONDS, SECONDS, st.floats(0.3, 3))
def test_no_other_interval_is_better(write: float, restart: float, factor: float) -> None:
    between = 200 * write
    best = best_interval(write, between)
    share = goodput(best, write, restart, between)
    assert 0 < share < 1
    # Daly's series is within 0.1 % of the optimum here.
    assert goodput(best * factor, write, restart, between) <= share * 1.001


def test_waste_is_youngs_sum_to_first_order() -> None:
    write, restart, between = 30.0, 300.0, 1e6
    interval = best_interval(write, between)
    waste = write / interval + interval / (2 * between) + restart / between
    assert 1 - goodput(interval, write, restart, between) == pytest.approx(waste, rel=0.02)


def test_failures_drawn_by_chance_waste_as_much() -> None:
    write, restart, between, interval = 60.0, 600.0, 7200.0, 900.0
    chance = np.random.default_rng(4)
    done = clock = 0.0
    while done < 4e6:
        failure = chance.exponential(between)
        whole = interval + write
        if failure > whole:
            done, clock = done + interval, clock + whole
            continue
        clock += failure
        while (up := chance.exponential(between)) < restart:  # the restart itself may fail
            clock += up
        clock += restart
    assert done / clock == pytest.approx(goodput(interval, write, restart, between), rel=0.02)


def test_llama_3_is_interrupted_as_often_as_it_was() -> None:
    assert interruptions(54 * 24 * 16_384) == pytest.approx(419, rel=1e-3)
    between = HOURS_PER_INTERRUPTION / 16_384 * 3600
    # "More than 90 % effective training time": 14 bytes a parameter at 2 TB/s, ten minutes to start again
    write = 14 * 405e9 / 2e12
    assert 0.9 < goodput(best_interval(write, between), write, 600.0, between) < 0.95


def test_arrays_and_extremes_are_permitted() -> None:
    write = np.array([1e-3, 10.0, 1e6])
    interval = best_interval(write, 1e3)
    shares = goodput(interval, write, 1e9, 1e3)
    assert interval.shape == shares.shape == (3,)
    assert np.all((shares >= 0) & (shares < 1) & np.isfinite(shares))
