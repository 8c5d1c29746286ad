"""Errors of the API as problem documents (RFC 9457, see ``portal.derive.problems``).

DRF calls ``handler``; Django's own errors below ``/api/`` (unknown addresses, bodies that are too large, faults) come
through the ``handler4xx`` of ``portal.urls``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.response import Response

from mlcore.reading import Invalid
from portal.derive.problems import MEDIA_TYPE, invalid, pointer, problem
from portal.web import errors as pages

PREFIX = "/api/"


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """What DRF answers to an exception; None leaves a fault to Django, which logs it and asks ``server_error``."""
    instance = context["request"].path
    if isinstance(exc, Invalid):
        return _response(invalid(exc, instance))
    known = _known(exc)
    if known is None:
        return None
    headers = {}
    if isinstance(exc, exceptions.APIException):
        if header := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = header
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(math.ceil(wait))
    errors = list(_errors(known.detail)) if isinstance(known, exceptions.ValidationError) else None
    detail = "Some values were refused; see errors." if errors else str(known.detail)
    code = "invalid" if errors else str(getattr(known, "code", None) or known.get_codes())
    return _response(problem(known.status_code, code=code, detail=detail, instance=instance, errors=errors), headers)


# Django's own errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return pages.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return _plain(request, 413, "too_large", "The body is larger than what is taken.")
    return _plain(request, 400, "bad_request", "The request cannot be read.")


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return pages.not_permitted(request, exception)
    return _plain(request, 403, "permission_denied", "This is not open to you.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return pages.not_found(request, exception)
    return _plain(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return pages.server_error(request)
    return _plain(request, 500, "fault", "Something failed here. It was written to the log; the input is not at fault.")


def _known(exc: Exception) -> exceptions.APIException | None:
    """The exception of the framework that says the same as ``exc``."""
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, RequestDataTooBig | TooManyFieldsSent):
        return TooLarge()
    if isinstance(exc, SuspiciousOperation | MultiPartParserError):
        return exceptions.ParseError()
    return None


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(f"Wanted a body of at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes, got a larger one.")


def _errors(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """The leaves of what a serializer refused, each with its pointer."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _errors(inner, path if name == "non_field_errors" else (*path, str(name)))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _errors(inner, (*path, str(index)) if nested else path)
    else:
        yield {
            "pointer": pointer(".".join(path)),
            "code": str(getattr(detail, "code", "invalid")),
            "detail": str(detail),
        }


def _response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _plain(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    body = problem(status, code=code, detail=detail, instance=request.path)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
