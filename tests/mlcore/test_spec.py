"""Declarations: what is accepted, and what must stop an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from mlcore.spec import (
    Family,
    Kind,
    Param,
    Range,
    chance,
    check_declaration,
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
    amount: float = number("Amount", help="Dollars.", default=5, low=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    price: float = number("Price", help="Of one.", likely=(24, 38), low=0, unit="USD")
    seats: int = integer("Seats", help="How many.", default=3, low=0)
    closes: float = chance("Closes", help="How likely.", default=0.4)
    plan: str = choice("Plan", help="Which.", default="a", choices={"a": "A", "b": "B"})
    loud: bool = flag("Loud", help="Or not.")
    name: str = text("Name", help="Any.", when=("plan", ("b",)))
    start: date = day("Start", help="First day.", default=date(2027, 1, 1))
    lines: tuple[Line, ...] = rows(Line, "Lines", help="Some.", default=(Line(), Line(amount=7)))
    history: tuple[float, ...] = series("History", help="By month.", default=(1.0, 2.0))
    image: str = media("Image", help="One.", accept=("image/png",), max_bytes=1_000)


def test_fields_keep_their_order_and_starting_values() -> None:
    check_declaration(Everything)
    declared = {name: (param, start) for name, param, start in params(Everything)}
    assert list(declared) == [
        "price", "seats", "closes", "plan", "loud", "name", "start", "lines", "history", "image",
    ]  # fmt: skip
    assert [param.kind for param, _ in declared.values()] == [
        Kind.NUMBER, Kind.INTEGER, Kind.NUMBER, Kind.CHOICE, Kind.FLAG, Kind.TEXT, Kind.DAY, Kind.ROWS, Kind.SERIES,
        Kind.MEDIA,
    ]  # fmt: skip
    assert declared["price"][1] == Range(24, 38, Family.LOGNORMAL)
    assert declared["lines"][1] == (Line(), Line(amount=7))
    assert declared["image"][1] == ""


def test_a_number_starts_as_a_float_and_an_integer_as_an_int() -> None:
    assert isinstance(Line().amount, float)
    assert isinstance(Everything().seats, int)


def test_zero_is_a_bound() -> None:
    param = Param(label="A", help="b", kind=Kind.NUMBER, low=0, high=0)
    param.check_bounds(0)
    for value in (-1e-9, 1e-9):
        with pytest.raises(ValueError, match=r"A: .* is (below|above) 0"):
            param.check_bounds(value)


def test_a_chance_is_a_fixed_share_of_an_event() -> None:
    param = next(param for name, param, _ in params(Everything) if name == "closes")
    assert (param.low, param.high, param.fixed, param.event, param.unit) == (0, 1, True, True, "%")
    with pytest.raises(ValueError, match="above"):
        chance("Closes", help="How likely.", default=1.5)
    with pytest.raises(ValueError, match="chance"):
        number("Closes", help="How likely.", default=0.5, event=True)


@pytest.mark.parametrize(
    ("low", "high", "family", "mode", "reason"),
    [
        (2, 1, Family.NORMAL, None, "smaller to the larger"),
        (1, 1, Family.NORMAL, None, "smaller to the larger"),
        (float("nan"), 1, Family.NORMAL, None, "smaller to the larger"),
        (0, 1, Family.LOGNORMAL, None, "above zero"),
        (0, 0.5, Family.BETA, None, "between 0 and 1"),
        (0.5, 1, Family.BETA, None, "between 0 and 1"),
        (1, 2, Family.NORMAL, 1.5, "only triangle and pert"),
        (1, 2, Family.PERT, 3, "outside"),
        (1, 2, "gamma", None, "gamma"),
    ],
)
def test_a_range_that_cannot_be_is_refused(low: float, high: float, family: Any, mode: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Range(low, high, family, mode)


def test_a_to_b_is_log_normal_above_zero_and_normal_elsewhere() -> None:
    assert Range.of(1, 2).family is Family.LOGNORMAL
    assert Range.of(0, 2).family is Family.NORMAL
    assert Range.of(-3, -1).family is Family.NORMAL


@pytest.mark.parametrize(
    "declare",
    [
        lambda: number("", help="b", default=1),
        lambda: number("A", help="", default=1),
        lambda: number("A", help="b"),
        lambda: number("A", help="b", default=1, likely=(1, 2)),
        lambda: number("A", help="b", default=1, low=2),
        lambda: number("A", help="b", default=1, low=3, high=2),
        lambda: number("A", help="b", likely=(1, 20), high=10),
        lambda: number("A", help="b", likely=(1, 2), fixed=True),
        lambda: number("A", help="b", likely=(2, 1)),
        lambda: choice("A", help="b", default="c", choices={"a": "A"}),
        lambda: choice("A", help="b", default="c", choices={}),
        lambda: media("A", help="b", accept=(), max_bytes=5),
        lambda: rows(Line, "A", help="b", default=({"amount": 1},)),
        lambda: Param(label="A", help="b", kind=Kind.ROWS),
        lambda: Param(label="A", help="b", kind=Kind.NUMBER, choices=(("a", "A"),)),
    ],
)
def test_a_wrong_declaration_stops_the_import(declare: Any) -> None:
    with pytest.raises(ValueError):
        declare()


def test_a_misspelt_keyword_stops_the_import() -> None:
    with pytest.raises(TypeError, match="hihg"):
        number("A", help="b", default=1, hihg=3)


def test_inputs_are_frozen_slotted_and_keyword_only() -> None:
    @dataclass
    class Loose:
        amount: float = number("Amount", help="b", default=1)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Undeclared:
        amount: float = field(default=1.0)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Dangling:
        amount: float = number("Amount", help="b", default=1, when=("missing", ("x",)))

    for inputs in (Loose, Undeclared, Dangling, dict, {"amount": 1}):
        with pytest.raises(TypeError):
            check_declaration(inputs)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        rows(Loose, "A", help="b")
