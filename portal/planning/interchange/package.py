"""The files of an Open Cap Format package as checked objects: the manifest, what it names, and every object by type."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mlcore.reading import Problem
from portal.planning.interchange import schema
from portal.planning.interchange.references import reference_faults
from portal.planning.interchange.report import Fault, Losses, PackageRefused

MOST_OBJECTS = 2_000
MANIFEST_FILE = "OCF_MANIFEST_FILE"

# What the manifest lists under each name: the type of those files, and how the types of their objects begin.
LISTS = {
    "stock_plans_files": ("OCF_STOCK_PLANS_FILE", ("STOCK_PLAN",)),
    "stock_legend_templates_files": ("OCF_STOCK_LEGEND_TEMPLATES_FILE", ("STOCK_LEGEND_TEMPLATE",)),
    "stock_classes_files": ("OCF_STOCK_CLASSES_FILE", ("STOCK_CLASS",)),
    "vesting_terms_files": ("OCF_VESTING_TERMS_FILE", ("VESTING_TERMS",)),
    "valuations_files": ("OCF_VALUATIONS_FILE", ("VALUATION",)),
    "transactions_files": ("OCF_TRANSACTIONS_FILE", ("TX_",)),
    "stakeholders_files": ("OCF_STAKEHOLDERS_FILE", ("STAKEHOLDER",)),
    "financings_files": ("OCF_FINANCINGS_FILE", ("FINANCING",)),
    "documents_files": ("OCF_DOCUMENTS_FILE", ("DOCUMENT",)),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came: what its JSON says, and the MD5 of its bytes in hexadecimal, empty where nobody knows."""

    content: Any
    md5: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An object of the package and the file that it stands in."""

    file: str
    value: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.value["id"])

    @property
    def type(self) -> str:
        # Names of before version 1.1 mean the same as the new ones.
        return str(self.value["object_type"]).replace("TX_PLAN_SECURITY_", "TX_EQUITY_COMPENSATION_")

    def fault(self, field: str, problem: Problem) -> Fault:
        return Fault(self.file, self.id, field, problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    issuer: Item
    as_of: date
    items: tuple[Item, ...]

    def of(self, kind: str) -> dict[str, Item]:
        return {item.id: item for item in self.items if item.type == kind}

    @property
    def transactions(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.type.startswith("TX_"))


def assemble(files: Mapping[str, Given], losses: Losses) -> Package:
    """The checked package.

    Args:
        files: by path within the package.
        losses: gets the files that the manifest does not name, and those that changed since it was written.

    Raises:
        PackageRefused: no manifest of this version, files that are missing or of another type, objects that the
            format's schemas refuse, ids that stand twice or point to nothing.
    """
    name, manifest = _manifest(files)
    found: list[Fault] = []
    items: list[Item] = []
    named = {name}
    for key, (file_type, kinds) in LISTS.items():
        for listed in manifest.get(key, ()):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), listed["filepath"]))
            named.add(path)
            if path not in files:
                problem = Problem("Wanted the file {file} in the package, which is not there.", {"file": path[:120]})
                found.append(Fault(name, "", key, problem))
                continue
            if files[path].md5 and files[path].md5 != listed["md5"].lower():
                losses.add(MANIFEST_FILE, _CHANGED, path)
            items += _items(path, files[path].content, file_type, kinds, found)
    for path in sorted(set(files) - named):
        losses.add(MANIFEST_FILE, _NOT_NAMED, path, whole=True)
    if len(items) > MOST_OBJECTS:
        problem = Problem("Wanted at most {most} objects, got {given}.", {"most": MOST_OBJECTS, "given": len(items)})
        raise PackageRefused([Fault(name, "", "", problem)])
    found += _object_faults(items)
    issuer = Item(name, manifest["issuer"])
    if not found:
        found += reference_faults(issuer, items)
    if found:
        raise PackageRefused(found)
    return Package(issuer=issuer, as_of=date.fromisoformat(manifest["as_of"]), items=tuple(items))


def _manifest(files: Mapping[str, Given]) -> tuple[str, dict[str, Any]]:
    manifests = [
        name for name, file in files.items()
        if isinstance(file.content, dict) and file.content.get("file_type") == MANIFEST_FILE
    ]  # fmt: skip
    if len(manifests) != 1:
        problem = Problem(
            "Wanted one manifest, a file with the type {type}, got {given}. Send all files of the package together.",
            {"type": MANIFEST_FILE, "given": len(manifests)},
        )
        raise PackageRefused([Fault("", "", "", problem)])
    name = manifests[0]
    manifest: dict[str, Any] = files[name].content
    if (version := manifest.get("ocf_version")) != schema.VERSION:
        problem = Problem(
            "Wanted version {version} of the format, got {given}. Export it anew in that version.",
            {"version": schema.VERSION, "given": str(version)[:40]},
        )
        raise PackageRefused([Fault(name, "", "ocf_version", problem)])
    if found := [Fault(name, "", path, problem) for path, problem in schema.faults(manifest, schema.MANIFEST)]:
        raise PackageRefused(found)
    return name, manifest


def _items(path: str, content: Any, file_type: str, kinds: tuple[str, ...], found: list[Fault]) -> Iterator[Item]:
    """The objects of a file that can be told apart; faults of the file itself go to ``found``."""
    if not isinstance(content, dict) or content.get("file_type") != file_type:
        given = content.get("file_type") if isinstance(content, dict) else ""
        problem = Problem("Wanted a file of the type {type}, got {given}.", {"type": file_type, "given": str(given)})
        found.append(Fault(path, "", "file_type", problem))
        return
    if not isinstance(content.get("items"), list):
        found.append(Fault(path, "", "items", Problem("Wanted a list of objects.", {})))
        return
    for extra in sorted(set(content) - {"file_type", "items"}):
        problem = Problem("Version {version} of the format has no such field here.", {"version": schema.VERSION})
        found.append(Fault(path, "", extra[:60], problem))
    for place, value in enumerate(content["items"]):
        known = isinstance(value, dict) and isinstance(value.get("id"), str) and value["id"]
        kind = value.get("object_type") if known else None
        if not known:
            problem = Problem("Wanted an object with an id.", {})
            found.append(Fault(path, "", f"items.{place}", problem))
        elif not isinstance(kind, str) or kind not in schema.object_types() or not kind.startswith(kinds):
            problem = Problem("Wanted a type of object that belongs into this file, got {given}.",
                              {"given": str(kind)[:60]})  # fmt: skip
            found.append(Fault(path, value["id"][:80], "object_type", problem))
        else:
            yield Item(path, value)


def _object_faults(items: list[Item]) -> Iterator[Fault]:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            yield item.fault("id", Problem("Wanted an id that no other object of the package has.", {}))
        seen.add(item.id)
        for field, problem in schema.faults(item.value, schema.object_types()[str(item.value["object_type"])]):
            yield item.fault(field, problem)


_CHANGED = Problem("The file is not the one whose checksum the manifest holds. It was read all the same.", {})
_NOT_NAMED = Problem("The manifest does not name this file.", {})
