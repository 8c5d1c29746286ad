"""What changes uploads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.demos import text_check
from portal.demos.models import Upload
from portal.demos.selectors import uploads_in_use, uploads_of

UPLOADS_EACH = 8  # files of the largest permitted size that one person may keep at once


class UploadRefused(ValueError):
    """Why a file was not taken, in a sentence that says what to do. ``code`` names it for programs."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def too_large() -> UploadRefused:
    return UploadRefused(
        "too_large",
        _("Wanted a file of at most %(most)s MB. Send a part of it.")
        % {"most": settings.MAX_UPLOAD_BYTES // 1_000_000},
    )


def upload_save(*, chunks: Iterable[bytes], name: str, owner: User | None, visitor: str = "") -> Upload:
    """Keep a text file under a name of ours; on refusal nothing is kept.

    Raises:
        UploadRefused: not text, too large, or this person keeps too much already.
    """
    kept = uploads_of(owner, visitor).aggregate(bytes=Sum("size"))["bytes"] or 0
    if kept >= UPLOADS_EACH * settings.MAX_UPLOAD_BYTES:
        raise UploadRefused(
            "quota",
            _("You keep %(megabytes)d MB of uploads, the most at one time. Remove some, or wait until they expire.")
            % {"megabytes": kept // 1_000_000},
        )
    upload = Upload(owner=owner, visitor="" if owner else visitor, name=_shown_name(name))
    upload.media_type = text_check.MEDIA_TYPE
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    partial = upload.path.with_suffix(".part")
    try:
        upload.size, upload.sha256 = _write(partial, chunks)
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


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Bytes written and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        try:
            for chunk in text_check.checked(chunks):
                size += len(chunk)
                if size > settings.MAX_UPLOAD_BYTES:
                    raise too_large()
                digest.update(chunk)
                file.write(chunk)
        except text_check.NotText as problem:
            raise UploadRefused("not_text", str(problem)) from problem
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _shown_name(name: str) -> str:
    """The last part of the name given, without what cannot be printed: it is shown, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120].strip() or _("text")
