"""Find every ``mlcore.tasks.<name>.spec`` and nothing heavier. A broken task stops the start, with its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from mlcore import tasks
from mlcore.task import Task


@cache
def all_tasks() -> dict[str, Task]:
    """Slug to task, in the order of slugs.

    Raises:
        RuntimeError: naming the folder whose declaration is broken, or the slug that two tasks share.
    """
    found: dict[str, Task] = {}
    for package in iter_modules(tasks.__path__):
        name = f"{tasks.__name__}.{package.name}.spec"
        try:
            task = import_module(name).TASK
        except Exception as problem:
            raise RuntimeError(f"the task {name} does not load: {problem}") from problem
        if not isinstance(task, Task):
            raise RuntimeError(f"{name}.TASK is a {type(task).__qualname__}, not a Task")
        if task.slug in found:
            raise RuntimeError(f"two tasks are called {task.slug!r}")
        found[task.slug] = task
    return dict(sorted(found.items()))
