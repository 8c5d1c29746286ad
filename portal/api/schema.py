"""What the OpenAPI document says of the whole API: its errors, and the components that derive from declarations."""

from __future__ import annotations

from typing import Any

from portal.derive.problems import MEDIA_TYPE
from portal.derive.serializers import add_components, reference

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 has it.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wanted, what came, what to do."},
        "instance": {"type": "string", "description": "The address that was asked for."},
        "code": {"type": "string", "description": "For programs: it stays the same when words change."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "The value, as a JSON pointer: #/one_offs/0/amount."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code"],
}


def only_versioned(endpoints: list[tuple[str, str, str, Any]], **_given: Any) -> list[tuple[str, str, str, Any]]:
    """Leave out what is not part of the public API, such as views that pages use."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the derived components, and to every operation what it answers when it refuses."""
    result = add_components(result)
    result["components"]["schemas"] = dict(sorted({**result["components"]["schemas"], "Problem": PROBLEM}.items()))
    refusal = {"description": "Refused.", "content": {MEDIA_TYPE: {"schema": reference("Problem")}}}
    for path in result["paths"].values():
        for method in METHODS:
            if method in path:
                path[method]["responses"].setdefault("default", refusal)
    return result
