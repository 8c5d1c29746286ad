"""Calculators called as each face is called, with one shape of answer for all four."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.tools.management.commands.calculate import Command

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, slots=True)
class Answer:
    """``code`` is an HTTP status or an exit code; ``text`` everything that was said."""

    code: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@pytest.fixture(autouse=True)
def _unhurried(settings: Any) -> Iterator[None]:
    """No test pays for the calls of another, and none but that of the rate meets it."""
    settings.API_RATE = "100000/m"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def client() -> Client:
    """A visitor. A fault is answered as it would be on a real server, not raised into the test."""
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.fixture
def api(client: Client) -> Callable[..., Answer]:
    def call(slug: str, body: Any, action: str = "evaluate", query: str = "") -> Answer:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        url = reverse(f"tools-api:{slug}-{action}") + query
        response = client.post(url, text, content_type="application/json")
        return Answer(response.status_code, response.content.decode())

    return call


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def call(*arguments: str) -> Answer:
        code = 0
        try:
            Command().run_from_argv(["manage.py", "calculate", *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.err if code else said.out)

    return call


@pytest.fixture
def page(client: Client) -> Callable[..., Answer]:
    def call(slug: str, query: dict[str, str]) -> Answer:
        response = client.get(reverse("tools:page", args=[slug]), query)
        return Answer(response.status_code, response.content.decode())

    return call


@pytest.fixture
def fragment(client: Client) -> Callable[..., Answer]:
    def call(slug: str, query: dict[str, str]) -> Answer:
        response = client.get(reverse("tools:results", args=[slug]), query, headers=HTMX)
        return Answer(response.status_code, response.content.decode())

    return call
