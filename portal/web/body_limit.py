"""An ASGI wrapper that stops reading a request at the size of the largest that the portal takes.

Django puts a whole body on the disk before any of its code can look at it, so a limit inside it cannot keep a large
one away.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def with_body_limit(application: Application, *, most: int) -> Application:
    """``application``, never given more than ``most`` bytes of body; a request with more is answered 413."""

    async def limited(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        if _declared(scope) > most:
            return await _refuse(scope, send, most)
        received, exceeded = 0, False

        async def counted() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received <= most:
                return message
            # Django takes it for a client that went away: it drops what it has and answers nothing.
            exceeded = True
            return {"type": "http.disconnect"}

        await application(scope, counted, send)
        if exceeded:
            await _refuse(scope, send, most)
        return None

    return limited


def _declared(scope: dict[str, Any]) -> int:
    lengths = [value for name, value in scope.get("headers", ()) if name == b"content-length"]
    # Nineteen digits are more than any limit, and Python refuses to read thousands of them.
    return int(lengths[0][:19]) if lengths and lengths[0].isdigit() else 0


async def _refuse(scope: dict[str, Any], send: Send, most: int) -> None:
    detail = f"Wanted a request of at most {most:,} bytes, got a larger one."
    if scope["path"].startswith("/api/"):
        kind, body = b"application/problem+json", _problem(scope["path"], detail)
    else:
        kind, body = b"text/plain; charset=utf-8", detail.encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _problem(path: str, detail: str) -> bytes:
    told = {"type": "about:blank", "title": "Request Entity Too Large", "status": 413, "detail": detail,
            "instance": path, "code": "too_large"}  # fmt: skip
    return json.dumps(told).encode()
