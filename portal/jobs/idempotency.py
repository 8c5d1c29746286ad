"""The ``Idempotency-Key`` header of requests that create a job.

A creating endpoint passes ``key_of(request)`` to ``job_submit`` and lets ``KeyReused`` become ``Reused``: the same key
with the same body returns the same job for a day, with another body it is refused with 422.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request

from portal.jobs.services import KeyReused

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Up to 255 printable ASCII characters without spaces. A repetition of the request with the same key "
    "returns the job that the first one made.",
)


class Reused(APIException):
    status_code = 422
    default_code = "idempotency_key_reused"


def key_of(request: Request | HttpRequest) -> str:
    """The request's key; empty when it brings none.

    Raises:
        ValidationError: it is too long or holds other characters.
    """
    key = request.headers.get("Idempotency-Key", "")
    if key and not _KEY.fullmatch(key):
        raise ValidationError(
            _("Wanted an Idempotency-Key of 1 to 255 printable ASCII characters without spaces, got another.")
        )
    return key


@contextmanager
def answered() -> Iterator[None]:
    """Within it, a reused key becomes the API's answer."""
    try:
        yield
    except KeyReused as refusal:
        raise Reused(str(refusal)) from refusal
