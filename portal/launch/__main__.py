"""``python -m portal.launch build | install | start``: each does what the one before does, and more.

``build`` makes what lies in the project (front-end libraries, compiled translations), ``install`` also what lies in the
state folder (secret key, database, static files), ``start`` also runs the portal.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from portal.launch.steps import PROJECT, build, prepare
from portal.settings import env

if TYPE_CHECKING:
    from portal.launch.tree import Program


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.launch", description="Set up and run Plumbline.")
    parser.add_argument("what", choices=("build", "install", "start"))
    what = parser.parse_args().what
    os.umask(0o077)  # what people upload and plan is for this user only
    try:
        settings = env.read()
        libraries = build()
        if what == "build":
            return 0
        state = (PROJECT / settings["STATE_DIR"]).resolve()
        with _locked(state):
            if what == "start":
                check_port(settings["HOST"], settings["PORT"])
            prepare(settings, state, libraries)
            return start(settings, state) if what == "start" else 0
    except (ValueError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as problem:
        print(f"Set-up stopped: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _locked(state: Path) -> IO[str]:
    """Hold the state folder for this process and what it becomes.

    Raises:
        ValueError: when another process holds it, or nothing could run in it.
    """
    if "%" in f"{state}{PROJECT}":
        raise ValueError(
            f"The supervisor cannot work in a folder with % in its path: {state}. Choose another STATE_DIR."
        )
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (state / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ValueError(
            f"Plumbline already runs with the state folder {state}. End it first, or set STATE_DIR to another folder."
        ) from None
    return lock


def check_port(host: str, port: int) -> None:
    """Raises ValueError when the web server could not listen there."""
    if not 0 < port < 65536:
        raise ValueError(f"PORT: wanted 1 to 65535, got {port}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        raise ValueError(
            f"Cannot listen on {host} port {port}: {problem.strerror}. Choose another: PORT=8001 make start"
        ) from None


def start(settings: dict[str, Any], state: Path) -> int:
    """Run the portal until a signal ends it; the exit status."""
    from portal.launch import tree  # the supervisor's code is needed only here
    from portal.launch.valkey import valkey

    (state / "logs").mkdir(exist_ok=True)
    first = []
    if not settings["REDIS_URL"]:
        server = valkey(state / "valkey")
        first.append(tree.Program("valkey", server.command))
        address = state / "redis-url"
        address.touch(mode=0o600)
        address.write_text(server.url + "\n")
    path = state / "supervisor.conf"
    path.write_text(tree.configuration(state=state, project=PROJECT, first=first, rest=programs(settings)))
    return tree.run(path)


def programs(settings: dict[str, Any]) -> list[Program]:
    from portal.launch.tree import Program

    python = sys.executable

    def manage(name: str) -> list[str]:
        # `make check` makes Django's checks; starting is to be quick.
        return [python, str(PROJECT / "manage.py"), name, "--skip-checks"]

    # As in any container, root may run it: messages are JSON, which is what Celery's warning is about.
    calm = ["-W", "ignore:You're running the worker with superuser privileges"]
    worker = [python, *calm, "-m", "celery", "-A", "portal.celery", "worker", "--pool=prefork", "--concurrency=1"]
    worker += [f"--queues={','.join(settings['WORKER_QUEUES'])}", f"--loglevel={settings['LOG_LEVEL']}"]
    worker += ["--without-gossip", "--without-mingle"]
    return [
        Program("web", [python, "-m", "portal.launch.web"]),
        # A training run takes every core that it can get, but pages come first.
        Program("welcome", manage("welcome"), once=True, niceness=5),
        Program("housekeeping", manage("housekeeping"), niceness=5),
        Program("worker", worker, niceness=10),
    ]


if __name__ == "__main__":
    sys.exit(main())
