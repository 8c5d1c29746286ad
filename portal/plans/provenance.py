"""Where each input of a scenario comes from. The shapes are listed in ``portal.plans.models``.

Facts are stored, words are made on reading (``told``), so that a scenario saved in one language reads well in another.
People and programs never send provenance: it follows from what they change, so "measured" cannot be claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext

from mlcore.reading import to_json
from mlcore.spec import params
from portal.derive.wording import figure

Provenance = dict[str, dict[str, Any]]

DEFAULT = {"kind": "default"}
TYPED = {"kind": "typed"}


def fresh(inputs: type, given: Mapping[str, Any]) -> Provenance:
    """Of inputs that nobody but a person has touched; ``given`` holds a stored value for every declared field."""
    return {name: dict(DEFAULT if given[name] == to_json(start) else TYPED) for name, _, start in params(inputs)}


def followed(
    inputs: type, before: Mapping[str, Any], sources: Mapping[str, dict[str, Any]], given: Mapping[str, Any]
) -> Provenance:
    """After a person edited: a value that did not change keeps its source, another is the person's own."""
    return {
        name: dict(sources[name]) if name in sources and before.get(name) == given[name] else source
        for name, source in fresh(inputs, given).items()
    }


def told(inputs: type | None, provenance: Mapping[str, dict[str, Any]]) -> Provenance:
    """The same with ``text``: the source in the reader's language; of a starting value the one it was declared with."""
    cited = {name: param.source for name, param, _ in params(inputs)} if inputs else {}
    return {name: {**source, "text": words(source, cited.get(name, ""))} for name, source in provenance.items()}


def words(source: Mapping[str, Any], cited: str = "") -> str:
    """Empty for what a person typed: there is nothing to add to that."""
    match source.get("kind"):
        case "measured":
            return gettext("Measured by %(job)s on %(device)s, %(date)s") % {**source, "date": _day(source)}
        case "computed":
            return gettext("Computed by scenario “%(name)s”, 5th to 95th percentile, %(date)s") % {
                **source,
                "date": _day(source),
            }
        case "default":
            return gettext(cited) if cited else ""
    return ""


def _day(source: Mapping[str, Any]) -> str:
    return figure(date.fromisoformat(source["date"]), "day")
