"""A result as JSON: the one shape that page, API, command line and exports share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from mlcore.reading import to_json
from mlcore.spec import params
from portal.planning.calculator import Fan, Output, Sentence
from portal.planning.calendar import from_month
from portal.planning.outcome import BANDS, Case, Outcome
from portal.planning.wording import say as say_plainly

Provenance = Mapping[str, Mapping[str, Any]]


def report(
    result: Case | Outcome, *, provenance: Provenance | None = None, say: Callable[[Sentence], str] = say_plainly
) -> dict[str, Any]:
    """JSON-safe: an infinite value is null with ``"never": true``, a value of unit ``month`` an ISO day.

    ``provenance`` maps an input to where its value comes from: ``{"kind": "measured", "text": ..., ...}``. An input
    that it leaves out is ``default``, with its declared source, while it has the declared starting value, else
    ``typed``. An ``Outcome`` adds quantiles, the mean, the share of "never", draws, seed and the answer in words.
    """
    case = result if isinstance(result, Case) else result.case
    calculator = case.calculator
    body: dict[str, Any] = {
        "calculator": calculator.slug,
        "version": calculator.version,
        "inputs": to_json(case.inputs),
        "outputs": {name: _one(output, case.outputs[name]) for name, output in calculator.outputs.items()},
        "warnings": [say(notice) for notice in case.notices],
        "provenance": full_provenance(case, provenance or {}),
    }
    if isinstance(result, Outcome):
        fans = {chart.output for chart in calculator.charts if isinstance(chart, Fan)}
        for name, output in calculator.outputs.items():
            body["outputs"][name] |= _spread(result, name, output, fans)
        body |= {"answer": say(calculator.answer(result)), "draws": result.draws, "seed": result.seed}
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


def _one(output: Output, value: Any) -> dict[str, Any]:
    shown = value if output.boolean or output.monthly else json_number(value, output.unit)
    body = {"value": shown, "unit": output.unit, "label": output.label}
    return body | {"never": True} if shown is None else body


def _spread(outcome: Outcome, name: str, output: Output, fans: set[str]) -> dict[str, Any]:
    if output.boolean:
        return {"share": outcome.share(name)}
    keys = [f"p{round(share * 100)}" for share in BANDS]
    if output.monthly:
        return dict(zip(keys, outcome.fan(name).tolist(), strict=True)) if name in fans else {}
    quantiles = [json_number(value, output.unit) for value in outcome.quantiles(name)]
    mean = outcome.mean(name)
    return {
        **dict(zip(keys, quantiles, strict=True)),
        "mean": None if mean is None else json_number(mean, output.unit),
        "share_never": outcome.share_never(name),
    }
