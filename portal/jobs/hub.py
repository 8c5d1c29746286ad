"""One Redis subscription for each web process, fanned out to whoever watches.

A watcher's queue is bounded: one that reads too slowly is dropped, connects again and resumes from the record, so
that no reader can fill the memory of the process. Everything here belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from portal.jobs import bus, strict

QUEUE_LENGTH = 256  # messages that a slow reader may be behind
CONNECT_SECONDS = 1.0  # that a new watcher waits for the subscription before it polls
AGAIN_SECONDS = 1.0

logger = logging.getLogger(__name__)


def frame(kind: str, data: dict[str, Any], event_id: int | None = None) -> str:
    """One event in the format of event streams; JSON has no line breaks of its own."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {kind}\ndata: {strict.dumps(data)}\n\n"


@dataclass
class Message:
    """Events of one job that were committed together. ``prev`` is the id of the job's event before them."""

    uid: str
    prev: int
    events: list[tuple[int, str, dict[str, Any]]]

    @cached_property
    def frames(self) -> list[str]:
        """Written once for all who watch the job."""
        return [frame(kind, data, pk) for pk, kind, data in self.events]

    @cached_property
    def summary(self) -> str:
        """What a list of jobs shows of them."""
        shown = [(kind, data) for _, kind, data in self.events if kind in ("state", "stage", "step")]
        return "".join(frame(kind, {**data, "uid": self.uid}) for kind, data in shown)


class Watcher:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(QUEUE_LENGTH)
        self.is_dropped = False

    def offer(self, message: Message | None) -> None:
        """None asks the watcher to read the record."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.is_dropped = True

    async def next(self, seconds: float) -> Message | None:
        """The next message; None when the record is to be read, at the latest after ``seconds``."""
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None


class Hub:
    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self.count = 0

    @property
    def is_connected(self) -> bool:
        return self._connected.is_set()

    @asynccontextmanager
    async def watch(self, keys: Iterable[str]) -> AsyncIterator[Watcher]:
        """A watcher of ``keys`` (``job:<pk>`` or an audience). What is told from now on is in its queue."""
        watcher, keys = Watcher(), list(keys)
        for key in keys:
            self._watchers[key].add(watcher)
        self.count += 1
        try:
            await self._ready()
            yield watcher
        finally:
            self._leave(watcher, keys)

    async def _ready(self) -> None:
        if not settings.REDIS_URL:
            return
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(self._connected.wait(), CONNECT_SECONDS)
        except TimeoutError:
            logger.warning("no subscription to Redis: a stream polls the database")

    def _leave(self, watcher: Watcher, keys: list[str]) -> None:
        self.count -= 1
        for key in keys:
            self._watchers[key].discard(watcher)
            if not self._watchers[key]:
                del self._watchers[key]
        if not self._watchers and self._listener is not None:
            self._listener.cancel()
            self._listener = None

    async def _listen(self) -> None:
        while True:
            try:
                await self._subscribe()
            except (RedisError, OSError) as problem:
                logger.warning("the subscription to Redis broke, streams poll: %s", problem)
            finally:
                self._connected.clear()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _subscribe(self) -> None:
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=bus.TIMEOUT, health_check_interval=10
        )
        async with client, client.pubsub() as channel:
            await channel.subscribe(bus.CHANNEL)
            async for told in channel.listen():
                if told["type"] == "subscribe":
                    self._connected.set()
                    self._offer(None, {watcher for watchers in self._watchers.values() for watcher in watchers})
                elif told["type"] == "message":
                    self._dispatch(json.loads(told["data"]))

    def _dispatch(self, told: dict[str, Any]) -> None:
        keys = (f"job:{told['job']}", told["audience"])
        message = Message(told["uid"], told["prev"], [(pk, kind, data) for pk, kind, data in told["events"]])
        for key in keys:
            self._offer(message, self._watchers.get(key, set()))

    def _offer(self, message: Message | None, watchers: set[Watcher]) -> None:
        for watcher in watchers:
            watcher.offer(message)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
