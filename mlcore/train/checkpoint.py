"""Best and last state of a run in its folder.

Each is a pair: ``last-00000120.safetensors`` with the tensors and ``last.json`` which names that file with its SHA-256
and holds all the rest. The JSON is replaced last and atomically, so it always names a whole file; what it no longer
names is then removed. A run killed anywhere between finds the state before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from mlcore.storage import read_json, read_tensors, write_json, write_tensors


class Checkpoint:
    """One named state in ``folder``, which is made when it is first written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.pointer = folder / f"{name}.json"

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # Only the file that was named before is removed: a second process that still runs this job, because it was
        # taken for dead, may be writing others.
        before = self._named()
        path = self.folder / f"{self.name}-{step:08d}.safetensors"
        sha256 = write_tensors(path, tensors)
        write_json(self.pointer, {"file": path.name, "sha256": sha256, "step": step, **facts})
        if before not in (None, path):
            before.unlink(missing_ok=True)

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Tensors and facts, or None when nothing was saved.

        Raises:
            Damaged: the files are not those that were written.
        """
        if not self.pointer.exists():
            return None
        facts = read_json(self.pointer)
        return read_tensors(self.folder / facts["file"], sha256=facts["sha256"]), facts

    def tidy(self) -> None:
        """Remove what a killed process left half done. Call it when the run has ended, so that nobody writes."""
        named = self._named()
        for path in (*self.folder.glob(f"{self.name}-*.safetensors"), *self.folder.glob(f".{self.name}*.part")):
            if path != named:
                path.unlink(missing_ok=True)

    def _named(self) -> Path | None:
        return self.folder / read_json(self.pointer)["file"] if self.pointer.exists() else None
