"""The supervised tree with small programs: what the terminal shows, what the logs keep, when it gives up."""

import signal
import subprocess
import sys
import time

import pytest

from tests.servers import ROOT, clean_environment, is_alive, until

RUN = """
import sys
from pathlib import Path
from portal.launch.tree import Program, configuration, run
state = Path(sys.argv[1])
(state / "logs").mkdir()
path = state / "supervisor.conf"
programs = [Program(name, [sys.executable, path]) for name, path in zip(sys.argv[2::2], sys.argv[3::2])]
path.write_text(configuration(state=state, project=Path.cwd(), first=programs[:1], rest=programs[1:]))
sys.exit(run(path))
"""
SLEEPS = "import time\ntime.sleep(600)"
TALKS = """
import sys, time
say = lambda text: print(text, file=sys.stderr, flush=True)
say("2026-11-22 05:00:00,000 INFO django a quiet line")
say("2026-11-22 05:00:00,000 WARNING django something is odd")
say("Traceback (most recent call last): 100%s")
sys.stderr.write("half a li"); sys.stderr.flush(); time.sleep(0.3); say("ne")
print("to stdout", flush=True)
time.sleep(600)
"""


@pytest.fixture
def tree(tmp_path):
    state = tmp_path / "a state, with spaces; and quotes'"
    state.mkdir()
    started = []

    def start(**programs):
        words = []
        for name, code in programs.items():
            (tmp_path / f"{name}.py").write_text(code)
            words += [name, str(tmp_path / f"{name}.py")]
        command = [sys.executable, "-c", RUN, str(state), *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, cwd=ROOT, env=clean_environment(), **pipes))
        return started[0], state

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_terminal_shows_what_matters_and_the_logs_keep_all(tree):
    process, state = tree(calm=SLEEPS, talks=TALKS)
    log = state / "logs" / "talks.log"
    until(lambda: log.exists() and "half a line" in log.read_text(), "the program talked", 20)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=15)
    assert process.returncode == 0
    assert stdout == ""
    assert "talks: 2026-11-22 05:00:00,000 WARNING django something is odd\n" in stderr
    assert "talks: Traceback (most recent call last): 100%s\n" in stderr
    assert "talks: half a line\n" in stderr
    assert "quiet" not in stderr
    assert "quiet" in log.read_text()
    assert (state / "logs" / "talks.out").read_text() == "to stdout\n"


def test_a_program_that_cannot_start_is_named_and_ends_the_rest(tree):
    process, state = tree(calm=SLEEPS, broken="raise SystemExit('the reason')")
    calm = until(lambda: state.joinpath("logs/supervisor.log").exists() and pid_in(state, "calm"), "calm runs", 20)
    _stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "broken: the reason" in stderr
    assert "broken cannot be started, so everything ends" in stderr
    assert not is_alive(calm)


def pid_in(state, name):
    lines = (state / "logs" / "supervisor.log").read_text().splitlines()
    return next((int(line.split()[-1]) for line in lines if f"spawned: '{name}' with pid" in line), 0)
