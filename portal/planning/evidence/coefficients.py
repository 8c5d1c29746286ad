"""The dated tables that ``manage.py refit`` writes: fitted coefficients, and predictions of cross-validation."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

from portal.planning.evidence.family import Coefficients
from portal.planning.evidence.validation import Prediction

FITTED = ("family", "name", "value", "fitted_on", "cases", "models")
PREDICTED = ("family", "key", "predicted", "low", "high", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Coefficients of a family, the day of the fit, and how much it rests on."""

    values: Coefficients
    fitted_on: date
    cases: int
    models: int


@cache
def fits() -> dict[str, Fit]:
    """Every family's fit by its slug."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in _rows("coefficients.csv"):
        found.setdefault(row["family"], []).append(row)
    return {
        family: Fit(
            values={row["name"]: float(row["value"]) for row in rows},
            fitted_on=date.fromisoformat(rows[0]["fitted_on"]),
            cases=int(rows[0]["cases"]),
            models=int(rows[0]["models"]),
        )
        for family, rows in found.items()
    }


def fitted(family: str) -> Coefficients:
    """The coefficients with which calculators estimate.

    Raises:
        LookupError: the family was never fitted, with what to run.
    """
    try:
        return fits()[family].values
    except KeyError:
        raise LookupError(f"{family!r} has no coefficients yet: run manage.py refit {family}") from None


@cache
def predictions() -> dict[str, dict[str, Prediction]]:
    """Every family's cross-validated predictions, by key of the case."""
    found: dict[str, dict[str, Prediction]] = {}
    for row in _rows("predictions.csv"):
        predicted, low, high = (float(row[name]) for name in PREDICTED[2:5])
        rule = float(row["rule"]) if row.get("rule") else None
        found.setdefault(row["family"], {})[row["key"]] = Prediction(row["key"], predicted, low, high, rule)
    return found


def write(folder: Path, fits: Mapping[str, Fit], predictions: Mapping[str, Sequence[Prediction]]) -> None:
    """Both tables anew, in an order that does not change."""
    _write(
        folder / "coefficients.csv",
        FITTED,
        (
            (family, name, f"{value:.6g}", fit.fitted_on, fit.cases, fit.models)
            for family, fit in sorted(fits.items())
            for name, value in fit.values.items()
        ),
    )
    _write(
        folder / "predictions.csv",
        PREDICTED,
        (
            (family, p.key, *("" if v is None else f"{v:.5g}" for v in (p.predicted, p.low, p.high, p.rule)))
            for family, of_family in sorted(predictions.items())
            for p in of_family
        ),
    )


def _rows(name: str) -> Iterable[Mapping[str, str]]:
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return csv.DictReader(StringIO(text, newline=""), strict=True)


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
