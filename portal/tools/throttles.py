"""How often visitors may calculate by the API, said in the headers of every answer.

Counts are DRF's, in the cache; they are not atomic, so a burst may pass a few calls more. That is enough for
calculations that take milliseconds; demo runs have a strict count of their own in ``portal.jobs``.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView


class VisitorRate(AnonRateThrottle):
    """Signed-in people are not counted."""

    scope = "visitor"
    num_requests: int
    duration: int  # seconds

    def get_rate(self) -> str:
        return settings.API_RATE

    def allow_request(self, request: Request, view: APIView) -> bool:
        allowed = super().allow_request(request, view)
        if getattr(self, "history", None) is not None:
            setattr(request, _COUNT, self._headers())
        return allowed

    def _headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it."""
        left = max(self.num_requests - len(self.history), 0)
        oldest = self.history[-1] if self.history else self.now
        until = math.ceil(max(self.duration - (self.now - oldest), 0))
        return {
            "RateLimit-Policy": f'"visitor";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"visitor";r={left};t={until}',
        }


def admit(request: HttpRequest) -> None:
    """Count the request of a page that calculates as a call of the API.

    Raises:
        Throttled: the visitor has made as many as they may.
    """
    rate = VisitorRate()
    # DRF's throttles are asked with its requests; this one reads what Django's have too, and no view.
    if not rate.allow_request(request, APIView()):  # type: ignore[arg-type]
        raise Throttled(rate.wait())


_COUNT = "_rate_limit_headers"


def headers_of(request: Any) -> dict[str, str]:
    """What the throttle of this request says; empty for who is not counted."""
    return getattr(request, _COUNT, {})
