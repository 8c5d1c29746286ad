"""What was read of a package, and why one was refused, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.derive.problems import problem
from portal.planning.interchange.reading import Imported
from portal.planning.interchange.report import Loss, PackageRefused


def imported_body(imported: Imported, inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "issuer": imported.issuer,
        "as_of": imported.as_of.isoformat(),
        "currency": imported.currency,
        "read": dict(imported.read),
        "made": dict(imported.made),
        "losses": losses_body(imported.losses),
        "inputs": inputs,
    }


def losses_body(losses: Iterable[Loss]) -> list[dict[str, Any]]:
    return [
        {"kind": loss.kind, "text": str(loss.problem), "left_out": loss.whole, "ids": list(loss.ids)} for loss in losses
    ]


def refused_body(refused: PackageRefused, instance: str) -> dict[str, Any]:
    """A problem document (RFC 9457) that names file, object and field of every fault beside the pointer to it."""
    errors = [
        {
            "pointer": "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in _parts(fault)),
            "code": "invalid", "detail": str(fault.problem), "file": fault.file, "object": fault.object_id,
            "field": fault.field,
        }
        for fault in refused.faults
    ]  # fmt: skip
    told = f"The package was refused for {len(refused.faults) + refused.more} reasons; nothing of it was taken."
    return problem(400, code="package_refused", detail=told, instance=instance, errors=errors)


def _parts(fault: Any) -> list[str]:
    return [part for part in (fault.file, fault.object_id, *fault.field.split(".")) if part]
