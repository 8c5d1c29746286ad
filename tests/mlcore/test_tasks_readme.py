"""The page that says how to add a task: its files, put into a folder, are a task."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcore import tasks
from mlcore.__main__ import main
from mlcore.registry import all_tasks

README = Path(tasks.__file__).parent / "README.md"
FILES = re.compile(r"^`mlcore/tasks/(\S+)`\n\n```(?:python|markdown)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of tasks beside the shipped one."""
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    all_tasks.cache_clear()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("mlcore.tasks.") and "text_generation" not in name]:
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
    assert set(all_tasks()) == {"letter-odds", "text-generation"}
    assert main(["count", "letter-odds", "--json", '{"sample": "banana", "most": 2}']) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["pairs"] == [["an", 2], ["na", 2]]
    assert set(result) == set(all_tasks()["letter-odds"].action("count").results)


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
