"""What an ML task says about itself. Standard library only; ``mlcore.registry`` finds the tasks.

A task is a folder ``mlcore/tasks/<name>/`` with ``spec.py`` (this declaration, ``TASK``), ``run.py`` (code that may
import torch) and ``card.md`` (data, licence, seed, metric). An *action* is one thing that can be run as a job:
generating, training, evaluating. Each has its own declared inputs and an entry point named as text, which only a
worker resolves; that is what keeps torch out of the web process and of the static import graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Any

from mlcore.spec import check_declaration, params

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Mode(StrEnum):
    INTERACTIVE = "interactive"  # a visitor waits for it; streams; short
    TRAINING = "training"  # resumable, metered, quoted before it runs; signed-in people only


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One value that an action returns, for page, API and documents.

    ``kind`` is text, number, flag, labels, image, table, figure or audio: each has one template.
    """

    label: str
    kind: str
    unit: str = ""
    help: str = ""
    quantity: str = ""  # the name under which this measured value can be sent into a calculator
    words: Mapping[str, str] = field(default_factory=dict)  # what each possible text value is called for a reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``entry`` is "package.module:function", called as ``(inputs, progress, **given) -> dict``.

    ``given`` are the paths of uploads under the names of their ``media()`` fields, folders of earlier runs as
    ``artifact_folders`` says, and ``price_per_hour`` (USD) and ``power_watts`` of the device. The returned dict holds
    a value for each of ``results``, and ``artifacts``, names to files in ``progress.folder``, where there are any.
    """

    slug: str
    title: str
    help: str
    mode: Mode
    inputs: type
    entry: str
    results: Mapping[str, Result]
    # "package.module:function", standard library only: (inputs, device=…) -> what a run will take, before it runs.
    estimate: str = ""
    # Text field that names an earlier run -> keyword under which ``entry`` gets the folder of its artifacts.
    artifact_folders: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        check_declaration(self.inputs)
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"action slug {self.slug!r}: lower-case words joined by hyphens")
        if self.entry.count(":") != 1:
            raise ValueError(f"action {self.slug}: entry is 'package.module:function', got {self.entry!r}")
        if unknown := set(self.artifact_folders) - {name for name, _, _ in params(self.inputs)}:
            raise ValueError(f"action {self.slug}: artifact_folders names {sorted(unknown)}, which are not inputs")

    def load(self) -> Callable[..., dict[str, Any]]:
        return load(self.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    slug: str
    title: str
    summary: str
    family: str
    actions: tuple[Action, ...]
    card: str = field(default="card.md")

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"task slug {self.slug!r}: lower-case words joined by hyphens")
        slugs = [action.slug for action in self.actions]
        if not slugs or len(set(slugs)) != len(slugs):
            raise ValueError(f"task {self.slug}: actions need different slugs, got {slugs}")

    def action(self, slug: str) -> Action:
        """Raises KeyError for an unknown slug."""
        return {action.slug: action for action in self.actions}[slug]


def load(entry: str) -> Callable[..., Any]:
    """The function that ``"package.module:function"`` names."""
    module, _, name = entry.partition(":")
    return getattr(import_module(module), name)
