"""The command line: JSON out, reasons on the error stream, and statuses that a script can use."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlcore.__main__ import Terminal, main
from mlcore.tasks.text_generation import run as run_module
from mlcore.tasks.text_generation.spec import GENERATE


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_list_names_tasks_with_their_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answered(capsys, "list")
    [task] = [task for task in json.loads(out) if task["task"] == "text-generation"]
    actions = {action["action"]: action for action in task["actions"]}
    assert (status, actions["train"]["inputs"]["size"]) == (0, "tiny")
    assert (actions["generate"]["mode"], actions["train"]["mode"]) == ("interactive", "training")


def test_generate_answers_json_and_streams_on_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = answered(capsys, "generate", "text-generation", "--json", '{"max_new_tokens": 12, "seed": 3}')
    result = json.loads(out)
    assert status == 0
    assert set(result) == set(GENERATE.results)
    assert "".join(result["text"].split()) in "".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json", '{"temperature": 9, "top_k": "few"}'], ["temperature: Wanted at most 2, got 9", "top_k: Wanted"]),
        (["--json", '{"prmpt": ""}'], ["prmpt: Wanted one of the declared fields"]),
        (["--json", "{"], ["--json: wanted a JSON object"]),
        (["--json", "[]"], ["input: Wanted an object"]),
        (["--json", '{"temperature": NaN}'], ["temperature: Wanted a number, got NaN"]),
        (["--file", "model_folder=/nowhere/at/all"], ["/nowhere/at/all does not exist"]),
        (["--file", "other=/tmp"], ["wanted NAME=PATH with one of model_folder"]),
        (["--json", '{"hub_model": "a/b"}'], ["no checkpoints are loaded from a hub here"]),
    ],
)
def test_what_is_refused_is_explained(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: list[str]
) -> None:
    status, out, err = answered(capsys, "generate", "text-generation", *arguments)
    assert (status, out) == (1, "")
    assert all(reason in err for reason in told), err


@pytest.mark.parametrize("arguments", [["generate"], ["generate", "no-task"], ["fly", "text-generation"], []])
def test_a_wrong_command_line_shows_what_is_possible(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "text-generation" in capsys.readouterr().err or arguments != ["generate"]


def test_files_price_and_folder_reach_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def train(inputs: Any, progress: Any, **rest: Any) -> dict[str, Any]:
        given.update(rest, folder=progress.folder, inputs=inputs)
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "train", train)
    (tmp_path / "text.txt").write_text("text")
    (tmp_path / "inputs.json").write_text('{"data": "upload", "steps": "1k"}')
    status, _, err = answered(
        capsys, "train", "text-generation", "--json", f"@{tmp_path}/inputs.json",
        "--file", f"upload={tmp_path}/text.txt", "--folder", str(tmp_path / "run"),
        "--price-per-hour", "0.5", "--power-watts", "65",
    )  # fmt: skip
    assert (status, given["upload"], given["folder"]) == (130, tmp_path / "text.txt", tmp_path / "run")
    assert (given["price_per_hour"], given["power_watts"], given["inputs"].steps) == (0.5, 65, 1_000)
    assert "goes on" in err


def test_progress_is_one_line_a_report() -> None:
    out = io.StringIO()
    terminal = Terminal(Path("."), out)
    terminal.stage("training")
    terminal.step(3, 10, loss=2.5, tokens_per_second=1234.5)
    terminal.emit("tokens", {"tokens": [{"text": "one "}, {"text": "two"}]})
    lines = out.getvalue().splitlines()
    assert lines[0].endswith("[training]")
    assert lines[1].endswith("3/10  loss 2.5  tokens_per_second 1234")
    assert lines[2] == "one two"


def test_the_list_needs_no_torch() -> None:
    code = "import sys; from mlcore.__main__ import main; main(['list']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
