"""Forms derived from declarations: the same readings and words as everywhere else, and what templates draw."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from mlcore.registry import all_tasks
from mlcore.spec import NUMERIC, Kind, Range, params
from portal.derive.fields import STEPS, View, slider
from portal.derive.forms import InputsForm, form_class, path_label
from portal.derive.query import query_to_given, texts
from portal.derive.wording import problem_text
from portal.planning.registry import all_calculators
from tests.derive.sample import Everything, Item

DECLARATIONS = [
    Everything,
    *(calculator.inputs for calculator in all_calculators().values()),
    *(action.inputs for task in all_tasks().values() for action in task.actions),
]


def _views(form: InputsForm) -> dict[str, View]:
    return {view.name: view for group in form.groups() for view in group.views}


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda declaration: declaration.__module__)
def test_fields_agree_with_the_declaration(declaration: type) -> None:
    form = form_class(declaration)()
    views = _views(form)
    assert list(form.fields) == list(views) == [name for name, _, _ in params(declaration)]
    for name, param, start in params(declaration):
        field, shown = form.fields[name], views[name]
        assert field.initial == start
        assert field.clean() == start
        assert (shown.label, shown.help) == (param.label, param.help)
        if param.kind in NUMERIC:
            assert (shown.least, shown.most) == (param.low, param.high)
            for bound in (param.low, param.high):
                if bound is not None:
                    assert field.clean(bound) == bound
            with pytest.raises(Exception, match="Wanted"):
                field.clean("x")
        if param.kind is Kind.CHOICE:
            assert [value for value, _ in shown.choices] == [value for value, _ in param.choices]


def test_an_empty_form_is_the_starting_values() -> None:
    form = form_class(Everything)({})
    assert form.is_valid()
    assert form.inputs == Everything()


def test_zero_survives() -> None:
    form = form_class(Everything)({"cash": "0", "seats": "0", "growth": "0%", "temperature": "0"})
    assert form.is_valid(), form.errors
    assert (form.inputs.cash, form.inputs.seats, form.inputs.growth, form.inputs.temperature) == (0, 0, 0, 0)
    views = _views(form)
    assert views["seats"].least == 0
    assert views["cash"].text == "0"


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(set(texts(Everything, {})) - {"mode"})), st.text(max_size=20)))
def test_a_form_refuses_what_the_reader_refuses_in_the_same_words(data: dict[str, str]) -> None:
    data = {"mode": "custom", **data}
    form = form_class(Everything)(data)
    try:
        read = read_inputs(Everything, query_to_given(Everything, data))
    except Invalid as problem:
        wanted = {path: [problem_text(p) for p in found] for path, found in problem.problems.items()}
        assert not form.is_valid()
        assert form.problems == wanted
    else:
        assert form.is_valid()
        assert form.inputs == read


def test_a_problem_stands_beside_its_cell_and_keeps_what_was_typed() -> None:
    form = form_class(Everything)(QueryDict("items.0.month=99&items.0.amount=x&cash=abc&seats=1.5"))
    assert not form.is_valid()
    assert set(form.problems) == {"items.0.month", "items.0.amount", "cash", "seats"}
    views = _views(form)
    month = next(cell for cell in views["items"].records[0].cells if cell.name == "items.0.month")
    assert month.errors == ("Wanted at most 24, got 99.",)
    assert month.text == "99"
    assert views["cash"].text == "abc"
    assert views["seats"].errors == ("Wanted a whole number, got 1.5.",)


def test_what_is_not_shown_is_not_read() -> None:
    hidden = form_class(Everything)({"mode": "preset", "width": "nonsense"})
    assert hidden.is_valid()
    assert hidden.inputs.width == 64
    assert not _views(hidden)["width"].shown
    shown = form_class(Everything)({"mode": "custom", "width": "nonsense"})
    assert not shown.is_valid()
    assert _views(shown)["width"].when == ("f_mode", "custom")


def test_a_range_shows_its_family() -> None:
    usual = _views(form_class(Everything)())["growth"]
    assert (usual.text, usual.family, usual.chip) == ("6% to 12%", "", "90% sure, log-normal")
    assert usual.choices[0] == ("", "log-normal")
    inputs = dataclasses.replace(Everything(), growth=Range(0.06, 0.12, "uniform"))
    chosen = _views(form_class(Everything)(inputs=inputs))["growth"]
    assert (chosen.text, chosen.family, chosen.chip) == ("6% to 12%", "uniform", "always within, uniform")
    below = _views(form_class(Everything)({"temperature": "-3 to 4"}))["temperature"]
    assert {value for value, _ in below.choices} == {"", "uniform", "triangle", "pert"}


def test_labels_are_in_the_reader_s_language() -> None:
    with translation.override("zh-hans"):
        assert _views(form_class(Everything)())["growth"].label  # what is not translated yet stays readable


def test_the_row_to_copy_has_the_starting_values_of_the_row() -> None:
    table = _views(form_class(Everything)())["items"]
    assert [cell.name for cell in table.columns] == [
        "items.__row__.label",
        "items.__row__.month",
        "items.__row__.amount",
    ]
    assert [cell.text for cell in table.columns] == ["", "1", "0"]
    assert [record.index for record in table.records] == ["0"]
    assert form_class(Everything)({"items.0.label": "Rent"}).is_valid()


@pytest.mark.parametrize(
    ("size", "kind", "words"),
    [(10, "text/plain", None), (1001, "text/plain", "at most 1,000 bytes, got 1,001"), (10, "image/png", "image/png")],
)
def test_uploads_are_checked_for_size_and_type(size: int, kind: str, words: str | None) -> None:
    file = SimpleUploadedFile("a.txt", b"x" * size, content_type=kind)
    form = form_class(Everything)({}, {"corpus": file})
    assert form.is_valid() is (words is None)
    if words:
        assert words in form.problems["corpus"][0]
    else:
        assert form.uploads["corpus"].size == size
        assert form.inputs.corpus == ""


def test_problems_found_later_stand_beside_their_fields() -> None:
    form = form_class(Everything)({})
    assert form.is_valid()
    with pytest.raises(Invalid) as raised:
        read_inputs(Everything, {"cash": -1})
    form.add_problems(raised.value)
    assert _views(form)["cash"].errors == ("Wanted at least 0, got -1.",)


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda declaration: declaration.__module__)
def test_sliders_hold_the_value_within_what_is_permitted(declaration: type) -> None:
    for view in _views(form_class(declaration)()).values():
        found = view.slider
        if found is None:
            continue
        assert math.isfinite(found.low)
        assert found.low < found.high
        assert 0 <= found.position <= STEPS
        assert found.log is (found.low > 0 and found.high / found.low > 20)
        assert view.least is None or found.low >= min(view.least, found.values[0])
        assert view.most is None or found.high <= max(view.most, found.values[-1])


def test_sliders_suit_the_value() -> None:
    by_name: dict[str, Any] = {name: param for name, param, _ in params(Everything)}
    decades = slider(by_name["cash"], 3_200_000)
    assert decades is not None
    assert (decades.low, decades.high, decades.log, decades.position) == (320_000, 32_000_000, True, 500)
    share = slider(by_name["closes"], 0.6)
    assert share is not None
    assert (share.low, share.high, share.log) == (0, 1, False)
    assert slider(by_name["cash"], 0.0) is not None  # it has an upper bound
    unbounded = dataclasses.replace(by_name["cash"], high=None)
    assert slider(unbounded, 0.0) is None


def test_what_cannot_be_read_keeps_a_slider_to_correct_it_with() -> None:
    views = _views(form_class(Everything)({"cash": "abc"}))
    assert views["cash"].slider == _views(form_class(Everything)())["cash"].slider


def test_rows_are_instances_of_their_class() -> None:
    form = form_class(Everything)({"items.0.month": "2"})
    assert form.is_valid()
    assert form.inputs.items == (Item(month=2),)


def test_a_row_with_a_name_is_called_by_it() -> None:
    filled = read_inputs(Everything, {"items": [{"label": "Deposit"}, {"label": ""}]})
    assert path_label(Everything, "items.0.amount", filled) == "Deposit: Amount"
    assert path_label(Everything, "items.0.amount") == "Items 1: Amount"
    assert path_label(Everything, "items.1.amount", filled) == "Items 2: Amount"
    alike = read_inputs(Everything, {"items": [{"label": "Deposit"}, {"label": "Deposit"}]})
    assert path_label(Everything, "items.0.amount", alike) == "Items 1: Amount"
