"""Present values and internal rates against the published cases of spreadsheets and libraries."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxirr import DayCount

from portal.planning.debt.returns import HIGHEST, internal_rate, present_value
from portal.planning.equity.interest import DayCount as Counted
from portal.planning.equity.interest import years

# numpy-financial, tests of irr, and the help page of IRR in Microsoft Excel, which prints 8.7%, −2.1% and −44.4%.
RATES = [
    ([-100, 39, 59, 55, 20], 0.28095, 1e-4),
    ([-100, 0, 0, 74], -0.0955, 1e-2),
    ([-5, 10.5, 1, -8, 1], 0.0886, 1e-2),
    ([-70_000, 12_000, 15_000, 18_000, 21_000, 26_000], 0.0866309480, 1e-8),
    ([-70_000, 12_000, 15_000, 18_000, 21_000], -0.0212448483, 1e-7),
    ([-70_000, 12_000, 15_000], -0.4435069413, 1e-8),
]

# The help page of XIRR in MathWorks' documentation, as the tests of pyxirr repeat it for other day counts.
MATHWORKS = [
    (date(2007, 1, 12), -10_000), (date(2008, 2, 14), 2_500), (date(2008, 3, 3), 2_000), (date(2008, 6, 14), 3_000),
    (date(2008, 12, 1), 4_000),
]  # fmt: skip


def yearly(count: int) -> list[date]:
    return [date(2026, 1, 1) + timedelta(days=365 * year) for year in range(count)]


@pytest.mark.parametrize(("flows", "rate", "tolerance"), RATES)
def test_internal_rates_as_numpy_financial_and_excel_print_them(
    flows: list[float], rate: float, tolerance: float
) -> None:
    assert internal_rate(flows, yearly(len(flows))) == pytest.approx(rate, rel=tolerance)


def test_dated_flows_as_the_help_page_of_excel_has_them() -> None:
    days = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    found = internal_rate([-10_000, 2_750, 4_250, 3_250, 2_750], days)
    assert found == pytest.approx(0.373362535, abs=1e-8)


def test_dated_flows_out_of_order_as_pyxirr_has_them() -> None:
    days = [date(2015, 6, 11), date(2015, 7, 21), date(2018, 6, 10), date(2015, 10, 17)]
    flows = [-1_000, -9_000, 20_000, -3_000]
    since = [years(min(days), day, Counted.ACTUAL_365_FIXED) for day in days]
    assert internal_rate(flows, days) == pytest.approx(0.16353715844, rel=1e-9)
    assert present_value(flows, since, 0.1) == pytest.approx(2218.42566365675, rel=1e-9)


@pytest.mark.parametrize(
    ("day_count", "rate"),
    [
        (DayCount.ACT_360, 0.0991988898057063),
        (DayCount.ACT_365F, 0.10064378342638),
        (DayCount.THIRTY_U_360, 0.100675477282743),
        (DayCount.ACT_ACT_ISDA, 0.100739648987346),
    ],
)
def test_dated_flows_as_mathworks_prints_them_by_four_day_counts(day_count: DayCount, rate: float) -> None:
    days, flows = zip(*MATHWORKS, strict=True)
    assert internal_rate(flows, days, day_count) == pytest.approx(rate, rel=1e-9)


def test_present_values_of_excel_discount_the_first_flow_and_those_of_numpy_financial_do_not() -> None:
    assert present_value([-10_000, 3_000, 4_200, 6_800], [1, 2, 3, 4], 0.1) == pytest.approx(1188.44, rel=1e-5)
    flows = [-15_000, 1_500, 2_500, 3_500, 4_500, 6_000]
    assert present_value(flows, range(6), 0.05) == pytest.approx(122.89, rel=1e-4)


def test_no_rate_where_nothing_is_lost_or_all_is() -> None:
    assert internal_rate([100, 10], yearly(2)) == math.inf  # money comes in only
    assert internal_rate([0, 0], yearly(2)) == math.inf
    assert internal_rate([-100, 0], yearly(2)) == -1
    assert internal_rate([-1, 2 * (1 + HIGHEST)], yearly(2)) == math.inf


def test_draws_have_the_rates_that_each_has_alone() -> None:
    table = np.array([[-100.0, -100, -100, -5], [39, 0, 0, 10.5], [59, 0, 0, 1], [55, 74, 0, -8], [20, 0, 0, 1]])
    together = internal_rate(table, yearly(5))
    assert together == pytest.approx([float(internal_rate(column, yearly(5))) for column in table.T])
    assert present_value(table, range(5), 0.1).shape == (4,)
    assert present_value(table[:, 0], range(5), np.array([0.1, 0.2])).shape == (2,)
    assert present_value(table, range(5), np.full(4, 0.1)) == pytest.approx(present_value(table, range(5), 0.1))


@settings(max_examples=100, deadline=None)
@given(
    st.floats(1, 1e9),
    st.lists(st.tuples(st.integers(4, 7_300), st.floats(0.001, 10)), min_size=1, max_size=12),
)
def test_at_its_internal_rate_an_investment_is_worth_nothing(paid: float, back: list[tuple[int, float]]) -> None:
    flows: Any = [-paid, *(paid * share for _, share in back)]
    days = [yearly(1)[0] + timedelta(days=after) for after in (0, *(after for after, _ in back))]
    rate = float(internal_rate(flows, days))
    if math.isfinite(rate) and rate > -1:  # rounded to −1 where next to nothing comes back in days
        worth = present_value(flows, [(day - days[0]).days / 365 for day in days], rate)
        assert worth == pytest.approx(0, abs=1e-7 * paid * (1 + sum(share for _, share in back)))
