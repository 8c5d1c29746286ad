"""Results have the shapes of their kinds; what a task declares of curves and ways is checked."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from mlcore.results import MAX_MEDIA_BYTES, check_results, check_value
from mlcore.spec import integer, media
from mlcore.task import LOSS, TOKENS, Action, Curve, Mode, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    times: int = integer("Times", default=1, low=1, high=2, fixed=True, help="How often.")


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
WAV = base64.b64encode(b"RIFF\0\0\0\0WAVE").decode()
IMAGE = {"png": PNG, "alt": "A seven"}
LINE = {"label": "a", "x": [0, 1], "y": [0.5, None]}
AXES = {"x": ["Said", "%"], "y": ["Seen", ""]}
GRID = {"rows": ["a", "b"], "columns": ["c"], "values": [[1], [None]]}

GOOD: list[tuple[str, Any]] = [
    ("text", ""),
    ("number", 0),
    ("number", -1.5),
    ("flag", False),
    ("labels", []),
    ("labels", [["a", 0], ["b", 1]]),
    ("marks", [["a ", -1], ["b", 0.25]]),
    ("table", {"columns": [["Model", ""], ["Hits", "%"]], "rows": [["a", None], ["b", 0.5]]}),
    ("table", {"columns": [["Model", ""]], "rows": []}),
    ("figure", {"lines": [LINE], **AXES}),
    ("figure", {"grid": GRID}),
    ("figure", {"grid": GRID, **AXES}),
    ("image", IMAGE),
    ("image", []),
    ("image", [IMAGE, {**IMAGE, "caption": "Read as 1"}]),
    ("audio", {"wav": WAV, "alt": "A tone"}),
]
BAD: list[tuple[str, Any, str]] = [
    ("text", 1, "a text, got 1"),
    ("number", "1", "a number, got '1'"),
    ("number", True, "a number, got True"),
    ("flag", 1, "true or false, got 1"),
    ("labels", {"a": 1}, "a list of"),
    ("labels", [["a", 2]], "score from 0 to 1.*got \\['a', 2\\]"),
    ("labels", [["a", None]], "score from 0 to 1"),
    ("labels", [[1, 0.5]], "label, score"),
    ("labels", [["a", 0.5, 1]], "label, score"),
    ("marks", [["a", -1.01]], "weight from −1 to 1"),
    ("marks", "a", "a list of"),
    ("table", [], "an object with columns, rows"),
    ("table", {"columns": [], "rows": []}, "a list of columns"),
    ("table", {"columns": ["Model"], "rows": []}, "\\[label, unit\\]"),
    ("table", {"columns": [["Model", ""]], "rows": [["a", "b"]]}, "a row of 1 cells"),
    ("table", {"columns": [["Model", ""]], "rows": [[[]]]}, "a number, a text or None"),
    ("figure", {"lines": [LINE]}, "an object with lines, x, y, got \\['lines'\\]"),
    ("figure", {"lines": [], **AXES}, "a list of lines"),
    ("figure", {"lines": [{**LINE, "y": [1]}], **AXES}, "2 numbers, as many as x"),
    ("figure", {"lines": [{**LINE, "x": [0, None]}], **AXES}, "a number, got None"),
    ("figure", {"lines": [LINE], "x": "Said", "y": ["Seen", ""]}, "\\[label, unit\\]"),
    ("figure", {"grid": {**GRID, "values": [[1]]}}, "2 rows of values"),
    ("figure", {"grid": {**GRID, "values": [[1], [1, 2]]}}, "1 values a row"),
    ("figure", {"grid": {**GRID, "rows": [1, 2]}}, "a list of labels as rows"),
    ("figure", {"grid": []}, "an object with rows, columns, values"),
    ("image", {"png": PNG}, "an object with png, alt"),
    ("image", {"png": PNG, "alt": " "}, "a text that says what it shows"),
    ("image", {"png": "not base64!", "alt": "a"}, "png in base64"),
    ("image", {"png": None, "alt": "a"}, "png in base64"),
    ("image", {"png": WAV, "alt": "a"}, "the bytes of a PNG file"),
    ("image", [IMAGE, {**IMAGE, "caption": 1}], "a text as caption, got 1"),
    ("image", "x", "an object with png, alt"),
    ("audio", {"wav": PNG, "alt": "a"}, "the bytes of a WAV file"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_values_of_their_kind_pass(kind: str, value: Any) -> None:
    check_value(kind, value)
    check_value(kind, None)


@pytest.mark.parametrize(("kind", "value", "told"), BAD)
def test_another_shape_is_told_with_what_was_wanted_and_what_came(kind: str, value: Any, told: str) -> None:
    with pytest.raises(ValueError, match=f"wanted .*{told}"):
        check_value(kind, value)


def test_pictures_that_no_page_should_carry_are_refused() -> None:
    large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(MAX_MEDIA_BYTES // 2)).decode()
    check_value("image", {"png": large, "alt": "a"})
    with pytest.raises(ValueError, match="at most 8,000,000 bytes"):
        check_value("image", [{"png": large, "alt": "a"}] * 2)


def action(**more: Any) -> Action:
    given = {"slug": "a", "title": "A", "help": "A.", "mode": Mode.INTERACTIVE, "inputs": Inputs, "entry": "a:b"}
    return Action(**(given | {"results": {"hits": Result(label="Hits", kind="number")}} | more))


def test_the_result_that_is_wrong_is_named() -> None:
    check_results(action(), {"hits": 1, "besides": object()})
    check_results(action(), {})
    with pytest.raises(ValueError, match="Result 'hits' of kind number: wanted a number, got 'many'"):
        check_results(action(), {"hits": "many"})


def test_a_training_has_curves_and_says_which() -> None:
    assert action().curves == ()
    assert action(mode=Mode.TRAINING).curves == (LOSS, TOKENS)
    own = Curve(title="Accuracy", measures={"hits": "Held out"}, best="max")
    assert action(mode=Mode.TRAINING, curves=(own,)).curves == (own,)


@pytest.mark.parametrize("wrong", [{"measures": {}}, {"measures": {"a b": "A"}}, {"best": "most"}])
def test_a_curve_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="curve 'C'"):
        Curve(**({"title": "C", "measures": {"loss": "Loss"}} | wrong))


def test_a_kind_that_nobody_draws_is_refused() -> None:
    with pytest.raises(ValueError, match=r"kind is one of text, .* got 'video'"):
        Result(label="Film", kind="video")


@pytest.mark.parametrize(
    ("accept", "ways", "told"),
    [
        (("image/png",), ("sing",), "ways are among camera, draw, got sing"),
        (("image/jpeg",), ("draw",), "image/png, which accept does not name"),
    ],
)
def test_ways_of_giving_a_picture_are_those_that_there_are(
    accept: tuple[str, ...], ways: tuple[str, ...], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        media("Picture", help="A picture.", accept=accept, max_bytes=1, ways=ways)
