"""Numbers and ranges as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlcore.numbers import (
    MAX_CHARACTERS,
    Unreadable,
    check_finite,
    make_range,
    read_number,
    read_range,
    write_number,
    write_range,
)
from mlcore.spec import NUMBER_LIMIT, Family, Range

NUMBERS = [
    ("1200", "", 1200),
    ("1,234,567.5", "", 1_234_567.5),
    ("10k", "", 10_000),
    ("10 K", "", 10_000),
    ("3.2M", "", 3_200_000),
    ("3.2 mn", "", 3_200_000),
    ("2bn", "", 2e9),
    ("1.5T", "", 1.5e12),
    ("1.5e9", "", 1.5e9),
    ("2E-3", "", 0.002),
    (".5", "", 0.5),
    ("+7", "", 7),
    ("-7", "", -7),
    ("−7", "", -7),
    ("320万", "", 3_200_000),
    ("３２０万", "", 3_200_000),
    ("1.2亿", "", 120_000_000),
    ("5千", "", 5_000),
    ("3百万", "", 3_000_000),
    ("2千万", "", 20_000_000),
    ("1.5十亿", "", 1.5e9),
    ("2万亿", "", 2e12),
    ("12%", "%", 0.12),
    ("12 %", "%", 0.12),
    ("１２％", "%", 0.12),
    ("-3%", "%/month", -0.03),
    ("12%/month", "%/month", 0.12),
    ("0.12", "%", 0.12),
    ("5%", "", 0.05),
    ("$10k", "USD", 10_000),
    ("-$10k", "USD", -10_000),
    ("US$3M", "USD", 3_000_000),
    ("USD 40", "USD/hour", 40),
    ("10k USD", "USD", 10_000),
    ("$10k/month", "USD/month", 10_000),
    ("10k USD/month", "USD/month", 10_000),
    ("8 GiB", "GiB", 8),
    ("5 tokens", "tokens", 5),
    ("5T tokens", "tokens", 5e12),
    ("  42  ", "", 42),
    ("0", "", 0),
]


@pytest.mark.parametrize(("text", "unit", "value"), NUMBERS)
def test_numbers_as_people_write_them(text: str, unit: str, value: float) -> None:
    assert read_number(text, unit=unit) == pytest.approx(value, rel=1e-15)


UNREADABLE = [
    ("", "", "got nothing"),
    ("   ", "", "got nothing"),
    ("NaN", "", "“NaN”"),
    ("inf", "", "“inf”"),
    ("-Infinity", "", "“-Infinity”"),
    ("1e999", "", "larger"),
    ("-1e999", "", "larger"),
    ("1e19", "", "larger"),
    ("1" * 5_000, "", f"at most {MAX_CHARACTERS} characters, got 5000"),
    ("9" * MAX_CHARACTERS, "", "larger"),
    ("٣", "", "“٣”"),
    ("1_0", "", "“1_0”"),
    ("1\x000", "", "�"),
    ("\u202e12", "", "�"),
    ("1\u200b2", "", "�"),
    ("1,5", "", "point before decimals"),
    ("1.234,56", "", "such as 1200"),
    ("1 234,56", "", "such as 1200"),
    ("1'234.56", "", "such as 1200"),
    ("12,34,567", "", "such as 1200"),
    ("twelve", "", "such as 1200"),
    ("12 apples", "", "without a unit"),
    ("12 GB", "GiB", "Wanted GiB, got “GB”"),
    ("12%", "USD", "Wanted USD, got a percentage"),
    ("$12", "GiB", "such as 1200"),
    ("12 USD/hour", "USD/month", "Wanted USD/month"),
    ("12 /", "USD", "such as 1200"),
    ("1e", "", "without a unit"),
    ("--5", "", "such as 1200"),
    ("5%%", "%", "such as 1200"),
    ("k", "", "such as 1200"),
    ("0x10", "", "unit"),
    ("1\n2", "", "such as 1200"),
]


@pytest.mark.parametrize(("text", "unit", "reason"), UNREADABLE)
def test_what_is_no_number_is_refused_with_what_was_wanted(text: str, unit: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_number(text, unit=unit)
    assert reason in str(caught.value)
    assert str(caught.value).startswith("Wanted")
    assert caught.value.template.format(**caught.value.values) == str(caught.value)


RANGES = [
    ("24 to 38", Range(24, 38, Family.LOGNORMAL)),
    ("24~38", Range(24, 38, Family.LOGNORMAL)),
    ("24～38", Range(24, 38, Family.LOGNORMAL)),
    ("24 – 38", Range(24, 38, Family.LOGNORMAL)),
    ("24 到 38", Range(24, 38, Family.LOGNORMAL)),
    ("24到38", Range(24, 38, Family.LOGNORMAL)),
    ("24 TO 38", Range(24, 38, Family.LOGNORMAL)),
    ("-5 to 5", Range(-5, 5, Family.NORMAL)),
    ("0 to 5", Range(0, 5, Family.NORMAL)),
    ("−5–5", Range(-5, 5, Family.NORMAL)),
    ("10k to 20k", Range(10_000, 20_000, Family.LOGNORMAL)),
    ("300万 到 500万", Range(3e6, 5e6, Family.LOGNORMAL)),
    ("0 to 3M", Range(0, 3e6, Family.NORMAL)),
    ("24 to 38 as normal", Range(24, 38, Family.NORMAL)),
    ("24 to 38 as UNIFORM", Range(24, 38, Family.UNIFORM)),
    ("24 to 38 as triangle", Range(24, 38, Family.TRIANGLE)),
    ("24 to 30 to 38", Range(24, 38, Family.PERT, 30)),
    ("24 to 30 to 38 as triangle", Range(24, 38, Family.TRIANGLE, 30)),
    ("24", 24.0),
]


@pytest.mark.parametrize(("text", "value"), RANGES)
def test_ranges_as_people_write_them(text: str, value: Range | float) -> None:
    assert read_range(text) == value


def test_a_percent_sign_at_the_end_is_meant_for_both_ends() -> None:
    expected = Range(0.06, 0.14, Family.LOGNORMAL)
    assert read_range("6 to 14%", unit="%") == expected
    assert read_range("6% to 14%", unit="%") == expected
    assert read_range("6 to 8 to 14%", unit="%") == Range(0.06, 0.14, Family.PERT, 0.08)
    assert read_range("5% to 95% as beta", unit="%").family is Family.BETA  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("38 to 24", "from the smaller to the larger number, got 38 to 24"),
        ("5 to 5", "from the smaller to the larger"),
        ("2 to 3M", "same scale at both ends"),
        ("1 to 2 to 3 to 4", "two numbers"),
        ("24 as normal", "before “as normal”"),
        ("24 to 38 as gamma", "one of lognormal, normal, uniform, triangle, pert, beta"),
        ("24 to 30 to 38 as normal", "only triangle and pert"),
        ("24 to 50 to 38", "between the ends"),
        ("-5 to 5 as lognormal", "above zero"),
        ("0 to 5 as lognormal", "above zero"),
        ("5 to 38 as beta", "between 0% and 100%"),
        ("0% to 38% as beta", "between 0% and 100%"),
        ("to 38", "Wanted a number"),
        ("24 to", "Wanted a number"),
        ("~", "got nothing"),
        ("1 to inf", "“inf”"),
        ("24-38", "such as 1200"),
    ],
)
def test_what_is_no_range_is_refused_with_what_was_wanted(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_range(text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [
        (3_200_000, False, "3.2M"),
        (1_500, False, "1,500"),
        (10_000, False, "10k"),
        (34_567, False, "34,567"),
        (1e9, False, "1B"),
        (0.12, True, "12%"),
        (0.125, True, "12.5%"),
        (0, False, "0"),
        (-2_500_000, False, "-2.5M"),
        (0.1, False, "0.1"),
        (1e-9, False, "1e-09"),
    ],
)
def test_writing_is_short(value: float, percent: bool, text: str) -> None:
    assert write_number(value, percent=percent) == text


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [
        (Range(2e6, 3e6, Family.LOGNORMAL), False, "2M to 3M"),
        (Range(0, 3e6, Family.NORMAL), False, "0 to 3M"),
        (Range(800, 12_000, Family.LOGNORMAL), False, "800 to 12,000"),
        (Range(0.06, 0.14, Family.LOGNORMAL), True, "6% to 14%"),
        (Range(24, 38, Family.UNIFORM), False, "24 to 38 as uniform"),
        (Range(24, 38, Family.PERT, 30), False, "24 to 30 to 38"),
        (Range(24, 38, Family.PERT), False, "24 to 38 as pert"),
        (24, False, "24"),
    ],
)
def test_ranges_are_written_so_that_both_ends_have_one_scale(value: Range | float, percent: bool, text: str) -> None:
    assert write_range(value, percent=percent) == text
    assert read_range(text, unit="%" if percent else "") == value


finite = st.floats(-NUMBER_LIMIT, NUMBER_LIMIT)


@given(finite, st.booleans())
@example(5e-324, True)
@example(1e18, True)
@example(-0.0, False)
def test_what_is_written_reads_back_as_the_same_value(value: float, percent: bool) -> None:
    text = write_number(value, percent=percent)
    assert len(text) <= MAX_CHARACTERS
    assert read_number(text, unit="%" if percent else "") == value


@given(finite, finite, st.sampled_from(Family), st.booleans())
@example(-1.2345678901234567e-05, 123_456_789_012.34567, Family.TRIANGLE, True)
def test_ranges_that_are_written_read_back_with_family_and_mode(
    first: float, second: float, family: Family, with_mode: bool
) -> None:
    low, high = min(first, second), max(first, second)
    mode = low / 2 + high / 2 if with_mode else None
    try:
        value = make_range(low, high, family, mode)
    except Unreadable:
        return
    text = write_range(value)
    assert len(text) <= MAX_CHARACTERS
    assert read_range(text) == value


@given(st.text(max_size=MAX_CHARACTERS + 20))
@example("9" * 4_400)
@example("1e" + "9" * 70)
@example("(" * 80)
@example("1," * 40)
def test_any_text_reads_as_a_finite_value_or_is_refused_by_name(text: str) -> None:
    try:
        value = read_range(text, unit="USD")
    except Unreadable:
        return
    ends = (value.low, value.high) if isinstance(value, Range) else (value,)
    assert all(math.isfinite(end) and abs(end) <= NUMBER_LIMIT for end in ends)


def test_python_numbers_beyond_the_limit_are_refused() -> None:
    for value in (float("nan"), float("inf"), -float("inf"), 1.1e18, 10**400):
        with pytest.raises(Unreadable):
            check_finite(value)
    assert math.copysign(1, check_finite(-0.0)) == 1
