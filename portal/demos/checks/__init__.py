"""Is an uploaded file what it is to be? One module for each kind of file; a name and a stated type are never believed.

``kind_of`` tells by the first bytes which kind a file is, ``Refused`` says in a sentence what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Collection

TEXT, CSV, ZIP = "text/plain", "text/csv", "application/zip"
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
IMAGES = (PNG, JPEG, WEBP)
TEXTS = (TEXT, CSV)  # any text may be read as a table, and any table as a text

# How files begin that people send by mistake, and what to call them.
_SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP, DOCX, XLSX"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\xd0\xcf\x11\xe0", "DOC, XLS"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
)


class Refused(ValueError):
    """What is wrong with a file, in a sentence that says what to do. ``code`` names it for programs."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def kind_of(start: bytes) -> str:
    """The media type that the first bytes of a file speak of; text when they speak of none."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if start.startswith(b"\xff\xd8\xff"):
        return JPEG
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WEBP
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    return TEXT


def signature_of(start: bytes) -> str:
    """The name of a format that is no text and that a file beginning so has; empty for one that is not known."""
    if start[4:8] == b"ftyp":
        return "HEIC, AVIF, MP4"
    return next((name for signature, name in _SIGNATURES if start.startswith(signature)), "")


def fits(media_type: str, accepted: Collection[str]) -> bool:
    """Whether a file of ``media_type`` can be given where ``accepted`` are wanted."""
    return media_type in accepted or (media_type in TEXTS and not set(TEXTS).isdisjoint(accepted))
