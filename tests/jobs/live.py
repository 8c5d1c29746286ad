"""A portal of real processes for one test: Valkey, worker, housekeeping, web, each ended by its process id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import redis

from portal.launch.valkey import free_port, valkey
from tests.servers import ROOT, clean_environment, until

PATIENCE = 180.0  # seconds


def fair(seconds: float) -> float:
    """``seconds`` of a machine that has nothing else to do: on a busy one, everything takes its share longer."""
    return seconds * max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


class Portal:
    """The processes and the state folder. ``start`` what a test needs; ``close`` ends everything."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.state = folder / "state"
        self.state.mkdir(parents=True)
        server = valkey(self.state / "valkey")
        self.redis_url = server.url
        self._valkey = server.command
        self.running: dict[str, subprocess.Popen[Any]] = {}
        self.environment = clean_environment(
            DJANGO_SETTINGS_MODULE="tests.jobs.live_settings",
            STATE_DIR=str(self.state),
            REDIS_URL=server.url,
            SECRET_KEY="a key for live tests only, not a secret, long enough for Django",
            PYTHONPATH=str(ROOT),
            **{"LOG_LEVEL": "INFO"} | environment,
        )

    def start(self, *names: str) -> None:
        for name in names:
            getattr(self, f"_start_{name}")()

    def _spawn(self, name: str, command: list[str], **options: Any) -> subprocess.Popen[Any]:
        log = (self.state / f"{name}.log").open("ab")
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stderr=log, start_new_session=True, **({"stdout": log} | options)
        )
        self.running[name] = process
        return process

    def _start_valkey(self) -> None:
        self._spawn("valkey", self._valkey)
        client = redis.Redis.from_url(self.redis_url)

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

        until(answers, "Valkey answers")
        client.close()

    def _start_database(self) -> None:
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=self.environment, check=True)

    def _start_driver(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._spawn("driver", [sys.executable, "-m", "tests.jobs.driver"], **pipes)

    def _start_worker(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "portal.celery", "worker", "--pool=prefork", "--concurrency=1"]
        self._spawn("worker", [*command, "--queues=cpu", "--loglevel=INFO", "--without-gossip", "--without-mingle"])

    def _start_housekeeping(self) -> None:
        self._spawn("housekeeping", [sys.executable, "manage.py", "housekeeping"])

    def _start_web(self) -> None:
        self.port = free_port()
        self.environment["PORT"] = str(self.port)
        self._spawn("web", [sys.executable, "-m", "portal.launch.web"])

        def answers() -> bool:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/jobs/", timeout=5)
            except urllib.error.HTTPError:
                return True
            except OSError:
                return False
            return True

        until(answers, "the web server answers")

    def call(self, name: str, **given: Any) -> Any:
        """What a function of ``driver`` returns."""
        driver = self.running["driver"]
        assert driver.stdin
        assert driver.stdout
        driver.stdin.write(json.dumps([name, given]) + "\n")
        driver.stdin.flush()
        line = driver.stdout.readline()
        assert line, (self.state / "driver.log").read_text()
        answer = json.loads(line)
        assert "problem" not in answer, answer["problem"]
        return answer["ok"]

    def reaches(self, uid: str, state: str, seconds: float = PATIENCE) -> dict[str, Any]:
        def row() -> Any:
            found = self.call("look", uid=uid)
            return found if found["state"] == state else None

        return until(row, f"{uid} is {state}", seconds)

    def folder(self, uid: str) -> Path:
        return self.state / "artifacts" / uid / "work"

    def child(self) -> int:
        """Process id of the worker's child."""
        parent = self.running["worker"].pid
        children = Path(f"/proc/{parent}/task/{parent}/children")
        return int(until(lambda: children.read_text().split(), "the worker has a child")[0])

    def end(self, name: str, signum: int = signal.SIGTERM, seconds: float = PATIENCE) -> float:
        """Signal one process and wait for it; the seconds that it took."""
        process, began = self.running.pop(name), time.monotonic()
        process.send_signal(signum)
        process.wait(seconds)
        return time.monotonic() - began

    def close(self) -> None:
        for name in ("driver", "web", "housekeeping", "worker", "valkey"):
            process = self.running.pop(name, None)
            if process is None:
                continue
            if process.stdin:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(fair(10))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
