"""A result as JSON: the one shape that page, API, command line and exports share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from mlcore.reading import to_json
from mlcore.spec import params
from portal.planning.calculator import Output, Sentence, Table
from portal.planning.calendar import from_month
from portal.planning.outcome import BANDS, Case, Outcome
from portal.planning.wording import say as say_plainly

Provenance = Mapping[str, Mapping[str, Any]]


def report(
    result: Case | Outcome,
    *,
    provenance: Provenance | None = None,
    say: Callable[[Sentence], str] = say_plainly,
    tables: bool = False,
) -> dict[str, Any]:
    """JSON-safe: an infinite value is null with ``"never": true``, a value of unit ``month`` an ISO day.

    ``provenance`` maps an input to where its value comes from: ``{"kind": "measured", "text": ..., ...}``. An input
    that it leaves out is ``default``, with its declared source, while it has the declared starting value, else
    ``typed``. An ``Outcome`` adds quantiles, the mean, the share of "never", draws, seed and the answer in words.
    ``tables`` adds the tables beside the answer, which may take longer than the answer itself.
    """
    case = result if isinstance(result, Case) else result.case
    calculator = case.calculator
    body: dict[str, Any] = {
        "calculator": calculator.slug,
        "version": calculator.version,
        "inputs": to_json(case.inputs),
        "outputs": {name: _one(case, name, output) for name, output in calculator.outputs.items()},
        "warnings": [say(notice) for notice in case.notices],
        "provenance": full_provenance(case, provenance or {}),
    }
    if isinstance(result, Outcome):
        for name, output in calculator.outputs.items():
            body["outputs"][name] |= _spread(result, name, output)
        body |= {"answer": say(calculator.answer(result)), "draws": result.draws, "seed": result.seed}
    if tables:
        body["tables"] = [_table(table, say) for table in case.tables]
    return body


def full_provenance(case: Case, given: Provenance) -> dict[str, dict[str, Any]]:
    """Where the value of every input comes from."""
    origins: dict[str, dict[str, Any]] = {}
    for name, param, start in params(type(case.inputs)):
        if name in given:
            origins[name] = dict(given[name])
        elif getattr(case.inputs, name) == start:
            origins[name] = {"kind": "default", "text": param.source}
        else:
            origins[name] = {"kind": "typed", "text": ""}
    return origins


def json_number(value: float, unit: str) -> float | str | None:
    """A number as JSON can hold it: never is null, a month an ISO day."""
    if math.isinf(value):
        return None
    return from_month(value).isoformat() if unit == "month" else value


def _one(case: Case, name: str, output: Output) -> dict[str, Any]:
    shown = _shown(case.outputs[name], output)
    body = {"value": shown, "unit": output.unit, "label": output.label}
    if output.along:
        return {**body, "along": [_along(case, axis, at, shown) for at, axis in enumerate(output.along)]}
    return body | {"never": True} if shown is None else body


def _along(case: Case, axis: str, depth: int, shown: Any) -> dict[str, Any]:
    """An axis by name, with what each of its places is called: months are counted from 1."""
    places = case.calculator.places(axis, case.inputs)
    if places is None:
        for _level in range(depth):
            shown = shown[0] if shown else []
        places = range(1, len(shown) + 1)
    return {"axis": axis, "places": list(places)}


def _table(table: Table, say: Callable[[Sentence], str]) -> dict[str, Any]:
    units = [unit for _label, unit in table.columns]
    return {
        "title": table.title,
        "note": table.note,
        "columns": [{"label": label, "unit": unit} for label, unit in table.columns],
        "rows": [[_cell(cell, unit, say) for cell, unit in zip(row, units, strict=True)] for row in table.rows],
    }


def _cell(cell: Any, unit: str, say: Callable[[Sentence], str]) -> Any:
    if isinstance(cell, Sentence):
        return say(cell)
    return cell if cell is None or isinstance(cell, str) else json_number(float(cell), unit)


def _shown(value: Any, output: Output) -> Any:
    if isinstance(value, list):
        return [_shown(each, output) for each in value]
    return value if output.boolean else json_number(value, output.unit)


def _spread(outcome: Outcome, name: str, output: Output) -> dict[str, Any]:
    if not outcome.calculator.has_spread(name):
        return {}
    if output.boolean:
        return {"share": outcome.shares(name).tolist()}
    keys = [f"p{round(share * 100)}" for share in BANDS]
    if output.along:
        bands = [_shown(band, output) for band in outcome.fan(name).tolist()]
        return dict(zip(keys, bands, strict=True))
    quantiles = [json_number(value, output.unit) for value in outcome.quantiles(name)]
    mean = outcome.mean(name)
    return {
        **dict(zip(keys, quantiles, strict=True)),
        "mean": None if mean is None else json_number(mean, output.unit),
        "share_never": outcome.share_never(name),
    }
