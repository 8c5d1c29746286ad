"""Edits of the catalogue in Django's admin: a form for each table, a history, and imports of files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mlcore.reading import Invalid
from portal.accounts.models import User
from portal.catalogue import columns
from portal.catalogue.described import EDITABLE
from portal.catalogue.importing import PRICES, Report, rows_import
from portal.catalogue.models import (
    AcceleratorEdit,
    ApiPriceEdit,
    ArchitectureEdit,
    Change,
    Edit,
    ElectricityEdit,
    PriceEdit,
    PurchaseEdit,
    RegionEdit,
    SalaryEdit,
)
from portal.catalogue.services import rows_check, rows_reset, rows_save
from portal.derive.wording import problem_text
from portal.planning.catalog.edits import Cells

ADMIN = "admin"
SALT = "catalogue.import"
KEPT_SECONDS = 3600  # between a dry run and writing what it accepted


class RowForm(forms.ModelForm):
    """A field for every column of ``table``; the row is checked as a whole by what checks the packaged file."""

    table = ""

    class Meta:
        model = Edit
        fields = ("in_use",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial |= self.instance.cells
            for name in EDITABLE[self.table].key:
                # Another key is another row: add it, and take this one out.
                self.fields[name].disabled = True

    @property
    def cells(self) -> Cells:
        return {name: str(self.cleaned_data.get(name) or "") for name in EDITABLE[self.table].columns}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                rows_check(table=self.table, rows=[self.cells], in_use=bool(cleaned.get("in_use")))
            except Invalid as problem:
                raise forms.ValidationError([problem_text(each) for each in problem.problems[""]]) from None
            if not self.instance.pk and self._says_nothing_new():
                raise forms.ValidationError(gettext("This row holds already, as it stands: change something in it."))
        return cleaned

    def _says_nothing_new(self) -> bool:
        table = EDITABLE[self.table]
        held = {line.key: dict(line.cells) for line in table.lines()}.get(table.key_of(self.cells))
        return held == dict(self.cells) and bool(self.cleaned_data.get("in_use"))


def row_form(table: str, model: type[Edit]) -> type[RowForm]:
    fields = {name: _field(table, name) for name in EDITABLE[table].columns}
    meta = type("Meta", (RowForm.Meta,), {"model": model})
    return type("TableRowForm", (RowForm,), {**fields, "table": table, "Meta": meta})


def _field(table: str, name: str) -> forms.Field:
    cell = columns.cell(table, name)
    options: dict[str, Any] = {
        "label": _(columns.label(table, name)), "required": not cell.optional, "initial": cell.start,
        "help_text": _(cell.help) if cell.help else "",
    }  # fmt: skip
    if (choices := cell.choices) is not None:
        # Read for each form: devices come and go.
        return forms.ChoiceField(choices=lambda: [(key, _(label)) for key, label in choices.items()], **options)
    wide = name in ("source", "note")
    return forms.CharField(max_length=500, widget=forms.TextInput(attrs={"size": 80 if wide else 30}), **options)


class RowAdmin(admin.ModelAdmin):
    """Rows that differ from the packaged ones. Deleting one brings the packaged row back."""

    table = ""
    list_display = ("key", "in_use", "updated_by", "updated_at")
    list_filter = ("in_use",)
    list_select_related = ("updated_by",)
    search_fields = ("key", "cells")
    show_full_result_count = False
    change_list_template = "admin/catalogue/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(table=self.table)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        return row_form(self.table, self.model)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        groups = columns.GROUPS.get(self.table, (("", EDITABLE[self.table].columns),))
        named = [(_(title) if title else None, {"fields": names}) for title, names in groups]
        return [*named, (None, {"fields": ("in_use",)})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        in_use = form.cleaned_data["in_use"]
        rows_save(table=self.table, rows=[form.cells], in_use=in_use, by=_person(request), how=ADMIN)
        key = EDITABLE[self.table].key_of(form.cells)
        obj.table, obj.key = self.table, key
        obj.pk = Edit.objects.get(table=self.table, key=key).pk  # for the admin's own log

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        rows_reset(edits=[obj], by=_person(request), how=ADMIN)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows_reset(edits=list(queryset), by=_person(request), how=ADMIN)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return self._or_told(request, lambda: super(RowAdmin, self).delete_view(request, object_id, extra_context))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {**(extra_context or {}), "import_url": reverse(f"admin:{self._import}")}
        return self._or_told(request, lambda: super(RowAdmin, self).changelist_view(request, context))

    def _or_told(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        """What calculators start from stays: say so where Django's views know only of success."""
        try:
            with transaction.atomic():
                return view()
        except Invalid as problem:
            messages.error(request, problem_text(problem.problems[""][0]))
            return redirect(f"admin:{self._list}")

    @property
    def _list(self) -> str:
        return f"catalogue_{self.model._meta.model_name}_changelist"

    @property
    def _import(self) -> str:
        return f"catalogue_{self.model._meta.model_name}_import"

    # Imports

    def get_urls(self) -> list[URLPattern]:
        page = path("import/", self.admin_site.admin_view(self.import_view), name=self._import)
        return [page, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A dry run of a file first; then the rows that it accepted, signed, are written on a second click."""
        if not self.has_add_permission(request):
            return redirect("admin:index")
        form = (PricesForm if self.table == PRICES else ImportForm)(request.POST or None, request.FILES or None)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import"),
            "opts": self.model._meta,
            "form": form,
            "list_url": reverse(f"admin:{self._list}"),
            "columns": ", ".join(EDITABLE[self.table].columns),
        }
        if request.method == "POST" and "accepted" in request.POST:
            return self._write(request)
        if request.method == "POST" and form.is_valid():
            context |= self._dry_run(form)
        return render(request, "admin/catalogue/import.html", context)

    def _dry_run(self, form: ImportForm) -> dict[str, Any]:
        file: UploadedFile = form.cleaned_data["file"]
        said = {name: text for name, text in form.cleaned_data.items() if name != "file"}
        try:
            report = rows_import(table=self.table, given=file.read(), name=file.name or "", by=None, dry=True, **said)
        except Invalid as problem:
            for each in problem.problems[""]:
                form.add_error("file", problem_text(each))
            return {}
        kept = signing.dumps([self.table, file.name, report.accepted], salt=SALT, compress=True)
        return {"report": report, "refused": _refused_lines(report), "name": file.name, "accepted": kept}

    def _write(self, request: HttpRequest) -> HttpResponse:
        try:
            table, name, rows = signing.loads(request.POST["accepted"], salt=SALT, max_age=KEPT_SECONDS)
            changed = rows_save(table=table, rows=rows, by=_person(request), how=f"import of {name}"[:200])
        except signing.BadSignature:
            refusal = gettext("These rows were checked more than an hour ago. Import the file again.")
            messages.error(request, refusal)
            return redirect(f"admin:{self._import}")
        except Invalid as problem:
            messages.error(request, problem_text(problem.problems[""][0]))
            return redirect(f"admin:{self._import}")
        messages.success(request, ngettext("%d row is written.", "%d rows are written.", changed) % changed)
        return redirect(f"admin:{self._list}")


@admin.register(AcceleratorEdit)
class AcceleratorAdmin(RowAdmin):
    table = "accelerators"


@admin.register(PriceEdit)
class PriceAdmin(RowAdmin):
    table = PRICES


@admin.register(PurchaseEdit)
class PurchaseAdmin(RowAdmin):
    table = "purchases"


@admin.register(ApiPriceEdit)
class ApiPriceAdmin(RowAdmin):
    table = "api_prices"


@admin.register(ArchitectureEdit)
class ArchitectureAdmin(RowAdmin):
    table = "architectures"


@admin.register(RegionEdit)
class RegionAdmin(RowAdmin):
    table = "regions"


@admin.register(ElectricityEdit)
class ElectricityAdmin(RowAdmin):
    table = "electricity"


@admin.register(SalaryEdit)
class SalaryAdmin(RowAdmin):
    table = "salaries"


class ImportForm(forms.Form):
    file = forms.FileField(label=_("CSV file"), help_text=_("With a heading. What may be empty may also be left out."))


class PricesForm(ImportForm):
    file = forms.FileField(label=_("CSV file"), help_text=_("Our own columns, or those of SkyPilot's catalogue."))
    seller = forms.CharField(
        label=_("Seller"), required=False, max_length=80, help_text=_("SkyPilot's files only: whose prices they are.")
    )
    month = forms.CharField(
        label=_("Month"), required=False, max_length=7, help_text=_("SkyPilot's files only: such as 2026-06.")
    )
    source = forms.CharField(
        label=_("Source"), required=False, max_length=300, help_text=_("SkyPilot's files only; empty: its repository.")
    )


def _refused_lines(report: Report) -> list[tuple[int, str]]:
    return [(each.line, problem_text(each.problem)) for each in sorted(report.refused, key=lambda each: each.line)]


@admin.register(Change)
class ChangeAdmin(admin.ModelAdmin):
    """History: to be read."""

    list_display = ("created_at", "table", "key", "before_json", "after_json", "how", "by")
    list_filter = ("table",)
    list_select_related = ("by",)
    date_hierarchy = "created_at"
    search_fields = ("key", "how", "by__email")
    show_full_result_count = False

    @admin.display(description=_("before"))
    def before_json(self, change: Change) -> SafeString:
        return _cells(change.before, change.after)

    @admin.display(description=_("after"))
    def after_json(self, change: Change) -> SafeString:
        return _cells(change.after, change.before)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _cells(cells: Any, other: Any) -> SafeString:
    """What differs from the other state; all of a row that has no other."""
    if cells is None:
        return format_html("–")
    told = {name: text for name, text in cells.items() if other is None or other.get(name) != text}
    return format_html("<code>{}</code>", json.dumps(told, ensure_ascii=False))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody in who did not sign in"
    return request.user
