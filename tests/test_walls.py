"""The walls between the parts: who imports whom, and what a fresh interpreter loads.

Both are needed. The contracts do not see what ``import_module`` loads; a fresh interpreter does not see an import
hidden in a function.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import portal

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "transformers", "tokenizers", "safetensors"}
WEB = {"django", "rest_framework", "celery", "kombu", "redis", "plotly", "babel"}


def loaded(statements: str) -> set[str]:
    """The modules, and the packages around them, that a new interpreter has loaded after ``statements``."""
    code = f"{statements}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_import_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def test_the_planning_engine_runs_on_numpy_and_scipy_alone() -> None:
    modules = loaded(
        "from portal.planning.registry import all_calculators\n"
        "from portal.planning.engine import report, simulate\n"
        "for each in all_calculators().values():\n"
        "    report(simulate(each, each.inputs(), draws=10, seed=1))"
    )
    assert {"numpy", "scipy", "portal", "mlcore"} <= modules
    assert not modules & (HEAVY | WEB | {"pandas", "sqlite3", "simpleeval"})


def test_the_planning_engine_leaves_the_slow_parts_of_scipy_alone() -> None:
    modules = loaded(
        "import portal.planning.engine\nfrom portal.planning.registry import all_calculators\nall_calculators()"
    )
    assert "scipy.special" in modules
    assert not modules & {"scipy.stats", "scipy.optimize", "scipy.sparse"}


def test_declarations_of_tasks_need_the_standard_library_alone() -> None:
    modules = loaded("import mlcore.reading\nfrom mlcore.registry import all_tasks\nassert all_tasks() is not None")
    assert not modules & (HEAVY | WEB | {"numpy", "scipy", "portal"})


@pytest.mark.parametrize("entry", ["portal.urls", "portal.asgi", "portal.celery"])
def test_the_web_process_and_the_parent_of_the_workers_never_load_torch(entry: str) -> None:
    assert not loaded(f"import django\ndjango.setup()\nimport {entry}") & HEAVY


def test_the_package_of_the_portal_stays_empty() -> None:
    """Code there would start Django and Celery on every import of the planning engine."""
    assert Path(portal.__file__).read_text(encoding="utf-8").strip() == ""


def test_a_hidden_import_of_torch_would_be_seen(tmp_path: Path) -> None:
    """The interpreter test tells a module that loads torch from one that does not."""
    (tmp_path / "torch.py").write_text("")
    hidden = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom importlib import import_module\n"
    assert "torch" not in loaded(hidden)
    assert "torch" in loaded(hidden + "import_module('torch')")
