"""What templates know about accounts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def sign_up(request: HttpRequest) -> dict[str, bool]:
    """``SIGN_UP``: whether visitors may open an account."""
    return {"SIGN_UP": settings.SIGN_UP}
