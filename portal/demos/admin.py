from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from portal.demos.models import Upload
from portal.demos.services import upload_delete


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):
    list_display = ("uid", "name", "size", "media_type", "owner", "created_at")
    search_fields = ("uid", "name", "sha256")
    list_select_related = ("owner",)
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Upload) -> None:
        upload_delete(upload=obj)

    def delete_queryset(self, request: HttpRequest, queryset: object) -> None:
        for upload in queryset:  # type: ignore[attr-defined]
            upload_delete(upload=upload)
