"""Jobs, what happened to them, and what they made.

The row is the job: Celery carries only its id. ``services`` writes what people ask for, ``lease`` what workers
report, ``housekeeping`` what time brings; nothing else writes here. Money is in US dollars, energy in
kilowatt-hours, durations in seconds.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Workspace, public_id
from portal.jobs.states import TERMINAL, State

MAX_ATTEMPTS = 3  # starts of a job whose worker went silent, before it counts as failed


def job_id() -> str:
    return public_id("job")


class Job(models.Model):
    class Mode(models.TextChoices):
        INTERACTIVE = "interactive", _("Interactive")
        TRAINING = "training", _("Training")

    class Queue(models.TextChoices):
        CPU = "cpu", _("CPU")
        CUDA = "cuda", _("CUDA")

    uid = models.CharField(max_length=32, unique=True, default=job_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, blank=True, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    visitor = models.CharField(max_length=64, blank=True, help_text=_("Mark of the session of who did not sign in."))
    runner = models.CharField(_("runner"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    mode = models.CharField(_("mode"), max_length=12, choices=Mode)
    payload = models.JSONField(_("configuration"))
    queue = models.CharField(_("queue"), max_length=8, choices=Queue)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")
    quote = models.JSONField(_("quote"), null=True, blank=True)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    stage = models.CharField(_("stage"), max_length=40, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    max_attempts = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(
        default=0, help_text=_("Grows with each claim; a worker writes only with the newest.")
    )
    rung_at = models.DateTimeField(null=True, blank=True, help_text=_("When a worker was last told of this job."))
    rings = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    done = models.PositiveBigIntegerField(_("steps done"), default=0)
    total = models.PositiveBigIntegerField(_("steps in all"), default=0)
    results = models.JSONField(_("results"), default=dict, blank=True)
    measures = models.JSONField(_("measures"), default=dict, blank=True)
    error_kind = models.CharField(_("kind of error"), max_length=40, blank=True)
    error_text = models.TextField(_("error"), blank=True)
    device = models.CharField(_("device"), max_length=120, blank=True)
    device_seconds = models.FloatField(_("device time (s)"), default=0.0, help_text=_("Summed over all attempts."))
    usd = models.FloatField(_("cost (USD)"), default=0.0)
    kwh = models.FloatField(_("energy (kWh)"), default=0.0)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="job_of_workspace"),
            models.Index(fields=["visitor", "-id"], name="job_of_visitor", condition=~models.Q(visitor="")),
            models.Index(fields=["state", "queue", "id"], name="job_in_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.uid})"

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    @property
    def is_cancelling(self) -> bool:
        return self.state == State.RUNNING and self.cancel_requested_at is not None


class AppendOnly(models.QuerySet["JobEvent"]):
    """Events are history: they are added, and go only with their job."""

    def update(self, **changes: Any) -> NoReturn:
        raise TypeError("events are append-only: add another event instead of changing one")


class JobEvent(models.Model):
    """Something that happened. The primary key is the id of the SSE event, by which a reader resumes."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("job event")
        verbose_name_plural = _("job events")
        ordering = ["pk"]
        indexes = [models.Index(fields=["job", "id"], name="event_of_job")]

    def __str__(self) -> str:
        return f"{self.kind} of job {self.job_id}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("events are append-only: add another event instead of changing one")
        super().save(*args, **options)


class Artifact(models.Model):
    """A file that a job made. ``path`` is relative to ``settings.ARTIFACTS``."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(_("name"), max_length=80)
    path = models.CharField(_("path"), max_length=255)
    size = models.PositiveBigIntegerField(_("size (bytes)"))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("artifact")
        verbose_name_plural = _("artifacts")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="one_artifact_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of job {self.job_id}"


class IdempotencyKey(models.Model):
    """A key that a client sent with a submit, so that its repetition finds the job instead of making another."""

    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="one_job_per_key")]

    def __str__(self) -> str:
        return self.key
