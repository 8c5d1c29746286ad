"""The root of the API and its OpenAPI document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from portal.planning.catalog.edits import version

ROOMS = {
    "calculators": "tools-api:calculators",
    "scenarios": "plans-api:scenarios",
    "tasks": "demos-api:tasks",
    "uploads": "demos-api:uploads",
    "jobs": "jobs-api:jobs",
    "catalogue": "catalogue-api:catalogue",
    "scorecard": "scorecard-api:scorecard",
    "schema": "api:schema",
}
"""What the root leads to: the name of each collection and of its address."""


class RootView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="root",
        responses={(200, "application/json"): {"type": "object", "additionalProperties": {"type": "string"}}},
    )
    def get(self, request: Request) -> Response:
        """The collections of the API, by name."""
        return Response({room: reverse(name, request=request) for room, name in ROOMS.items()})


def _document() -> dict[str, Any]:
    """The whole API as OpenAPI; it follows from the code and from what the catalogue offers now."""
    return _generated(version())


@lru_cache(maxsize=1)
def _generated(_catalogue: int) -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


class SchemaView(APIView):
    permission_classes = [AllowAny]
    renderer_classes = [OpenApiYamlRenderer, OpenApiJsonRenderer]

    @extend_schema(operation_id="schema", responses={(200, "application/vnd.oai.openapi"): {"type": "object"}})
    def get(self, request: Request) -> Response:
        """This document, as YAML or, with ``?format=json``, as JSON."""
        return Response(_document())


@csrf_exempt  # nothing is done here, and who sends what to a wrong address is to be told just that
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """An address of the API that does not exist; said by ``portal.api.errors.not_found``, in English and as JSON."""
    raise Http404
