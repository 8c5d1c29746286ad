"""The supervised tree: web, worker, housekeeping and the embedded Valkey under one supervisord.

Supervisord runs inside this process, so that its events can be told to the person at the terminal: warnings, errors and
tracebacks of every process with its name before them, and when a process ended and was started again. Everything that
the processes write, quiet log lines included, is in ``logs/`` of the state folder.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TextIO

from supervisor import events
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

STOP_SECONDS = 5  # before a process that was asked to end is killed; the whole tree is gone within 10
QUIET = re.compile(r"\S+ \S+ (DEBUG|INFO) ")  # how such a line begins by the settings' LOGGING


class Program(NamedTuple):
    name: str
    command: Sequence[str]
    once: bool = False  # runs to its end and is not started again
    niceness: int = 0  # of the processor: 0 comes first, 19 last


def configuration(*, state: Path, project: Path, first: Sequence[Program], rest: Sequence[Program]) -> str:
    """The text for supervisord. ``first`` start before and end after ``rest``, which end all at once."""
    logs = state / "logs"
    parts = [
        f"[supervisord]\nnodaemon = true\nsilent = true\nlogfile = {_text(logs / 'supervisor.log')}\n"
        f"pidfile = {_text(state / 'supervisor.pid')}\ndirectory = {_text(project)}\nidentifier = plumbline\n"
        f"{'user = root' if os.getuid() == 0 else ''}\n"  # without it supervisord warns root
        f"logfile_maxbytes = 5MB\nlogfile_backups = 1\n"
    ]
    parts += [_program(program, logs) for program in (*first, *rest)]
    for priority, name, programs in ((1, "first", first), (2, "portal", rest)):
        if programs:
            names = ",".join(program.name for program in programs)
            parts.append(f"[group:{name}]\nprograms = {names}\npriority = {priority}\n")
    return "\n".join(parts)


def _program(program: Program, logs: Path) -> str:
    guard = Path(__file__).with_name("guard.py")
    command = [sys.executable, "-E", "-S", str(guard), str(os.getpid()), str(program.niceness), *program.command]
    lines = [f"[program:{program.name}]", f"command = {_text(shlex.join(command))}"]
    lines += [f"stopwaitsecs = {STOP_SECONDS}", "killasgroup = true", "stderr_events_enabled = true"]
    if program.once:  # what it prints is for the terminal only
        lines += ["autorestart = false", "startsecs = 0", "stdout_events_enabled = true"]
        lines += ["stdout_logfile = NONE", "stderr_logfile = NONE"]
    else:
        lines += ["autorestart = true", "startsecs = 5", "startretries = 3"]
        for stream, suffix in (("stderr", "log"), ("stdout", "out")):
            lines.append(f"{stream}_logfile = {_text(logs / f'{program.name}.{suffix}')}")
            lines += [f"{stream}_logfile_maxbytes = 10MB", f"{stream}_logfile_backups = 2"]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    return str(value).replace("%", "%%")


def run(path: Path) -> int:
    """Run the tree that the configuration at ``path`` describes until a signal ends it.

    Returns:
        0 after SIGINT, SIGTERM or a closed terminal; 1 when a process could not be started.
    """
    options = _Options()
    options.realize(["-c", str(path)], doc=__doc__)
    options.first, options.test = True, False
    with contextlib.suppress(ExitNow):
        Supervisor(options).main()
    options.close_logger()
    return 1 if options.failed else 0


class _Options(ServerOptions):
    failed = False

    def setsignals(self) -> None:
        hang_up = signal.getsignal(signal.SIGHUP)
        super().setsignals()
        # Supervisord would start everything anew when the terminal closes. A person expects that to end it, and that
        # `nohup` keeps it.
        signal.signal(signal.SIGHUP, signal.SIG_IGN if hang_up == signal.SIG_IGN else self._end)
        # The supervisor forgets who listens until just before this call.
        events.subscribe(events.ProcessLogEvent, _Terminal().show)
        events.subscribe(events.ProcessStateExitedEvent, self._tell_exit)
        events.subscribe(events.ProcessStateBackoffEvent, self._tell_exit)
        events.subscribe(events.ProcessStateFatalEvent, self._give_up)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self.signal_receiver.receive(signal.SIGTERM, frame)

    def _tell_exit(self, event: Any) -> None:
        foreseen = isinstance(event, events.ProcessStateExitedEvent) and event.expected
        if self.mood == SupervisorStates.RUNNING and not foreseen:
            _tell(f"{event.process.config.name} ended unexpectedly and is started again\n")

    def _give_up(self, event: Any) -> None:
        _tell(f"{event.process.config.name} cannot be started, so everything ends; see the logs in the state folder\n")
        self.failed = True
        self.mood = SupervisorStates.SHUTDOWN


class _Terminal:
    """Shows the output of the processes line by line, leaving out the quiet ones."""

    def __init__(self) -> None:
        self.unfinished: dict[str, str] = {}

    def show(self, event: Any) -> None:
        name, text = event.process.config.name, event.data.decode(errors="replace")
        if event.channel == "stdout":
            _tell(text, sys.stdout)
            return
        *lines, self.unfinished[name] = (self.unfinished.get(name, "") + text).split("\n")
        for line in lines:
            if not QUIET.match(line):
                _tell(f"{name}: {line}\n")


def _tell(text: str, stream: TextIO = sys.stderr) -> None:
    # A closed terminal or pipe must not end the portal.
    with contextlib.suppress(OSError):
        stream.write(text)
        stream.flush()
