"""A family made up for the tests, in place of the portal's own."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from portal.planning.evidence import coefficients
from portal.planning.evidence.coefficients import Fit
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.validation import validate
from portal.scorecard import selectors

# name, model, hardware, parameters, size of the work, seconds measured, a rival's prediction, whether it is fitted
ROWS = (
    ("a1", "Ada", "H100", 5e8, 1.0, 2.0, 2.2, True),
    ("a2", "Ada", "A100", 5e8, 2.0, 4.4, None, True),
    ("b1", "Bob", "H100", 7e9, 3.0, 6.0, 3.0, True),
    ("b2", "Bob <b>", "A100", 7e9, 4.0, 8.8, None, True),
    ("c1", "Cai", "H100", 7e10, 5.0, 9.0, 9.0, True),
    ("d1", "Dee", "T4", 4e11, 6.0, 30.0, None, False),
    ("e1", "Eve", "H100", 0.0, 7.0, 14.0, None, True),
)


def _case(name: str, model: str, hardware: str, size: float, work: float, measured: float, rival, fitted) -> Case:
    return Case(
        key=name, model=model, label=f"{model} on {hardware}", hardware=hardware, parameters=size, measured=measured,
        source="https://example.com/paper", as_of="2025", inputs=work, shown={"work": work, "precision": "bf16"},
        rivals={"Simulator": rival} if rival else {}, fitted=fitted,
    )  # fmt: skip


def read(path: Path | None = None) -> list[Case]:
    if path is None:
        return [_case(*row) for row in ROWS]
    with path.open(encoding="utf-8", newline="") as file:
        return [
            _case(row["name"], row["model"], "own", 1e9, float(row["work"]), float(row["measured"]), None, False)
            for row in csv.DictReader(file)
        ]


def _fit(cases: Sequence[Case]) -> Coefficients:
    return {"rate": float(np.exp(np.mean([np.log(case.measured / case.inputs) for case in cases])))}


def _predict(cases: Sequence[Case], fit: Coefficients) -> NDArray[np.float64]:
    return np.array([fit["rate"] * case.inputs for case in cases])


def _rule(fitted_on: Sequence[Case], predicted: Sequence[Case]) -> NDArray[np.float64]:
    return np.array([3.0 * case.inputs for case in predicted])


TOY = Family(
    slug="toy", title="Toy work", summary="Seconds of toy work. Predicted from its size.", unit="seconds", read=read,
    fit=_fit, predict=_predict, meanings={"rate": "seconds for a unit of work"}, wanted_median=0.1,
    wanted_within_quarter=0.75, rule=_rule, rule_name="Three seconds each", order=1,
)  # fmt: skip
UNFITTED = dataclasses.replace(TOY, slug="unfitted", title="Not yet fitted", order=2)


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    """Two families and nothing else: one that was refitted, one that was not."""
    _use(monkeypatch, {"toy": TOY, "unfitted": UNFITTED})
    yield TOY
    selectors.card.cache_clear()


@pytest.fixture
def no_family(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    _use(monkeypatch, {})
    yield
    selectors.card.cache_clear()


def _use(monkeypatch: pytest.MonkeyPatch, families: dict[str, Family]) -> None:
    values = _fit([case for case in read() if case.fitted])
    fit = {"toy": Fit(values=values, fitted_on=date(2026, 11, 25), cases=6, models=4)} if families else {}
    stored = {"toy": {p.key: p for p in validate(TOY)}} if families else {}
    selectors.card.cache_clear()
    for module in ("selectors", "own_rows", "management.commands.scorecard"):
        for name, value in (("all_families", lambda: families), ("fits", lambda: fit), ("predictions", lambda: stored)):
            monkeypatch.setattr(f"portal.scorecard.{module}.{name}", value, raising=False)
    monkeypatch.setattr("portal.web.goto.all_families", lambda: families)
    real = coefficients.fits()
    monkeypatch.setattr(coefficients, "fits", lambda: {**real, **fit})
