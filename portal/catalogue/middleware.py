"""One catalogue for the whole of a request: what was there when inputs were read is there when they are computed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from portal.planning.catalog.edits import steady


@sync_and_async_middleware
def one_catalogue(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Django middleware; costs a context variable."""
    if iscoroutinefunction(get_response):
        answer: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = get_response

        async def waiting(request: HttpRequest) -> HttpResponseBase:
            with steady():
                return await answer(request)

        return waiting

    def direct(request: HttpRequest) -> HttpResponseBase:
        with steady():
            response: HttpResponseBase = get_response(request)
            return response

    return direct
