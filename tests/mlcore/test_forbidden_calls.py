"""No code of ours unpickles, evaluates text or loads YAML into objects: each has run strangers' code elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = frozenset({"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})
BARE = frozenset({"eval", "exec", "compile", "__import__"})
DOTTED = frozenset(
    {"torch.load", "numpy.load", "np.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "pandas.read_pickle"}
)
ALLOWED_KEYWORDS = {"allow_pickle": False, "trust_remote_code": False, "weights_only": True}


def forbidden(source: str) -> list[str]:
    """What in ``source`` is not permitted, with its line."""
    return [f"{node.lineno}: {what}" for node in ast.walk(ast.parse(source)) if (what := _forbidden(node))]


def _forbidden(node: ast.AST) -> str:
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if alias.name.partition(".")[0] in MODULES), "")
    if isinstance(node, ast.ImportFrom) and node.module:
        if node.module.partition(".")[0] in MODULES:
            return node.module
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return next((name for name in names if name in DOTTED), "")
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        return name if name in BARE | DOTTED else _forbidden_keyword(node)
    return ""


def _forbidden_keyword(node: ast.Call) -> str:
    for keyword in node.keywords:
        if keyword.arg in ALLOWED_KEYWORDS:
            if not isinstance(keyword.value, ast.Constant) or keyword.value.value is not ALLOWED_KEYWORDS[keyword.arg]:
                return f"{keyword.arg}={ast.unparse(keyword.value)}"
    return ""


def sources() -> list[Path]:
    return sorted(path for package in ("mlcore", "portal") for path in (ROOT / package).rglob("*.py"))


def test_nothing_forbidden_is_called() -> None:
    read = sources()
    assert len(read) > 50
    found = {str(path.relative_to(ROOT)): forbidden(path.read_text(encoding="utf-8")) for path in read}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import joblib.numpy_pickle as j",
        "from pickle import loads",
        "from torch import load",
        "import torch\ntorch.load(path)",
        "yaml.load(text)",
        "eval(text)",
        "exec(text)",
        "model = AutoModel.from_pretrained(name, trust_remote_code=True)",
        "np.fromfile(f); open_memmap(f, allow_pickle=given)",
        "def f():\n    if x:\n        return __import__('os')",
    ],
)
def test_each_way_is_noticed(source: str) -> None:
    assert len(forbidden(source)) == 1


@pytest.mark.parametrize(
    "source",
    ["model.eval()", "re.compile('x')", "json.load(f)", "safetensors.torch.load(b)", "f(trust_remote_code=False)"],
)
def test_what_only_sounds_alike_is_permitted(source: str) -> None:
    assert forbidden(source) == []
