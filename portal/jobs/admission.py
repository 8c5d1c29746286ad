"""Who may start what: training needs an account, interactive demos are counted.

The count lives in the cache, where adding one and reading the sum is one step, so that requests which come together
are all counted. Visitors are counted by session and by address, since a session costs them nothing; people who
signed in are counted by account. When the count cannot be kept, visitors are refused: a limit that fails open is none.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, Throttled

from portal.accounts.models import User

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_RATE = re.compile(r"(\d{1,6})\s*/\s*([smhd])")
UNCOUNTED_WAIT = 5  # seconds

logger = logging.getLogger(__name__)


class Uncounted(APIException):
    """The store of counts is away, so a visitor cannot be admitted now."""

    status_code = 503
    default_code = "uncounted"
    wait = UNCOUNTED_WAIT


def may_train(user: User | AnonymousUser | None) -> bool:
    """Training is for people with an account: it takes a worker for long and keeps what it makes."""
    return user is not None and user.is_authenticated and user.is_active


def rate_read(text: str) -> tuple[int, int]:
    """``"20/m"`` as (20, 60 s).

    Raises:
        ImproperlyConfigured: for anything else.
    """
    found = _RATE.fullmatch(text.strip())
    if not found:
        raise ImproperlyConfigured(f"DEMO_RATE: wanted a count per s, m, h or d such as 20/m, got {text!r}")
    return int(found[1]), _SECONDS[found[2]]


def demo_admit(*, user: User | AnonymousUser | None, visitor: str, address: str) -> None:
    """Count one demo run.

    Raises:
        Throttled: the rate is used up; ``wait`` says for how many seconds.
        Uncounted: the counts are out of reach and nobody is signed in.
    """
    limit, window = rate_read(settings.DEMO_RATE)
    signed_in = user is not None and user.is_authenticated
    names = [f"user:{user.pk}"] if user and signed_in else [f"visitor:{visitor}", f"address:{_network(address)}"]
    now = time.time()
    try:
        counts = [_count(f"demo:{name}:{int(now // window)}", window) for name in names]
    except Exception as problem:  # each cache raises errors of its own
        logger.warning("demo runs cannot be counted: %s", problem)
        if signed_in:
            return
        raise Uncounted(_("The portal cannot count demo runs at the moment. Try again in a few seconds.")) from problem
    if max(counts) > limit:
        wait = window - now % window
        detail = _("Visitors may start {limit} demo runs in {seconds} seconds, and these are used up.")
        raise Throttled(wait=wait, detail=detail.format(limit=limit, seconds=window))


def _count(key: str, window: int) -> int:
    cache.add(key, 0, timeout=2 * window)
    return cache.incr(key)


def _network(address: str) -> str:
    """One household or company: an IPv6 network is given whole to one customer."""
    try:
        ip: Any = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
