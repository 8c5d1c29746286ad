"""Where the value of each input comes from, as the page says it under the box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from mlcore.spec import params
from portal.derive.fields import Source

LINKED = {"measured": ("jobs:page", "job"), "computed": ("plans:page", "scenario")}
"""Kinds of origin that lead somewhere: the page and the key that holds its id."""


def sources(inputs: Any, provenance: Mapping[str, Mapping[str, Any]]) -> dict[str, Source | None]:
    """What stands under each box. ``provenance`` has ``kind`` and ``text`` by input; one that it leaves out is as
    declared while it has its starting value, else typed."""
    return {name: _source(param.source, getattr(inputs, name) == start, provenance.get(name))
            for name, param, start in params(type(inputs))}  # fmt: skip


def _source(declared: str, untouched: bool, origin: Mapping[str, Any] | None) -> Source | None:
    if origin is None or origin.get("kind") == "default":
        return Source(gettext(declared)) if declared and (untouched or origin) else None
    kind, text = origin.get("kind", ""), origin.get("text", "")
    if not text:
        return None
    if kind not in LINKED:
        return Source(text)
    page, key = LINKED[kind]
    try:
        return Source(text, reverse(page, args=[origin[key]]), linked=True)
    except (KeyError, NoReverseMatch):
        return Source(text, linked=True)
