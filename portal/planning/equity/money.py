"""Exact numbers: what is accepted as one, how it is checked, how it is written in a sentence."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mlcore.reading import Invalid, Problem
from mlcore.spec import NUMBER_LIMIT

Number = Fraction | Decimal | int | float | str

MAX_CHARACTERS = 60
_DECIMAL = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,2})?(?P<percent>%?)", re.ASCII)
_RATIO = re.compile(r"[+-]?\d+/\d+", re.ASCII)


class Refused(Invalid):
    """The terms contradict each other or do not determine the answer: one sentence that says why, with its figures.

    ``where`` names the instrument or event and its field, such as ``safes.Seed.cap``.
    """

    def __init__(self, problem: Problem, where: str = "") -> None:
        super().__init__({where: [problem]})
        self.problem, self.where = problem, where


def exact(given: Number, where: str = "") -> Fraction:
    """The rational number that ``given`` writes: ``1,250,000.50``, ``20%``, ``1/3``.

    A float is read as the shortest decimal that writes it, so that 0.1 is one tenth.

    Raises:
        Refused: no number, not finite, or beyond 10^18.
    """
    if isinstance(given, str):
        value = _read(given, where)
    elif isinstance(given, bool) or not isinstance(given, (int, Fraction, Decimal, float)):
        raise Refused(_unreadable(given), where)
    elif not math.isfinite(given):
        raise Refused(Problem("Wanted a finite number, got {given}.", {"given": str(given)}), where)
    else:
        value = Fraction(repr(given)) if isinstance(given, float) else Fraction(given)
    if abs(value) > NUMBER_LIMIT:
        raise Refused(Problem("Wanted a number between −10^18 and 10^18, got a larger one.", {}), where)
    return value


def _read(text: str, where: str) -> Fraction:
    plain = text.strip()
    if len(plain) > MAX_CHARACTERS:
        raise Refused(_unreadable(plain), where)
    if _RATIO.fullmatch(plain) and int(plain.partition("/")[2]):
        return Fraction(plain)
    found = _DECIMAL.fullmatch(plain)
    if found is None or not any(character.isdigit() for character in plain.lower().partition("e")[0]):
        raise Refused(_unreadable(plain), where)
    value = Fraction(plain.rstrip("%").replace(",", ""))
    return value / 100 if found["percent"] else value


def _unreadable(given: object) -> Problem:
    return Problem("Wanted a number such as 1250000, 0.35, 20% or 1/3, got {given}.", {"given": str(given)[:40]})


def positive(given: Number, where: str = "") -> Fraction:
    if (value := exact(given, where)) <= 0:
        raise Refused(Problem("Wanted a number above zero, got {given}.", {"given": shown(value)}), where)
    return value


def not_negative(given: Number, where: str = "") -> Fraction:
    if (value := exact(given, where)) < 0:
        raise Refused(Problem("Wanted zero or more, got {given}.", {"given": shown(value)}), where)
    return value


def part(given: Number, where: str = "") -> Fraction:
    """A part of a whole: zero or more, and less than all of it."""
    if not 0 <= (value := exact(given, where)) < 1:
        problem = Problem("Wanted a part from 0% to less than 100%, got {given}.", {"given": percent(value)})
        raise Refused(problem, where)
    return value


def settle(instance: Any, where: str, optional: tuple[str, ...] = (), **checks: Any) -> None:
    """Replace fields of a frozen record by what their check returns; ``optional`` ones may stay None."""
    for name, check in checks.items():
        given = getattr(instance, name)
        if given is not None or name not in optional:
            object.__setattr__(instance, name, check(given, f"{where}.{name}"))


def shown(value: Fraction | int, places: int = 6) -> str:
    """Decimal with thousands separated, rounded half to even to ``places``; zeros at the end are left out."""
    text = f"{round(Fraction(value) * 10**places):+0{places + 2}d}"
    sign, digits = text[0].replace("+", ""), text[1:]
    decimals = digits[len(digits) - places :].rstrip("0")
    whole = f"{int(digits[: len(digits) - places] or 0):,}"
    return sign + whole + (f".{decimals}" if decimals else "")


def percent(value: Fraction, places: int = 4) -> str:
    return shown(value * 100, places) + "%"
