"""Uploaded bytes as the files of an Open Cap Format package: one ZIP archive, or plain JSON files together.

An archive is judged before anything is read (``portal.demos.checks.archive``), nothing of it is unpacked to a place,
and only JSON is read. Nothing is stored.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from mlcore.reading import Invalid, Problem, to_json
from portal.demos.checks import ZIP, Refused, archive, kind_of
from portal.derive import strict_json
from portal.planning.holding.inputs import MOST_EVENTS
from portal.planning.holding.rows import rows_of
from portal.planning.interchange.package import Given
from portal.planning.interchange.reading import Imported, read
from portal.planning.interchange.report import Fault, PackageRefused

MOST_BYTES = 5_000_000  # of all uploaded files together, and of all JSON in an archive
MOST_FILES = 60

Uploaded = Sequence[tuple[str, bytes]]


def package_read(uploaded: Uploaded) -> Imported:
    """
    Raises:
        PackageRefused: no package of the version that is read, or one that contradicts itself.
    """
    if not uploaded:
        raise _refused("", Problem("Wanted a file, got none.", {}))
    if (size := sum(len(data) for _name, data in uploaded)) > MOST_BYTES:
        raise _too_large(size)
    zipped = [name for name, data in uploaded if kind_of(data[:8]) == ZIP]
    if zipped and len(uploaded) > 1:
        problem = Problem("Wanted one ZIP archive alone, or JSON files without an archive.", {})
        raise _refused(zipped[0], problem)
    return read(_given(_unpacked(*uploaded[0]) if zipped else uploaded))


def inputs_of(imported: Imported) -> dict[str, object]:
    """What the cap table takes: the events as rows, on the day of the package, without founders, whom no package names.

    Raises:
        Invalid: more events than the cap table has rows for, or one that no row can hold.
    """
    if len(imported.history) > MOST_EVENTS:
        values = {"most": MOST_EVENTS, "given": len(imported.history)}
        raise Invalid({"events": [Problem("Wanted at most {most} rows, got {given}.", values)]})
    rows = rows_of(imported.history)
    tables = {each.name: to_json(getattr(rows, each.name)) for each in fields(rows)}
    return {**tables, "as_of": imported.as_of.isoformat(), "founders": []}


def _given(files: Sequence[tuple[str, bytes]]) -> Mapping[str, Given]:
    found: dict[str, Given] = {}
    for name, data in files:
        if name in found:
            raise _refused(name, Problem("Two files have this name.", {}))
        if not name.lower().endswith(".json"):
            found[name] = Given(None)
            continue
        try:
            content = strict_json.loads(data.removeprefix(b"\xef\xbb\xbf"))
        except Invalid as invalid:
            raise PackageRefused([
                Fault(name, "", path, problem) for path, problems in invalid.problems.items() for problem in problems
            ]) from None  # fmt: skip
        found[name] = Given(content, hashlib.md5(data, usedforsecurity=False).hexdigest())
    return found


def _unpacked(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """The contents of an archive; of what is no JSON, the names alone."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        try:
            archive.check(Path(file.name))
        except Refused as refused:
            raise _refused(name, Problem("{reason}", {"reason": str(refused)})) from None
        with zipfile.ZipFile(file.name) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES:
                values = {"most": MOST_FILES, "given": len(entries)}
                raise _refused(name, Problem("Wanted at most {most} files in the archive, got {given}.", values))
            if (size := sum(entry.file_size for entry in entries if _is_json(entry))) > MOST_BYTES:
                raise _too_large(size)
            return [(entry.filename, opened.read(entry) if _is_json(entry) else b"") for entry in entries]


def _is_json(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith(".json")


def _too_large(size: int) -> PackageRefused:
    values = {"most": f"{MOST_BYTES:,}", "given": f"{size:,}"}
    return _refused("", Problem("Wanted at most {most} bytes, got {given}.", values))


def _refused(name: str, problem: Problem) -> PackageRefused:
    return PackageRefused([Fault(name, "", "", problem)])
