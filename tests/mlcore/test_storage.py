"""Files: whole or absent whatever fails, and refused when a single bit differs."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.storage import Damaged, read_json, read_tensors, write_atomic, write_json, write_tensors
from mlcore.train.checkpoint import Checkpoint


class Failing:
    """Lets the n-th of the calls that reach the disk fail, as a full disk does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
        self.left = fails_at
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "open")):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, call):  # type: ignore[no-untyped-def]
        def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
            self.left -= 1
            if self.left == 0:
                raise OSError(28, "No space left on device")
            return call(*args, **kwargs)

        return counted


@pytest.mark.parametrize("fails_at", range(1, 5))
def test_a_failed_write_leaves_the_old_content_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")
    with monkeypatch.context() as patched:
        Failing(patched, fails_at)
        with pytest.raises(OSError, match="No space left"):
            write_atomic(path, b"new")
    assert path.read_bytes() == (b"new" if fails_at == 4 else b"old")  # the fourth call flushes the folder
    assert os.listdir(tmp_path) == ["file"]


def test_the_content_is_flushed_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append(os.readlink(f"/proc/self/fd/{fd}")), fsync(fd)))
    monkeypatch.setattr(Path, "replace", lambda self, to: (order.append("rename"), replace(self, to)))
    write_atomic(tmp_path / "file", b"content")
    assert order[0].endswith(".part")
    assert order[1:] == ["rename", str(tmp_path)]


@settings(max_examples=60)
@given(st.data())
def test_no_flipped_or_cut_byte_is_ever_loaded(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("flip") / "t.safetensors"
    sha256 = write_tensors(path, {"a": torch.arange(50.0), "b": torch.ones(3, dtype=torch.int64)})
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    path.write_bytes(content)
    with pytest.raises(Damaged, match="SHA-256"):
        read_tensors(path, sha256=sha256)


def test_bytes_that_are_no_tensors_are_refused(tmp_path: Path) -> None:
    for content in (b"", b"\xff" * 100, b"\x80\x02}q\x00.", b'\x10\x00\x00\x00\x00\x00\x00\x00{"a":{"dtype":1}}'):
        path = tmp_path / "t.safetensors"
        path.write_bytes(content)
        with pytest.raises(Damaged, match="wanted safetensors"):
            read_tensors(path, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(Damaged, match="found none"):
        read_tensors(tmp_path / "absent", sha256="0" * 64)
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(Damaged, match=r"broken\.json: wanted JSON"):
        read_json(tmp_path / "broken.json")


@pytest.mark.parametrize("fails_at", range(1, 10))
def test_a_checkpoint_that_fails_midway_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    checkpoint = Checkpoint(tmp_path, "last")
    checkpoint.save(1, {"w": torch.zeros(4)}, {"note": "one"})
    with monkeypatch.context() as patched:
        Failing(patched, fails_at)
        with contextlib.suppress(OSError):
            checkpoint.save(2, {"w": torch.ones(4)}, {"note": "two"})
    found = checkpoint.load()
    assert found is not None
    tensors, facts = found
    assert (facts["step"], facts["note"], tensors["w"].mean().item()) in ((1, "one", 0.0), (2, "two", 1.0))


def test_a_checkpoint_keeps_one_state_and_tidies_what_a_killed_process_left(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "new", "last")
    assert checkpoint.load() is None
    for step in (1, 2, 30):
        checkpoint.save(step, {"w": torch.full((2,), float(step))}, {})
    assert sorted(os.listdir(tmp_path / "new")) == ["last-00000030.safetensors", "last.json"]
    (tmp_path / "new" / "last-00000031.safetensors").write_bytes(b"half")
    (tmp_path / "new" / ".last-00000032.safetensors.1a2b.part").write_bytes(b"half")
    checkpoint.tidy()
    assert sorted(os.listdir(tmp_path / "new")) == ["last-00000030.safetensors", "last.json"]


def test_json_refuses_what_json_has_not(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"loss": float("nan")})
    assert not (tmp_path / "x.json").exists()
