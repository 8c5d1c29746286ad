"""How long a portal takes to start, and what its processes weigh: ``make figures``."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.servers import ROOT, Server, clean_environment, until

pytestmark = pytest.mark.benchmark


def test_first_start(tmp_path: Path) -> None:
    """A new clone with no environment: ``make start`` to its first page. Fetches every package."""
    clone = tmp_path / "plumbline"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    server = Server(clone / ".state")
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "start"], cwd=clone, env=server.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: page_answers(server), "the first page", 1200)
        print(f"\nfirst start, from a new clone to the first page: {time.monotonic() - began:.0f} s")
    finally:
        process.terminate()
        process.wait(20)


def test_second_start(tmp_path: Path) -> None:
    server = Server(tmp_path / "state")
    server.start()
    server.end()
    times = []
    for _ in range(3):
        began = time.monotonic()
        server.start()
        assert page_answers(server)
        times.append(time.monotonic() - began)
        server.until_ready()
        ended = server.end()
    print(f"\nsecond start to the first page: {', '.join(f'{one:.1f}' for one in times)} s; end: {ended:.1f} s")


def test_processes(tmp_path: Path) -> None:
    server = Server(tmp_path / "state")
    server.start()
    server.until_ready()
    for pid, words in server.members().items():
        process = psutil.Process(pid)
        used = process.cpu_times()
        memory = process.memory_info().rss / 2**20
        print(f"\n{memory:6.0f} MiB {used.user + used.system:6.1f} s  {words.replace(str(ROOT), '')[-60:]}", end="")
    server.end()
    code = "import time; t = time.time(); import django; django.setup(); import portal.urls; print(time.time() - t)"
    environment = clean_environment(STATE_DIR=str(server.state), DJANGO_SETTINGS_MODULE="portal.settings.base")
    took = [subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment) for _ in range(3)]
    print(f"\nimport of the web process: {min(map(float, took)):.2f} s")


def page_answers(server: Server) -> bool:
    try:
        return httpx.get(server.url, timeout=60).status_code == 200
    except httpx.TransportError:
        return False
