"""Acts on a live portal's database for a test: reads one JSON command a line, answers one JSON line each."""

from __future__ import annotations

import json
import sys
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from portal.accounts.models import User  # noqa: E402
from portal.accounts.services import user_open  # noqa: E402
from portal.jobs import services  # noqa: E402
from portal.jobs.models import Job  # noqa: E402


def person() -> User:
    return User.objects.first() or user_open(email="ada@example.com", password="a long password")


def submit(runner: str, payload: dict[str, Any], times: int = 1, **more: Any) -> list[str]:
    given = {"title": "Live", "mode": "training", "owner": person(), **more}
    return [services.job_submit(runner=runner, payload=payload, **given).uid for _ in range(times)]


def cancel(uid: str) -> None:
    services.job_cancel(job=Job.objects.get(uid=uid), by=person())


def look(uid: str) -> dict[str, Any]:
    fields = ("state", "attempt", "fence", "done", "total", "error_kind", "device_seconds", "rings", "results")
    return Job.objects.values(*fields).get(uid=uid)


def waits(uids: list[str]) -> list[float]:
    """Seconds from submit to start."""
    rows = Job.objects.filter(uid__in=uids).order_by("pk")
    return [(row.started_at - row.created_at).total_seconds() for row in rows if row.started_at]


def told(uid: str) -> list[list[Any]]:
    return [[event.kind, event.data] for event in Job.objects.get(uid=uid).events.all()]


def ring(uid: str, times: int) -> None:
    for _ in range(times):
        services.job_ring(Job.objects.get(uid=uid))


def session() -> str:
    """The session key of a browser in which the test's person is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    user, store = person(), SessionStore()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), backend
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


COMMANDS = {f.__name__: f for f in (submit, cancel, look, waits, told, ring, session)}

for line in sys.stdin:
    name, given = json.loads(line)
    try:
        answer = {"ok": COMMANDS[name](**given)}
    except Exception as problem:
        answer = {"problem": f"{type(problem).__name__}: {problem}"}
    print(json.dumps(answer), flush=True)
    connection.close()
