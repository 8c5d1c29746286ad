"""The formula behind a number."""

from __future__ import annotations

from datetime import date

import pytest

from portal.planning.calculator import Sentence
from portal.planning.calendar import from_month, to_month
from portal.planning.engine import evaluate
from portal.planning.explain import arithmetic, explain
from portal.planning.wording import figure, say
from tests.planning.toys import TOY, Inputs


def test_a_formula_in_words_and_with_its_numbers() -> None:
    case = evaluate(TOY, Inputs(burn=80.0))
    told = explain(TOY, "runway", case.values)
    assert told.words == "Cash ÷ Burn"
    assert told.substituted == "$1,000 ÷ $80/month"
    assert explain(TOY, "per_seat", case.values).source == "By hand"


def test_a_method_names_what_it_is_about() -> None:
    told = explain(TOY, "lasts", evaluate(TOY, Inputs()).values)
    assert told.words == "Whether “Cash” lasts “Months”."
    assert told.substituted == ""


def test_a_reader_of_another_language_gets_labels_and_figures_of_it() -> None:
    words = {"Cash": "现金", "Whether {cash} lasts {months}.": "{cash}能否维持{months}。", "Months": "月数"}
    values = evaluate(TOY, Inputs(burn=80.0)).values
    told = explain(TOY, "lasts", values, translate=lambda text: words.get(text, text))
    assert told.words == "“现金”能否维持“月数”。"
    assert explain(TOY, "runway", values, figure=lambda value, unit: f"<{value:g}>").substituted == "<1000> ÷ <80>"


def test_negative_numbers_stand_in_brackets() -> None:
    assert explain(TOY, "runway", {"cash": -5.0, "burn": 2.0}).substituted == "(−$5) ÷ $2/month"


def test_arithmetic_is_python() -> None:
    assert arithmetic("12 × {a} ÷ ({b_2} − 1) ^ 2") == "12 * a / (b_2 - 1) ** 2"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_236_000.0, "USD", "$1.24M"),
        (-12_340.0, "USD/month", "−$12.3k/month"),
        (0.1234, "%", "12.3%"),
        (-0.05, "%/month", "-5%/month"),
        (21.04, "months", "21 months"),
        (2.5, "×", "2.5×"),
        (24_343.0, "month", "Aug 2028"),
        (date(2028, 8, 5), "month", "Aug 2028"),
        (date(2028, 8, 5), "day", "5 Aug 2028"),
        (float("inf"), "months", "never"),
        (True, "", "yes"),
        ("Series A", "", "Series A"),
        (3, "", "3"),
    ],
)
def test_figures_in_plain_english(value: object, unit: str, text: str) -> None:
    assert figure(value, unit) == text


def test_a_sentence_loses_its_marks_of_emphasis() -> None:
    assert say(Sentence("Gone in *{month}*, at {rate}.", {"month": (24_343.0, "month"), "rate": (0.1, "%")})) == (
        "Gone in Aug 2028, at 10%."
    )


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2028, 2, 29), date(2027, 12, 31), date(1900, 2, 28)])
def test_days_are_months_and_back(day: date) -> None:
    assert from_month(to_month(day)) == day
    assert to_month(date(day.year, day.month, 1)) % 1 == 0


def test_the_day_of_never_is_an_error() -> None:
    with pytest.raises(OverflowError):
        from_month(float("inf"))
