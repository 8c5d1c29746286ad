"""What the Open Cap Format asks about the company, typed on the page of the export or sent to the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from mlcore.reading import Invalid, Problem
from portal.planning.interchange.writing import Issuer

FIELDS = (
    ("name", _("Legal name of the company"), "text"),
    ("formed", _("Day of its formation"), "date"),
    ("country", _("Country of its formation, in two letters"), "text"),
)
_LONGEST = 200
_COUNTRY = re.compile("[A-Z]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_issuer(given: Mapping[str, Any]) -> Issuer:
    """
    Raises:
        Invalid: by ``name``, ``formed`` and ``country``; and what is not asked.
    """
    problems: dict[str, list[Problem]] = {}
    for extra in set(given) - {name for name, _label, _kind in FIELDS}:
        problems[str(extra)[:60]] = [Problem("Wanted the fields {names} alone.", {"names": "name, formed, country"})]
    name = given.get("name", "")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= _LONGEST:
        problems["name"] = [Problem("Wanted a name of at most {most} characters.", {"most": _LONGEST})]
    formed = _day(given.get("formed", ""))
    if formed is None:
        problems["formed"] = [Problem("Wanted a day such as 2026-03-31, got {given}.",
                                      {"given": str(given.get("formed", ""))[:40]})]  # fmt: skip
    country = given.get("country", "")
    if not isinstance(country, str) or not _COUNTRY.fullmatch(country):
        problems["country"] = [Problem("Wanted two capital letters of ISO 3166-1, such as US, got {given}.",
                                       {"given": str(country)[:40]})]  # fmt: skip
    if problems or formed is None:
        raise Invalid(problems)
    return Issuer(name=name.strip(), formed=formed, country=country)


def _day(given: Any) -> date | None:
    try:
        return date.fromisoformat(given) if isinstance(given, str) and _DAY.fullmatch(given) else None
    except ValueError:
        return None
