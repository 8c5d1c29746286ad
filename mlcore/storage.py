"""Files that are whole or absent, and tensors whose bytes are checked before they are used.

Tensors are stored as safetensors with JSON beside them; nothing here, or anywhere in this package, unpickles.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor


class Damaged(ValueError):
    """A file whose bytes are not those that were recorded."""


def write_atomic(path: Path, content: bytes) -> None:
    """Write so that a reader, also after a crash or a power cut, finds the old content or the new, never a part.

    The temporary file lies in the same folder, because a rename is atomic only within one file system.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(path: Path, value: Any) -> None:
    write_atomic(path, (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """Raises Damaged, naming the file, when it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise Damaged(f"{path.name}: wanted JSON, got something else ({problem})") from problem


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> str:
    """Write safetensors atomically; returns the SHA-256 of the file."""
    content = safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
    write_atomic(path, content)
    return hashlib.sha256(content).hexdigest()


def read_tensors(path: Path, *, sha256: str) -> dict[str, Tensor]:
    """The tensors of a file, on the CPU.

    Raises:
        Damaged: the file is missing, or its bytes are not those whose SHA-256 was recorded.
    """
    content = read_checked(path, sha256=sha256)
    try:
        return safetensors.torch.load(content)
    except Exception as problem:  # the library raises its own errors, which share no base but Exception
        raise Damaged(f"{path.name}: wanted safetensors, got something else ({problem})") from problem


def read_checked(path: Path, *, sha256: str) -> bytes:
    """The bytes of a file, hashed as they were read: no gap in which the file could be swapped."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Damaged(f"{path.name}: wanted this file beside its JSON, found none") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise Damaged(f"{path.name}: wanted SHA-256 {sha256[:12]}…, got {found[:12]}…; the file is damaged or replaced")
    return content
