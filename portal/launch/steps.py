"""The steps of set-up after the Python packages. Each leaves a stamp and is skipped while what it is made from stays.

A stamp is a digest of the step's sources, kept beside what the step made: front-end libraries and translations in the
project, secret key, database and static files in the state folder.
"""

from __future__ import annotations

import hashlib
import secrets
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from portal.launch.vendor import vendor

PROJECT = Path(__file__).resolve().parents[2]
STATIC, LOCALE, LOCK = PROJECT / "static", PROJECT / "portal" / "locale", PROJECT / "requirements.lock"


def build() -> str:
    """Bring front-end libraries and compiled translations up to date; a digest of the libraries.

    Raises:
        subprocess.CalledProcessError: when npm fails; it has printed why.
    """
    libraries = digest([STATIC / "package-lock.json", STATIC / "icons.txt", PROJECT / "portal/launch/vendor.py"])
    if _stale(STATIC / "vendor" / ".stamp", libraries):
        print("Fetching the front-end libraries …", flush=True)
        vendor(STATIC)
        (STATIC / "vendor" / ".stamp").write_text(libraries)
    compile_translations(LOCALE)
    return libraries


def prepare(settings: dict[str, Any], state: Path, libraries: str) -> None:
    """Bring the state folder up to date: secret key, database with the sample workspace, static files.

    Raises:
        subprocess.CalledProcessError: when a Django command fails; it has printed why.
    """
    secret_key(state)
    options = []
    tables = digest([LOCK, *sorted(PROJECT.glob("portal/*/migrations/*.py"))])
    # A database elsewhere is always asked; only the embedded file cannot change behind the stamp.
    if settings["DATABASE_URL"] or not (state / "plumbline.sqlite3").is_file() or _stale(state / ".database", tables):
        options.append("--database")
    own = sorted(path for path in (STATIC / "own").rglob("*") if path.is_file())
    files = digest([LOCK, *own], libraries)
    if not settings["DEBUG"] and _stale(state / "static" / ".stamp", files):
        options.append("--static")
    if not options:
        return
    print("Preparing the database, the sample workspace and the static files …", flush=True)
    command = [sys.executable, str(PROJECT / "manage.py"), "prepare", "--skip-checks", *options]
    subprocess.run(command, check=True, cwd=PROJECT)
    (state / ".database").write_text(tables)
    if "--static" in options:
        (state / "static" / ".stamp").write_text(files)


def digest(paths: Iterable[Path], *more: str) -> str:
    """One digest of the contents and names of ``paths`` and of ``more``."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.name}\0".encode())
        total.update(path.read_bytes() if path.is_file() else b"")
    for text in more:
        total.update(text.encode())
    return total.hexdigest()


def _stale(stamp: Path, wanted: str) -> bool:
    return not stamp.is_file() or stamp.read_text() != wanted


def secret_key(state: Path) -> None:
    path = state / "secret-key"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50) + "\n")


def compile_translations(folder: Path) -> None:
    """Compile every catalogue below ``folder`` that is newer than its compiled form."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        from babel.messages.mofile import write_mo  # loaded only when there is work
        from babel.messages.pofile import read_po

        with source.open("rb") as file:
            catalogue = read_po(file)
        with target.open("wb") as file:
            write_mo(file, catalogue)
