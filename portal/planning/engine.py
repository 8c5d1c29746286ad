"""Run a calculator: once (``evaluate``), over draws (``simulate``), and as JSON that every face shares (``report``).

Pure and repeatable: the same calculator, inputs, draws and seed give the same numbers. Problems with the inputs are
raised as ``mlcore.reading.Invalid`` before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from mlcore.reading import Invalid, Problem, resolve, uncertain
from mlcore.spec import Kind, Param, Range
from portal.planning import uncertainty
from portal.planning.calculator import Calculator, Output
from portal.planning.outcome import BANDS, Case, Histogram, Influence, Outcome
from portal.planning.report import report
from portal.planning.wording import figure

MOST_DRAWS = 1_000_000
LARGEST_SEED = 2**32 - 1
CHUNK = 16_384  # draws computed together: bounds the memory of a simulation
KEPT_DRAWS = 50_000  # of an output that runs along something, at most: its bands are then sure to 0.1 points


class NotFinite(Invalid):
    """A permitted input for which the calculator has no finite answer, as when something is divided by zero."""


def evaluate(calculator: Calculator, inputs: Any) -> Case:
    """One calculation of an instance of ``calculator.inputs``, every range at its (truncated) median.

    Raises:
        Invalid: the calculator refuses the inputs.
        NotFinite: an output is not a number, or infinite without saying what that means.
    """
    _refuse(calculator, inputs)
    resolved = resolve(inputs, _median)
    _as_arrays(resolved)
    results = _compute(calculator, resolved)
    outputs: dict[str, Any] = {}
    for name, output in calculator.outputs.items():
        value = results[name]
        _check(calculator, name, output, value, draws=None)
        _check_places(calculator, name, value, inputs)
        outputs[name] = value.astype(bool if output.boolean else float).tolist()
    return Case(calculator, inputs, resolved, outputs)


def simulate(calculator: Calculator, inputs: Any, *, draws: int, seed: int) -> Outcome:
    """``draws`` calculations with every range and event drawn.

    Raises:
        Invalid: as ``evaluate``, and for fewer than 2 or more than 1,000,000 draws or a seed outside 32 bits.
    """
    _within("draws", draws, 2, MOST_DRAWS)
    _within("seed", seed, 0, LARGEST_SEED)
    case = evaluate(calculator, inputs)
    drawn = {path: uncertainty.draw(seed, path, draws, param, value) for path, param, value in uncertain(inputs)}
    samples = _samples(calculator, inputs, drawn, draws) if drawn else case.outputs
    return Outcome(case, draws, seed, samples, drawn)


def upgrade_inputs(calculator: Calculator, version: int, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Stored inputs of an older version as the present one reads them.

    Raises:
        ValueError: the version is not one that this calculator has had.
    """
    if not 1 <= version <= calculator.version:
        raise ValueError(
            f"{calculator.slug}: inputs of version {version} were stored, but this program knows versions 1 to "
            f"{calculator.version}; open them with a newer program"
        )
    inputs = dict(raw)
    for step in range(version, calculator.version):
        inputs = calculator.upgrade[step](inputs)
    return inputs


def _refuse(calculator: Calculator, inputs: Any) -> None:
    problems = {}
    for path, sentence in calculator.refuse(inputs).items():
        figures = {place: figure(value, unit) for place, (value, unit) in sentence.figures.items()}
        problems[path] = [Problem(sentence.text, figures)]
    if problems:
        raise Invalid(problems)


def _within(name: str, value: int, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        template = "Wanted a whole number from {least} to {most}, got {given}."
        given = str(value)[:40]
        raise Invalid({name: [Problem(template, {"least": f"{least:,}", "most": f"{most:,}", "given": given})]})


def _median(path: str, param: Param, value: Range | float) -> float:
    if not isinstance(value, Range):
        return 1.0 if value > 0.5 else 0.0
    middle = uncertainty.median(value, param.low, param.high)
    return round(middle) if param.kind is Kind.INTEGER else middle


def _as_arrays(resolved: Any) -> None:
    """Give floats NumPy's arithmetic, where 1/0 is infinite and not an error: one case then acts as many draws do."""
    for name, value in vars(resolved).items():
        if isinstance(value, float):
            setattr(resolved, name, np.float64(value))
        elif isinstance(value, tuple):
            for row in value:
                if hasattr(row, "__dict__"):
                    _as_arrays(row)


def _compute(calculator: Calculator, resolved: Any) -> Mapping[str, Any]:
    # Overflow and division by zero are found in the results, where they can be told of by name.
    with np.errstate(all="ignore"):
        results = calculator.compute(resolved)
    if set(results) != set(calculator.outputs):
        differing = sorted(set(results) ^ set(calculator.outputs))
        raise TypeError(f"{calculator.slug}: computed and declared outputs differ in {differing}")
    return {name: np.asarray(value) for name, value in results.items()}


def _take(chunk: Mapping[str, Any], path: str, param: Param, value: Range | float) -> Any:
    return chunk[path]


def _chunks(draws: int) -> Iterator[slice]:
    """Parts of nearly equal size."""
    count = -(-draws // CHUNK)
    ends = [draws * part // count for part in range(count + 1)]
    return (slice(start, stop) for start, stop in pairwise(ends))


def _samples(calculator: Calculator, inputs: Any, drawn: Mapping[str, Any], draws: int) -> dict[str, Any]:
    kept = {name for name in calculator.outputs if calculator.has_spread(name)}
    samples: dict[str, Any] = {}
    for part in _chunks(draws):
        chunk = {path: values[part] for path, values in drawn.items()}
        resolved = resolve(inputs, partial(_take, chunk))
        _as_arrays(resolved)
        for name, value in _compute(calculator, resolved).items():
            output = calculator.outputs[name]
            _check(calculator, name, output, value, draws=part.stop - part.start)
            if name in kept:
                _keep(samples, name, output, value, part, draws)
    return samples


def _keep(samples: dict[str, Any], name: str, output: Output, value: Any, part: slice, draws: int) -> None:
    """Store one chunk of an output; one that has no axis of draws does not vary and is stored once."""
    if value.ndim == len(output.along):
        samples[name] = value
        return
    length = min(draws, KEPT_DRAWS) if output.along else draws
    if name not in samples:
        samples[name] = np.empty((*value.shape[:-1], length), dtype=value.dtype)
    stop = min(part.stop, length)
    if part.start < stop:
        samples[name][..., part.start : stop] = value[..., : stop - part.start]


def _check(calculator: Calculator, name: str, output: Output, value: Any, draws: int | None) -> None:
    """Refuse what is not one value, or one for each place, with ``draws`` as optional last axis, or not finite."""
    one = value.shape[: len(output.along)]
    fits = len(one) == len(output.along) and value.shape in (one, one if draws is None else (*one, draws))
    if not fits or value.dtype.kind not in ("b" if output.boolean else "fiu"):
        raise TypeError(
            f"{calculator.slug}.{name}: {value.dtype} of shape {value.shape} does not fit its declaration "
            f"(boolean={output.boolean}, along={output.along}; draws are the last axis)"
        )
    if output.boolean or np.isfinite(value.sum()) or np.isfinite(value).all():
        return
    if output.never and (value > -np.inf).all():  # NaN compares false
        return
    raise NotFinite(
        {
            "": [
                Problem(
                    "{output} has no finite value for these inputs. Look for a zero that something is divided by, "
                    "or for growth too large for the time it runs.",
                    {"output": output.label},
                )
            ]
        }
    )


def _check_places(calculator: Calculator, name: str, value: Any, inputs: Any) -> None:
    for length, axis in zip(value.shape, calculator.outputs[name].along, strict=True):
        places = calculator.places(axis, inputs)
        if places is not None and len(places) != length:
            raise TypeError(f"{calculator.slug}.{name}: {length} values along {axis}, which has {len(places)} places")


__all__ = [
    "BANDS",
    "MOST_DRAWS",
    "Case",
    "Histogram",
    "Influence",
    "NotFinite",
    "Outcome",
    "evaluate",
    "report",
    "simulate",
    "upgrade_inputs",
]
