"""A whole portal for tests: the tree that ``make start`` runs, in a temporary state folder on a free port."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from portal.launch.valkey import free_port
from portal.settings.env import SETTINGS

ROOT = Path(__file__).parents[1]


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without any of the portal's own settings, and with ``more``."""
    ours = {setting.name for setting in SETTINGS} | {"DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {"OMP_NUM_THREADS": "1"} | more


def until(met: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """The first true answer of ``met``; AssertionError when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = met()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


class Server:
    """The supervised tree of web, worker, housekeeping and Valkey. Ended by ``end``."""

    def __init__(self, state: Path, **settings: str) -> None:
        self.state, self.port = state, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment(STATE_DIR=str(state), PORT=str(self.port), **settings)
        self.process: subprocess.Popen[bytes] | None = None
        self._cookies: dict[str, str] = {}
        self._prober = httpx.Client(timeout=30)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, seconds: float = 120.0) -> None:
        """Start and wait for the first answer; AssertionError with what it printed when it ends before."""
        self.output = self.state.with_name(f"{self.state.name}.txt")
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.launch", "start"],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        try:
            until(self._answers, "the portal answers", seconds)
        except BaseException:
            self.process.kill()  # the rest of the tree dies with it
            self.process.wait()
            raise

    def _answers(self, probe: str = "healthz") -> bool:
        assert self.is_running(), f"the portal ended:\n{self.output.read_text()}"
        try:
            return self._prober.get(f"{self.url}/{probe}").status_code == 200
        except httpx.TransportError:
            return False

    def until_ready(self, seconds: float = 60.0) -> None:
        """Wait until the worker is up too."""
        until(lambda: self._answers("readyz"), "the portal is ready", seconds)

    def end(self, signum: int = signal.SIGINT, seconds: float = 20.0) -> float:
        """Signal the supervisor and wait for it: the seconds that it took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signum)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        return time.monotonic() - began

    def manage(self, *arguments: str) -> str:
        """What a management command prints, run beside the portal on its database."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def link(self) -> str:
        """A fresh one-time sign-in link of the owner."""
        found = re.search(r"http\S+", self.manage("welcome", "--skip-checks", "--link"))
        assert found
        return found[0]

    def owner_cookies(self) -> dict[str, str]:
        """The cookies of a browser in which the owner is signed in, the same for the whole session."""
        if not self._cookies:
            answer = httpx.get(self.link(), timeout=30)
            assert answer.status_code == 302, answer.text
            self._cookies = dict(answer.cookies)
        return self._cookies

    def visitor(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, follow_redirects=True)

    def owner(self) -> httpx.Client:
        """A client signed in as the owner, with the header that lets it send forms."""
        client = self.visitor()
        for name, text in self.owner_cookies().items():
            client.cookies.set(name, text, domain="127.0.0.1")  # as the portal sets it, so that there is one of each
        client.get("/accounts/tokens/")
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        return client

    def members(self) -> dict[int, str]:
        """The processes of the tree, the supervisor first: process id and what it runs."""
        assert self.process
        root = psutil.Process(self.process.pid)
        found = {}
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                found[process.pid] = " ".join(process.cmdline())
        return found


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not collected yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
