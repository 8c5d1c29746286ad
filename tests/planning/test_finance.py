"""Monthly arithmetic against the plainest way to say it."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from portal.planning.finance import (
    compounded,
    draw_count,
    first_below_zero,
    months_while,
    quotient,
    running_lows,
    scheduled,
    settled,
)

money = st.floats(-1e6, 1e6, width=32)


@given(arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=money), st.floats(0, 1e6))
def test_the_month_of_zero_is_interpolated_in_each_draw(left: Any, opening: float) -> None:
    found = first_below_zero(opening, left, running_lows(opening, left))
    for draw in range(left.shape[1]):
        before, expected = opening, math.inf
        for month, after in enumerate(left[:, draw]):
            if after < 0:
                expected = month + before / (before - after)
                break
            before = after
        assert found[draw] == pytest.approx(expected)


def test_a_balance_that_touches_zero_has_not_passed_it() -> None:
    left = np.array([[5.0], [0.0], [0.0], [3.0]])
    assert first_below_zero(10, left, running_lows(10, left)) == math.inf
    left = np.array([[5.0], [0.0], [-5.0]])
    assert first_below_zero(10, left, running_lows(10, left)) == 2


def test_nothing_at_the_start_is_zero_at_once() -> None:
    left = np.array([[-1.0], [-2.0]])
    assert first_below_zero(0, left, running_lows(0, left)) == 0


@given(arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=money), money)
def test_running_lows_are_cumulative_minima(left: Any, opening: float) -> None:
    assert np.array_equal(running_lows(opening, left), np.minimum(opening, np.minimum.accumulate(left, axis=0)))


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_months_while_counts_up_to_the_first_gap(condition: Any) -> None:
    expected = [next((m for m, holds in enumerate(column) if not holds), len(column)) for column in condition.T]
    assert months_while(condition).tolist() == expected


def test_months_while_counts_beyond_what_a_byte_holds() -> None:
    assert months_while(np.ones((300, 2), dtype=bool)).tolist() == [300, 300]


payments = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 9), arrays(float, 4, elements=st.integers(1, 9).map(float))),
        st.one_of(money, arrays(float, 4, elements=money)),
    ),
    max_size=4,
)


@given(payments)
def test_payments_are_summed_by_month_and_draw(flows: list[tuple[Any, Any]]) -> None:
    expected = np.zeros((6, 4))
    for when, amount in flows:
        for draw in range(4):
            month = int(np.broadcast_to(when, 4)[draw])
            if month <= 6:
                expected[month - 1, draw] += np.broadcast_to(amount, 4)[draw]
    found = np.zeros((6, 4))
    for month, row in scheduled(flows, 6).items():
        found[month] += row
    assert found == pytest.approx(expected)


def test_scheduling_leaves_what_it_was_given_unchanged() -> None:
    amount = np.array([1.0, 2.0])
    amount.setflags(write=False)
    rows = scheduled([(2, amount), (2, amount)], 3)
    assert rows[1].tolist() == [2, 4]
    assert amount.tolist() == [1, 2]


def test_compounding() -> None:
    table = compounded(100, np.array([0.1, -0.5, 0]), np.empty((3, 3)))
    assert table == pytest.approx(np.array([[100, 100, 100], [110, 50, 100], [121, 25, 100]]))


def test_a_quotient_that_is_undefined_is_never() -> None:
    assert quotient(6, np.array([2.0, 0.0, -2.0])).tolist() == [3, math.inf, math.inf]
    assert quotient(-6, 2).tolist() == -3


def test_draws_are_found_in_inputs_and_in_rows() -> None:
    assert draw_count(SimpleNamespace(a=1, b="x", c=())) is None
    assert draw_count(SimpleNamespace(a=1, b=np.ones(7))) == 7
    assert draw_count(SimpleNamespace(a=1, rows=(SimpleNamespace(b=2), SimpleNamespace(b=np.ones(5))))) == 5


def test_an_axis_of_one_is_dropped_unless_it_is_of_one_draw() -> None:
    assert settled(np.ones((3, 1)), 10).shape == (3,)
    assert settled(np.ones((3, 1)), None).shape == (3,)
    assert settled(np.ones((3, 1)), 1).shape == (3, 1)
    assert settled(np.ones((3, 10)), 10).shape == (3, 10)
