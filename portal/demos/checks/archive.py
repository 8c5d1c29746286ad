"""ZIP archives: judged by their list of contents, then read through once, counting what comes out.

Nothing is unpacked to a place that the archive names; a task that reads one later needs no trust in it.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from portal.demos.checks import Refused

MAX_ENTRIES = 20_000
MAX_UNPACKED_BYTES = 512_000_000
MAX_RATIO = 100  # unpacked over packed; pictures reach 2, text 10
FREE_BYTES = 1_000_000  # a small file may be packed as tightly as it likes

_CHUNK = 65_536
_END, _END_64, _ENTRY = b"PK\x05\x06", b"PK\x06\x07", b"PK\x01\x02"  # signatures of the format
_END_BYTES, _MAX_COMMENT = 22, 65_535
_LIST_BYTES = 512  # of the list, for each entry that is permitted: far more than its name needs
_ARCHIVES = frozenset({
    ".zip", ".jar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar",
})  # fmt: skip
_ARCHIVE_STARTS = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")


class NotArchive(Refused):
    def __init__(self, reason: str) -> None:
        super().__init__("not_archive", reason)


def check(path: Path) -> None:
    """Read the archive at ``path`` through.

    Raises:
        NotArchive: damaged, encrypted, too many or too large contents, packed too tightly, an archive within it, or a
            name that leads out of its folder.
    """
    _check_list(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, path.stat().st_size)
            for entry in entries:
                if not entry.is_dir():
                    _check_content(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as problem:
        if isinstance(problem, NotArchive):
            raise
        raise NotArchive(_("Wanted a whole ZIP archive, got one that is damaged. Pack it again.")) from problem


def _check_list(path: Path) -> None:
    """The list of contents is short. Asked before anything reads it, for each of its lines becomes an object."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_BYTES - _MAX_COMMENT))
        tail_at = file.tell()
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < _END_BYTES:
            raise NotArchive(_("Wanted a whole ZIP archive, got one without its end. Send it again."))
        # The 64-bit form is for archives far beyond what is taken here, and would bring a second count.
        if tail[max(0, at - 20) : at].startswith(_END_64):
            raise _too_many(_("more than 65,535"))
        count, list_size = struct.unpack_from("<HL", tail, at + 10)
        if count > MAX_ENTRIES or list_size > MAX_ENTRIES * _LIST_BYTES:
            raise _too_many(f"{count:,}")
        file.seek(max(0, tail_at + at - list_size))
        # The stated number is only a statement.
        if (found := file.read(list_size).count(_ENTRY)) > MAX_ENTRIES:
            raise _too_many(f"{found:,}")


def _too_many(given: str) -> NotArchive:
    return NotArchive(
        _("Wanted an archive of at most %(most)s files, got %(given)s. Send fewer.")
        % {"most": f"{MAX_ENTRIES:,}", "given": given}
    )


def _check_entries(entries: list[zipfile.ZipInfo], packed: int) -> None:
    if not any(not entry.is_dir() for entry in entries):
        raise NotArchive(_("Wanted an archive with files in it, got an empty one."))
    for entry in entries:
        if problem := next(_faults(entry), ""):
            raise NotArchive(problem)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise NotArchive(
            _("Wanted at most %(most)d MB when unpacked, got %(given)s MB. Send fewer or smaller files.")
            % {"most": MAX_UNPACKED_BYTES // 1_000_000, "given": f"{unpacked // 1_000_000:,}"}
        )
    if unpacked > max(packed * MAX_RATIO, FREE_BYTES):
        raise _too_tight(_("the whole"))


def _faults(entry: zipfile.ZipInfo) -> Iterator[str]:
    """What is wrong with one line of the list."""
    name = entry.orig_filename
    shown = {"name": _shown(entry)}
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or "\0" in name or ".." in parts or (parts and parts[0].endswith(":")):
        yield _("Wanted names within one folder, got “%(name)s”. Pack the folder itself.") % shown
    if entry.flag_bits & 1:
        yield _("Wanted an archive without a password, got “%(name)s” encrypted.") % shown
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield _("Wanted files and folders, got “%(name)s”, which is a link or a device.") % shown
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield _("Wanted files stored or deflated, got “%(name)s” packed in another way.") % shown
    if PurePosixPath(name.lower()).suffix in _ARCHIVES:
        yield _within(entry)
    if entry.file_size > max(entry.compress_size * MAX_RATIO, FREE_BYTES):
        yield str(_too_tight(f"“{_shown(entry)}”"))


def _check_content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack to nowhere: that proves the checksum and that no more comes out than the list says."""
    read = 0
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            if read == 0 and chunk.startswith(_ARCHIVE_STARTS):
                raise NotArchive(_within(entry))
            read += len(chunk)
            if read > entry.file_size:
                raise zipfile.BadZipFile("more than stated")
    if read != entry.file_size:
        raise zipfile.BadZipFile("less than stated")


def _within(entry: zipfile.ZipInfo) -> str:
    return _("Wanted no archive within the archive, got “%(name)s”. Unpack it first.") % {"name": _shown(entry)}


def _shown(entry: zipfile.ZipInfo) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in entry.orig_filename)[:80]


def _too_tight(what: str) -> NotArchive:
    return NotArchive(
        _("Wanted contents packed at most %(most)d to one, got %(what)s packed tighter, as no picture or text is.")
        % {"most": MAX_RATIO, "what": what}
    )
