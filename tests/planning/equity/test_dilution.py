"""Anti-dilution against published cases and what must hold of every adjustment."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity.dilution import Adjustment, Issue, Protection, adjust
from portal.planning.equity.money import Refused


def weighted(issue: Issue, base: Any, price: Any = "2.5", **how: Any) -> Adjustment:
    return adjust(conversion_price=price, issue_price=price, issue=issue, protection=Protection.WEIGHTED_AVERAGE,
                  base=base, **how)  # fmt: skip


def ratchet(issue: Issue, price: Any = "2.5", **how: Any) -> Adjustment:
    return adjust(conversion_price=price, issue_price=price, issue=issue, protection=Protection.FULL_RATCHET, **how)


def test_shares_given_for_nothing() -> None:
    """OVF docs/antidilution.md AD6: 4M shares for nothing take $2.50 to $1.875 (broad) or $1.7857 (narrow)."""
    free = Issue(shares=4_000_000, consideration=0)
    assert float(weighted(free, 12_000_000).after) == pytest.approx(1.875, rel=1e-9)
    assert float(weighted(free, 10_000_000).after) == pytest.approx(1.7857142857142858, rel=1e-9)
    assert ratchet(Issue(shares=4, consideration=0)).after == Fraction(1, 4000)  # $0.001 in all


def test_an_issue_at_a_higher_price_changes_nothing() -> None:
    """OVF docs/antidilution.md AD5: the formula alone would raise $2.50 to $2.538."""
    up = Issue(shares=1_000_000, consideration=3_000_000)
    assert weighted(up, 12_000_000) == Adjustment(before=Fraction(5, 2), after=Fraction(5, 2), ratio=Fraction(1))
    assert not weighted(up, 12_000_000).triggered
    assert not ratchet(Issue(shares=2, consideration=5)).triggered  # the same price is not below


def test_nvca_formula_ratio_and_rounding() -> None:
    down = Issue(shares=5_000_000, consideration=5_000_000)
    found = weighted(down, 10_000_000)
    # CP1 (A + B) ÷ (A + C) with B = 5M ÷ 2.5 = 2M: 2.5 × 12M ÷ 15M.
    assert (found.after, found.ratio, found.triggered) == (2, Fraction(5, 4), True)
    assert found.after == (10_000_000 * Fraction(5, 2) + 5_000_000) / 15_000_000
    third = weighted(Issue(shares=1, consideration=1), 2)
    assert third.after == 2
    assert weighted(Issue(shares=1, consideration=0), 6, places=4).after == Fraction("2.143")
    assert ratchet(down).after == 1
    assert adjust(conversion_price=2, issue_price=3, issue=down, protection=Protection.FULL_RATCHET).ratio == 3


@given(st.integers(1, 10**7), st.integers(0, 10**7), st.integers(1, 10**8), st.integers(1, 10**8))
@settings(max_examples=60, deadline=None)
def test_bounds(shares: int, paid: int, base: int, more: int) -> None:
    """Between ratchet and no protection, the milder the larger the base; the old price at most."""
    issue = Issue(shares=shares, consideration=paid)
    narrow, broad = weighted(issue, base), weighted(issue, base + more)
    assert ratchet(issue).after <= narrow.after <= broad.after <= Fraction(5, 2)
    assert narrow.triggered == broad.triggered == (issue.price < Fraction(5, 2))


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: Issue(shares=0, consideration=1), "issue.shares"),
        (lambda: Issue(shares=1, consideration=-1), "issue.consideration"),
        (lambda: weighted(Issue(shares=1, consideration=1), None), "base"),
        (lambda: weighted(Issue(shares=1, consideration=1), 0), "base"),
        (lambda: ratchet(Issue(shares=1, consideration=1), base=5), "base"),
        (lambda: ratchet(Issue(shares=1, consideration=1), price=0), "conversion_price"),
        (lambda: ratchet(Issue(shares=100, consideration=0), places=4), "places"),
    ],
)
def test_impossible_adjustments_are_refused(make: Any, where: str) -> None:
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.where == where
