"""Errors of pages: a whole page, or a fragment where htmx asked for one. The API has problem+json of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework.exceptions import APIException

# Status: what happened, and what to do about it.
TEXTS: dict[int, tuple[Any, Any]] = {
    400: (_("This request cannot be read"),
          _("The address or the form was damaged on its way. Go back, load the page again and repeat it.")),
    401: (_("Please sign in"), _("This needs an account.")),
    403: (_("This is not open to you"),
          _("Sign in with an account that may see it, or ask whoever runs this portal.")),
    404: (_("There is nothing here"),
          _("The address may be mistyped, what it led to may be deleted, or it belongs to another workspace.")),
    409: (_("Someone else was quicker"), _("This was changed in the meantime. Load the page again and repeat it.")),
    413: (_("This is too large"), _("Send less: the largest size that is taken stands beside the upload.")),
    429: (_("Too many at once"), _("You have started many runs in a short time. Wait a little, then try again.")),
    503: (_("Not just now"), _("A part of this portal is away. Wait a little, then try again.")),
}  # fmt: skip
OUTDATED_FORM = _(
    "This form was open for too long, or cookies are blocked. Load the page again, then send it once more."
)


def error_response(request: HttpRequest, status: int, detail: Any = "", wait: float | None = None) -> HttpResponse:
    """The page or fragment of an error; ``wait`` is seconds after which to try again."""
    title, text = TEXTS.get(status, TEXTS[400])
    seconds = math.ceil(wait) if wait else 0
    context = {
        "status": status,
        "error_title": title,
        "error_text": detail or text,
        "wait": ngettext("Try again in %d second.", "Try again in %d seconds.", seconds) % seconds if seconds else "",
    }
    template = "errors/fragment.html" if request.headers.get("HX-Request") else "errors/page.html"
    response = render(request, template, context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


class PageErrors:
    """Middleware: what services raise for a refusal (DRF's exceptions) is told in a page where a page was asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, APIException):
            return None
        # The exceptions' own words are for programs; where a service has written a sentence it stands in ``detail``.
        own = "" if problem.detail == problem.default_detail else problem.detail
        return error_response(request, problem.status_code, own, getattr(problem, "wait", None))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 413 if isinstance(exception, RequestDataTooBig | TooManyFieldsSent) else 400)


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 404)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(request, 403, OUTDATED_FORM)


def server_error(request: HttpRequest) -> HttpResponse:
    """Says only what needs neither database nor session: either may be what failed."""
    template = "errors/500_fragment.html" if request.headers.get("HX-Request") else "500.html"
    return HttpResponse(render_to_string(template), status=500)
