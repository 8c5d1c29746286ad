"""Measures of classifiers, against published examples, scikit-learn and their own definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mlcore.evaluate.classification import brier, confusion, measure, precision_recall_f1, reliability, wilson
from mlcore.evaluate.latency import Latency, time_each
from mlcore.progress import Cancelled


def draw(seed: int, *, count: int = 300, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities that know something of them."""
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, count - classes)])
    scores = random.normal(size=(count, classes)) + 1.2 * np.eye(classes)[labels]
    chances = np.exp(scores)
    return labels, chances / chances.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3 (score, without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_wilson_interval_is_the_published_one(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == successes / trials


@given(seed=st.integers(0, 10_000), classes=st.integers(2, 5))
def test_the_measures_are_those_of_scikit_learn(seed: int, classes: int) -> None:
    labels, chances = draw(seed, classes=classes)
    predicted = chances.argmax(axis=1)
    found = measure(labels, chances, seed=seed)
    average = {"average": "binary"} if classes == 2 else {"average": "macro"}
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, predicted, zero_division=0, **average)
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert (found.precision.value, found.recall.value, found.f1.value) == pytest.approx((precision, recall, f1))
    assert found.brier == pytest.approx(metrics.brier_score_loss(labels, chances, scale_by_half=True))
    assert np.array_equal(found.confusion, metrics.confusion_matrix(labels, predicted))


@given(seed=st.integers(0, 10_000), classes=st.integers(2, 4))
def test_intervals_hold_their_value_and_stay_between_0_and_1(seed: int, classes: int) -> None:
    found = measure(*draw(seed, classes=classes), seed=seed)
    for estimate in (found.accuracy, found.precision, found.recall, found.f1):
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_the_bootstrap_over_the_table_is_the_bootstrap_over_the_examples() -> None:
    labels, chances = draw(3, count=400)
    random = np.random.default_rng(0)
    rows = random.integers(0, 400, size=(2_000, 400))
    predicted = chances.argmax(axis=1)
    each = [precision_recall_f1(confusion(labels[row], predicted[row], classes=2))[2] for row in rows]
    found = measure(labels, chances).f1
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(each, (0.025, 0.975))), abs=0.005)


def test_a_class_that_is_never_predicted_counts_as_nothing() -> None:
    assert precision_recall_f1(np.array([[7, 0], [3, 0]])).tolist() == [0, 0, 0]
    assert precision_recall_f1(np.array([[4, 0, 0], [0, 2, 2], [0, 0, 0]])).tolist() == pytest.approx(
        [(1 + 1 + 0) / 3, (1 + 0.5 + 0) / 3, (1 + 2 / 3 + 0) / 3]
    )


def test_the_brier_score_of_two_classes_is_the_squared_error() -> None:
    assert brier(np.array([1, 0]), np.array([[0.2, 0.8], [0.7, 0.3]])) == pytest.approx((0.2**2 + 0.3**2) / 2)
    assert brier(np.array([0, 0]), np.array([[1.0, 0.0], [0.0, 1.0]])) == pytest.approx(0.5)


def test_calibration_by_hand() -> None:
    """Four of confidence 0.9, of which three are right; two of 0.6, of which one is: 4/6 × 0.15 + 2/6 × 0.1."""
    chances = np.array([[0.1, 0.9]] * 4 + [[0.6, 0.4]] * 2)
    found = measure(np.array([1, 1, 1, 0, 0, 1]), chances)
    assert [(place.count, place.accuracy) for place in found.bins] == [(2, 0.5), (4, 0.75)]
    assert [place.confidence for place in found.bins] == pytest.approx([0.6, 0.9])
    assert found.calibration_error == pytest.approx(4 / 6 * 0.15 + 2 / 6 * 0.1)


@given(seed=st.integers(0, 10_000))
def test_a_model_that_draws_from_its_own_probabilities_is_calibrated(seed: int) -> None:
    random = np.random.default_rng(seed)
    second = random.uniform(size=20_000)
    labels = (random.uniform(size=20_000) < second).astype(int)
    found = measure(labels, np.stack([1 - second, second], axis=1))
    assert found.calibration_error < 0.03
    assert sum(place.count for place in found.bins) == 20_000


def test_certainty_falls_into_the_last_bin() -> None:
    (only,) = reliability(np.array([1]), np.array([[0.0, 1.0]]))
    assert (only.confidence, only.accuracy, only.count) == (1.0, 1.0, 1)


@pytest.mark.parametrize(
    ("labels", "chances", "reason"),
    [
        ([], np.empty((0, 2)), "at least one example"),
        ([0, 1], [[0.5, 0.5]], "wanted labels"),
        ([2], [[0.5, 0.5]], "from 0 to 1, got 2 to 2"),
        ([-1], [[0.5, 0.5]], "from 0 to 1, got -1"),
        ([0], [[0.5, 0.6]], "add up to one"),
        ([0], [[1.5, -0.5]], "0 or more"),
        ([0], [[float("nan"), 1.0]], "0 or more"),
    ],
)
def test_what_cannot_be_measured_is_refused(labels: list[int], chances: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        measure(np.array(labels, dtype=int), np.array(chances))


def test_latency_is_what_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("mlcore.evaluate.latency.time.perf_counter", lambda: now[0])

    def answer(seconds: float) -> None:
        now[0] += seconds

    found = time_each(answer, [0.01] * 19 + [0.2], lambda: None)
    assert found.p50 == pytest.approx(0.01)
    assert found.p95 == pytest.approx(0.01 + 0.05 * 0.19)  # a twentieth of the way from the 19th to the 20th
    assert found.per_second == pytest.approx(20 / 0.39)
    assert found.usd(3.6) == pytest.approx(0.001 * 0.39 / 20)
    assert found.usd(0.0) is None


def test_timing_can_be_stopped() -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        time_each(lambda _: None, [1], stop)
    assert Latency(1, 1, 2).usd(7200) == 1
