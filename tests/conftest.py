"""What every test may use: a real Valkey, a whole portal of real processes, a browser.

What cannot run here is skipped and named at the end. With PLUMBLINE_NO_SKIP=1 or CI=true a skip is a failure.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import redis
from django.utils import translation
from playwright.sync_api import Browser, Page, sync_playwright

from portal.launch import valkey as embedded
from tests.servers import ROOT, Server, until

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NO_SKIP = "1" in os.environ.get("PLUMBLINE_NO_SKIP", "") or os.environ.get("CI", "").lower() in ("1", "true")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request in Chinese leaves its language behind in this process."""
    yield
    translation.deactivate()


# Processes


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Valkey of this test process, for ``settings.REDIS_URL``."""
    server = embedded.valkey(tmp_path_factory.mktemp("valkey"))
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    with redis.Redis.from_url(server.url) as client:
        until(lambda: _pings(client), "Valkey answers", 10)
    yield server.url
    process.terminate()
    process.wait(10)


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture(scope="session")
def portal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole portal, as ``make start`` runs it: web, worker, housekeeping, Valkey, with the sample workspace."""
    server = Server(tmp_path_factory.mktemp("portal") / "state", DEMO_RATE="10000/m")
    server.start()
    yield server
    server.end()


# Browser


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip("no Chromium on this machine: install the package chromium")
    starter = sync_playwright()
    playwright = starter.__enter__()
    browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
    asyncio._set_running_loop(None)
    yield browser
    with _within(browser):
        browser.close()
        starter.__exit__(None, None, None)


@contextmanager
def _within(browser: Browser) -> Iterator[None]:
    # Playwright leaves its event loop marked as running between two calls. Elsewhere on the same thread Django would
    # then refuse its database, and asyncio another loop. So the mark stands only where pages are used.
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(browser._loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


@pytest.fixture
def new_page(_chromium: Browser, portal_server: Server) -> Iterator[Callable[..., Page]]:
    """A function that opens a page of the portal in a browser of its own: ``new_page(owner=True, **context)``.

    ``context`` are Playwright's options for a context, such as ``color_scheme="dark"`` or ``viewport``.
    """
    contexts = []

    def open_page(owner: bool = False, **context: Any) -> Page:
        with _within(_chromium):
            made = _chromium.new_context(**{"base_url": portal_server.url, "locale": "en-US"} | context)
            contexts.append(made)
            if owner:
                pairs = portal_server.owner_cookies().items()
                made.add_cookies([{"name": name, "value": text, "url": portal_server.url} for name, text in pairs])
            return made.new_page()

    yield open_page
    with _within(_chromium):
        for made in contexts:
            made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    browser = getattr(item, "funcargs", {}).get("_chromium")
    with _within(browser) if browser else nullcontext():
        return (yield)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A visitor's page of the portal; ``page.goto("/tools/")``."""
    return new_page()


@pytest.fixture
def owner_page(new_page: Callable[..., Page]) -> Page:
    """A page in which the owner is signed in."""
    return new_page(owner=True)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker, for ``page.evaluate``."""
    return (ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text()


# The run


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "_chromium" in names:
            item.add_marker("browser")
        # One portal and one browser serve all tests that need them, so these run in the same process under xdist.
        if "portal_server" in names:
            item.add_marker(pytest.mark.xdist_group("portal"))
        elif item.get_closest_marker("live"):
            item.add_marker(pytest.mark.xdist_group("live"))
    if not config.option.markexpr:
        measured = [item for item in items if item.get_closest_marker("benchmark")]
        config.hook.pytest_deselected(items=measured)
        items[:] = [item for item in items if item not in measured]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: nothing may be skipped in this run, but: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: nothing may be skipped in this run, but: {_reason(report)}"
    return report


def _reason(report: Any) -> str:
    found = report.longrepr
    return str(found[2] if isinstance(found, tuple) else found).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        skipped[_reason(report)] = skipped.get(_reason(report), 0) + 1
    if skipped:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for reason, count in skipped.items():
            terminalreporter.line(f"{count} tests were not run: {reason}", red=True, bold=True)
