"""Uploads: files that people give to ML tasks.

The file lies in the state folder under a name of ours; the name that the person gave is only shown. Only
``portal.demos.services`` writes here.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import public_id


def upload_id() -> str:
    return public_id("upl")


class Upload(models.Model):
    uid = models.CharField(max_length=32, unique=True, default=upload_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="uploads"
    )
    visitor = models.CharField(_("session of the visitor"), max_length=40, blank=True)
    name = models.CharField(_("name given"), max_length=120)
    media_type = models.CharField(_("media type"), max_length=80)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True) ^ models.Q(visitor=""), name="upload_of_owner_or_visitor"
            )
        ]
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return Path(settings.UPLOADS) / self.uid
