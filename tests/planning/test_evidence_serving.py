"""Families of serving measurements: what their tables hold, what fits keep, how they score on models left out."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from portal.planning import evidence
from portal.planning.compute.parameters import count
from portal.planning.evidence.coefficients import fitted, predictions
from portal.planning.evidence.families import dense_serving, moe_serving, serving_energy, single_stream
from portal.planning.evidence.family import Family
from portal.planning.evidence.fitting import Prior, fit_near
from portal.planning.evidence.shapes import shape
from portal.planning.evidence.validation import score

FAMILIES = (*single_stream.FAMILIES, *dense_serving.FAMILIES, *moe_serving.FAMILIES, *serving_energy.FAMILIES)
WANTED = {
    "decode": (302, 9),
    "prefill": (205, 5),
    "dense-serving": (818, 3),
    "moe-serving": (1733, 7),
    "serving-energy": (413, 16),
}
families = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.slug)


@families
def test_rows_have_keys_sources_and_dates(family: Family) -> None:
    cases = family.read()
    assert (len(cases), len({case.model for case in cases})) == WANTED[family.slug]
    assert len({case.key for case in cases}) == len(cases)
    assert all(case.source and case.as_of and case.measured > 0 and case.parameters > 0 for case in cases)


@families
def test_coefficients_are_physical_and_explained(family: Family) -> None:
    values = fitted(family.slug)
    priors = {**single_stream.DECODE, **single_stream.PREFILL, **moe_serving.PRIORS, **serving_energy.PRIORS}
    assert set(values) == set(family.meanings)
    for name, value in values.items():
        assert 0 < value < (1 if priors[name].share else np.inf), name


@families
def test_scores_on_models_left_out(family: Family) -> None:
    cases = list(family.read())
    said = predictions()[family.slug]
    found = score(cases, [said[case.key] for case in cases])
    rule = [said[case.key].rule for case in cases]
    assert found.median < np.median([abs(r / case.measured - 1) for r, case in zip(rule, cases, strict=True) if r])
    if family.wanted_median:
        assert found.median <= family.wanted_median
    assert found.median < 0.2


@families
def test_predictions_follow_the_fit(family: Family) -> None:
    cases = list(family.read())[:5]
    predicted = family.predict(cases, fitted(family.slug))
    assert predicted.shape == (5,)
    assert (predicted > 0).all()
    assert family.rule is not None
    twice = [replace(case, measured=2 * case.measured) for case in cases]
    np.testing.assert_allclose(family.rule(twice, cases), 2 * family.rule(cases, cases))


def test_a_fit_finds_what_made_the_data() -> None:
    truth = {"share": 0.7, "seconds": 0.02}
    work = np.linspace(0.1, 5, 30)

    def predict(c: object) -> object:
        return work / c["share"] + c["seconds"]  # type: ignore[index]

    priors = {
        "share": Prior(expected=0.5, share=True, spread=3, meaning="share"),
        "seconds": Prior(expected=0.01, spread=3, meaning="seconds"),
    }
    found = fit_near(priors, predict, predict(truth), noise=0.001)  # type: ignore[arg-type]
    assert found == pytest.approx(truth, rel=1e-3)


def test_without_data_to_tell_a_fit_stays_at_what_is_expected() -> None:
    priors = {"used": Prior(expected=2.0, meaning="used"), "unused": Prior(expected=0.3, share=True, meaning="unused")}
    found = fit_near(priors, lambda c: np.full(4, c["used"]), [2.0] * 4)
    assert found == pytest.approx({"used": 2.0, "unused": 0.3})


def test_one_wild_row_moves_a_fit_little() -> None:
    priors = {"level": Prior(expected=1.0, spread=10, meaning="level")}
    found = fit_near(priors, lambda c: np.full(21, c["level"]), [1.0] * 20 + [1e6])
    assert found["level"] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("measured", [[], [1.0, 0.0], [1.0, -1.0], [np.nan]])
def test_a_fit_refuses_what_has_no_logarithm(measured: list[float]) -> None:
    priors = {"level": Prior(expected=1.0, meaning="level")}
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="above 0"):
        fit_near(priors, lambda c: np.full(len(measured), c["level"]), measured)


def test_shapes_beyond_the_catalogue_make_the_published_counts() -> None:
    published = {"gpt-oss-120b": 116.8, "gpt-oss-20b": 20.9, "gemma-3-27b": 27.0, "nemotron-nano-9b": 8.9, "glm-5": 743}
    for key, billions in published.items():
        assert count(shape(key).arch).total / 1e9 == pytest.approx(billions, rel=0.01), key
    assert shape("llama-3.1-8b").served(2.0).bytes_held == 2 * 8_030_261_248
    with pytest.raises(KeyError):
        shape("no-such-model")


@families
def test_other_rows_in_the_same_columns_are_read(family: Family, tmp_path: Path) -> None:
    name = {"decode": "decode", "prefill": "prefill"}.get(family.slug, family.slug.replace("-", "_"))
    lines = (files(evidence) / "tables" / f"{name}.csv").read_text().splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join(lines[:4]) + "\n")
    assert [case.key for case in family.read(other)] == [case.key for case in family.read()[:3]]
    other.write_text(lines[0] + "\n" + lines[1].replace(lines[1].split(",")[1], "no-such", 1) + "\n")
    with pytest.raises(KeyError):
        family.read(other)
