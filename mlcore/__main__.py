"""Tasks from the command line: ``python -m mlcore list``, ``python -m mlcore <action> <task> --json '{…}'``.

The result is JSON on standard output; progress goes to standard error. Inputs that are not given keep their starting
values. A run that was interrupted goes on when it is started again with the same ``--folder``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

from mlcore.reading import Invalid, read_inputs, to_json
from mlcore.registry import all_tasks
from mlcore.spec import Kind, params
from mlcore.task import Action


class Terminal:
    """A Progress that writes one line a report to a text stream."""

    def __init__(self, folder: Path, out: TextIO) -> None:
        self.folder, self._out = folder, out
        self._started = time.monotonic()

    def check(self) -> None:
        return

    def stage(self, name: str) -> None:
        self.log(f"[{name}]")

    def step(self, done: int, total: int, **measures: float) -> None:
        told = "  ".join(f"{name} {value:.4g}" for name, value in measures.items())
        self.log(f"{done}/{total}  {told}")

    def log(self, message: str) -> None:
        print(f"{time.monotonic() - self._started:8.1f}s  {message}", file=self._out, flush=True)

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "tokens":
            self._out.write("".join(token["text"] for token in data["tokens"]))
            self._out.flush()


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 refused or failed with a reason, 2 a wrong command line, 130 interrupted."""
    # Before torch is loaded: its threads then sleep while they wait, which on busy cores is twice as fast.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command == "list":
        print(json.dumps(_listing(), indent=1))
        return 0
    try:
        result = _run(parser, given)
    except Invalid as problem:
        for path, found in problem.problems.items():
            print(f"{path or 'input'}: {'; '.join(map(str, found))}", file=sys.stderr)
        return 1
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command with the same --folder goes on", file=sys.stderr)
        return 130
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mlcore", description=__doc__.partition("\n")[0])
    actions = sorted({action.slug for task in all_tasks().values() for action in task.actions})
    parser.add_argument("command", choices=["list", *actions], help="list the tasks, or run this action of one")
    parser.add_argument("task", nargs="?", choices=sorted(all_tasks()), help="the task whose action is run")
    parser.add_argument("--json", default="{}", help="inputs as a JSON object; @file reads them from a file")
    parser.add_argument("--file", action="append", default=[], metavar="NAME=PATH",
                        help="a file for an upload, or a folder such as model_folder=path")  # fmt: skip
    parser.add_argument("--folder", type=Path, help="where the run writes and goes on from; else a temporary one")
    parser.add_argument("--price-per-hour", type=float, default=0.0, help="USD for an hour of this device")
    parser.add_argument("--power-watts", type=float, default=0.0, help="what this device draws under load")
    return parser


def _run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> dict[str, Any]:
    if given.task is None:
        parser.error(f"wanted a task after {given.command}: one of {', '.join(all_tasks())}")
    try:
        action = all_tasks()[given.task].action(given.command)
    except KeyError:
        known = ", ".join(action.slug for action in all_tasks()[given.task].actions)
        parser.error(f"{given.task} has no action {given.command}; it has {known}")
    files = _files(action, given.file)
    inputs: Any = read_inputs(action.inputs, _inputs(given.json))
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return action.load()(
            inputs,
            Terminal(folder, sys.stderr),
            **files,
            price_per_hour=given.price_per_hour,
            power_watts=given.power_watts,
        )


def _inputs(text: str) -> Any:
    source = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
    try:
        return json.loads(source)
    except ValueError as problem:
        raise ValueError(
            f"--json: wanted a JSON object such as '{{\"seed\": 2}}', got something else ({problem})"
        ) from None


def _files(action: Action, given: list[str]) -> dict[str, Path]:
    """Paths by keyword, as a portal would pass uploads and the folders of earlier runs."""
    known = {name for name, param, _ in params(action.inputs) if param.kind is Kind.MEDIA}
    known |= set(action.artifact_folders.values())
    files = {}
    for pair in given:
        name, _, path = pair.partition("=")
        if name not in known:
            raise ValueError(
                f"--file: wanted NAME=PATH with one of {', '.join(sorted(known)) or 'no names'}, got {pair}"
            )
        if not Path(path).exists():
            raise ValueError(f"--file: {path} does not exist")
        files[name] = Path(path)
    return files


def _listing() -> list[dict[str, Any]]:
    return [
        {
            "task": task.slug,
            "title": task.title,
            "actions": [
                {
                    "action": action.slug,
                    "mode": action.mode,
                    "inputs": {name: to_json(start) for name, _, start in params(action.inputs)},
                    "results": list(action.results),
                }
                for action in task.actions
            ],
        }
        for task in all_tasks().values()
    ]


if __name__ == "__main__":
    sys.exit(main())
