"""Anti-dilution: what a cheaper issue of shares does to the conversion price of earlier preferred shares.

Source: NVCA model charter 4.4.4. An issue at or above the conversion price changes nothing. Whether an issue is exempt,
and what the base A counts, the charter says: neither has a default here. All series adjust from the same A, that of
before the issue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.money import Refused, not_negative, positive, settle
from portal.planning.equity.rounding import Rounding, rounded

# Shares given for nothing count as sold for this much in all (NVCA 4.4.4, in dollars).
DEEMED_CONSIDERATION = Fraction(1, 1000)


class Protection(StrEnum):
    WEIGHTED_AVERAGE = "weighted average"  # broad or narrow is a matter of the base A
    FULL_RATCHET = "full ratchet"  # the limit of A towards zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """New shares, or shares that new rights give, and all that is paid for them."""

    shares: Fraction
    consideration: Fraction

    def __post_init__(self) -> None:
        settle(self, "issue", shares=positive, consideration=not_negative)

    @property
    def price(self) -> Fraction:
        return (self.consideration or DEEMED_CONSIDERATION) / self.shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A conversion price before and after, and the common shares that a preferred one then converts into."""

    before: Fraction
    after: Fraction
    ratio: Fraction

    @property
    def triggered(self) -> bool:
        return self.after < self.before


def adjust(
    *,
    conversion_price: Fraction,
    issue_price: Fraction,
    issue: Issue,
    protection: Protection,
    base: Fraction | None = None,
    places: int | None = None,
) -> Adjustment:
    """The conversion price after ``issue``.

    ``conversion_price`` is the one in force, ``issue_price`` what the protected shares first cost. ``base`` is A: the
    shares that the charter counts as outstanding before the issue; broad ones count common, preferred as converted,
    options and warrants and other convertibles, but not the ungranted pool. ``places``: decimals that the charter
    rounds to (NVCA: a hundredth of a cent, 4 places of a dollar); None for the exact price.

    Raises:
        Refused: a weighted average without its base, or a base with a full ratchet, which has none.
    """
    before = positive(conversion_price, "conversion_price")
    original = positive(issue_price, "issue_price")
    if (protection is Protection.WEIGHTED_AVERAGE) != (base is not None):
        problem = Problem(
            "Wanted the shares that the charter counts as outstanding (A) exactly with a weighted average: broad and "
            "narrow charters count others.",
            {},
        )
        raise Refused(problem, "base")
    after = before
    if issue.price < before:
        after = issue.price if base is None else _average(before, positive(base, "base"), issue)
        after = min(before, rounded(after, places, Rounding.NEAREST))
        positive(after, "places")  # rounding may leave nothing to divide by
    return Adjustment(before=before, after=after, ratio=original / after)


def _average(before: Fraction, base: Fraction, issue: Issue) -> Fraction:
    """``CP1 × (A + B) ÷ (A + C)``: B would have been bought at the old price, C were issued."""
    paid = issue.price * issue.shares
    return before * (base + paid / before) / (base + issue.shares)
