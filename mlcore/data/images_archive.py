"""Images that a person uploads: a ZIP file with one folder for each class.

The list of files is checked before anything is unpacked, and one image at a time is in memory; nothing is written to
disk. Every refusal is a ``ValueError`` that names the file.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mlcore.data.images import Images, check_classes
from mlcore.data.images_file import MAX_BYTES, SUFFIXES, read_image, square

MAX_ARCHIVE_BYTES = 64 * 1024 * 1024
MAX_IMAGES = 20_000
MAX_CLASSES = 50
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 100  # unpacked over packed; images are packed already and shrink little
_RATIO_FROM = 256 * 1024  # bytes below which a high ratio does no harm
_MAX_NAME = 255  # characters
_MAX_LIST_BYTES = 8 * 1024 * 1024  # of the list of files, which is read whole
_END = struct.Struct("<4s4H2LH")  # "end of central directory record", APPNOTE 4.3.16
_END_SIGNATURE, _ZIP64_SIGNATURE, _ZIP64_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})  # what systems add on their own
_ARCHIVES = frozenset({"zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "jar", "zst"})
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def read_archive(path: Path, *, size: int, check: Callable[[], None] = lambda: None) -> Images:
    """The images, cut to squares of ``size`` pixels in colour; a class is called like its folder.

    ``check`` is called before each image and may raise to stop.

    Raises:
        ValueError: not such an archive, or one that is dangerous, too large, or has too little to learn from.
    """
    _check_list_size(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _is_image(entry)]
            _check_total(entries)
            names = _classes(entries)
            pixels = np.empty((len(entries), size, size, 3), dtype=np.uint8)
            for place, entry in enumerate(entries):
                check()
                pixels[place] = square(read_image(_content(archive, entry), name=entry.filename, near=size), size)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError) as problem:
        raise ValueError(f"Wanted a whole ZIP file, got one that is damaged ({problem}). Pack it again.") from None
    classes = tuple(sorted(set(names)))
    found = Images(pixels=pixels, labels=np.searchsorted(classes, names).astype(np.int64), classes=classes)
    check_classes(found)
    return found


def _check_list_size(path: Path) -> None:
    """``zipfile`` reads the list of files whole, as long as the end of the archive says it is: so look there first."""
    total = path.stat().st_size
    if total > MAX_ARCHIVE_BYTES:
        raise ValueError(
            f"Wanted an archive of at most {MAX_ARCHIVE_BYTES:,} bytes, got {total:,}. Scale the images down."
        )
    with path.open("rb") as file:
        file.seek(max(0, total - 65_535 - _END.size - _ZIP64_BYTES))
        tail = file.read()
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError(
            "Wanted a ZIP file with one folder for each class, got something else. Pack the folders as ZIP."
        )
    listed = _END.unpack_from(tail, at)[5]
    if listed > _MAX_LIST_BYTES or tail[max(0, at - _ZIP64_BYTES) : at].startswith(_ZIP64_SIGNATURE):
        raise ValueError(f"Wanted an archive of at most {MAX_IMAGES:,} files, got far more. Leave some out.")


def _is_image(entry: zipfile.ZipInfo) -> bool:
    """False for what has no part in it; raises ValueError for what must not be there."""
    name = entry.filename
    parts = name.split("/")
    if len(name) > _MAX_NAME or not name.isprintable() or "\\" in name:
        raise ValueError(f"Wanted plain names of at most {_MAX_NAME} characters in the archive, got {name[:80]!r}.")
    if name.startswith("/") or ".." in parts or ":" in parts[0]:
        raise ValueError(
            f"Wanted names inside the archive, got {name!r}, which leads out of it. Pack the folders anew."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"{name}: Wanted files, got a link. Pack the image itself.")
    if entry.is_dir() or "__MACOSX" in parts or parts[-1].lower() in _LITTER:
        return False
    suffix = name.rpartition(".")[2].lower()
    if suffix in _ARCHIVES:
        raise ValueError(f"{name}: Wanted images, got an archive in the archive. Unpack it and pack the images.")
    if suffix not in SUFFIXES:
        raise ValueError(f"{name}: Wanted images as PNG, JPEG or WebP only, got another file. Leave it out.")
    _check_packing(entry)
    return True


def _check_packing(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise ValueError(f"{entry.filename}: Wanted files without a password, got an encrypted one.")
    if entry.compress_type not in _PACKINGS:
        raise ValueError(f"{entry.filename}: Wanted files packed by “deflate” or stored, got another method.")
    if entry.file_size > MAX_BYTES:
        raise ValueError(
            f"{entry.filename}: Wanted images of at most {MAX_BYTES:,} bytes, got {entry.file_size:,}. Scale it down."
        )
    if entry.file_size > _RATIO_FROM and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
        raise ValueError(
            f"{entry.filename}: Wanted images, got a file that unpacks to more than {MAX_RATIO} times its size. "
            "Leave it out."
        )


def _check_total(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise ValueError(
            "Wanted folders with images, got an archive without any. Put the images of each class in a folder."
        )
    if len(entries) > MAX_IMAGES:
        raise ValueError(f"Wanted at most {MAX_IMAGES:,} images, got {len(entries):,}. Leave some out.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise ValueError(
            f"Wanted at most {MAX_UNPACKED:,} bytes when unpacked, got {unpacked:,}. Scale the images down."
        )


def _classes(entries: list[zipfile.ZipInfo]) -> list[str]:
    """The folder that holds each image. All of these lie side by side, be it in one folder more."""
    places = [entry.filename.split("/")[:-1] for entry in entries]
    for entry, place in zip(entries, places, strict=True):
        if not place or not place[-1]:
            raise ValueError(
                f"{entry.filename}: Wanted it in the folder of its class, got it outside. Move it into one."
            )
        if place[:-1] != places[0][:-1]:
            raise ValueError(
                f"Wanted the folders of the classes side by side, got {entries[0].filename} and {entry.filename}. "
                "Put the images of each class into one folder."
            )
    names = [place[-1] for place in places]
    if len(set(names)) > MAX_CLASSES:
        raise ValueError(f"Wanted at most {MAX_CLASSES} classes, got {len(set(names)):,} folders.")
    return names


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # Its stated size bounds what is read, whatever follows in the file; the checksum tells when the two differ.
    with archive.open(entry) as file:
        return file.read(MAX_BYTES + 1)
