"""Scenarios: a calculator's inputs kept under a name, with every earlier state.

``inputs`` is what ``mlcore.reading.to_json`` writes, kept with the calculator's slug and version, so that a scenario
outlives its calculator. ``provenance`` says for each input where its value comes from::

    {"kind": "default"}                                           the calculator's starting value, with its own source
    {"kind": "typed"}                                             a person typed it
    {"kind": "measured", "job": uid, "device": …, "date": …, "text": …}
    {"kind": "computed", "scenario": uid, "calculator": slug, "output": …, "date": …, "text": …}

Only ``portal.plans.services`` writes here.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Workspace, public_id

NAME_LENGTH = 120


def scenario_id() -> str:
    return public_id("scn")


class Scenario(models.Model):
    uid = models.CharField(max_length=32, unique=True, default=scenario_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="scenarios")
    calculator = models.CharField(_("calculator"), max_length=60)
    version = models.PositiveIntegerField(_("version of the calculator"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    inputs = models.JSONField(_("inputs"))
    provenance = models.JSONField(_("where the inputs come from"), default=dict, blank=True)
    seed = models.PositiveBigIntegerField(_("seed"))
    sample = models.BooleanField(_("sample"), default=False)
    # The number of the newest revision. A write names the revision that it read, so that no update is lost.
    revision = models.PositiveIntegerField(_("revision"), default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "-updated_at"], name="scenario_list")]
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("plans:page", args=[self.uid])


class Revision(models.Model):
    """One state of a scenario. Never changed: restoring an old one adds a new one."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    version = models.PositiveIntegerField(_("version of the calculator"))
    inputs = models.JSONField(_("inputs"))
    provenance = models.JSONField(_("where the inputs come from"), default=dict, blank=True)
    seed = models.PositiveBigIntegerField(_("seed"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["scenario", "number"], name="one_revision_a_number")]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")

    def __str__(self) -> str:
        return f"{self.scenario} · {self.number}"
