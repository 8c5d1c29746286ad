"""Ranking of segments against published cases, a second method, and itself."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.segments import CALCULATOR, COMPARISONS, UNUSED
from portal.planning.engine import evaluate, simulate
from portal.planning.ranking import words
from portal.planning.ranking.criteria import MORE_IS_BETTER, NAMES, SEGMENTS
from portal.planning.ranking.methods import closeness, lead, ranks, weighted_sum
from portal.planning.ranking.weights import (
    RANDOM_INDEX,
    comparison_count,
    comparison_matrix,
    consistency_ratio,
    misfit,
    principal,
    shares,
)
from portal.planning.wording import say

Inputs = CALCULATOR.inputs
few = settings(max_examples=60, deadline=None)

# Saaty, “How to make a decision: the analytic hierarchy process”, European Journal of Operational Research 48, 1990:
# the choice of a house by size, transport, neighbourhood, age, yard, facilities, condition and financing.
HOUSE = (
    5, 3, 7, 6, 6, 1 / 3, 1 / 4,
    1 / 3, 5, 3, 3, 1 / 5, 1 / 7,
    6, 3, 4, 6, 1 / 5,
    1 / 3, 1 / 4, 1 / 7, 1 / 8,
    1 / 2, 1 / 5, 1 / 6,
    1 / 5, 1 / 6,
    1 / 2,
)  # fmt: skip
HOUSE_WEIGHTS = (0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333)

# Price, economy, aesthetics and boot of three cars: hodgett.co.uk/topsis-in-excel, in the tests of R's package MCDA.
CARS = ((5490, 51.4, 8.5, 285), (6500, 70.6, 7, 288), (6489, 54.3, 7.5, 290))
CARS_WEIGHTS = (0.35, 0.25, 0.25, 0.15)
CARS_CLOSENESS = (0.4817, 0.5182, 0.1780)
# Ideal and anti-ideal of the same case, as the package's tests have them: price, economy, aesthetics, boot.
CARS_BEST = (0.179573776, 0.171636015, 0.159499658, 0.087302767)
CARS_WORST = (0.212610118, 0.124958799, 0.131352659, 0.085797547)


def read(**given: Any) -> Any:
    return read_inputs(Inputs, given)


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def by_rows(scores: Any, weights: Any, more: Any) -> list[float]:
    """TOPSIS again, one row and one criterion after another."""
    columns = list(zip(*scores, strict=True))
    lengths = [sum(value**2 for value in column) ** 0.5 for column in columns]
    weighted = [
        [w * value / length if length else 0.0 for value, w, length in zip(row, weights, lengths, strict=True)]
        for row in scores
    ]
    best, worst = [], []
    for column, up in zip(zip(*weighted, strict=True), more, strict=True):
        best.append(max(column) if up else min(column))
        worst.append(min(column) if up else max(column))
    found = []
    for row in weighted:
        to_best = sum((a - b) ** 2 for a, b in zip(row, best, strict=True)) ** 0.5
        to_worst = sum((a - b) ** 2 for a, b in zip(row, worst, strict=True)) ** 0.5
        found.append(to_worst / (to_best + to_worst) if to_best + to_worst else 0.5)
    return found


# Published cases


def test_weights_of_saatys_house() -> None:
    matrix = comparison_matrix(HOUSE, 8)
    weights, largest = principal(matrix)
    assert weights.round(3) == pytest.approx(HOUSE_WEIGHTS)
    assert float(largest) == pytest.approx(9.669, abs=5e-4)
    assert consistency_ratio(float(largest), 8) == pytest.approx(0.169, abs=5e-4)
    worst = misfit(matrix, weights)
    assert (worst.one, worst.other, worst.typed) == (2, 6, 6)  # the neighbourhood against the condition
    assert worst.implied == pytest.approx(0.188 / 0.167, rel=0.01)


def test_closeness_of_three_cars() -> None:
    more = np.array([False, True, True, True])
    scores, weights = np.array(CARS, dtype=float), np.array(CARS_WEIGHTS)
    found = closeness(scores[:, :, np.newaxis], weights[:, np.newaxis], more)[:, 0]
    assert found == pytest.approx(CARS_CLOSENESS, abs=5e-5)
    weighted = scores / np.linalg.norm(scores, axis=0) * weights
    assert np.where(more, weighted.max(axis=0), weighted.min(axis=0)) == pytest.approx(CARS_BEST, rel=1e-8)
    assert np.where(more, weighted.min(axis=0), weighted.max(axis=0)) == pytest.approx(CARS_WORST, rel=1e-8)


def test_the_best_segment_of_a_criterion_that_alone_counts_is_the_best() -> None:
    for name, more in zip(NAMES, MORE_IS_BETTER, strict=True):
        rows = [{"name": "low", name: 1}, {"name": "high", name: 9}]
        found = outputs(**{**UNUSED, f"weight_{name}": 2, "segments": rows})
        assert found["first_by_score"] == found["first_by_closeness"] == [not more, more]
        assert found["closeness"] == [0.0 if more else 1.0, 1.0 if more else 0.0]
        assert found["score"] == ([1, 9] if more else [9, 1])


# Properties

tables = st.tuples(st.integers(2, 7), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(
        arrays(float, shape, elements=st.floats(0, 10).map(lambda value: round(value, 3))),
        arrays(float, shape[1], elements=st.floats(0.01, 10)),
        arrays(bool, shape[1]),
    )
)


def triangles(count: int) -> st.SearchStrategy[list[float]]:
    size = comparison_count(count)
    return st.lists(st.sampled_from([1 / 9, 1 / 3, 1, 2, 5, 9]), min_size=size, max_size=size)


@given(tables)
@few
def test_topsis_lies_from_0_to_1_and_agrees_with_a_second_method(table: Any) -> None:
    scores, weights, more = table
    found = closeness(scores[:, :, np.newaxis], weights[:, np.newaxis], more)[:, 0]
    assert ((found >= 0) & (found <= 1)).all()
    assert found == pytest.approx(by_rows(scores, weights, more), abs=1e-9)


@given(tables, st.floats(0.1, 100))
@few
def test_closeness_has_no_scale_in_scores_nor_in_weights(table: Any, scale: float) -> None:
    scores, weights, more = table
    one = closeness(scores[:, :, np.newaxis], weights[:, np.newaxis], more)
    columns = scores * np.linspace(1, scale, scores.shape[1])
    other = closeness(columns[:, :, np.newaxis], scale * weights[:, np.newaxis], more)
    assert other == pytest.approx(one, abs=1e-9)


@given(tables, st.randoms(use_true_random=False))
@few
def test_the_order_of_rows_does_not_matter(table: Any, random: Any) -> None:
    scores, weights, more = table
    order = list(range(len(scores)))
    random.shuffle(order)
    for method in (
        lambda rows: closeness(rows[:, :, np.newaxis], weights[:, np.newaxis], more),
        lambda rows: weighted_sum(rows[:, :, np.newaxis], shares(weights)[:, np.newaxis], more, 10),
    ):
        assert method(scores[order]) == pytest.approx(method(scores)[order], abs=1e-9)


@given(tables, st.data())
@few
def test_a_better_score_never_lowers_the_weighted_sum_nor_its_place(table: Any, data: Any) -> None:
    scores, weights, more = table
    row, column = (data.draw(st.integers(0, length - 1)) for length in scores.shape)
    better = scores.copy()
    better[row, column] += 1 if more[column] else -1
    one, other = (
        weighted_sum(each[:, :, np.newaxis], shares(weights)[:, np.newaxis], more, 11) for each in (scores, better)
    )
    assert other[row] >= one[row]
    assert ranks(other)[row] <= ranks(one)[row]


@given(arrays(float, st.tuples(st.integers(2, 8), st.integers(1, 5)), elements=st.integers(0, 5).map(float)))
@few
def test_ranks_and_lead(values: Any) -> None:
    places = ranks(values)
    assert (places.min(axis=0) == 1).all()
    assert ((places == 1) == (values == values.max(axis=0))).all()
    assert ((lead(values) == 0) == ((places == 1).sum(axis=0) > 1)).all()
    for column, place in zip(values.T, places.T, strict=True):
        assert [1 + sum(other > value for other in column) for value in column] == place.tolist()


@given(st.lists(st.floats(1e-300, 1e12), min_size=1, max_size=8))
@few
def test_weights_sum_to_1(weights: list[float]) -> None:
    found = shares(np.array(weights)[:, np.newaxis])
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()


@given(st.integers(3, 8).flatmap(lambda n: st.lists(st.floats(0.12, 8), min_size=n, max_size=n)))
@few
def test_comparisons_that_agree_give_back_their_weights(weights: list[float]) -> None:
    count = len(weights)
    upper = [weights[i] / weights[j] for i in range(count) for j in range(i + 1, count)]
    found, largest = principal(comparison_matrix(upper, count))
    assert found == pytest.approx(np.array(weights) / sum(weights), rel=1e-6)
    assert consistency_ratio(float(largest), count) == pytest.approx(0, abs=1e-9)


@given(st.integers(3, 8).flatmap(lambda count: st.tuples(st.just(count), triangles(count))))
@few
def test_any_comparisons_give_positive_weights_and_power_iteration_the_same(drawn: tuple[int, list[float]]) -> None:
    count, upper = drawn
    matrix = comparison_matrix(upper, count)
    weights, largest = principal(matrix)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1)
    assert float(largest) >= count - 1e-9
    vector = np.ones(count)
    for _ in range(3_000):
        vector = matrix @ vector
        vector /= vector.sum()
    assert weights == pytest.approx(vector, rel=1e-6)


def test_matrices_are_decomposed_together() -> None:
    stack = np.stack([comparison_matrix(HOUSE, 8), comparison_matrix(COMPARISONS, 8)])
    weights, largest = principal(stack)
    for at, matrix in enumerate(stack):
        alone, value = principal(matrix)
        assert weights[at] == pytest.approx(alone)
        assert largest[at] == pytest.approx(value)


def test_two_criteria_cannot_contradict_and_a_triangle_must_be_whole() -> None:
    assert consistency_ratio(float(principal(comparison_matrix([9], 2))[1]), 2) == 0
    assert RANDOM_INDEX[8] == 1.41
    for upper in ([1, 2], [1, 2, 3, 4], [1, 0, 2], [1, -1, 2]):
        with pytest.raises(ValueError, match="ratios above zero"):
            comparison_matrix(upper, 3)


# The calculator


def test_the_starting_comparisons_hardly_contradict() -> None:
    found = outputs(weighting="compared")
    assert found["consistency_ratio"] < 0.1
    assert sum(found["weights"]) == pytest.approx(1)
    assert outputs()["consistency_ratio"] == np.inf
    assert outputs()["weights"] == pytest.approx([w / 20 for w in (3, 2, 3, 3, 2, 2, 1, 4)])


def test_a_segment_that_is_better_in_all_is_first_in_every_draw() -> None:
    strong = {"name": "Strong", **{name: "8 to 9" if more else "1 to 2" for name, more in _directions()}}
    weak = {"name": "Weak", **{name: "3 to 4" if more else "6 to 7" for name, more in _directions()}}
    outcome = simulate(CALCULATOR, read(segments=[weak, strong]), draws=500, seed=3)
    assert outcome.shares("first_by_score").tolist() == [0, 1]
    assert outcome.shares("first_by_closeness").tolist() == [0, 1]
    assert outcome.share("methods_agree") == 1
    assert say(CALCULATOR.answer(outcome)) == "Strong comes first in every case that was drawn."


def test_how_often_each_is_first_is_counted_over_the_draws() -> None:
    rows = [{"name": "Sure", "market": 5}, {"name": "Unsure", "market": "0 to 10 as uniform"}]
    outcome = simulate(CALCULATOR, read(**{**UNUSED, "weight_market": 1, "segments": rows}), draws=2_000, seed=3)
    assert outcome.shares("first_by_score") == pytest.approx([0.5, 0.5], abs=1e-3)
    drawn = outcome.drawn["segments.1.market"]
    assert np.asarray(outcome.samples["score"])[1] == pytest.approx(drawn)


def test_every_draw_is_a_case_of_its_own() -> None:
    outcome = simulate(CALCULATOR, read(), draws=40, seed=5)
    for at in (0, 17, 39):
        rows = [
            {
                "name": row.name,
                **{name: float(outcome.drawn[f"segments.{index}.{name}"][at]) for name in NAMES},
            }
            for index, row in enumerate(SEGMENTS)
        ]
        alone = outputs(segments=rows)
        assert np.asarray(outcome.samples["closeness"])[:, at] == pytest.approx(alone["closeness"])
        assert np.asarray(outcome.samples["first_by_score"])[:, at].tolist() == alone["first_by_score"]


def test_ten_thousand_draws_take_a_moment() -> None:
    inputs = read()
    simulate(CALCULATOR, inputs, draws=10_000, seed=1)
    times = []
    for _ in range(5):
        start = perf_counter()
        simulate(CALCULATOR, inputs, draws=10_000, seed=1)
        times.append(perf_counter() - start)
    assert min(times) < 0.5  # some 30 ms on an idle core; the margin is for a busy machine


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        ({"segments": []}, "segments", "Wanted at least 2 segments, got 0"),
        ({"segments": [{"name": "One"}]}, "segments", "Wanted at least 2 segments, got 1"),
        (UNUSED, "weight_market", "Wanted a weight above zero"),
        ({"weighting": "compared", "comparisons": [1, 2]}, "comparisons", "Wanted 28 comparisons.*got 2"),
        ({"weighting": "compared", "comparisons": []}, "comparisons", "Wanted 28 comparisons.*got 0"),
    ],
)
def test_what_cannot_be_ranked_is_refused(given: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        evaluate(CALCULATOR, read(**given))
    assert list(refused.value.problems) == [path]


@pytest.mark.parametrize(
    "given",
    [
        {"segments": [{"market": 11}, {}]},
        {"segments": [{"market": "-1 to 3"}, {}]},
        {"segments": [{"market": "many"}, {}]},
        {"weighting": "guessed"},
        {"weight_market": -1},
        {"comparisons": [1] * 29},
        {"comparisons": [0.1] * 28},
        {"comparisons": [9.5] * 28},
    ],
)
def test_what_is_not_permitted_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(**given)


def test_unused_comparisons_and_unused_weights_do_not_matter() -> None:
    assert evaluate(CALCULATOR, replace(read(), comparisons=())).outputs["weights"] == outputs()["weights"]
    found = evaluate(CALCULATOR, read(**UNUSED, weighting="compared")).outputs
    assert found["weights"] == outputs(weighting="compared")["weights"]


# Words


def test_the_answer_in_words() -> None:
    two = [{"name": "A", "market": 8}, {"name": "B", "market": 6}]
    tied = [{"name": "A", "market": 8}, {"name": "", "market": 8}]
    alone = {**UNUSED, "weight_market": 1}
    for rows, said in (
        (two, "A comes first with 8 of 10 points; B follows with 6."),
        (tied, "A and 2 share the first place with 8 of 10 points."),
    ):
        outcome = simulate(CALCULATOR, read(**alone, segments=rows), draws=10, seed=1)
        assert say(CALCULATOR.answer(outcome)) == said
    outcome = simulate(
        CALCULATOR, read(**alone, segments=[*two, {"name": "C", "market": "2 to 10 as uniform"}]), draws=4_000, seed=1
    )
    assert say(CALCULATOR.answer(outcome)) == "A comes first in 75% of the cases; C, the next, in 25%."


def notices(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


def test_warnings_appear_where_they_are_due() -> None:
    assert notices() == []
    assert notices(segments=[{}, {}, {}]) == [words.ALIKE]
    assert words.INCONSISTENT in notices(weighting="compared", comparisons=HOUSE)
    assert words.INCONSISTENT not in notices(weighting="compared")
    differing = CALCULATOR.examples[1].inputs
    assert notices(**differing) == [words.METHODS_DIFFER]
    told = next(
        notice
        for notice in evaluate(CALCULATOR, read(weighting="compared", comparisons=HOUSE)).notices
        if notice.text == words.INCONSISTENT
    )
    assert "“Pain” against “Regulation”: 6 was said, the others imply 1.13" in say(told)


def test_figures_stand_beside_the_answer_with_their_sources() -> None:
    (table,) = evaluate(CALCULATOR, read()).tables
    assert len(table.rows) == len(SEGMENTS) == 10
    assert all(source for _, _, source in table.rows)
    assert evaluate(CALCULATOR, read(segments=[{}, {}])).tables == []


def _directions() -> list[tuple[str, bool]]:
    return list(zip(NAMES, MORE_IS_BETTER, strict=True))
