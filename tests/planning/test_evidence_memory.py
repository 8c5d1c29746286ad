"""Training memory against what was measured, and layouts that ran or cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.planning.catalog.accelerators import PACKAGED as ACCELERATORS
from portal.planning.evidence import layouts
from portal.planning.evidence.coefficients import fitted
from portal.planning.evidence.families.training_memory import FAMILIES, PRIORS, read
from portal.planning.evidence.validation import score, validate

FAMILY = FAMILIES[0]
KNOWN = layouts.read()


def test_measured_peaks_are_met_without_their_model() -> None:
    found = score(read(), validate(FAMILY))
    print(found)
    assert found.median <= 0.05
    assert found.within_quarter == 1
    closed_form = FAMILY.rule(read(), read())  # type: ignore[misc]
    off = [abs(value / case.measured - 1) for value, case in zip(closed_form, read(), strict=True)]
    assert found.mean < sum(off) / len(off)


def test_coefficients_stay_physical() -> None:
    values = fitted("training-memory")
    assert set(values) == set(PRIORS) == set(FAMILY.meanings)
    assert 2 <= values["logits"] <= 12  # from 16 bits once to 32 bits thrice
    assert 0 <= values["workspace"] <= 6


def test_layouts_that_ran_are_said_to_fit() -> None:
    found = layouts.score(KNOWN)
    print(f"{found.said_to_fit} of {found.ran} that ran are said to fit; {found.refused} of {found.misfits} refused")
    assert found.ran > 200
    assert found.said_to_fit >= 0.97 * found.ran
    assert found.misfits > 10
    assert found.refused == found.misfits


def test_no_layout_stands_twice() -> None:
    assert len({known.key for known in KNOWN}) == len(KNOWN)
    runs = {(known.model, known.accelerator, known.layout) for known in KNOWN}
    assert len(runs) == len(KNOWN)
    assert all(known.layout.devices == known.devices for known in KNOWN)
    assert {known.accelerator for known in KNOWN} <= set(ACCELERATORS)


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    table = layouts._table().splitlines()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("\n".join([table[0], table[1].replace("a100-80,64", "a100-80,63")]), encoding="utf-8")
    with pytest.raises(ValueError, match="63 devices are no multiple of the splits, 2"):
        layouts.read(wrong)
