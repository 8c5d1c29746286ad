"""The supervised tree, alive: `make start` as a person runs it, and every way in which it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time

import httpx
import pytest

from tests.servers import ROOT, Server, clean_environment, is_alive, until

pytestmark = pytest.mark.live
NAMES = {"celery": "worker", "portal.launch.web": "web", "valkey-server": "valkey"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A state folder on which the portal ran once."""
    server = Server(tmp_path_factory.mktemp("start") / "state")
    began = time.monotonic()
    server.start()
    print(f"\nfirst start, with everything installed: {time.monotonic() - began:.1f} s to the first answer")
    server.end()
    return server.state


@pytest.fixture
def fresh(prepared, tmp_path):
    """A portal of the test's own, not yet started."""
    shutil.copytree(prepared, tmp_path / "state")
    server = Server(tmp_path / "state")
    yield server
    if server.is_running():
        server.end()


@pytest.fixture(scope="module")
def running(prepared):
    """A portal that runs, for tests that leave it running."""
    server = Server(prepared)
    server.start()
    server.until_ready()
    yield server
    assert server.end(signal.SIGTERM) < 10


def pid_of(server, what):
    """The process of the tree whose command contains ``what``: the parent where there are several."""
    return until(lambda: [pid for pid, words in server.members().items() if what in words], f"{what} runs")[0]


def printed(server):
    return server.output.read_text()


def all_gone(pids, seconds=5):
    until(lambda: not any(map(is_alive, pids)), f"all of {pids} are gone", seconds)


def test_a_second_start_tells_how_to_sign_in_and_an_interrupt_ends_it_within_ten_seconds(fresh):
    began = time.monotonic()
    fresh.start()
    page = httpx.get(fresh.url, timeout=30)
    print(f"\nsecond start: {time.monotonic() - began:.1f} s to the first page")
    assert page.status_code == 200
    until(lambda: "Sign in as the owner" in printed(fresh), "the link is printed")
    assert fresh.url in printed(fresh)
    link = next(word for word in printed(fresh).split() if "sesame=" in word)
    assert httpx.get(link).status_code == 302
    assert httpx.get(link).status_code == 403
    # The same portal, since every start takes seconds of both processors.
    fresh.until_ready()
    pids = list(fresh.members())
    assert len(pids) >= 6  # supervisor, Valkey, web, housekeeping, worker and its child
    took = fresh.end(signal.SIGINT)
    assert took < 10
    assert fresh.process.returncode == 0
    assert not [pid for pid in pids if is_alive(pid)]


@pytest.fixture
def heard_hang_up():
    """What ignores SIGHUP, as all below `nohup` does, hands that on to what it starts."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_a_closed_terminal_ends_everything_even_during_the_start(fresh, heard_hang_up):
    fresh.start()
    pids = list(fresh.members())
    assert fresh.end(signal.SIGHUP) < 10
    assert not [pid for pid in pids if is_alive(pid)]


def test_a_killed_supervisor_leaves_no_orphans(fresh):
    fresh.start()
    fresh.until_ready()
    pids = list(fresh.members())
    assert len(pids) >= 6
    fresh.process.kill()
    fresh.process.wait()
    all_gone(pids)


def test_what_dies_is_started_again(running):
    time.sleep(5)  # a process that dies sooner counts as one that could not be started
    for what in ("celery", "portal.launch.web", "housekeeping", "valkey-server"):
        killed = pid_of(running, what)
        children = [pid for pid, words in running.members().items() if what in words]
        os.kill(killed, signal.SIGKILL)
        all_gone(children)
        until(lambda: pid_of(running, what) != killed, f"{what} runs again", 20)  # noqa: B023  called at once
        assert f"{NAMES.get(what, what)} ended unexpectedly and is started again" in printed(running)
    running.until_ready()


def test_a_second_portal_on_the_same_state_folder_is_refused_in_words(running):
    other = clean_environment(STATE_DIR=str(running.state), PORT="0")
    for what in ("start", "install"):
        refused = launch(what, other)
        assert refused.returncode == 2
        assert "already runs" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert httpx.get(f"{running.url}/healthz").status_code == 200


def test_a_port_that_is_taken_is_named_before_anything_is_done(running, tmp_path):
    refused = launch("start", clean_environment(STATE_DIR=str(tmp_path / "state"), PORT=str(running.port)))
    assert refused.returncode == 2
    assert f"port {running.port}" in refused.stderr
    assert "PORT=8001" in refused.stderr
    assert not list((tmp_path / "state").glob("*.sqlite3"))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PORT", "eighty"), ("PORT", "70000"), ("DEBUG", "maybe"), ("HOST", "256.256.256.256"), ("STATE_DIR", "/tmp/a%s")],
)
def test_a_wrong_setting_is_named(tmp_path, setting, value):
    refused = launch("start", clean_environment(STATE_DIR=str(tmp_path / "state")) | {setting: value})
    assert refused.returncode == 2
    assert value in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_second_install_does_nothing(fresh):
    launch("install", fresh.environment)
    done = launch("install", fresh.environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_state_folder_is_for_its_owner_only(running):
    assert running.state.stat().st_mode & 0o077 == 0
    for name in ("secret-key", "redis-url", "plumbline.sqlite3", "valkey/valkey.conf"):
        assert (running.state / name).stat().st_mode & 0o077 == 0, name


def launch(what, environment):
    command = [sys.executable, "-m", "portal.launch", what]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
