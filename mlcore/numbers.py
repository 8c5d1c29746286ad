"""Numbers and ranges as people write them: ``10k``, ``3.2M``, ``320万``, ``1.2亿``, ``12%``, ``24 to 38``.

Standard library only. ``read_number`` and ``read_range`` raise ``Unreadable`` with a reason that teaches; the
reasons are templates so that the portal can say them in the reader's language. ``write_number`` writes the
shortest text that reads back as the same value.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from mlcore.spec import NUMBER_LIMIT, Family, Range

MAX_CHARACTERS = 160  # three numbers in full, and a family

_MAGNITUDES = {
    "k": 3, "m": 6, "mn": 6, "b": 9, "bn": 9, "t": 12,
    "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "万亿": 12,
}  # fmt: skip
_SUFFIXES = (("T", 12), ("B", 9), ("M", 6), ("k", 3))
_CURRENCY = re.compile(r"^(-?)(?:US\$|\$|USD) ?")
_NUMBER = re.compile(
    r"""(?P<digits>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d{1,4})?)   # 1,234.5e6
        \ ?(?P<magnitude>(?:k|mn|m|bn|b|t)(?![a-z])|百万|千万|十亿|万亿|千|万|亿)?(?P<percent>%)?
        (?:\ ?(?P<unit>[^\W\d_][^\n]*|/[^\n]+))?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_BETWEEN = re.compile(r"\s+to\s+|\s*[~–—到至]\s*", re.IGNORECASE)
_AS_FAMILY = re.compile(r"\s+as\s+(\S+)$", re.IGNORECASE)


class Unreadable(ValueError):
    """Text that is no number here. ``template.format(**values)`` is the English reason."""

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template.format(**values))
        self.template, self.values = template, values


def read_number(text: str, *, unit: str = "") -> float:
    """The number that ``text`` writes; ``unit`` is the only unit that may stand behind it."""
    return _read(_normal(text), unit)[0]


def read_range(text: str, *, unit: str = "") -> float | Range:
    """One number, or a range: ``24 to 38``, ``24 to 38 as uniform``, ``24 to 30 to 38 as triangle``."""
    plain = _normal(text)
    family = None
    if found := _AS_FAMILY.search(plain):
        plain = plain[: found.start()]
        family = _family(found.group(1))
    ends = _BETWEEN.split(plain)
    if len(ends) == 1:
        if family is not None:
            raise Unreadable(
                "Wanted a range before “as {family}”, such as 24 to 38, got {given}.", family=family, given=plain
            )
        return _read(plain, unit)[0]
    if len(ends) > 3:
        raise Unreadable("Wanted two numbers, as in 24 to 38, got {given}.", given=_shown(text))
    read = [_read(end, unit) for end in ends]
    # "6 to 14%" can only mean percent; "2 to 3M" could mean 2 or 2M, so it is refused.
    if read[-1][2] and not any(percent for _, _, percent in read[:-1]):
        read = [(value / 100, magnitude, True) for value, magnitude, _ in read[:-1]] + read[-1:]
    if read[-1][1] and not all(magnitude or value == 0 for value, magnitude, _ in read):
        raise Unreadable("Wanted the same scale at both ends, as in 2M to 3M, got {given}.", given=_shown(text))
    values = [value for value, _, _ in read]
    if len(values) == 3:
        return make_range(values[0], values[2], family or Family.PERT, values[1])
    return make_range(values[0], values[1], family)


def make_range(low: float, high: float, family: str | None = None, mode: float | None = None) -> Range:
    """A range, or ``Unreadable`` that says in words what is wrong with it."""
    if not low < high:
        raise Unreadable(
            "Wanted a range from the smaller to the larger number, got {low} to {high}.",
            low=write_number(low), high=write_number(high),
        )  # fmt: skip
    spread = _family(family) if family else Range.of(low, high).family
    if spread is Family.LOGNORMAL and low <= 0:
        raise Unreadable("Wanted both ends above zero for a log-normal range, got {low}.", low=write_number(low))
    if spread is Family.BETA and not 0 < low < high < 1:
        raise Unreadable("Wanted both ends of a beta range between 0% and 100%, got {low} to {high}.",
                         low=write_number(low), high=write_number(high))  # fmt: skip
    if mode is not None and spread not in (Family.TRIANGLE, Family.PERT):
        raise Unreadable("Wanted two numbers for {family}; only triangle and pert take three.", family=spread.value)
    if mode is not None and not low <= mode <= high:
        raise Unreadable("Wanted the middle number between the ends, got {mode}.", mode=write_number(mode))
    return Range(low, high, spread, mode)


def check_finite(value: float) -> float:
    """``value`` as a float, if it is finite and within the largest magnitude that an input may have."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isnan(number):
        raise Unreadable("Wanted a number, got NaN.")
    if abs(number) > NUMBER_LIMIT:
        raise Unreadable("Wanted a number between −10^18 and 10^18, got a larger one.")
    return number + 0.0  # −0 becomes 0


def write_number(value: float, *, percent: bool = False, magnitude: bool = True) -> str:
    """The shortest text that ``read_number`` reads back as ``value``: 3.2M, 34,567, 12%; or 3,200,000 in full."""
    exact = Decimal(repr(float(value)))
    if percent:
        scaled = exact * 100
        # A subnormal share in full would be hundreds of zeros, longer than what is read.
        return f"{scaled.normalize():E}%" if scaled and abs(scaled) < 1e-9 else f"{_plain(scaled)}%"
    for suffix, power in _SUFFIXES if magnitude else ():
        scaled = exact.scaleb(-power)
        # A short mantissa only, and 1,500 rather than 1.5k.
        if (10 if power == 3 else 1) <= abs(scaled) < 1_000_000 and scaled == round(scaled, 2):
            return f"{_plain(scaled)}{suffix}"
    if exact and not 1e-6 <= abs(value) < 1e15:
        return repr(float(value))
    return _plain(exact)


def write_range(value: float | Range, *, percent: bool = False) -> str:
    """Text that ``read_range`` reads back as ``value``, family included where it is not the usual one."""
    if not isinstance(value, Range):
        return write_number(value, percent=percent)
    ends = [value.low, value.high] if value.mode is None else [value.low, value.mode, value.high]
    written = [write_number(end, percent=percent) for end in ends]
    if any(not text[-1].isalpha() and end for text, end in zip(written, ends, strict=True)):
        written = [write_number(end, percent=percent, magnitude=False) for end in ends]  # "2 to 3M" would be refused
    text = " to ".join(written)
    usual = Family.PERT if value.mode is not None else Range.of(value.low, value.high).family
    return text if value.family is usual else f"{text} as {value.family}"


def _normal(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(
            "Wanted a number of at most {most} characters, got {count}.", most=MAX_CHARACTERS, count=len(text)
        )
    # Full-width digits and signs come from Chinese keyboards; NFKC makes them plain.
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def _read(text: str, unit: str) -> tuple[float, bool, bool]:
    """The value, whether a magnitude was written, and whether a percent sign was."""
    found = _NUMBER.fullmatch(_CURRENCY.sub(r"\1", text) if unit.startswith("USD") else text)
    if not found or not any(c.isdigit() for c in found["digits"]):
        if not text:
            raise Unreadable("Wanted a number, got nothing.")
        if re.fullmatch(r"[+-]?\d+,\d+", text):
            raise Unreadable(
                "Wanted a point before decimals and commas only between thousands, got {given}.", given=_shown(text)
            )
        raise Unreadable("Wanted a number such as 1200, 10k, 3.2M or 12%, got {given}.", given=_shown(text))
    if found["unit"] and not _same_unit(found["unit"], unit):
        if unit:
            raise Unreadable("Wanted {unit}, got {given}.", unit=unit, given=_shown(found["unit"]))
        raise Unreadable("Wanted a number without a unit, got {given}.", given=_shown(found["unit"]))
    if found["percent"] and unit not in ("", "%") and not unit.startswith("%"):
        raise Unreadable("Wanted {unit}, got a percentage.", unit=unit)
    try:
        exact = Decimal(found["digits"].replace(",", ""))
    except InvalidOperation as problem:
        raise Unreadable(
            "Wanted a number such as 1200, 10k, 3.2M or 12%, got {given}.", given=_shown(text)
        ) from problem
    if found["magnitude"]:
        exact = exact.scaleb(_MAGNITUDES[found["magnitude"].lower()])
    if found["percent"]:
        exact = exact.scaleb(-2)
    return check_finite(float(exact)), bool(found["magnitude"]), bool(found["percent"])


def _same_unit(given: str, unit: str) -> bool:
    """Whether ``given`` names ``unit`` in full or in part: USD/month, USD or /month."""
    whole, (of, _, per) = unit.casefold(), unit.casefold().partition("/")
    return given.strip().casefold() in {whole, of, f"/{per}"} - {"/"}


def _family(name: str) -> Family:
    try:
        return Family(name.lower())
    except ValueError:
        raise Unreadable(
            "Wanted one of {families}, got {given}.", families=", ".join(Family), given=_shown(name)
        ) from None


def _plain(exact: Decimal) -> str:
    return f"{exact.normalize():,f}"


def _shown(text: str) -> str:
    return "“" + "".join(c if c.isprintable() else "�" for c in text[:40]) + ("…" if len(text) > 40 else "") + "”"
