"""Files that jobs make: where they lie, how they are registered, and how their bytes are proven.

A job writes into ``ARTIFACTS/<uid>/work``. What it names as artifacts at its end is flushed to the disk, hashed and
gets a row; readers go by the row only and hash what they open before they use it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from portal.jobs.models import Artifact, Job

NAME_CHARACTERS = 80


class Damaged(Exception):
    """The bytes of an artifact are not those that were recorded."""


def job_folder(uid: str) -> Path:
    return Path(settings.ARTIFACTS) / uid


def work_folder(uid: str) -> Path:
    """The folder in which a job may write; made when it is missing."""
    folder = job_folder(uid) / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def artifacts_seal(job: Job, named: Mapping[str, Any]) -> list[Artifact]:
    """Unsaved rows for the files that a run named, which are on the disk when this returns.

    Raises:
        ValueError: for a file outside the run's folder, or none.
    """
    folder = work_folder(job.uid).resolve()
    return [_seal(job, folder, str(name), str(file)) for name, file in named.items()]


def _seal(job: Job, folder: Path, name: str, file: str) -> Artifact:
    path = (folder / file).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise ValueError(f"the artifact {name!r} is to be a file in the run's folder, got {file!r}")
    if not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable() or "/" in name:
        raise ValueError(f"an artifact's name has 1 to {NAME_CHARACTERS} printable characters and no slash: {name!r}")
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    _fsync_folder(path.parent)
    relative = path.relative_to(Path(settings.ARTIFACTS).resolve())
    return Artifact(job=job, name=name, path=str(relative), size=size, sha256=digest)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def artifact_open(artifact: Artifact) -> BinaryIO:
    """The artifact's bytes at their start, proven to be those that were recorded. The caller closes it.

    Raises:
        Damaged: the file is missing, or has other bytes.
    """
    root = Path(settings.ARTIFACTS).resolve()
    path = (root / artifact.path).resolve()
    try:
        stream = path.open("rb") if path.is_relative_to(root) else None
    except OSError:
        stream = None
    if stream is None:
        raise Damaged(_("The file is no longer on this machine's disk. Run the job again to make it."))
    if hashlib.file_digest(stream, "sha256").hexdigest() != artifact.sha256:
        stream.close()
        raise Damaged(_("The file is not the one that the job wrote: its SHA-256 differs. Run the job again."))
    stream.seek(0)
    return stream


def folder_prune(uid: str, artifacts: Iterable[Artifact]) -> None:
    """Drop what a finished job needs no more: everything in its folder that is not an artifact."""
    root = Path(settings.ARTIFACTS).resolve()
    kept = {(root / artifact.path).resolve() for artifact in artifacts}
    folder = work_folder(uid)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.resolve() in kept and not path.is_symlink():
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink(missing_ok=True)


def folder_remove(uid: str) -> None:
    shutil.rmtree(job_folder(uid), ignore_errors=True)
