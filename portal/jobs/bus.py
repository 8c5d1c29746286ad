"""How processes tell one another what happened to a job: one Redis channel, best effort.

Whatever is told here is in the database already. A message that is lost costs a watcher some delay and nothing
else: it sees the gap by ``prev`` and reads the events from the record (``stream``).
"""

from __future__ import annotations

import logging
import time
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.jobs import strict

CHANNEL = "plumbline:job-events"
TIMEOUT = 1.0  # seconds that a writer may lose to a Redis that does not answer
PAUSE = 5.0  # seconds without trying after a failure

logger = logging.getLogger(__name__)
_quiet_until = 0.0  # on the monotonic clock


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
    )


def publish(message: dict[str, Any]) -> None:
    """Tell whoever listens. Never raises: a Redis that is away must not fail a job or a request."""
    global _quiet_until
    if not settings.REDIS_URL or time.monotonic() < _quiet_until:
        return
    try:
        _client().publish(CHANNEL, strict.dumps(message))
    except (redis.RedisError, OSError) as problem:
        _quiet_until = time.monotonic() + PAUSE
        logger.warning("events are not published for %.0f s, watchers poll: %s", PAUSE, problem)
