"""The same by REST: a package in, and figures out as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from mlcore.reading import Invalid, Problem, read_inputs
from portal.derive.problems import MEDIA_TYPE as PROBLEM
from portal.derive.serializers import reference
from portal.interchange.bodies import imported_body, refused_body
from portal.interchange.exports import CAP_TABLE, MEDIA_TYPES, export, package, suffixes
from portal.interchange.forms import read_issuer
from portal.interchange.packages import inputs_of, package_read
from portal.planning.interchange.report import PackageRefused
from portal.planning.interchange.writing import packed
from portal.planning.registry import all_calculators
from portal.tools.api import CalculatorView

_ZIP, _JSON = "application/zip", "application/json"
_REFUSED = {(400, PROBLEM): OpenApiResponse(reference("Problem"), "What was refused, by file, object and field.")}
_INPUTS = {"type": "object", "description": "The inputs of the calculator; what is left out has its starting value."}
_ISSUER = {
    "type": "object", "required": ["name", "formed", "country"], "additionalProperties": False,
    "properties": {
        "name": {"type": "string"}, "formed": {"type": "string", "format": "date"},
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
}  # fmt: skip


class OpenPackageView(CalculatorView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="interchange_ocf_read", tags=["interchange"],
        request={"multipart/form-data": {
            "type": "object", "required": ["file"],
            "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
        }},
        responses={(200, _JSON): {"type": "object"}, **_REFUSED},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Read an Open Cap Format 1.2.0 package: one ZIP archive, or its JSON files, each as a part called `file`.

        Answers what was read, what is lost, and the inputs of the cap table. Nothing is stored.
        """
        try:
            imported = package_read([(file.name or "", file.read()) for file in request.FILES.getlist("file")])
        except PackageRefused as refused:
            return Response(refused_body(refused, request.path), status=400, content_type=PROBLEM)
        return Response(imported_body(imported, inputs_of(imported)))


class WritePackageView(CalculatorView):
    @extend_schema(
        operation_id="interchange_ocf_write", tags=["interchange"],
        request={_JSON: {
            "type": "object", "required": ["issuer"], "additionalProperties": False,
            "properties": {"inputs": _INPUTS, "issuer": _ISSUER},
        }},
        responses={(200, _ZIP): OpenApiTypes.BINARY, **_REFUSED},
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """The cap table as an Open Cap Format 1.2.0 package, a ZIP archive, on the day that the inputs name."""
        given = _object(request.data, {"inputs", "issuer"})
        calculator = all_calculators()[CAP_TABLE]
        issuer = read_issuer(_object(given.get("issuer", {}), None))
        inputs: Any = read_inputs(calculator.inputs, given.get("inputs", {}))
        return _file(packed(package(inputs, issuer).files), _ZIP, "cap-table.ocf.zip")


class ExportView(CalculatorView):
    @extend_schema(
        operation_id="interchange_export", tags=["interchange"], request={_JSON: _INPUTS},
        parameters=[
            OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as round."),
            OpenApiParameter("suffix", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(MEDIA_TYPES),
                             description="xlsx has live formulas; csv is of the cap table alone."),
        ],
        responses={(200, MEDIA_TYPES["xlsx"]): OpenApiTypes.BINARY, **_REFUSED},
    )  # fmt: skip
    def post(self, request: Request, slug: str, suffix: str) -> HttpResponse:
        """One calculation as a file, every range at its median."""
        calculator = all_calculators().get(slug)
        if calculator is None or suffix not in suffixes(calculator):
            raise NotFound(f"There is no file “{slug[:60]}.{suffix[:10]}”.")
        inputs: Any = read_inputs(calculator.inputs, request.data)
        return _file(export(calculator, inputs, suffix), MEDIA_TYPES[suffix], f"{slug}.{suffix}")


def _object(given: Any, names: set[str] | None) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Invalid({"": [Problem("Wanted an object.", {})]})
    if names is not None and (unknown := set(given) - names):
        problem = Problem("Wanted the fields {names} alone.", {"names": ", ".join(sorted(names))})
        raise Invalid({str(min(unknown))[:60]: [problem]})
    return given


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
