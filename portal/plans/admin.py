from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.plans.models import Revision, Scenario


class ReadOnly:
    """Scenarios change through ``portal.plans.services`` alone, or their revisions would not tell the truth."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RevisionInline(ReadOnly, admin.TabularInline):
    model = Revision
    fields = ("number", "name", "note", "by", "at")
    readonly_fields = ("at",)
    can_delete = False
    extra = 0


@admin.register(Scenario)
class ScenarioAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "calculator", "workspace", "revision", "sample", "updated_by", "updated_at", "deleted_at")
    list_filter = ("calculator", "sample", ("deleted_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "uid")
    list_select_related = ("workspace", "updated_by")
    date_hierarchy = "updated_at"
    inlines = (RevisionInline,)
    fields = (
        "open_in_portal", "uid", "workspace", "calculator", "version", "name", "inputs", "provenance", "seed", "sample",
        "revision", "created_by", "created_at", "updated_by", "updated_at", "deleted_at",
    )  # fmt: skip

    @admin.display(description=_("page"))
    def open_in_portal(self, scenario: Scenario) -> str:
        return format_html('<a href="{}">{}</a>', scenario.get_absolute_url(), scenario.uid)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("open_in_portal", "uid", "created_at", "updated_at")
