"""Numbers of the format: fixed-point text of at most ten decimal places, and money in a currency."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mlcore.reading import Problem
from portal.planning.equity.ledger import MOST_SHARES
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.rounding import Rounding, rounded

PLACES = 10


def numeric(value: Fraction | int) -> str:
    """``value`` as the format writes it, halves away from zero at the tenth place."""
    scaled = int(rounded(Fraction(value), PLACES, Rounding.NEAREST) * 10**PLACES)
    digits = f"{abs(scaled):0{PLACES + 1}d}"
    whole, decimals = digits[:-PLACES], digits[-PLACES:].rstrip("0")
    return ("-" if scaled < 0 else "") + whole + (f".{decimals}" if decimals else "")


def carried(value: Fraction) -> bool:
    """Whether ``numeric`` says the value exactly."""
    return Fraction(numeric(value)) == value


def money(value: Fraction, currency: str) -> dict[str, str]:
    return {"amount": numeric(value), "currency": currency}


def ratio(value: Fraction) -> dict[str, str]:
    return {"numerator": str(value.numerator), "denominator": str(value.denominator)}


def fraction(given: Mapping[str, Any], where: str) -> Fraction:
    """A ratio of the format.

    Raises:
        Refused: divided by zero.
    """
    below = exact(given["denominator"], f"{where}.denominator")
    if not below:
        raise Refused(Problem("Wanted a number other than zero to divide by.", {}), f"{where}.denominator")
    return exact(given["numerator"], f"{where}.numerator") / below


def shares(given: str, where: str) -> int:
    """A number of shares.

    Raises:
        Refused: none, a fraction of one, or more than a ledger takes.
    """
    value = exact(given, where)
    if value.denominator != 1 or not 0 < value <= MOST_SHARES:
        problem = Problem("Wanted a whole number of shares above zero, got {given}.", {"given": given[:40]})
        raise Refused(problem, where)
    return int(value)
