"""What a visitor wanted to save, kept in the session while they sign in."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators

KEY = "plans.pending"
MOST_BYTES = 64_000


def pending_keep(request: HttpRequest, *, calculator: Calculator, given: dict[str, Any], name: str) -> None:
    """``given`` are inputs that ``read_inputs`` took. What is too large for a session is not kept."""
    if len(json.dumps(given)) <= MOST_BYTES:
        request.session[KEY] = {"calculator": calculator.slug, "given": given, "name": name}


def pending_take(request: HttpRequest) -> tuple[Calculator, dict[str, Any], str] | None:
    """What was kept, once: calculator, inputs and name."""
    kept = request.session.pop(KEY, None)
    calculator = all_calculators().get(kept["calculator"]) if kept else None
    return (calculator, kept["given"], kept["name"]) if kept and calculator else None
