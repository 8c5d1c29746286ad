"""The calculator of anti-dilution against the exact engine, and what it refuses."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.anti_dilution import AVERAGE, CALCULATOR, RATCHET
from portal.planning.engine import evaluate
from portal.planning.equity.dilution import Issue, Protection, adjust


@given(st.integers(1, 10**8), st.integers(0, 10**9), st.integers(0, 10**8))
@settings(max_examples=60, deadline=None)
def test_it_says_what_the_exact_engine_says(shares: int, paid: int, base: int) -> None:
    formula = AVERAGE if base else RATCHET
    given = {"formula": formula, "base": base, "new_shares": shares, "consideration": paid}
    found = evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given)).outputs
    exact = adjust(conversion_price=Fraction(5, 2), issue_price=Fraction(5, 2), base=base or None,
                   issue=Issue(shares=Fraction(shares), consideration=Fraction(paid)),
                   protection=Protection(formula))  # fmt: skip
    assert found["price_after"] == pytest.approx(float(exact.after), rel=1e-9)
    assert found["extra"] == pytest.approx(float(2_000_000 * (exact.ratio - 1)), rel=1e-9, abs=1e-6)


def test_a_weighted_average_without_its_base_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, {"formula": AVERAGE}))
    assert list(refused.value.problems) == ["base"]
