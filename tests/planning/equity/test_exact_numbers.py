"""Exact numbers as they are read and written, and rounding rules."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity.money import Refused, exact, part, percent, shown
from portal.planning.equity.rounding import LEGAL, Rounding, RoundingRules, rounded, whole


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("1,250,000.50", Fraction(2_500_001, 2)),
        ("20%", Fraction(1, 5)),
        ("1/3", Fraction(1, 3)),
        ("-1e3", Fraction(-1000)),
        (" .5 ", Fraction(1, 2)),
        ("2.5e-2%", Fraction(1, 4000)),
        (0.1, Fraction(1, 10)),
        (1e-7, Fraction(1, 10**7)),
        (Decimal("1.10"), Fraction(11, 10)),
        (7, Fraction(7)),
        (Fraction(2, 3), Fraction(2, 3)),
    ],
)
def test_what_is_read(given_: Any, expected: Fraction) -> None:
    assert exact(given_) == expected


@pytest.mark.parametrize(
    "wrong",
    ["", " ", "abc", "1,00", "1.2.3", "1/0", "%", "e5", ".", "--1", "1 000", "0x10", "1_000", "٣", "9" * 61, "1e99",
     "1e19", math.nan, math.inf, -math.inf, True, None, [], Decimal("NaN"), 10**19, {"a": 1}],
)  # fmt: skip
def test_what_is_refused(wrong: Any) -> None:
    with pytest.raises(Refused) as refused:
        exact(wrong, "safes.a.cap")
    assert refused.value.where == "safes.a.cap"
    assert refused.value.problems == {"safes.a.cap": [refused.value.problem]}


@given(st.fractions(-(10**9), 10**9, max_denominator=10**6), st.integers(0, 8), st.sampled_from(Rounding))
@settings(max_examples=60, deadline=None)
def test_rounding_is_the_nearest_on_its_side(value: Fraction, places: int, how: Rounding) -> None:
    unit = Fraction(1, 10**places)
    found = rounded(value, places, how)
    assert (found / unit).denominator == 1
    assert abs(found - value) < unit if how is not Rounding.NEAREST else abs(found - value) <= unit / 2
    if how is Rounding.UP:
        assert found >= value
    if how is Rounding.DOWN:
        assert found <= value


def test_halves_go_away_from_zero_and_none_leaves_alone() -> None:
    assert [whole(Fraction(n, 2), Rounding.NEAREST) for n in (-3, -1, 1, 3, 5)] == [-2, -1, 1, 2, 3]
    assert rounded(Fraction(1, 3), None, Rounding.UP) == Fraction(1, 3)
    assert whole(5, Rounding.UP) == whole(5, Rounding.DOWN) == 5


def test_impossible_places_are_refused() -> None:
    facts = {name: getattr(LEGAL, name) for name in LEGAL.__dataclass_fields__}
    for places in (-1, 13):
        with pytest.raises(Refused, match="0 to 12 decimal places"):
            RoundingRules(**facts | {"price_places": places})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1_234_567), "1,234,567"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(1, 10**8), "0"),
        (Fraction(0), "0"),
        (Fraction(-1, 3), "-0.333333"),
        (Fraction(1_000_000_001, 1000), "1,000,000.001"),
    ],
)
def test_what_is_shown(value: Fraction, text: str) -> None:
    assert shown(value) == text


@given(st.decimals(-(10**12), 10**12, places=6))
@settings(max_examples=60, deadline=None)
def test_what_is_shown_reads_back(value: Decimal) -> None:
    assert exact(shown(Fraction(value))) == Fraction(value)


def test_parts() -> None:
    assert percent(Fraction(1, 8)) == "12.5%"
    assert part("0") == 0
    with pytest.raises(Refused, match=r"got 100%"):
        part(1)
