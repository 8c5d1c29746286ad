"""The catalogue by the API: the tables, and the rows of each in a component of its own."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from portal.catalogue.described import TABLES, CatalogueTable
from portal.catalogue.present import entries
from portal.derive.schema import component_name
from portal.planning.catalog.age import MONTHS
from portal.tools.api import CalculatorView


class CatalogueTableSerializer(serializers.Serializer):
    table = serializers.CharField(help_text="Its name in addresses.")
    title = serializers.CharField()
    summary = serializers.CharField()
    rows = serializers.IntegerField()
    stale_after_months = serializers.IntegerField(allow_null=True, help_text="Null: its rows do not age.")
    url = serializers.URLField()


class CatalogueView(CalculatorView):
    @extend_schema(operation_id="catalogue_list", responses=CatalogueTableSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every table of the catalogue."""
        return Response(
            [
                {
                    "table": table.slug,
                    "title": table.title,
                    "summary": table.summary,
                    "rows": len(table.rows()),
                    "stale_after_months": MONTHS[table.name],
                    "url": reverse(f"catalogue-api:{table.slug}", request=request),
                }
                for table in TABLES
            ]
        )


def table_urls() -> list[URLPattern]:
    """An address for each table, so that the OpenAPI document has the exact row of each."""
    return [path(f"{table.slug}/", _view(table), name=table.slug) for table in TABLES]


def _view(table: CatalogueTable) -> Any:
    row = _row_serializer(table)

    class TableView(CalculatorView):
        @extend_schema(
            operation_id=f"catalogue_{table.slug.replace('-', '_')}_list", responses=row(many=True),
            description=f"{table.summary} All rows that hold now.",
        )  # fmt: skip
        def get(self, request: Request) -> Response:
            return Response([_row(dict(entry.values), entry.edited) for entry in entries(table)])

    return TableView.as_view()


def _row(values: dict[str, Any], edited: bool) -> dict[str, Any]:
    return {**values, "as_of": f"{values['as_of']:%Y-%m}", "edited": edited}


def _row_serializer(table: CatalogueTable) -> type[serializers.Serializer]:
    fields: dict[str, Any] = {}
    for column in table.columns:
        told = f"{column.label}, {column.unit}" if column.unit else column.label
        field = serializers.CharField if column.unit is None else serializers.FloatField
        fields[column.name] = field(help_text=told, allow_null=True)
    fields |= {
        "status": serializers.ChoiceField(["current", "stale", "superseded"]),
        "as_of": serializers.CharField(help_text="The month in which it held, such as 2026-06."),
        "source": serializers.CharField(),
        "note": serializers.CharField(allow_blank=True),
        "edited": serializers.BooleanField(help_text="Whether whoever runs this portal put it there."),
    }
    return type(f"{component_name(table.slug, 'CatalogueRow')}Serializer", (serializers.Serializer,), fields)
