"""Jobs as they happen: server-sent events that lose nothing.

A stream begins with a snapshot of the row, repeats from the record what the reader has not seen (``Last-Event-ID``,
or ``?after=`` for a first connection) and goes on live. The database is the record: it is read at the start, when a
message is missing, at each heartbeat, and every two seconds while Redis is away. Under WSGI a stream would hold a
worker for its whole life, so it is refused there with 501.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.jobs import selectors
from portal.jobs.hub import Hub, Message, Watcher, frame, hub
from portal.jobs.models import Job
from portal.jobs.problems import problem
from portal.jobs.states import TERMINAL

T = TypeVar("T")
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 2.0  # while Redis is away
LIFE_SECONDS = 3600.0  # after which the reader connects again, and is asked again who it is
VIEWERS_MOST = 2000  # of one process
LISTED = 30  # jobs in the snapshot of a list
READ_ROWS = 500
_ID = re.compile(r"\d{1,18}")


@require_GET
async def job_events(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The events of one job, until it ends."""
    refused = _refused(request)
    if refused:
        return refused
    try:
        user, visitor = await _who(request)
        job = await _read(selectors.job_access, user, visitor, uid)
    except AuthenticationFailed as failure:
        return problem(request, 401, "authentication_failed", str(failure.detail))
    except Job.DoesNotExist:
        return problem(request, 404, "not_found", _("You have no job with this id."))
    return _stream(_JobStream(hub(), job.pk, _after(request)).frames())


@require_GET
async def list_events(request: HttpRequest) -> HttpResponseBase:
    """The changes of all of one's jobs, each told with its ``uid``; goes on until the reader leaves."""
    refused = _refused(request)
    if refused:
        return refused
    try:
        user, visitor = await _who(request)
    except AuthenticationFailed as failure:
        return problem(request, 401, "authentication_failed", str(failure.detail))
    return _stream(_list_frames(hub(), user, visitor))


def _refused(request: HttpRequest) -> HttpResponseBase | None:
    if not isinstance(request, ASGIRequest):
        detail = _("Event streams need an ASGI server; this one speaks WSGI. Ask the API for the job instead.")
        return problem(request, 501, "streams_need_asgi", detail)
    if hub().count >= VIEWERS_MOST:
        detail = _("Too many streams are open on this server. Try again in a few seconds.")
        return problem(request, 503, "too_many_streams", detail, retry_after=5)
    return None


async def _who(request: HttpRequest) -> tuple[Any, str]:
    """User and visitor's mark, by session or by the API's ways to authenticate. Raises AuthenticationFailed."""
    if "Authorization" not in request.headers:
        return await request.auser(), await selectors.avisitor_of(request)

    def authenticate() -> Any:
        # A request that brings a token is not also its cookie.
        found = TokenAuthentication().authenticate(Request(request))
        if found is None:
            raise AuthenticationFailed
        return found[0]

    return await _read(authenticate), ""


def _after(request: HttpRequest) -> int:
    given = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(given) if _ID.fullmatch(given) else 0


def _stream(frames: AsyncIterator[str]) -> StreamingHttpResponse:
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(frames, content_type="text/event-stream", headers=headers)


async def _read(function: Callable[..., T], *given: Any) -> T:
    """Ask the database and let go of the connection: a stream lives for long and asks seldom."""

    def call() -> T:
        try:
            return function(*given)
        finally:
            close_old_connections()

    return await sync_to_async(call)()


def _patience(hub: Hub) -> float:
    polls = not settings.REDIS_URL or not hub.is_connected
    return POLL_SECONDS if polls else HEARTBEAT_SECONDS


# --- one job -----------------------------------------------------------------------------------------------------


class _JobStream:
    """What one reader of one job has been told: events up to ``last``."""

    def __init__(self, hub: Hub, job_pk: int, last: int) -> None:
        self._hub, self._job_pk, self._last = hub, job_pk, last
        self._began = self._heard = time.monotonic()

    async def frames(self) -> AsyncIterator[str]:
        # Watching begins before the record is read, so nothing falls between the two.
        async with self._hub.watch([f"job:{self._job_pk}"]) as watcher:
            snapshot = await _read(_snapshot, self._job_pk)
            if snapshot is None:
                return
            yield "retry: 2000\n\n" + frame("state", snapshot)
            while time.monotonic() < self._began + LIFE_SECONDS and not watcher.is_dropped:
                state, events = await _read(_record, self._job_pk, self._last)
                for pk, text in events:
                    yield self._told(pk, text)
                if len(events) == READ_ROWS:
                    continue
                if state in TERMINAL:
                    yield frame("end", {"state": state})
                    return
                async for text in self._live(watcher):
                    yield text
                if time.monotonic() - self._heard >= HEARTBEAT_SECONDS:
                    yield self._told(self._last, ": still here\n\n")

    async def _live(self, watcher: Watcher) -> AsyncIterator[str]:
        """What is told as long as each message follows on the last; ends when the record is to be read."""
        while not watcher.is_dropped:
            message = await watcher.next(_patience(self._hub))
            if message is None or message.prev > self._last:
                return
            texts = [t for (pk, _, _), t in zip(message.events, message.frames, strict=True) if pk > self._last]
            if texts:
                yield self._told(message.events[-1][0], "".join(texts))
            if _ends(message):
                return

    def _told(self, pk: int, text: str) -> str:
        self._last, self._heard = pk, time.monotonic()
        return text


def _ends(message: Message) -> bool:
    return any(kind == "state" and data.get("state") in TERMINAL for _, kind, data in message.events)


def _snapshot(job_pk: int) -> dict[str, Any] | None:
    job = Job.objects.defer("payload", "results").filter(pk=job_pk).first()
    return selectors.snapshot(job) | selectors.place(job) if job else None


def _record(job_pk: int, after: int) -> tuple[str, list[tuple[int, str]]]:
    """The job's state and its next events as frames; "cancelled" for a job that was deleted.

    The state is read before the events: a state that ends the job was committed with its last event.
    """
    job = Job.objects.only("pk", "state").filter(pk=job_pk).first()
    if job is None:
        return "cancelled", []
    events = selectors.events_after(job, after, READ_ROWS)
    return job.state, [(event.pk, frame(event.kind, event.data, event.pk)) for event in events]


# --- a list of jobs ----------------------------------------------------------------------------------------------


async def _list_frames(hub: Hub, user: Any, visitor: str) -> AsyncIterator[str]:
    audiences = await _read(selectors.audiences_of, user, visitor)
    async with hub.watch(audiences) as watcher:
        yield "retry: 2000\n\n"
        began = heard = time.monotonic()
        told: dict[str, str] = {}
        while time.monotonic() < began + LIFE_SECONDS and not watcher.is_dropped:
            shown = await _read(_listed, user, visitor)
            for uid, text in shown.items():
                if told.get(uid) != text:
                    yield text
                    heard = time.monotonic()
            told = shown
            while (message := await watcher.next(_patience(hub))) and not watcher.is_dropped:
                if message.summary:
                    yield message.summary
                    heard = time.monotonic()
            if time.monotonic() - heard >= HEARTBEAT_SECONDS:
                yield ": still here\n\n"
                heard = time.monotonic()


def _listed(user: Any, visitor: str) -> dict[str, str]:
    jobs = selectors.jobs_of(user, visitor).defer("payload", "results")[:LISTED]
    return {job.uid: frame("state", selectors.snapshot(job)) for job in jobs}
