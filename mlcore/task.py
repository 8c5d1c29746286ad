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
KINDS = ("text", "number", "flag", "labels", "marks", "table", "figure", "image", "audio")


class Mode(StrEnum):
    INTERACTIVE = "interactive"  # a visitor waits for it; streams; short
    TRAINING = "training"  # resumable, metered, quoted before it runs; signed-in people only


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One value that an action returns, for page, API and documents.

    ``kind`` says which JSON the value is, ``mlcore.results`` checks it, and each has one template. None is a value that
    is unknown, of any kind.

    - ``text``: a string. ``number``: of ``unit``, a share as a fraction. ``flag``: true or false.
    - ``labels``: ``[[label, score], …]``, scores from 0 to 1, in the order in which they are shown.
    - ``marks``: ``[[piece, weight], …]``, a text in pieces that are joined as they stand, spaces included, or by spaces
      where no piece has one at its ends; weights from −1 (against) to 1 (for).
    - ``table``: ``{"columns": [[label, unit], …], "rows": [[cell, …], …]}``; a cell is a number, a text or None.
    - ``figure``: ``{"lines": [{"label", "x": […], "y": […]}, …], "x": [label, unit], "y": [label, unit]}`` or
      ``{"grid": {"rows": [label, …], "columns": [label, …], "values": [[number, …], …]}}``, whose "x" and "y", where
      there are any, name its columns and rows.
    - ``image``: ``{"png": base64, "alt": text, "caption": text}``, the caption optional, or a list of them.
    - ``audio``: ``{"wav": base64, "alt": text}``.
    """

    label: str
    kind: str
    unit: str = ""
    help: str = ""
    quantity: str = ""  # the name under which this measured value can be sent into a calculator
    # What a text in the value is called for a reader: the value itself, a label, a heading, a caption.
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"result {self.label!r}: kind is one of {', '.join(KINDS)}, got {self.kind!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What the page of a run draws by step while it runs: measures that share an axis.

    ``measures`` maps names of ``progress.step(…, name=value)`` to labels; the first is taken for noisy and is smoothed.
    ``best`` marks the lowest ("min") or highest ("max") point of the last.
    """

    title: str
    measures: Mapping[str, str]
    unit: str = ""
    best: str = ""

    def __post_init__(self) -> None:
        if not self.measures or not all(name.isidentifier() for name in self.measures):
            raise ValueError(f"curve {self.title!r}: measures maps names of step events to labels")
        if self.best not in ("", "min", "max"):
            raise ValueError(f"curve {self.title!r}: best is 'min', 'max' or empty, got {self.best!r}")


LOSS = Curve(title="Loss", measures={"loss": "Training", "validation_loss": "Held out"}, best="min")
TOKENS = Curve(title="Throughput", measures={"tokens_per_second": "Tokens per second"}, unit="tokens/s")


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
    curves: tuple[Curve, ...] = ()  # of a training, when none are stated: loss, and tokens a second

    def __post_init__(self) -> None:
        if self.mode is Mode.TRAINING and not self.curves:
            object.__setattr__(self, "curves", (LOSS, TOKENS))
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
