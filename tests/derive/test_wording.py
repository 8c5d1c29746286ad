"""Figures, ranges and sentences in English and in Chinese."""

from __future__ import annotations

import math
from datetime import date

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, Problem, read_value
from mlcore.spec import Range, integer, params
from portal.derive import figures, wording
from portal.planning.calculator import Sentence
from portal.planning.calendar import to_month
from tests.derive.sample import Everything

DECLARED = {name: param for name, param, _ in params(Everything)}


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (1_234_567, "USD", "$1.23M", "US$123万"),
        (-1_234_567, "USD", "−$1.23M", "−US$123万"),
        (173_820, "USD/month", "$174K/month", None),
        (2.49, "USD/hour", "$2.49/hour", None),
        (0, "USD", "$0", "US$0"),
        (0.5, "USD", "$0.50", "US$0.50"),
        (0.0032, "USD", "$0.0032", "US$0.0032"),
        (999, "USD", "$999", "US$999"),
        (0.1234, "%", "12.3%", "12.3%"),
        (0.12, "%/month", "12% a month", None),
        (21, "months", "21 months", None),
        (1, "months", "1 month", None),
        (21.34, "months", "21.3 months", None),
        (date(2028, 8, 17), "month", "Aug 2028", "2028年8月"),
        (to_month(date(2028, 8, 17)), "month", "Aug 2028", "2028年8月"),
        (date(2028, 8, 17), "day", "Aug 17, 2028", "2028年8月17日"),
        (1.2e9, "tokens", "1.2B tokens", None),
        (1, "devices", "1 device", None),
        (3.14e23, "FLOP", "314 ZFLOP", "314 ZFLOP"),
        (312, "TFLOP/s", "312 TFLOP/s", "312 TFLOP/s"),
        (9.995e14, "FLOP/s", "1 PFLOP/s", "1 PFLOP/s"),
        (0.42, "FLOP", "0.42 FLOP", "0.42 FLOP"),
        (79.36, "GiB", "79.4 GiB", "79.4 GiB"),
        (552_000, "kg CO2e", "552 t CO₂e", "552 t CO₂e"),
        (1.8, "×", "1.8×", "1.8×"),
        (0.25, "days", "6 hours", None),
        (2.5, "days", "2.5 days", None),
        (0.5, "hours", "30 minutes", None),
        (54_000, "hours", "54,000 hours", None),
        (0.25, "seconds", "250 ms", "250 ms"),
        (12_345.6, "", "12,346", "12,346"),
        (0.00001234, "", "1.23 × 10⁻⁵", "1.23 × 10⁻⁵"),
        (-2e18, "USD", "−$2 × 10¹⁸", "−US$2 × 10¹⁸"),
        (math.inf, "months", "never", None),
        (math.nan, "USD", "–", "–"),
        (None, "USD", "–", "–"),
        (True, "", "yes", None),
        (7, "parsecs", "7 parsecs", "7 parsecs"),
    ],
)
def test_figures(value: object, unit: str, english: str, chinese: str | None) -> None:
    with translation.override("en"):
        assert wording.figure(value, unit) == english
    if chinese is not None:
        with translation.override("zh-hans"):
            assert wording.figure(value, unit) == chinese


@settings(deadline=None)
@given(st.floats(allow_nan=False), st.sampled_from(sorted(figures.UNITS)), st.sampled_from(["en", "zh-hans"]))
def test_every_number_can_be_written_in_every_unit(value: float, unit: str, language: str) -> None:
    if unit == "month":
        value = 24_000 + value % 2_400 if math.isfinite(value) else value
    with translation.override(language):
        text = wording.figure(value, unit)
    assert text
    assert len(text) < 60


def test_a_range_that_never_ends_is_said_and_not_printed() -> None:
    early, late = to_month(date(2028, 3, 1)), to_month(date(2029, 11, 1))
    assert wording.range_words(early, late, "month") == "between Mar 2028 and Nov 2029"
    assert wording.range_words(early, math.inf, "month") == "Mar 2028 or later"
    assert wording.range_words(math.inf, math.inf, "month") == "never"
    assert wording.range_words(2.0, 2.0, "USD") == "$2"


@pytest.mark.parametrize(
    ("value", "before", "unit", "words"),
    [
        (25, 21, "months", "↑ 4 months"),
        (0.05, 0.11, "%", "↓ 6 points"),
        (0.12, 0.11, "%", "↑ 1 point"),
        (100_000_000, 100_000_001, "USD", "no change"),
        (math.inf, 3.0, "months", "was 3 months"),
        (math.inf, math.inf, "months", "no change"),
        (to_month(date(2028, 8, 1)), to_month(date(2028, 4, 1)), "month", "↑ 4 months"),
    ],
)
def test_change(value: float, before: float, unit: str, words: str) -> None:
    assert wording.change(value, before, unit) == words


def test_sentences_are_escaped_and_bold_where_they_say_so() -> None:
    sentence = Sentence("Cash & *{when}* <b>{name}</b>.", {"when": (date(2028, 8, 1), "month"), "name": ("<i>", "")})
    assert wording.sentence_text(sentence) == "Cash & Aug 2028 <b><i></b>."
    assert wording.sentence_html(sentence) == "Cash &amp; <b>Aug 2028</b> &lt;b&gt;&lt;i&gt;&lt;/b&gt;."


def test_problems_say_what_was_wanted_and_what_came() -> None:
    with pytest.raises(Invalid) as raised:
        read_value(DECLARED["seats"], "501")
    assert [wording.problem_text(p) for p in raised.value.problems[""]] == ["Wanted at most 500, got 501."]
    hostile = Problem("Wanted text, got {given}.", {"given": "{0.__class__} %s"})
    assert wording.problem_text(hostile) == "Wanted text, got {0.__class__} %s."


def test_a_range_says_what_it_means() -> None:
    assert wording.spread_words(Range.of(24, 38)) == "90% sure, log-normal"
    assert wording.spread_words(Range(1, 2, "uniform")) == "always within, uniform"
    assert wording.spread_words(3.0) == ""


def test_a_bound_of_zero_is_said() -> None:
    field = integer("N", default=0, low=0, help="n")
    assert wording.bounds_words(field.metadata["param"]) == "at least 0"
    assert wording.bounds_words(DECLARED["growth"]) == "from 0% a month to 100% a month"
