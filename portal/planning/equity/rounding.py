"""How prices and share counts become whole units. The forms of SAFEs are silent about it, so every rule is stated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.money import Refused

MOST_PLACES = 12


class Rounding(StrEnum):
    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"  # halves away from zero, as lawyers and spreadsheets do


def whole(value: Fraction | int, how: Rounding) -> int:
    """The whole number beside ``value``; up and down are towards plus and minus infinity."""
    top, bottom = value.numerator, value.denominator
    if how is Rounding.DOWN:
        return top // bottom
    if how is Rounding.UP:
        return -(-top // bottom)
    size = (2 * abs(top) + bottom) // (2 * bottom)
    return size if top >= 0 else -size


def rounded(value: Fraction, places: int | None, how: Rounding) -> Fraction:
    """``value`` at so many decimal places; None leaves it as it is."""
    return value if places is None else Fraction(whole(value * 10**places, how), 10**places)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingRules:
    """How a closing rounds. ``None`` places: not rounded.

    ``cap_as_fraction``: a cap whose capitalization counts the conversion itself (post-money) is applied as the
    fraction amount ÷ cap of that capitalization, and no price of it is rounded.
    """

    price_places: int | None
    price: Rounding
    conversion_places: int | None
    conversion: Rounding
    conversion_shares: Rounding
    new_shares: Rounding
    pool_shares: Rounding
    cap_as_fraction: bool

    def __post_init__(self) -> None:
        for name in ("price_places", "conversion_places"):
            places = getattr(self, name)
            if places is not None and not 0 <= places <= MOST_PLACES:
                problem = Problem("Wanted 0 to {most} decimal places, got {given}.",
                                  {"most": MOST_PLACES, "given": places})  # fmt: skip
                raise Refused(problem, name)


# Law firms' practice as the tests of 1984's cap-table library (MIT) match it: prices up at five places, shares floored.
LEGAL = RoundingRules(
    price_places=5, price=Rounding.UP, conversion_places=5, conversion=Rounding.UP,
    conversion_shares=Rounding.DOWN, new_shares=Rounding.DOWN, pool_shares=Rounding.DOWN, cap_as_fraction=False,
)  # fmt: skip
# What reproduces the worked rounds of YC's Post-Money Safe User Guide, Appendix II.
YC_GUIDE = RoundingRules(
    price_places=4, price=Rounding.NEAREST, conversion_places=4, conversion=Rounding.NEAREST,
    conversion_shares=Rounding.DOWN, new_shares=Rounding.NEAREST, pool_shares=Rounding.DOWN, cap_as_fraction=True,
)  # fmt: skip
