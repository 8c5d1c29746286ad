"""A scenario as a file: JSON for programs, CSV for spreadsheets. Both carry where each value comes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import product
from typing import Any

from mlcore.numbers import write_range
from mlcore.reading import to_json
from mlcore.spec import Kind, Range, params
from portal.planning import engine
from portal.planning.calculator import MONTH
from portal.plans.provenance import told
from portal.plans.selectors import Opened

DRAWS = 10_000
COLUMNS = ("part", "name", "label", "unit", "value", "low", "high", "family", "from")

# What a spreadsheet takes for the beginning of a formula, with the full-width forms that some make plain.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def scenario_json(opened: Opened) -> dict[str, Any]:
    """What is stored, and under ``report`` what the calculator computes of it; None where it cannot."""
    scenario = opened.scenario
    declared = opened.calculator.inputs if opened.calculator else None
    return {
        "format": "plumbline.scenario",
        "uid": scenario.uid,
        "name": scenario.name,
        "calculator": scenario.calculator,
        "version": scenario.version,
        "revision": scenario.revision,
        "seed": scenario.seed,
        "updated_at": scenario.updated_at.isoformat(),
        "inputs": scenario.inputs,
        "provenance": told(declared, scenario.provenance),
        "problem": opened.problem,
        "report": None if opened.inputs is None else report_of(opened),
    }


def report_of(opened: Opened) -> dict[str, Any]:
    """Raises Invalid where the calculator refuses what it permitted when the scenario was saved."""
    assert opened.calculator is not None
    outcome = engine.simulate(opened.calculator, opened.inputs, draws=DRAWS, seed=opened.scenario.seed)
    return engine.report(outcome, provenance=told(opened.calculator.inputs, opened.scenario.provenance))


def scenario_csv(opened: Opened) -> str:
    """One line an input and an output; an output along months, years or rows has a line for each.

    Raises:
        Invalid: as ``report_of``.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in [*_about(opened), *(_lines(opened) if opened.inputs is not None else _stored(opened))]:
        writer.writerow([neutral(cell) for cell in line])
    return text.getvalue()


def neutral(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0\u3000").startswith(_FORMULA_STARTS):
        return "'" + cell
    return cell


def _about(opened: Opened) -> Iterator[tuple[Any, ...]]:
    scenario = opened.scenario
    for name, value in (
        ("name", scenario.name), ("uid", scenario.uid), ("calculator", scenario.calculator),
        ("version", scenario.version), ("revision", scenario.revision), ("seed", scenario.seed),
        ("problem", opened.problem),
    ):  # fmt: skip
        if value != "":
            yield ("scenario", name, "", "", value, "", "", "", "")


def _stored(opened: Opened) -> Iterator[tuple[Any, ...]]:
    """Of a scenario that no calculator reads: the inputs as they are."""
    for name, value in opened.scenario.inputs.items():
        yield ("input", name, "", "", value if isinstance(value, int | float | str) else str(value), "", "", "", "")


def _lines(opened: Opened) -> Iterator[tuple[Any, ...]]:
    body = report_of(opened)
    for name, _param, _start in params(type(opened.inputs)):
        source = body["provenance"][name]
        words = source.get("text") or source["kind"]
        yield from (("input", *line, words) for line in _input_lines(opened.inputs, name))
    for name, output in body["outputs"].items():
        if "along" in output:
            yield from _along_lines(name, output)
            continue
        shown = "never" if output.get("never") else output["value"]
        yield ("output", name, output["label"], output["unit"], shown, output.get("p5", ""), output.get("p95", ""), "",
               "computed")  # fmt: skip


def _along_lines(name: str, output: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """A line for each place, called by it; months go by their number. Of truths over draws, the share that is true."""
    boolean = "share" in output
    values, unit = (output["share"], "%") if boolean else (output["value"], output["unit"])
    axes = [axis["places"] for axis in output["along"]]
    monthly = [axis["axis"] == MONTH for axis in output["along"]]
    for at in product(*(range(len(places)) for places in axes)):
        names = [str(places[i]) for places, i, by_month in zip(axes, at, monthly, strict=True) if not by_month]
        label = f"{output['label']}: {', '.join(names)}" if names else output["label"]
        path = ".".join([name, *(str(i + 1) for i in at)])
        single = _at(values, at)
        low, high = (_at(output[key], at) if key in output else "" for key in ("p5", "p95"))
        yield ("output", path, label, unit, *("never" if v is None else v for v in (single, low, high)), "", "computed")


def _at(values: Any, at: tuple[int, ...]) -> Any:
    for index in at:
        values = values[index]
    return values


def _input_lines(inputs: Any, wanted: str, prefix: str = "") -> Iterator[tuple[Any, ...]]:
    """``(path, label, unit, value, low, high, family)`` of one field; a table of rows gives a line a cell."""
    for name, param, _start in params(type(inputs)):
        if name != wanted:
            continue
        value = getattr(inputs, name)
        if param.kind is Kind.ROWS:
            for index, row in enumerate(value):
                for inner, _param, _default in params(type(row)):
                    yield from _input_lines(row, inner, f"{prefix}{name}.{index + 1}.")
            continue
        path, percent = prefix + name, param.unit.startswith("%")
        if isinstance(value, Range):
            shown = write_range(value, percent=percent)
            yield (path, param.label, param.unit, shown, value.low, value.high, value.family.value)
        else:
            plain = to_json(value)
            shown = "; ".join(map(str, plain)) if isinstance(plain, list) else plain
            yield (path, param.label, param.unit, shown, "", "", "")
