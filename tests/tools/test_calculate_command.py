"""``manage.py calculate``: flags, standard input, exit codes, and a shell's view of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.planning.registry import all_calculators
from tests.tools.conftest import Answer

Call = Callable[..., Answer]


def test_flags_are_read_as_boxes_are(cli: Call) -> None:
    flags = cli("runway", "--cash", "5M", "--growth", "6%~12%", "--training-month", "3", "--one-offs", "[]").json()
    body = {"cash": 5_000_000, "growth": {"low": 0.06, "high": 0.12}, "training_month": 3, "one_offs": []}
    assert flags == cli("runway", "--json", json.dumps(body)).json()
    assert flags["provenance"]["cash"] == {"kind": "typed", "text": ""}
    assert flags["provenance"]["revenue"]["kind"] == "default"


def test_flags_stand_over_json(cli: Call) -> None:
    answer = cli("runway", "--json", '{"cash": 1, "payroll": 2}', "--cash=3M").json()
    assert (answer["inputs"]["cash"], answer["inputs"]["payroll"]) == (3_000_000, 2)


def test_negative_numbers_and_ranges(cli: Call) -> None:
    assert cli("runway", "--payroll-growth=-1% to 2%").json()["inputs"]["payroll_growth"]["low"] == -0.01


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Wanted a calculator: "),
        (("runway", "--cahs", "1"), "--cahs"),
        (("runway", "--cash", "1", "--cash", "2"), "got it 2 times"),
        (("runway", "--cash"), "expected one argument"),
        (("runway", "--json", "[]"), "object with named fields"),
        (("runway", "--one-offs", "[{"), "Wanted JSON"),
        (("runway", "--simulate", "--draws", "1"), "from 2 to 1,000,000"),
        (("runway", "--simulate", "--draws", "x"), "Wanted a whole number"),
        (("runway", "--simulate", "--seed", "-1"), "Wanted a whole number"),
        (("runway", "--ca", "1"), "--ca"),
    ],
)
def test_refusals_are_problem_documents(arguments: tuple[str, ...], words: str, cli: Call) -> None:
    refused = cli(*arguments)
    assert refused.code == 2
    assert refused.json()["code"] == "invalid"
    assert words in refused.json()["detail"]


@pytest.mark.parametrize("slug", list(all_calculators()))
def test_help_names_every_input(slug: str, cli: Call) -> None:
    text = cli(slug, "--help").text
    for name in all_calculators()[slug].inputs.__dataclass_fields__:
        assert f"--{name.replace('_', '-')}" in text
    assert "--list" in cli("--help").text


def test_standard_input(cli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        buffer = io.BytesIO(b'{"cash": "2M"}')

    monkeypatch.setattr(sys, "stdin", Piped)
    assert cli("runway", "--json", "-").json()["inputs"]["cash"] == 2_000_000


def test_from_a_shell(tmp_path: Path) -> None:
    """Answers go to standard output and refusals to standard error, with their exit codes."""
    environment: dict[str, Any] = {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "STATE_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "calculate", "runway"]
    done = subprocess.run([*command, "--cash", "3M"], capture_output=True, text=True, env=environment, timeout=180)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["inputs"]["cash"] == 3_000_000
    refused = subprocess.run([*command, "--cash", "NaN"], capture_output=True, text=True, env=environment, timeout=180)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert json.loads(refused.stderr)["errors"][0]["pointer"] == "#/cash"
