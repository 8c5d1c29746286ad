"""What people and programs send becomes an instance of declared inputs, or problems named by field."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.reading import Invalid, ranges, read_inputs, read_value, resolve, to_json, uncertain
from mlcore.spec import (
    Family,
    Range,
    chance,
    choice,
    day,
    flag,
    integer,
    media,
    number,
    params,
    rows,
    series,
    text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    label: str = text("Label", help="Any.", max_length=20)
    amount: float = number("Amount", help="Dollars.", default=5, low=0, high=100, unit="USD")
    paid: float = chance("Paid", help="How likely.", default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    price: float = number("Price", help="Of one.", likely=(24, 38), low=0, high=1_000, unit="USD")
    growth: float = number("Growth", help="A month.", default=0.05, low=-1, high=1, unit="%/month")
    seats: int = integer("Seats", help="How many.", default=3, low=0, high=50)
    months: int = integer("Months", help="How long.", default=12, low=1, high=120, fixed=True)
    plan: str = choice("Plan", help="Which.", default="a", choices={"a": "A", "b": "B"})
    loud: bool = flag("Loud", help="Or not.")
    start: date = day("Start", help="First day.", default=date(2027, 1, 1))
    lines: tuple[Line, ...] = rows(Line, "Lines", help="Some.", max_items=3)
    history: tuple[float, ...] = series("History", help="By month.", low=0, max_items=4)
    image: str = media("Image", help="One.", accept=("image/png",), max_bytes=1_000)


PARAMS = {name: param for name, param, _ in params(Inputs)}


def problems(given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read_inputs(Inputs, given)
    return {path: " ".join(map(str, found)) for path, found in caught.value.problems.items()}


def test_what_is_not_given_keeps_its_starting_value() -> None:
    assert read_inputs(Inputs, {}) == Inputs()


def test_text_json_and_instances_read_alike() -> None:
    spoken = read_inputs(
        Inputs,
        {
            "price": "$30 to 40 as normal", "growth": "6 to 14%", "seats": "5 to 9", "plan": "b", "loud": "yes",
            "start": "2028-02-29", "lines": [{"label": "Audit", "amount": "50", "paid": "70%"}], "history": "1; 2 3",
        },
    )  # fmt: skip
    sent = read_inputs(
        Inputs,
        {
            "price": {"low": 30, "high": 40, "family": "normal"}, "growth": {"low": 0.06, "high": 0.14},
            "seats": Range(5, 9, Family.LOGNORMAL), "plan": "b", "loud": True, "start": date(2028, 2, 29),
            "lines": (Line(label="Audit", amount=50.0, paid=0.7),), "history": [1, 2.0, 3],
        },
    )  # fmt: skip
    assert spoken == sent
    assert spoken.lines[0].paid == 0.7
    assert spoken.history == (1.0, 2.0, 3.0)


def test_zero_is_a_value_and_a_bound() -> None:
    read = read_inputs(Inputs, {"price": 0, "seats": 0, "growth": "0"})
    assert (read.price, read.seats, read.growth) == (0, 0, 0)
    assert "at least 0" in problems({"price": -0.01})["price"]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("price", float("nan"), "NaN"),
        ("price", float("inf"), "larger"),
        ("price", "1e999", "larger"),
        pytest.param("price", 10**5_000, "larger", id="5,000 digits"),
        ("price", "9" * 5_000, "5000"),
        ("price", "NaN", "“NaN”"),
        ("price", "٣", "such as 1200"),
        ("price", "1_0", "such as 1200"),
        ("price", True, "true or false"),
        ("price", None, "nothing"),
        ("price", [30, 40], "a list"),
        ("price", "40 to 30", "from the smaller to the larger"),
        ("price", "30 GiB", "Wanted USD"),
        ("price", "12%", "a percentage"),
        ("price", {"low": 40, "high": 30}, "from the smaller to the larger"),
        ("price", {"low": 40}, "high"),
        ("price", {"low": True, "high": 30}, "low"),
        ("price", {"low": "30", "high": 40}, "low"),
        ("price", {"low": 30, "high": 40, "family": "gamma"}, "gamma"),
        ("price", {"low": 30, "high": 40, "family": 3}, "family"),
        ("price", {"low": 30, "high": 40, "familly": "normal"}, "familly"),
        ("price", {"low": 30, "high": float("inf")}, "larger"),
        ("price", {"low": 30, "high": 40, "mode": 35}, "only triangle and pert"),
        ("price", "900 to 1100", "at most 1,000"),
        ("growth", "8", "8 percent write 8%"),
        ("growth", 5, "5 percent write 5%"),
        ("seats", 2.5, "whole number"),
        ("seats", "2.5", "whole number"),
        ("months", "6 to 12", "one number"),
        ("months", 0, "at least 1"),
        ("months", 1e9, "at most 120"),
        ("plan", "c", "one of a, b"),
        ("plan", ["a"], "one of a, b"),
        ("loud", "perhaps", "true or false"),
        ("loud", 1, "true or false"),
        ("start", "2027-02-30", "YYYY-MM-DD"),
        ("start", "٢٠٢٧-01-01", "YYYY-MM-DD"),
        ("start", "1/2/2027", "YYYY-MM-DD"),
        ("start", 5, "YYYY-MM-DD"),
        ("lines", {"0": {}}, "a list"),
        ("lines", "[]", "a list"),
        ("lines", [{}] * 4, "at most 3 items, got 4"),
        ("history", [1] * 5, "at most 4 items, got 5"),
        ("image", "../../etc/passwd", "id of an upload"),
        ("image", "a" * 65, "id of an upload"),
        ("image", 3, "id of an upload"),
    ],
)
def test_bad_values_are_named_with_what_was_wanted(name: str, value: Any, reason: str) -> None:
    found = problems({name: value})
    assert list(found) == [name]
    assert reason in found[name]
    assert found[name].startswith("Wanted")
    assert len(found[name]) < 300


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\u202e", "\u2066", "\ud800", "\x7f"])
def test_text_with_control_characters_is_refused(bad: str) -> None:
    assert "control characters" in problems({"lines": [{"label": f"a{bad}b"}]})["lines.0.label"]
    read = read_inputs(Inputs, {"lines": [{"label": "Prüfung 审计\t"}]})
    assert read.lines[0].label == "Prüfung 审计\t"


def test_every_problem_is_reported_at_once_by_path() -> None:
    found = problems(
        {
            "price": "x",
            "seats": -1,
            "surprise": 1,
            "lines": [{}, {"amount": 500, "colour": "red"}, 7],
            "history": [1, -1],
        }
    )
    assert set(found) == {
        "price", "seats", "surprise", "lines.1.amount", "lines.1.colour", "lines.2", "history.1",
    }  # fmt: skip
    assert "price, growth, seats" in found["surprise"]


def test_unknown_names_are_shortened_and_non_objects_refused() -> None:
    assert max(map(len, problems({"x" * 10_000: 1}))) == 60
    for given_ in (None, [], "text", 3, [{}]):
        assert "an object with named fields" in problems(given_)[""]


def test_deep_nesting_is_refused_without_recursion() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    assert "a list" in problems({"price": deep})["price"]
    assert "an object with named fields" in problems({"lines": [deep]})["lines.0"]
    assert "an object with named fields" in problems(deep)[""]


def test_text_that_is_too_long_is_refused() -> None:
    assert "at most 20 characters, got 21" in problems({"lines": [{"label": "x" * 21}]})["lines.0.label"]


@st.composite
def permitted(draw: st.DrawFn) -> dict[str, Any]:
    """Inputs as an API client sends them."""
    amount = st.floats(0, 100)
    line = st.fixed_dictionaries({"label": st.text("ab 审", max_size=5), "amount": amount, "paid": st.floats(0, 1)})
    low, high = sorted((draw(st.floats(0, 1_000)), draw(st.floats(0, 1_000))))
    price = low if low == high else {"low": low, "high": high, "family": draw(st.sampled_from(["normal", "uniform"]))}
    return {
        "price": price,
        "growth": draw(st.floats(-1, 1)),
        "seats": draw(st.integers(0, 50)),
        "plan": draw(st.sampled_from("ab")),
        "loud": draw(st.booleans()),
        "start": draw(st.dates()).isoformat(),
        "lines": draw(st.lists(line, max_size=3)),
        "history": draw(st.lists(st.floats(0, 1e18), max_size=4)),
    }


@given(permitted())
def test_json_round_trip(sent: dict[str, Any]) -> None:
    read = read_inputs(Inputs, sent)
    assert read_inputs(Inputs, json.loads(json.dumps(to_json(read), allow_nan=False))) == read


names = st.sampled_from(list(PARAMS))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(list(PARAMS)), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_read_or_refused_by_name(sent: Any) -> None:
    try:
        read = read_inputs(Inputs, sent)
    except Invalid:
        return
    assert read_inputs(Inputs, to_json(read)) == read


@given(names, json_values)
def test_any_value_of_a_field_is_read_or_refused(name: str, sent: Any) -> None:
    try:
        value = read_value(PARAMS[name], sent)
    except Invalid as refused:
        said = [str(problem) for found in refused.problems.values() for problem in found]
        assert said == [text for text in said if text.startswith("Wanted")]
    else:
        assert read_value(PARAMS[name], to_json(value)) == value


def test_ranges_and_open_events_are_what_a_simulation_draws() -> None:
    read = read_inputs(
        Inputs,
        {"seats": 4, "lines": [{"amount": "10 to 20"}, {"paid": "40%"}, {"paid": 0}]},
    )
    assert [path for path, _, _ in uncertain(read)] == ["price", "lines.0.amount", "lines.1.paid"]
    assert [path for path, _, _ in ranges(read)] == ["price", "lines.0.amount"]
    resolved = resolve(read, lambda path, param, value: f"drawn {path}")
    assert resolved.price == "drawn price"
    assert resolved.lines[0].amount == "drawn lines.0.amount"
    assert [line.paid for line in resolved.lines] == [1.0, "drawn lines.1.paid", 0.0]
    assert (resolved.seats, resolved.plan) == (4, "a")
