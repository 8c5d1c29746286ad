"""What every list of the API answers: numbered pages of bounded size."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView


class Pages(PageNumberPagination):
    page_size, page_size_query_param, max_page_size = 50, "page_size", 200


PARAMETERS = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1}, description="Counted from 1."),
    OpenApiParameter(
        "page_size", {"type": "integer", "minimum": 1, "maximum": Pages.max_page_size, "default": Pages.page_size}
    ),
]


def paged(view: APIView, rows: Any, serializer: type[serializers.BaseSerializer]) -> Response:
    """One page of ``rows`` as the request asks for it. An unknown page is not there (404)."""
    pages = Pages()
    page: Any = pages.paginate_queryset(rows, view.request, view=view)
    return pages.get_paginated_response(serializer(page, many=True).data)


def described(serializer: type[serializers.BaseSerializer], operation_id: str, *more: OpenApiParameter) -> Any:
    """How a list of ``serializer`` stands in the OpenAPI document."""
    name = serializer.__name__.removesuffix("Serializer")
    fields = {
        "count": serializers.IntegerField(help_text="Of all pages."),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializer(many=True),
    }
    page = type(f"{name}PageSerializer", (serializers.Serializer,), fields)
    return extend_schema(operation_id=operation_id, parameters=[*PARAMETERS, *more], responses=page)
