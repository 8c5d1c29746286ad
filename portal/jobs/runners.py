"""What a job can run, by name. The portal knows only names; a worker resolves one when it runs it.

An app registers in its ``AppConfig.ready``: ``runners.register("task", "portal.demos.runner:run")``. The function
is called as ``run(payload: dict, run: JobRun) -> dict`` and returns
``{"results": {…}, "measures": {quantity: value}, "artifacts": {name: file name in run.folder}}``; each may be left out.

``describe``, named in the same way, is called in the web process as ``describe(job: Job) -> Description`` and says in
the reader's language what the job was asked for and what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.utils.safestring import SafeString

from mlcore.task import Curve


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a description: a label and what stands there, both ready to be read."""

    label: str
    text: str
    is_long: bool = False  # a passage, a table or a picture rather than a value
    name: str = ""
    help: str = ""
    html: SafeString | str = ""  # where it is drawn; the text otherwise
    has_title: bool = False  # the drawing says itself what it is


@dataclass(frozen=True, slots=True)
class Description:
    """``curves`` are drawn from the step events; ``has_charts`` says that results may hold figures of plotly."""

    configuration: tuple[Row, ...]
    results: tuple[Row, ...]
    curves: tuple[Curve, ...] = ()
    has_charts: bool = False

    @property
    def passages(self) -> list[Row]:
        return [row for row in self.results if row.is_long]

    @property
    def facts(self) -> list[Row]:
        return [row for row in self.results if not row.is_long]


@dataclass(frozen=True, slots=True)
class _Runner:
    entry: str
    describe: str


_RUNNERS: dict[str, _Runner] = {}


def register(name: str, entry: str, describe: str = "") -> None:
    """``entry`` and ``describe`` are ``"package.module:function"``.

    Raises:
        RuntimeError: when the name is taken by another entry.
    """
    for text in (entry, describe or entry):
        assert text.count(":") == 1, f"runner {name}: an entry is 'package.module:function', got {text!r}"
    runner = _Runner(entry, describe)
    if _RUNNERS.setdefault(name, runner) != runner:
        raise RuntimeError(f"the runner {name!r} is {_RUNNERS[name].entry} already, not {entry}")


def is_known(name: str) -> bool:
    return name in _RUNNERS


def load(name: str) -> Callable[..., dict[str, Any]]:
    """The function of a runner; imports what it needs, so only a worker's child calls this.

    Raises:
        KeyError: for a name that nobody registered.
    """
    return _resolve(_RUNNERS[name].entry)


def describer(name: str) -> Callable[[Any], Description] | None:
    """How a runner's jobs are described; None for one that does not say."""
    runner = _RUNNERS.get(name)
    return _resolve(runner.describe) if runner and runner.describe else None


def _resolve(entry: str) -> Callable[..., Any]:
    module, _, function = entry.partition(":")
    return getattr(import_module(module), function)
