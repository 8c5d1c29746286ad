"""Cross-validation that leaves out whole models, and the intervals that come of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from portal.planning.evidence import coefficients
from portal.planning.evidence.coefficients import Fit, fits, fitted, predictions, write
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.registry import all_families
from portal.planning.evidence.validation import Prediction, left_out, score, spread, validate


def case(key: str, model: str, measured: float, size: float = 1.0, fitted: bool = True) -> Case:
    return Case(
        key=key, model=model, label=key, hardware="h", parameters=1.0, measured=measured, source="made up",
        as_of="2026", inputs=size, fitted=fitted,
    )  # fmt: skip


def mean_rate(cases: Sequence[Case]) -> Coefficients:
    return {"rate": float(np.exp(np.mean([np.log(c.measured / c.inputs) for c in cases])))}


def proportional(cases: Sequence[Case], fit: Coefficients) -> NDArray[np.float64]:
    return np.array([fit["rate"] * c.inputs for c in cases])


def family(cases: Sequence[Case]) -> Family:
    return Family(
        slug="toy", title="Toy", summary="", unit="s", read=lambda: cases, fit=mean_rate, predict=proportional,
        meanings={"rate": "s a unit"},
    )  # fmt: skip


def test_a_model_is_predicted_without_any_of_its_rows() -> None:
    rows = [case("a1", "a", 2.0), case("a2", "a", 8.0), case("b1", "b", 5.0), case("c1", "c", 20.0)]
    assert left_out(family(rows), rows) == pytest.approx([10.0, 10.0, (2 * 8 * 20) ** (1 / 3), (2 * 8 * 5) ** (1 / 3)])


def test_rows_that_are_only_scored_take_no_part_in_a_fit() -> None:
    rows = [case("a", "a", 2.0), case("b", "b", 3.0), case("c", "c", 1000.0, fitted=False)]
    assert left_out(family(rows), rows) == pytest.approx([3.0, 2.0, 6**0.5])


def test_a_prediction_of_nothing_is_refused_with_its_key() -> None:
    broken = dataclasses.replace(
        family([case("a", "a", 1.0), case("b", "b", 1.0)]), predict=lambda cases, fit: np.zeros(len(cases))
    )
    with pytest.raises(ValueError, match=r"toy predicts 0\.0 for a"):
        validate(broken)


def test_intervals_hold_what_they_say_on_models_they_have_not_seen() -> None:
    """Residuals log-normal by model and by row: of many models drawn, 80 % of the cases lie within."""
    generator = np.random.default_rng(5)
    rows = [
        case(f"{m}-{r}", str(m), float(size * np.exp(shift + generator.normal(0, 0.1))), float(size))
        for m, shift in enumerate(generator.normal(0, 0.3, 80))
        for r, size in enumerate(generator.uniform(1, 9, 6))
    ]
    found = score(rows, validate(family(rows)))
    assert 0.75 <= found.coverage <= 0.87
    assert (found.cases, found.models) == (480, 80)


def test_a_model_with_many_rows_does_not_make_the_interval_its_own() -> None:
    logs = np.concatenate([np.zeros(500), np.linspace(-1, 1, 41)])
    models = ["large"] * 500 + [str(at) for at in range(41)]
    low, high = spread(logs, models)
    assert np.log(high) == pytest.approx(0.8, abs=0.05)
    assert low == pytest.approx(1 / high)


def test_few_models_make_the_interval_wider_than_what_was_seen() -> None:
    """By hand: |log| of 0.3 in each of three models, Student's t of two degrees 1.8856 over 1.2816, times √(4/3)."""
    low, high = spread(np.array([-0.3, 0.3, 0.3]), ["a", "b", "c"])
    assert np.log([low, high]) == pytest.approx([-0.3 * 1.699, 0.3 * 1.699], rel=1e-3)
    assert spread(np.full(2, 0.3), ["a", "b"])[1] > high > spread(np.full(30, 0.3), [str(at) for at in range(30)])[1]


@pytest.mark.parametrize("models", [3, 4, 8, 20])
def test_intervals_of_few_models_hold_what_they_say(models: int) -> None:
    """Of 400 families of so many models, whose errors are log-normal by model and by row, each left out in turn."""
    generator = np.random.default_rng(models)
    held = []
    for _ in range(400):
        logs = np.repeat(generator.normal(0, 0.2, models + 1), 5) + generator.normal(0, 0.1, 5 * (models + 1))
        low, high = spread(logs[5:], [str(at // 5) for at in range(5 * models)])
        held.append(np.mean((np.exp(logs[:5]) > low) & (np.exp(logs[:5]) < high)))
    assert 0.75 <= np.mean(held) <= (0.93 if models < 5 else 0.87)


def test_what_another_fit_has_seen_of_a_model_is_left_out_with_it() -> None:
    rows = [case("a", "a", 2.0), case("b", "b", 8.0)]
    doubled = dataclasses.replace(
        family(rows), unseen=lambda own: [dataclasses.replace(each, inputs=2 * each.inputs) for each in own]
    )
    assert left_out(doubled, rows) == pytest.approx([16.0, 4.0])


def test_a_score_counts_by_hand() -> None:
    rows = [case("a", "a", 10.0), case("b", "b", 10.0), case("c", "c", 10.0)]
    found = score(rows, [Prediction("a", 11, 9, 12), Prediction("b", 14, 11, 17), Prediction("c", 8, 6, 10)])
    assert (found.median, found.mean) == pytest.approx((0.2, (0.1 + 0.4 + 0.2) / 3))
    assert (found.within_quarter, found.bias, found.coverage) == pytest.approx((2 / 3, 0.1, 2 / 3))


def test_tables_are_read_as_they_were_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = Fit(values={"rate": 1 / 3, "cost": 2e-9}, fitted_on=date(2026, 11, 25), cases=7, models=3)
    write(tmp_path, {"toy": fit}, {"toy": [Prediction("a", 1.0, 0.5, 2.0)]})
    monkeypatch.setattr(coefficients, "files", lambda package: tmp_path)
    for cached in (fits, predictions):
        cached.cache_clear()
    try:
        assert fitted("toy") == pytest.approx(fit.values, rel=1e-5)
        assert fits()["toy"].fitted_on == fit.fitted_on
        assert predictions() == {"toy": {"a": Prediction("a", 1.0, 0.5, 2.0)}}
        with pytest.raises(LookupError, match=r"manage\.py refit none"):
            fitted("none")
    finally:
        for cached in (fits, predictions):
            cached.cache_clear()


@pytest.mark.parametrize("slug", all_families())
def test_a_family_keeps_its_promises(slug: str) -> None:
    """Named coefficients that are explained and committed, distinct keys, measurements with a source."""
    kept = all_families()[slug]
    cases = kept.read()
    assert len({c.key for c in cases}) == len(cases) >= 10
    assert len({c.model for c in cases}) >= 3
    assert all(c.source and c.as_of and c.label and c.hardware and 0 < c.measured < np.inf for c in cases)
    assert set(fitted(slug)) == set(kept.meanings)
    assert list(predictions()[slug]) == [c.key for c in cases]
    assert np.all(kept.predict(cases, fitted(slug)) > 0)
