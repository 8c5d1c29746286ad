"""What changes uploads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import chain
from math import inf
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.accounts.models import User
from portal.demos.checks import (
    CSV,
    IMAGES,
    TEXT,
    TEXTS,
    ZIP,
    Refused,
    archive,
    fits,
    image,
    kind_of,
    signature_of,
    text,
)
from portal.demos.models import Upload
from portal.demos.selectors import uploads_in_use, uploads_of

UPLOADS_EACH = 4  # files of the largest permitted size that one person may keep at once
# What each kind of file is called in a refusal.
_NAMES = {
    TEXT: gettext_noop("a text"), CSV: gettext_noop("a table as CSV"), ZIP: gettext_noop("a ZIP archive"),
    **dict.fromkeys(IMAGES, gettext_noop("a picture (PNG, JPEG or WebP)")),
}  # fmt: skip


def too_large(most: int = 0) -> Refused:
    """The refusal of a file larger than ``most`` bytes, or than any may be."""
    megabytes = (most or settings.MAX_UPLOAD_BYTES) / 1_000_000
    return Refused(
        "too_large", _("Wanted a file of at most %(most)s MB. Send a part of it.") % {"most": f"{megabytes:g}"}
    )


def upload_save(
    *, chunks: Iterable[bytes], name: str, owner: User | None, visitor: str = "", accepted: Collection[str] = (),
    most: int = 0,
) -> Upload:  # fmt: skip
    """Keep a file under a name of ours; on refusal nothing is kept. What it is, its content says.

    Args:
        accepted: the media types that are wanted; empty for all that are known.
        most: bytes, where fewer are wanted than any file may have.

    Raises:
        Refused: another kind of file, a damaged or malicious one, too large, or this person keeps too much already.
    """
    kept = uploads_of(owner, visitor).aggregate(bytes=Sum("size"))["bytes"] or 0
    if kept >= UPLOADS_EACH * settings.MAX_UPLOAD_BYTES:
        raise Refused(
            "quota",
            _("You keep %(megabytes)d MB of uploads, the most at one time. Remove some, or wait until they expire.")
            % {"megabytes": kept // 1_000_000},
        )
    upload = Upload(owner=owner, visitor="" if owner else visitor, name=_shown_name(name))
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    partial = upload.path.with_suffix(".part")
    try:
        upload.media_type = _receive(partial, chunks, name, accepted, min(most or inf, settings.MAX_UPLOAD_BYTES))
        upload.size, upload.sha256 = _sealed(partial)
        with transaction.atomic():
            upload.save()
            partial.rename(upload.path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return upload


def upload_delete(*, upload: Upload) -> None:
    upload.delete()
    upload.path.unlink(missing_ok=True)


def uploads_expire() -> int:
    """Remove the uploads that are past their time, except those that a job waits with; how many were removed.

    Files without a row, left by a process that was killed between writing and saving, go with them.
    """
    oldest = timezone.now() - timedelta(hours=settings.UPLOAD_HOURS)
    expired = Upload.objects.filter(created_at__lt=oldest).exclude(uid__in=uploads_in_use())
    removed = 0
    for upload in expired:
        upload_delete(upload=upload)
        removed += 1
    known = set(Upload.objects.values_list("uid", flat=True))
    for path in Path(settings.UPLOADS).glob("upl_*"):
        if path.name not in known and path.stat().st_mtime < oldest.timestamp():
            path.unlink(missing_ok=True)
    return removed


def _receive(path: Path, chunks: Iterable[bytes], name: str, accepted: Collection[str], most: float) -> str:
    """Write the chunks, checked by what they turn out to be; the media type."""
    waiting = iter(chunks)
    first = next(waiting, b"")
    kind = kind_of(first)
    if kind == TEXT or (kind not in accepted and not set(TEXTS).isdisjoint(accepted)):
        # The names of texts and tables may be believed: both were checked as text, and neither can do harm.
        kind = CSV if name.lower().endswith((".csv", ".tsv")) or set(accepted) & set(TEXTS) == {CSV} else TEXT
    if accepted and not fits(kind, accepted):
        raise _another_kind(accepted, kind, first)
    limited = _limited(chain((first,), waiting), most)
    with path.open("xb") as file:
        for chunk in text.checked(limited) if kind in TEXTS else limited:
            file.write(chunk)
    if kind in IMAGES:
        image.rewrite(path, kind)
    elif kind == ZIP:
        archive.check(path)
    return kind


def _another_kind(accepted: Collection[str], kind: str, start: bytes) -> Refused:
    wanted = " / ".join(dict.fromkeys(_(_NAMES[each]) for each in accepted))
    if not start:
        given = _("an empty file")
    elif kind == TEXT:  # or what only looks like none of the others
        given = signature_of(start) or (_("another kind of file") if b"\0" in start else _(_NAMES[TEXT]))
    else:
        given = _(_NAMES[kind])
    return Refused("wrong_type", _("Wanted %(wanted)s, got %(given)s.") % {"wanted": wanted, "given": given})


def _limited(chunks: Iterable[bytes], most: float) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise too_large(int(most))
        yield chunk


def _sealed(path: Path) -> tuple[int, str]:
    """Bytes and SHA-256 of the file, once it lies on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, digest


def _shown_name(name: str) -> str:
    """The last part of the name given, without what cannot be printed: it is shown, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120].strip() or _("file")
