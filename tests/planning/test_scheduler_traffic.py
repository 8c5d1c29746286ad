"""Requests as they are drawn, and those that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from portal.planning.serving.traffic import Requests, lengths, poisson_arrivals


def test_arrivals_come_independently_at_the_rate() -> None:
    arrival = poisson_arrivals(np.random.default_rng(1), rate=50.0, seconds=600.0)
    gaps = np.diff(arrival)
    assert len(arrival) == pytest.approx(30_000, rel=0.02)
    assert gaps.min() >= 0
    assert gaps.mean() == pytest.approx(gaps.std(), rel=0.03)  # exponential
    assert arrival[0] >= 0
    assert arrival[-1] <= 600


def test_a_ramp_lets_the_rate_grow_evenly() -> None:
    arrival = poisson_arrivals(np.random.default_rng(2), rate=100.0, seconds=200.0, ramp=100.0)
    counts, _ = np.histogram(arrival, bins=[0, 50, 100, 150, 200])
    assert counts == pytest.approx([1250, 3750, 5000, 5000], rel=0.08)


def test_lengths_have_the_mean_and_the_spread_that_were_asked_for() -> None:
    drawn = lengths(np.random.default_rng(3), mean=300.0, spread=0.8, number=100_000, longest=100_000)
    assert drawn.mean() == pytest.approx(300, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(0.8, rel=0.03)
    cut = lengths(np.random.default_rng(3), mean=300.0, spread=0.8, number=1000, longest=400)
    assert (cut.min() >= 1, cut.max()) == (True, 400)
    assert set(lengths(np.random.default_rng(3), mean=77.0, spread=0.0, number=10, longest=100)) == {77}


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0.0}, {"rate": float("inf")}, {"seconds": 0.0}, {"ramp": 11.0}, {"ramp": -1.0}, {"rate": float("nan")}],
)
def test_loads_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"above 0|takes 0 to"):
        poisson_arrivals(np.random.default_rng(0), **{"rate": 1.0, "seconds": 10.0, **wrong})


@pytest.mark.parametrize("wrong", [{"mean": 0.5}, {"mean": 600.0}, {"spread": -0.1}, {"spread": float("nan")}])
def test_lengths_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="wanted a mean of 1 to 500"):
        lengths(np.random.default_rng(0), **{"mean": 10.0, "spread": 0.5, **wrong}, number=3, longest=500)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"arrival": [1.0, 0.0]}, "order of their arrival"),
        ({"arrival": [0.0, float("nan")]}, "finite"),
        ({"arrival": [0.0]}, "every request"),
        ({"prompt": [0, 5]}, "1 token or more"),
        ({"answer": [5, 0]}, "1 token or more"),
        ({"cached": [6, 0]}, "no more than its prompt"),
        ({"cached": [-1, 0]}, "0 tokens or more"),
    ],
)
def test_requests_that_contradict_themselves_are_refused(wrong: dict[str, list[float]], words: str) -> None:
    good = {"arrival": [0.0, 1.0], "prompt": [5, 5], "answer": [5, 5], "cached": [0, 5]}
    with pytest.raises(ValueError, match=words):
        Requests(**{name: np.array(values) for name, values in {**good, **wrong}.items()})
