"""JSON that every database, browser and stream takes: finite numbers, no NUL, no half of a surrogate pair.

Runners report what their libraries give them. A loss that diverged is ``nan``, a token may end in the middle of a
character; neither may fail the write that carries it.
"""

from __future__ import annotations

import json
import math
from typing import Any

MAX_DEPTH = 12


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON types: ``nan`` and infinities become None, what JSON does not know becomes text."""
    if value is None or isinstance(value, bool | int):
        return value if value is None or isinstance(value, bool) else int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return text(value)
    if depth >= MAX_DEPTH:
        return text(str(value))
    if isinstance(value, dict):
        return {text(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    # A number of NumPy or torch says what it is by item().
    return plain(value.item(), depth + 1) if callable(getattr(value, "item", None)) else text(str(value))


def text(value: str) -> str:
    """Without NUL, which PostgreSQL refuses, and without lone surrogates, which UTF-8 has no bytes for."""
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def line(value: str, limit: int) -> str:
    """One log line: without control characters such as a terminal's escapes, cut to ``limit`` characters."""
    shown = "".join(c for c in text(value) if c >= " " or c in "\t\n")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
