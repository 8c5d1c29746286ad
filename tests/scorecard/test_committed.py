"""The tables that ``manage.py refit`` wrote are those of the families as they stand."""

from __future__ import annotations

from inspect import signature

import pytest

from portal.planning.evidence.coefficients import fits, predictions
from portal.planning.evidence.registry import all_families
from portal.planning.evidence.validation import score, validate
from portal.scorecard.selectors import card

SMALL = "training-memory"  # fitted in a moment

families = pytest.mark.parametrize("slug", list(all_families()))


@families
def test_every_case_has_its_prediction_and_nothing_else_has(slug: str) -> None:
    keys = [case.key for case in all_families()[slug].read()]
    assert len(set(keys)) == len(keys)
    assert set(predictions().get(slug, {})) == set(keys), f"run manage.py refit {slug}"


@families
def test_every_coefficient_is_fitted_and_explained(slug: str) -> None:
    assert slug in fits(), f"run manage.py refit {slug}"
    assert set(fits()[slug].values) <= set(all_families()[slug].meanings)


@families
def test_every_family_reads_tables_of_others_too(slug: str) -> None:
    """As ``manage.py scorecard FAMILY --rows FILE`` needs it."""
    assert "path" in signature(all_families()[slug].read).parameters


@families
def test_measurements_are_above_zero_and_say_where_they_come_from(slug: str) -> None:
    for case in all_families()[slug].read():
        assert case.measured > 0, case.key
        assert len(case.source) > 5, case.key
        assert case.model, case.key
        assert case.label, case.key


@families
def test_the_card_shows_the_score_of_the_stored_predictions(slug: str) -> None:
    found = card(slug)
    assert found.score == score([row.case for row in found.rows], [row.prediction for row in found.rows])
    assert len(found.rows) == len(all_families()[slug].read())


def test_refitting_a_family_gives_the_stored_predictions() -> None:
    stored = predictions()[SMALL]
    for found in validate(all_families()[SMALL]):
        held = stored[found.key]
        assert (found.predicted, found.low, found.high) == pytest.approx(
            (held.predicted, held.low, held.high), rel=1e-3
        )


def test_no_table_holds_what_no_family_has() -> None:
    assert set(predictions()) | set(fits()) <= set(all_families())
