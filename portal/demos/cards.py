"""What a task says of its starter models: facts of their training, and what they are known to get wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.spec import params
from mlcore.task import Mode, Result, Task
from portal.derive.wording import figure

_TEXTS = {"data": gettext_noop("Data"), "licence": gettext_noop("Licence")}
# Results of a training, where it has them. One with a low and a high beside it is shown with this interval.
_MEASURED = ("accuracy", "parameters", "validation_loss", "steps", "seconds", "device")
_FAILURES = re.compile(r"^## Known failures\s*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Starter:
    """One model; its name is empty where a task has only this one."""

    name: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Card:
    starters: list[Starter]
    failures: list[str]  # in the language of the card, which is English

    @property
    def table(self) -> tuple[list[str], list[list[str]]]:
        """Several models side by side: headings, and for each model its name and what it states under each."""
        headings = list(dict.fromkeys(label for starter in self.starters for label, _value in starter.facts))
        texts = {_(label) for label in _TEXTS.values()}
        headings.sort(key=lambda label: label in texts)  # figures first: the texts are long and mostly alike
        rows = [[each.name, *(dict(each.facts).get(label, "–") for label in headings)] for each in self.starters]
        return headings, rows


def card_of(task: Task) -> Card:
    package = task.actions[0].entry.partition(":")[0].rpartition(".")[0]
    models, failures = _read(package, task.card)
    called = {"": "", **_choices(task)}
    # What no input offers is no model to choose but part of one, such as a body that others start from.
    starters = [Starter(called[name] and _(called[name]), list(_told(task, facts)))
                for name, facts in models if name in called]  # fmt: skip
    return Card([starter for starter in starters if starter.facts], list(failures))


def _told(task: Task, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, label in _TEXTS.items():
        if facts.get(name):
            yield _(label), _(str(facts[name]))
    results = {name: r for action in task.actions if action.mode is Mode.TRAINING for name, r in action.results.items()}
    for name in _MEASURED:
        if name in facts and name in results:
            yield _(results[name].label), _measured(name, results[name], facts)


def _measured(name: str, result: Result, facts: dict[str, Any]) -> str:
    if result.kind == "text":
        return str(facts[name])
    value, low, high = (figure(facts.get(each), result.unit) for each in (name, f"{name}_low", f"{name}_high"))
    if f"{name}_low" not in facts:
        return value
    return _("%(value)s (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def _choices(task: Task) -> dict[str, str]:
    """Everything that an input of the task offers to choose, and what it is called."""
    return {
        value: label for action in task.actions for _name, param, _start in params(action.inputs)
        for value, label in param.choices
    }  # fmt: skip


@cache
def _read(package: str, card: str) -> tuple[list[tuple[str, dict[str, Any]]], tuple[str, ...]]:
    """The starters with what they state of themselves, and the known failures."""
    found = find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found else []
    if not folders:
        return [], ()
    folder, text = Path(folders[0]) / "starter", Path(folders[0]) / card
    section = _FAILURES.search(text.read_text(encoding="utf-8")) if text.is_file() else None
    lines = re.split(r"^- ", section[1], flags=re.MULTILINE)[1:] if section else []
    return list(_starters(folder)), tuple(" ".join(line.replace("*", "").split()) for line in lines)


def _starters(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and "facts" of each model: one as ``model.json``, several each in a folder or a file of its name.

    A "kind" among the facts goes before the name of the file.
    """
    for path in sorted([*folder.glob("*.json"), *folder.glob("*/model.json")]):
        about = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(about, dict) and "facts" in about:
            name = path.stem if path.stem != "model" else path.parent.name
            yield about["facts"].get("kind", "" if path == folder / "model.json" else name), about["facts"]
