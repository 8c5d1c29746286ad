"""A portal in which every page has something to show: scenarios, and a finished training with its curves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.accounts.models import User
from portal.accounts.services import user_open
from tests.pages.visits import Visit
from tests.servers import Server

DESK = {"width": 1280, "height": 900}
_FILL = Path(__file__).with_name("fill.py")


@dataclass(frozen=True)
class Filled:
    scenarios: tuple[str, ...]
    done: str
    failed: str


@pytest.fixture(scope="session")
def filled(portal_server: Server) -> Filled:
    found = json.loads(portal_server.manage("shell", "-v", "0", "-c", _FILL.read_text()).strip().splitlines()[-1])
    return Filled(tuple(found["scenarios"]), found["done"], found["failed"])


@pytest.fixture(scope="session")
def revisit(_chromium: Browser, portal_server: Server, axe_source: str) -> Callable[[bool], Visit]:
    """A function that gives the one page of a visitor or of the owner, wide and light, whose caches are warm."""
    visits: dict[bool, Visit] = {}

    def opened(owner: bool) -> Visit:
        if owner not in visits:
            context = _chromium.new_context(base_url=portal_server.url, locale="en-US")
            pairs = portal_server.owner_cookies().items() if owner else ()
            context.add_cookies([{"name": name, "value": text, "url": portal_server.url} for name, text in pairs])
            visits[owner] = Visit(context.new_page(), axe_source)
        page = visits[owner].page
        page.set_viewport_size(DESK)
        # Without reduced motion colours are read half-way to the other theme.
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        return visits[owner]

    return opened


@pytest.fixture
def visit(new_page: Callable[..., Page], axe_source: str) -> Callable[..., Visit]:
    """A function that opens a page with its complaints noted; options as of ``new_page``."""
    return lambda **options: Visit(new_page(**options), axe_source)


@pytest.fixture
def user(db: None) -> User:
    return user_open(email="person@example.com", password="correct horse battery")
