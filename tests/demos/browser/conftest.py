"""A portal that has the tasks of the tests too, in processes of its own, and a browser with a camera that is none."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import BROWSERS, FLAGS
from tests.pages.visits import Visit
from tests.servers import ROOT, Server

TOYS = Path(__file__).parents[1] / "toys"
# Python runs a module of this name at its start, so that every process of the portal finds the tasks.
_SITE = f"import mlcore.tasks\nmlcore.tasks.__path__.append({str(TOYS)!r})\n"


@pytest.fixture(scope="session")
def portal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("toys")
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(_SITE)
    paths = os.pathsep.join([str(folder / "site"), str(ROOT)])
    server = Server(folder / "state", DEMO_RATE="10000/m", PYTHONPATH=paths)
    server.start()
    server.until_ready()
    yield server
    server.end()


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip("no Chromium on this machine: install the package chromium")
    starter = sync_playwright()
    playwright = starter.__enter__()
    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path=found, args=flags)
    asyncio._set_running_loop(None)
    yield browser
    asyncio._set_running_loop(browser._loop)
    browser.close()
    starter.__exit__(None, None, None)
    asyncio._set_running_loop(None)


@pytest.fixture
def visit(new_page: Callable[..., object], axe_source: str) -> Callable[..., Visit]:
    return lambda **options: Visit(new_page(**options), axe_source)
