"""What every calculator must keep, whoever wrote it. ``test_contracts`` runs these over the registry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from simpleeval import simple_eval

from mlcore.reading import Invalid, read_inputs, read_value, resolve, to_json, uncertain
from mlcore.spec import NUMERIC, Kind, Param, Range, params
from portal.planning.calculator import Calculator, Output, Sentence
from portal.planning.engine import Case, Outcome, evaluate, report, simulate, upgrade_inputs
from portal.planning.explain import arithmetic, explain
from portal.planning.uncertainty import draw, median
from portal.planning.wording import say

UNITS = {
    "", "USD", "USD/month", "USD/hour", "USD/year", "%", "%/month", "months", "month", "days", "hours", "minutes",
    "seconds", "tokens", "tokens/s", "FLOP", "FLOP/s", "TFLOP/s", "GiB", "GB", "W", "kWh", "kg CO2e", "parameters",
    "devices", "×", "GB/s", "g CO2e/kWh", "USD/kWh", "USD/request", "people", "accounts", "customers", "seats",
    "requests", "points", "steps", "years", "year",
}  # fmt: skip
DRAWS = 24

Check = Callable[[Calculator], None]


def starting_points(calculator: Calculator) -> Iterator[Any]:
    """The instance that the page starts with, every preset, and the inputs of every example."""
    for given in ({}, *(preset.inputs for preset in calculator.presets), *(e.inputs for e in calculator.examples)):
        yield read_inputs(calculator.inputs, given)


def examples_hold(calculator: Calculator) -> None:
    assert calculator.examples, "a worked case is needed"
    for example in calculator.examples:
        assert example.source
        outputs = evaluate(calculator, read_inputs(calculator.inputs, example.inputs)).outputs
        for name, expected in example.expected.items():
            if calculator.outputs[name].boolean:
                assert outputs[name] == plain(expected), name
            else:
                found, wanted = np.asarray(outputs[name]), np.asarray(expected, dtype=float)
                assert found.shape == wanted.shape, name
                np.testing.assert_allclose(found, wanted, rtol=example.rtol, atol=1e-12, err_msg=name)


def formulas_give_the_values(calculator: Calculator) -> None:
    for inputs in starting_points(calculator):
        values = evaluate(calculator, inputs).values
        for name, output in calculator.outputs.items():
            if not output.formula:
                continue
            for at, value in np.ndenumerate(np.asarray(values[name], dtype=float)):
                if np.isfinite(value):
                    names = {place: value_at(calculator, values, place, output, at) for place in output.names()}
                    assert simple_eval(arithmetic(output.formula), names=names) == pytest.approx(value, rel=1e-9), name


def every_output_is_explained(calculator: Calculator) -> None:
    values = evaluate(calculator, read_inputs(calculator.inputs, {})).values
    for name, output in calculator.outputs.items():
        told = explain(calculator, name, values)
        assert told.words
        assert "{" not in told.words + told.substituted, name
        assert bool(told.substituted) == bool(output.formula and not output.along)


def every_place_has_a_name_and_a_value(calculator: Calculator) -> None:
    for inputs in starting_points(calculator):
        outputs = evaluate(calculator, inputs).outputs
        lengths: dict[str, int] = {}
        for name, output in calculator.outputs.items():
            for axis, length in zip(output.along, np.shape(outputs[name]), strict=True):
                places = calculator.places(axis, inputs)
                assert lengths.setdefault(axis, length) == length, f"{name}: {axis} has another length elsewhere"
                assert places is None or len(places) == length, name
        for axis in calculator.axes:
            check_places(axis, calculator.places(axis, inputs))


def check_places(axis: str, places: Any) -> None:
    if all(isinstance(place, str) for place in places):
        return
    assert all(np.isfinite(place) for place in places), f"{axis}: numbers or texts, not both"
    assert list(places) == sorted(set(places)), f"{axis}: numbers rise"


def draws_together_are_draws_one_by_one(calculator: Calculator) -> None:
    for inputs in starting_points(calculator):
        drawn = {path: draw(5, path, DRAWS, param, value) for path, param, value in uncertain(inputs)}
        if not drawn:
            continue
        together = compute(calculator, inputs, drawn)
        for index in (0, DRAWS // 2, DRAWS - 1):
            alone = compute(calculator, inputs, {path: values[index] for path, values in drawn.items()})
            for name, output in calculator.outputs.items():
                value = np.asarray(together[name])
                mine = value[..., index] if value.ndim > len(output.along) else value
                assert np.asarray(alone[name]).shape == mine.shape, name
                np.testing.assert_allclose(mine, alone[name], rtol=1e-9, err_msg=name)


def one_draw_has_an_axis_of_one(calculator: Calculator) -> None:
    inputs = read_inputs(calculator.inputs, {})
    drawn = {path: draw(5, path, 1, param, value) for path, param, value in uncertain(inputs)}
    for name, value in compute(calculator, inputs, drawn).items():
        assert np.ndim(value) in (len(calculator.outputs[name].along), len(calculator.outputs[name].along) + 1), name


def certain_inputs_give_certain_outputs(calculator: Calculator) -> None:
    for inputs in starting_points(calculator):
        fixed = settled(inputs)
        outcome = simulate(calculator, fixed, draws=50, seed=1)
        case = evaluate(calculator, fixed)
        assert not outcome.uncertain
        assert case.outputs == outcome.case.outputs
        for name, output in calculator.outputs.items():
            if output.boolean and calculator.has_spread(name):
                assert outcome.shares(name).tolist() == np.asarray(case.outputs[name], dtype=float).tolist()
            elif not output.along:
                assert outcome.quantiles(name) == [case.outputs[name]] * 5, name


def bounds_are_kept_and_zero_is_one(calculator: Calculator) -> None:
    for path, param in all_params(calculator.inputs):
        if param.kind not in NUMERIC:
            continue
        step = 1 if param.kind is Kind.INTEGER else max(1e-9, abs(param.low or 0) * 1e-6, abs(param.high or 0) * 1e-6)
        for bound, outside in ((param.low, -step), (param.high, step)):
            if bound is None:
                continue
            assert read_value(param, bound) == bound, path
            with pytest.raises(Invalid, match=r"Wanted at (least|most)"):
                read_value(param, bound + outside)


def inputs_survive_json(calculator: Calculator) -> None:
    for inputs in starting_points(calculator):
        sent = json.loads(json.dumps(to_json(inputs), allow_nan=False))
        assert read_inputs(calculator.inputs, sent) == inputs


def declarations_are_complete(calculator: Calculator) -> None:
    assert calculator.title
    assert calculator.summary.endswith(".")
    assert len({preset.slug for preset in calculator.presets}) == len(calculator.presets)
    assert not (calculator.outputs[calculator.explains].boolean)
    for path, param in all_params(calculator.inputs):
        assert param.unit in UNITS, f"{path}: {param.unit}"
        assert param.help.endswith((".", "?", ")")), path
        if "." not in path:
            assert param.group, f"{path} needs a group"
            cited = param.source or param.fixed or param.when or param.kind not in NUMERIC
            assert cited, f"{path} needs a source"
    for name, output in calculator.outputs.items():
        assert output.unit in UNITS, f"{name}: {output.unit}"
        assert output.help.endswith((".", "?", ")")), name
    for axis in calculator.axes.values():
        assert axis.label
        assert axis.unit in UNITS, axis.label
    assert any(output.headline for output in calculator.outputs.values())


def sentences_are_declared(calculator: Calculator) -> None:
    for text in calculator.sentences:
        assert text[-1] in ".?!", text
    for inputs in starting_points(calculator):
        check_words(simulate(calculator, inputs, draws=DRAWS, seed=2))
        check_words(simulate(calculator, settled(inputs), draws=DRAWS, seed=2))


def reports_are_json(calculator: Calculator) -> None:
    for inputs in starting_points(calculator):
        check_report(evaluate(calculator, inputs))
        check_report(simulate(calculator, inputs, draws=DRAWS, seed=2))


def inputs_of_every_version_open(calculator: Calculator) -> None:
    present = to_json(read_inputs(calculator.inputs, {}))
    assert upgrade_inputs(calculator, calculator.version, present) == present


CHECKS: tuple[Check, ...] = (
    examples_hold,
    formulas_give_the_values,
    every_output_is_explained,
    every_place_has_a_name_and_a_value,
    draws_together_are_draws_one_by_one,
    one_draw_has_an_axis_of_one,
    certain_inputs_give_certain_outputs,
    bounds_are_kept_and_zero_is_one,
    inputs_survive_json,
    declarations_are_complete,
    sentences_are_declared,
    reports_are_json,
    inputs_of_every_version_open,
)


def plain(value: Any) -> Any:
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def value_at(calculator: Calculator, values: Any, name: str, output: Output, at: tuple[int, ...]) -> float:
    """The value of a name in a formula at one place of the output: along the same axes, or single."""
    mentioned = calculator.outputs[name].along if name in calculator.outputs else ()
    assert set(mentioned) <= set(output.along), f"{name} runs along what the formula's output does not"
    place = tuple(at[output.along.index(axis)] for axis in mentioned)
    return float(np.asarray(values[name], dtype=float)[place])


def compute(calculator: Calculator, inputs: Any, drawn: dict[str, Any]) -> Any:
    """As the engine calls it: floats have NumPy's arithmetic."""
    numbers = resolve(inputs, lambda path, param, value: drawn[path])
    as_arrays(numbers)
    with np.errstate(all="ignore"):
        return calculator.compute(numbers)


def as_arrays(numbers: Any) -> None:
    for name, value in vars(numbers).items():
        if isinstance(value, float):
            setattr(numbers, name, np.float64(value))
        elif isinstance(value, tuple):
            for row in value:
                if hasattr(row, "__dict__"):
                    as_arrays(row)


def settled(inputs: Any) -> Any:
    """The instance with every range at its median and every event decided."""

    def middle(path: str, param: Param, value: Range | float) -> float:
        if not isinstance(value, Range):
            return float(value > 0.5)
        number = median(value, param.low, param.high)
        return round(number) if param.kind is Kind.INTEGER else number

    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        return {name: plain(item) for name, item in vars(value).items()} if hasattr(value, "__dict__") else value

    return read_inputs(type(inputs), plain(resolve(inputs, middle)))


def all_params(inputs: type) -> Iterator[tuple[str, Param]]:
    """Every declared field, those of rows with a path."""
    for name, param, _ in params(inputs):
        yield name, param
        if param.row is not None:
            yield from ((f"{name}.{path}", inner) for path, inner in all_params(param.row))


def check_report(result: Case | Outcome) -> None:
    body = report(result)
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    for name, output in result.calculator.outputs.items():
        shown = body["outputs"][name]
        assert (shown["unit"], shown["label"]) == (output.unit, output.label)
        assert (shown["value"] is None) == shown.get("never", False)
        sizes = [len(axis["places"]) for axis in shown.get("along", ())]
        assert list(np.shape(shown["value"])) == sizes, name
        assert not output.along or [axis["axis"] for axis in shown["along"]] == list(output.along)
    assert set(body["provenance"]) == {name for name, _, _ in params(result.calculator.inputs)}


def check_words(outcome: Outcome) -> None:
    calculator = outcome.calculator
    for sentence in (calculator.answer(outcome), *outcome.case.notices):
        check_sentence(calculator, sentence)


def check_sentence(calculator: Calculator, sentence: Sentence) -> None:
    assert sentence.text in calculator.sentences, sentence.text
    assert set(re.findall(r"\{(\w+)\}", sentence.text)) == set(sentence.figures), sentence
    said = say(sentence)
    assert not re.search(r"[{}*]|\bnan\b|\binf\b|never", said), said
