"""Jobs in Django's admin: everything to see, nothing to type, cancel and retry as actions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.jobs.models import Artifact, IdempotencyKey, Job, JobEvent
from portal.jobs.services import NotPermitted, job_cancel, job_retry

PRETTY = ("payload", "quote", "results", "measures", "data")


class ReadOnly(admin.ModelAdmin):
    """What the worker writes is looked at here, not edited: a row changed by hand would lie about what happened."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def pretty(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody in who did not sign in"
    return request.user


def _pretty_field(name: str, label: Any) -> Any:
    @admin.display(description=label)
    def shown(self: Any, row: Any) -> SafeString:
        return pretty(getattr(row, name))

    return shown


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ("title", "state_word", "mode", "queue", "owner", "attempt", "created_at", "device_seconds", "usd")
    list_filter = ("state", "mode", "queue", "runner", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner", "workspace")
    date_hierarchy = "created_at"
    search_fields = ("uid", "title", "owner__email", "error_text")
    show_full_result_count = False
    actions = ("cancel", "retry")
    exclude = ("visitor", *PRETTY)
    readonly_fields = ("open_in_portal", "configuration_json", "quote_json", "results_json", "measures_json")
    configuration_json = _pretty_field("payload", _("configuration"))
    quote_json = _pretty_field("quote", _("quote"))
    results_json = _pretty_field("results", _("results"))
    measures_json = _pretty_field("measures", _("measures"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows = super().get_queryset(request)
        is_list = request.resolver_match and request.resolver_match.url_name == "jobs_job_changelist"
        return rows.defer("payload", "results", "measures", "quote") if is_list else rows

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, job: Job) -> SafeString:
        return format_html('<span class="state" data-state="{}">{}</span>', job.state, job.get_state_display())

    @admin.display(description=_("open in the portal"))
    def open_in_portal(self, job: Job) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("jobs:page", args=[job.uid]), job.uid)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions, which change only what the services permit."""
        return bool(request.user.has_perm("jobs.change_job"))

    @admin.action(description=_("Cancel the chosen jobs"), permissions=["act"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        count = 0
        for job in jobs:
            count += not job.is_over
            job_cancel(job=job, by=_person(request))
        self.message_user(request, ngettext("%d job is cancelled.", "%d jobs are cancelled.", count) % count)

    @admin.action(description=_("Retry the chosen jobs"), permissions=["act"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        count = 0
        for job in jobs:
            try:
                job_retry(job=job, by=_person(request))
                count += 1
            except NotPermitted as refusal:
                self.message_user(request, f"{job.uid}: {refusal}", messages.WARNING)
        self.message_user(request, ngettext("%d job is queued again.", "%d jobs are queued again.", count) % count)


@admin.register(JobEvent)
class JobEventAdmin(ReadOnly):
    list_display = ("id", "job", "kind", "created_at")
    list_filter = ("kind",)
    list_select_related = ("job",)
    date_hierarchy = "created_at"
    search_fields = ("job__uid",)
    show_full_result_count = False
    exclude = ("data",)
    readonly_fields = ("data_json",)
    data_json = _pretty_field("data", _("data"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Only together with their job: events are history.
        return bool(request.user.is_superuser) and request.path.startswith(reverse("admin:jobs_job_changelist"))


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly):
    list_display = ("name", "job", "size", "created_at")
    list_select_related = ("job",)
    date_hierarchy = "created_at"
    search_fields = ("name", "job__uid", "sha256")
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnly):
    list_display = ("key", "principal", "job", "created_at")
    list_select_related = ("job",)
    date_hierarchy = "created_at"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
