"""One figure as a person reads it: ``$1.23M``, ``US$123万``, ``21 months``, ``never``.

Babel says how a language writes magnitudes and months; the words around the digits are translatable patterns. Both
are looked up once for each language, since a page has hundreds of figures and writes them while a slider is dragged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_currency, format_compact_decimal, get_currency_symbol
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from mlcore.spec import Range
from portal.planning.calendar import from_month

DIGITS = 3  # significant digits of a figure
LARGEST = 1e28  # what can be written in digits or with a prefix
NOTHING = "–"

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SI = ("", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q")

# Behind a number box and in tables: what a unit is called when no number stands before it.
UNITS: dict[str, str] = {
    "USD": "$", "USD/month": _("$/month"), "USD/hour": _("$/hour"), "USD/year": _("$/year"), "%": "%",
    "%/month": _("per month"), "months": _("months"), "month": _("calendar month"), "days": _("days"),
    "points": _("points"), "hours": _("hours"), "minutes": _("minutes"), "seconds": _("seconds"), "tokens": _("tokens"),
    "tokens/s": _("tokens/s"), "FLOP": "FLOP", "FLOP/s": "FLOP/s", "TFLOP/s": "TFLOP/s", "GiB": "GiB", "GB": "GB",
    "W": "W", "kWh": "kWh", "kg CO2e": "kg CO₂e", "parameters": _("parameters"), "devices": _("devices"), "×": "×",
    "USD/request": _("$/request"), "people": _("people"), "accounts": _("accounts"), "customers": _("customers"),
    "seats": _("seats"), "requests": _("requests"), "steps": _("steps"), "years": _("years"),
    "images": _("images"), "texts": _("texts"), "words": _("words"), "images/s": _("images/s"),
    "texts/s": _("texts/s"), "requests/s": _("requests/s"), "MB": "MB",
    "year": _("calendar year"), "device-hours": _("device-hours"),
}  # fmt: skip


# Units whose figures are a counted noun: its singular and its plural.
COUNTED = {
    "months": (_("{n} month"), _("{n} months")),
    "days": (_("{n} day"), _("{n} days")),
    "hours": (_("{n} hour"), _("{n} hours")),
    "minutes": (_("{n} minute"), _("{n} minutes")),
    "seconds": (_("{n} second"), _("{n} seconds")),
    "milliseconds": ("{n} ms", "{n} ms"),
    "points": (_("{n} point"), _("{n} points")),
    "tokens": (_("{n} token"), _("{n} tokens")),
    "parameters": (_("{n} parameter"), _("{n} parameters")),
    "devices": (_("{n} device"), _("{n} devices")),
    "device-hours": (_("{n} device-hour"), _("{n} device-hours")),
    "people": (_("{n} person"), _("{n} people")),
    "accounts": (_("{n} account"), _("{n} accounts")),
    "customers": (_("{n} customer"), _("{n} customers")),
    "seats": (_("{n} seat"), _("{n} seats")),
    "requests": (_("{n} request"), _("{n} requests")),
    "steps": (_("{n} step"), _("{n} steps")),
    "years": (_("{n} year"), _("{n} years")),
    "images": (_("{n} image"), _("{n} images")),
    "texts": (_("{n} text"), _("{n} texts")),
    "words": (_("{n} word"), _("{n} words")),
}
# Rates: the unit of the amount and the pattern around it.
RATES = {
    "USD/month": ("USD", _("{amount}/month")),
    "USD/hour": ("USD", _("{amount}/hour")),
    "USD/year": ("USD", _("{amount}/year")),
    "USD/request": ("USD", _("{amount}/request")),
    "%/month": ("%", _("{amount} a month")),
    "tokens/s": ("", _("{amount} tokens/s")),
    "images/s": ("", _("{amount} images/s")),
    "texts/s": ("", _("{amount} texts/s")),
    "requests/s": ("", _("{amount} requests/s")),
}
_LENGTHS = {"days": 86_400.0, "hours": 3_600.0, "minutes": 60.0, "seconds": 1.0, "milliseconds": 0.001}  # seconds
_PREFIXED = {"FLOP": ("FLOP", 1.0), "FLOP/s": ("FLOP/s", 1.0), "TFLOP/s": ("FLOP/s", 1e12)}

Writer = Callable[[Any, str], str]
_Magnitude = tuple[str, float, str]


def figure(value: Any, unit: str = "") -> str:
    """``value`` with its unit in the reader's language.

    A value is a number, a truth, a day, a range, a text that is translated, or None. Infinity is never; a number of
    unit ``month`` is a calendar month, as ``portal.planning.calendar`` counts them.
    """
    return writer()(value, unit)


def writer() -> Writer:
    """``figure`` for the language that is active now, for who writes many."""
    return _figures(get_language() or "en").write


def unit_name(unit: str) -> str:
    """What stands behind a number box; empty for a plain number."""
    if unit.startswith("USD/") and unit not in UNITS:
        return f"{gettext(UNITS['USD'])}{unit[3:]}"
    return gettext(UNITS.get(unit, unit)) if unit else ""


class _Figures:
    """Figures in one language."""

    def __init__(self, language: str) -> None:
        self.locale = Locale.parse("zh_Hans_CN" if language.startswith("zh") else "en_US")
        self.dollar = get_currency_symbol("USD", locale=self.locale)
        self.magnitudes: dict[tuple[bool, int], _Magnitude] = {}
        with translation.override(language):
            self.yes, self.no, self.never = gettext("yes"), gettext("no"), gettext("never")
            self.between, self.later = gettext("between {low} and {high}"), gettext("{low} or later")
            self.units = {unit: gettext(name) for unit, name in UNITS.items()}
            self.rates = {unit: (inner, gettext(pattern)) for unit, (inner, pattern) in RATES.items()}
            self.counted = {unit: (gettext(one), gettext(many)) for unit, (one, many) in COUNTED.items()}

    def write(self, value: Any, unit: str = "") -> str:
        if isinstance(value, float):
            return self._number(value, unit)
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return self.yes if value else self.no
        if isinstance(value, str):
            return gettext(value) if value else NOTHING
        if isinstance(value, date):
            return self._month(value) if unit == "month" else format_date(value, "medium", locale=self.locale)
        if isinstance(value, Range):
            return self.between.format(low=self.write(value.low, unit), high=self.write(value.high, unit))
        return self._number(float(value), unit)

    def _number(self, value: float, unit: str) -> str:
        if math.isnan(value):
            return NOTHING
        if math.isinf(value):
            return self.never if value > 0 else NOTHING
        if unit == "month":
            return self._month(from_month(value))
        if unit == "year":
            return f"{value:.0f}"  # 2027, not 2,027
        if abs(value) >= LARGEST:
            return f"{_scientific(value)} {self.units.get(unit, unit)}".rstrip().replace("-", "−")
        return self._sized(value, unit).replace("-", "−")

    def _sized(self, value: float, unit: str) -> str:
        if unit == "":
            return self._decimal(value)
        if unit == "USD":
            return self._money(value)
        if unit == "%":
            return f"{self._decimal(value * 100)}%"
        if unit in self.rates:
            inner, pattern = self.rates[unit]
            return pattern.format(amount=self._sized(value, inner))
        if unit.startswith("USD/"):
            return f"{self._money(value)}{unit[3:]}"
        if unit in _LENGTHS:
            return self._length(value, unit)
        if unit in self.counted:
            return self._count(value, unit)
        if unit in _PREFIXED:
            name, scale = _PREFIXED[unit]
            return _prefixed(value * scale, name)
        if unit == "kg CO2e" and abs(value) >= 1000:
            return f"{self._decimal(value / 1000)} t CO₂e"
        joint = "" if unit == "×" else " "
        return f"{self._decimal(value)}{joint}{self.units.get(unit, unit)}"

    def _decimal(self, value: float) -> str:
        if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
            return _scientific(value)
        return self._shortened(value, money=False) if abs(value) >= 100_000 else _grouped(_round(value))

    def _money(self, value: float) -> str:
        sign = "-" if value < 0 else ""
        if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
            return f"{sign}{self.dollar}{_scientific(abs(value))}"
        if abs(value) >= 999.5:
            return self._shortened(value, money=True)
        rounded = _round(abs(value))
        if rounded == int(rounded):
            return f"{sign}{self.dollar}{rounded:.0f}"
        digits = f"{rounded:.6f}".rstrip("0")
        return f"{sign}{self.dollar}{digits.ljust(digits.index('.') + 3, '0')}"  # $2.50, and $0.0032

    def _count(self, value: float, unit: str) -> str:
        text = self._decimal(value)
        return self.counted[unit][0 if text == "1" else 1].format(n=text)

    def _length(self, value: float, unit: str) -> str:
        """A length of time in the largest unit, up to its own, of which there is at least one."""
        seconds = value * _LENGTHS[unit]
        smaller = [name for name in _LENGTHS if _LENGTHS[name] <= _LENGTHS[unit]]
        fitting = (name for name in smaller if abs(seconds) >= _LENGTHS[name] * 0.9995)
        chosen = unit if value == 0 else next(fitting, smaller[-1])
        return self._count(seconds / _LENGTHS[chosen], chosen)

    def _month(self, value: date) -> str:
        return format_skeleton("yMMM", value, locale=self.locale)

    def _shortened(self, value: float, *, money: bool) -> str:
        """Three digits in the language's own magnitudes: 1.23M, 123万."""
        size = float(f"{abs(value):.{DIGITS - 1}e}")
        before, worth, after = self._magnitude(math.floor(math.log10(size)), money)
        return f"{'-' if value < 0 else ''}{before}{_grouped(_round(size / worth))}{after}"

    def _magnitude(self, power: int, money: bool) -> _Magnitude:
        """What stands before and after the digits of 10^power (100K, 10万), and what one of them is worth."""
        if (money, power) not in self.magnitudes:
            if money:
                text = format_compact_currency(10**power, "USD", locale=self.locale)
            else:
                text = format_compact_decimal(10**power, locale=self.locale)
            found = re.search(r"\d+", text)
            assert found is not None
            around = (text[: found.start()], 10.0**power / float(found[0]), text[found.end() :])
            self.magnitudes[money, power] = around
        return self.magnitudes[money, power]


_figures = lru_cache(maxsize=8)(_Figures)


def _grouped(value: float) -> str:
    """Both languages write 12,345.678."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _round(value: float) -> float:
    """``value`` to the significant digits of a figure, but a whole number never less exact than to one."""
    if value == 0 or abs(value) >= 1e18:
        return value
    return round(value, max(0, DIGITS - 1 - math.floor(math.log10(abs(value)))))


def _scientific(value: float) -> str:
    digits, _e, power = f"{value:.{DIGITS - 1}e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')} × 10{str(int(power)).translate(_RAISED)}"


def _prefixed(value: float, unit: str) -> str:
    """Three digits with an SI prefix: 300 ZFLOP."""
    size = float(f"{abs(value):.{DIGITS - 1}e}")
    power = 0 if size < 1 else min(int(math.log10(size) // 3), len(_SI) - 1)
    return f"{_grouped(_round(value / 1000.0**power))} {_SI[power]}{unit}"
