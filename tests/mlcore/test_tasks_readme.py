"""The page that says how to add a task: its files, put into a folder, are a task."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcore import tasks
from mlcore.__main__ import main
from mlcore.registry import all_tasks
from mlcore.results import check_value
from mlcore.task import KINDS

README = Path(tasks.__file__).parent / "README.md"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
WAV = base64.b64encode(b"RIFF\0\0\0\0WAVE").decode()
FILES = re.compile(r"^`mlcore/tasks/(\S+)`\n\n```(?:python|markdown)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of tasks beside the shipped one."""
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    all_tasks.cache_clear()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("mlcore.tasks.letter_odds")]:
        del sys.modules[name]
    all_tasks.cache_clear()


def write(folder: Path) -> None:
    found = FILES.findall(README.read_text(encoding="utf-8"))
    assert [Path(name).name for name, _ in found] == ["__init__.py", "spec.py", "run.py", "card.md"]
    for name, content in found:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)


def test_the_files_of_the_page_are_a_task(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder)
    assert "letter-odds" in all_tasks()
    assert main(["count", "letter-odds", "--json", '{"sample": "banana", "most": 2}']) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["pairs"] == [["an", 0.4], ["na", 0.4]]
    assert set(result) == set(all_tasks()["letter-odds"].action("count").results)


def test_the_values_of_the_page_are_of_their_kinds() -> None:
    rows = re.findall(r"^\| (`.*?) \| (`.*?) \| [^|]+ \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {kind: [] for kind in KINDS}
    for kinds, values in rows:
        found = zip(re.findall(r"`(\w+)`", kinds), re.findall(r"`(.*?)`", values), strict=True)
        for kind, value in found if set(re.findall(r"`(\w+)`", kinds)) <= set(KINDS) else ():
            shown[kind].append(value)
    for kind, values in shown.items():
        assert values, f"the page shows no value of kind {kind}"
        for value in values:
            check_value(kind, json.loads(value.replace("<base64>", {"image": PNG, "audio": WAV}.get(kind, ""))))


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda text: text.replace("most: int", "most int"), "letter_odds.spec does not load: invalid syntax"),
        (lambda text: text.replace("TASK =", "TASKS ="), "letter_odds.spec does not load: .*TASK"),
        (lambda text: text.replace("low=1", "lowest=1"), "letter_odds.spec does not load: .*lowest"),
        (lambda text: text.replace('"letter-odds"', '"text-generation"'), "two tasks are called 'text-generation'"),
        (lambda text: text.replace(".run:count", ".run"), "entry is 'package.module:function'"),
        (
            lambda text: text.replace("results={", 'artifact_folders={"model": "model_folder"}, results={'),
            "artifact_folders names .*model.*, which are not inputs",
        ),
    ],
)
def test_a_broken_task_stops_the_start_with_its_name(folder: Path, break_it, told: str) -> None:  # type: ignore[no-untyped-def]
    write(folder)
    spec = folder / "letter_odds" / "spec.py"
    spec.write_text(break_it(spec.read_text()))
    with pytest.raises(RuntimeError, match=told):
        all_tasks()
