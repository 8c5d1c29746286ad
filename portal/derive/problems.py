"""Problem documents (RFC 9457): how the API and the command line say that inputs were refused.

``{type, title, status, detail, instance, code, errors: [{pointer, code, detail}]}``: ``code`` is for programs, the
rest for people; ``errors`` names every value that was refused, by JSON pointer. Texts are English: a program's log
should read the same whatever its user's language.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mlcore.reading import Invalid

MEDIA_TYPE = "application/problem+json"
LONGEST = 2_000  # characters of a detail that joins many


def problem(
    status: int, *, code: str, detail: str, instance: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
    }
    return {**body, "errors": errors} if errors else body


def invalid(refused: Invalid, instance: str) -> dict[str, Any]:
    """The document of inputs that were refused."""
    told = [(path, str(found)) for path, problems in refused.problems.items() for found in problems]
    errors = [{"pointer": pointer(path), "code": "invalid", "detail": text} for path, text in told]
    detail = "; ".join(f"{path}: {text}" if path else text for path, text in told)
    return problem(400, code="invalid", detail=detail[:LONGEST], instance=instance, errors=errors)


def pointer(path: str) -> str:
    """``one_offs.0.amount`` as the fragment of RFC 6901: ``#/one_offs/0/amount``."""
    return "#" + "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path.split(".") if part)
