"""What a task says of its starter model: facts of its training, and what it is known to get wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.task import Mode, Task
from portal.derive.wording import figure

STARTER = "starter/model.json"  # in the task's folder: "facts" holds what was chosen and measured
_TEXTS = {"data": gettext_noop("Data"), "licence": gettext_noop("Licence")}
_MEASURED = (
    "parameters",
    "validation_loss",
    "steps",
    "seconds",
    "device",
)  # results of the training, where it has them
_FAILURES = re.compile(r"^## Known failures\s*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Card:
    facts: list[tuple[str, str]]
    failures: list[str]  # in the language of the card, which is English


def card_of(task: Task) -> Card:
    package = task.actions[0].entry.partition(":")[0].rpartition(".")[0]
    facts, failures = _read(package, task.card)
    return Card(list(_told(task, facts)), list(failures))


def _told(task: Task, facts: dict[str, Any]) -> Any:
    for name, label in _TEXTS.items():
        if facts.get(name):
            yield _(label), _(str(facts[name]))
    results = {name: r for action in task.actions if action.mode is Mode.TRAINING for name, r in action.results.items()}
    for name in _MEASURED:
        if name in facts and name in results:
            result = results[name]
            yield _(result.label), str(facts[name]) if result.kind == "text" else figure(facts[name], result.unit)


@cache
def _read(package: str, card: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    found = find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found else []
    if not folders:
        return {}, ()
    starter, text = Path(folders[0]) / STARTER, Path(folders[0]) / card
    facts = json.loads(starter.read_text(encoding="utf-8")).get("facts", {}) if starter.is_file() else {}
    section = _FAILURES.search(text.read_text(encoding="utf-8")) if text.is_file() else None
    lines = re.split(r"^- ", section[1], flags=re.MULTILINE)[1:] if section else []
    return facts, tuple(" ".join(line.replace("*", "").split()) for line in lines)
