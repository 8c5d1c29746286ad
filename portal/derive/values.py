"""The value of a declared input as words: for comparisons, revisions and descriptions of jobs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from mlcore.spec import NUMERIC, Kind, Param, params
from portal.derive.wording import NOTHING, figure


def value_words(param: Param, value: Any) -> str:
    """Ranges in words, choices by their label, a table of rows as a list of what is in it."""
    if param.kind is Kind.CHOICE:
        return gettext(dict(param.choices).get(value, str(value)))
    if param.kind is Kind.ROWS:
        return "; ".join(_row_words(row) for row in value) or gettext("none")
    if param.kind is Kind.SERIES:
        return ", ".join(figure(item, param.unit) for item in value) or gettext("none")
    if param.kind in (Kind.TEXT, Kind.MEDIA):
        return value or NOTHING
    return figure(value, param.unit)


def _row_words(row: Any) -> str:
    told = ((param, getattr(row, name)) for name, param, start in params(type(row)) if getattr(row, name) != start)
    return ", ".join(_cell_words(param, value) for param, value in told) or gettext("starting values")


def _cell_words(param: Param, value: Any) -> str:
    """A number without a unit says what it is the number of."""
    words = value_words(param, value)
    if param.kind not in NUMERIC or param.unit:
        return words
    return gettext("{label} {value}").format(label=gettext(param.label).lower(), value=words)
