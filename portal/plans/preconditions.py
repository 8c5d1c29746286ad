"""ETag and If-Match of scenarios: who writes names the state that they saw (RFC 9110, 13.1.1; RFC 6585, 3)."""

from __future__ import annotations

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from portal.plans.models import Scenario
from portal.plans.services import Stale


class PreconditionFailed(APIException):
    status_code = 412
    default_code = "precondition_failed"


class PreconditionRequired(APIException):
    status_code = 428
    default_code = "precondition_required"


def etag_of(scenario: Scenario) -> str:
    return f'"{scenario.uid}-{scenario.revision}"'


def revision_seen(request: Request, scenario: Scenario) -> int:
    """The revision that the client says it saw.

    Raises:
        PreconditionRequired: no If-Match.
        PreconditionFailed: it saw another than the newest.
    """
    given = request.headers.get("If-Match", "")
    if not given:
        raise PreconditionRequired(
            _("Send If-Match with the ETag of the scenario that you read, so that no one's change is lost.")
        )
    etags = parse_etags(given)
    if etags != ["*"] and etag_of(scenario) not in etags:
        raise stale(scenario.revision)
    return scenario.revision


def stale(revision: int) -> PreconditionFailed:
    return PreconditionFailed(
        _("The scenario was changed meanwhile and is at revision %(revision)d now. Read it again, then save.")
        % {"revision": revision}
    )


def is_known(request: Request, scenario: Scenario) -> bool:
    """Whether the client has this state already (If-None-Match)."""
    etags = parse_etags(request.headers.get("If-None-Match", ""))
    return etags == ["*"] or etag_of(scenario) in [etag.removeprefix("W/") for etag in etags]


__all__ = ["PreconditionFailed", "PreconditionRequired", "Stale", "etag_of", "is_known", "revision_seen", "stale"]
