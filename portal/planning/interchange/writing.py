"""Events of the ledger as a package of the Open Cap Format, with a report of what it cannot carry."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.ledger import as_of
from portal.planning.interchange.objects import Objects
from portal.planning.interchange.package import LISTS, MANIFEST_FILE
from portal.planning.interchange.report import Loss, Losses
from portal.planning.interchange.schema import VERSION

MANIFEST_NAME = "Manifest.ocf.json"
_NAMES = {
    "stock_plans_files": "StockPlans", "stock_legend_templates_files": "StockLegendTemplates",
    "stock_classes_files": "StockClasses", "vesting_terms_files": "VestingTerms", "valuations_files": "Valuations",
    "transactions_files": "Transactions", "stakeholders_files": "Stakeholders", "financings_files": "Financings",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """What the format asks about the company and a ledger does not know. ``country`` has two letters, such as US."""

    name: str
    formed: date
    country: str
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of the package by name, as bytes of JSON, and what they do not carry."""

    files: Mapping[str, bytes]
    losses: tuple[Loss, ...]


def write(history: Sequence[events.Event], issuer: Issuer, *, on: date, made_at: datetime) -> Exported:
    """The package of a ledger as it stands at the end of ``on``; later events are left out.

    Raises:
        Refused: an event that contradicts those before it.
    """
    losses = Losses()
    rounds = iter(as_of(history, on).rounds)
    objects = Objects(issuer.currency, losses)
    for event in history:
        if event.on <= on:
            objects.add(event, next(rounds) if isinstance(event, events.PricedRound) else None)
        else:
            losses.add(type(event).__name__, _LATER, str(event.on), whole=True)
    for kind, told in (("STAKEHOLDER", _PEOPLE), ("STOCK_CLASS", _CLASSES)):
        for each in objects.of[kind]:
            losses.add(kind, told, each["id"])
    return Exported(_files(objects, issuer, on, made_at), losses.told())


def _files(objects: Objects, issuer: Issuer, on: date, made_at: datetime) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    listed: dict[str, list[dict[str, str]]] = {}
    for key, name in _NAMES.items():
        file_type, kinds = LISTS[key]
        items = [value for kind, values in objects.of.items() if kind.startswith(kinds) for value in values]
        if kinds == ("TX_",):
            items = objects.transactions
        listed[key] = []
        if items:
            data = _json({"file_type": file_type, "items": items})
            path = f"{name}.ocf.json"
            files[path] = data
            listed[key].append({"filepath": f"./{path}", "md5": hashlib.md5(data, usedforsecurity=False).hexdigest()})
    manifest = {
        "ocf_version": VERSION, "file_type": MANIFEST_FILE, "as_of": str(on),
        "generated_at": made_at.isoformat(timespec="seconds"),
        "issuer": {
            "id": "issuer", "object_type": "ISSUER", "legal_name": issuer.name, "formation_date": str(issuer.formed),
            "country_of_formation": issuer.country,
        },
        **listed,
    }  # fmt: skip
    return {MANIFEST_NAME: _json(manifest), **files}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as one ZIP archive; the same files give the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, data)
    return archive.getvalue()


_LATER = Problem("It happens after the day of the package.", {})
_PEOPLE = Problem("The ledger does not know whether a holder is a person: all are written as individuals.", {})
_CLASSES = Problem("The ledger does not know votes, seniority and authorized shares: 1, 1 and no limit are written.",
                   {})  # fmt: skip
