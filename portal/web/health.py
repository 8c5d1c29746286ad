"""Two questions that machines ask: is the process alive, and could it serve people now.

``/healthz`` looks at nothing but the process, so that a supervisor does not restart it for what lies elsewhere.
``/readyz`` looks at what configuration says the portal needs; 503 when any of it is missing.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable

import redis
from celery.signals import heartbeat_sent, worker_ready
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

HEARTBEAT = "worker-heartbeat"
HEARTBEAT_SECONDS = 30  # a worker beats every two seconds
FREE_BYTES = 200_000_000  # room that uploads and checkpoints need at the least
TIMEOUT = 1.0  # seconds

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    answers = {name: _answer(name, check) for name, check in CHECKS.items()}
    ready = all(answer == "ok" for answer in answers.values())
    answer = JsonResponse({"status": "ok" if ready else "unready", "checks": answers}, status=200 if ready else 503)
    setattr(answer, "_has_been_logged", True)  # noqa: B010  Django would call each 503 an error of the server
    return answer


def _answer(name: str, check: Callable[[], str]) -> str:
    """ "ok" or a sentence that anyone may read; what exactly failed is in the log."""
    try:
        return check() or "ok"
    except Exception as problem:  # each store raises errors of its own
        logger.error("the readiness check %r failed: %s", name, problem)
        return "failed: see the log"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are not applied: run `make install`" if missing else ""


def _redis() -> str:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as client:
        client.ping()
    return ""


def _worker() -> str:
    return "" if cache.get(HEARTBEAT) else f"no worker was seen in the last {HEARTBEAT_SECONDS} seconds"


def _disk() -> str:
    free = shutil.disk_usage(settings.STATE).free
    if not os.access(settings.STATE, os.W_OK):
        return "the state folder cannot be written"
    return "" if free >= FREE_BYTES else f"only {free // 1_000_000} MB are free, wanted {FREE_BYTES // 1_000_000} MB"


CHECKS = {"database": _database, "migrations": _migrations, "redis": _redis, "worker": _worker, "disk": _disk}


def beat(**_: object) -> None:
    """Runs in the worker: leaves word that it lives. A cache that is away is noticed by ``readyz`` itself."""
    try:
        cache.set(HEARTBEAT, time.time(), HEARTBEAT_SECONDS)
    except redis.RedisError:
        logger.debug("the heartbeat could not be written", exc_info=True)


worker_ready.connect(beat, dispatch_uid="portal.web.health")
heartbeat_sent.connect(beat, dispatch_uid="portal.web.health")
