"""Errors of plain Django views in the form of RFC 9457, as the API writes them."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse


def problem(request: HttpRequest, status: int, code: str, detail: str, *, retry_after: int = 0) -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
    }
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)
