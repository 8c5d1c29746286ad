"""CIFAR-10 from its **binary** version, ``cifar-10-binary.tar.gz``; the Python version is pickled and never opened.

The set (Krizhevsky 2009) has no licence of its own and is not shipped: the operator provides the archive. Its layout
is that of https://www.cs.toronto.edu/~kriz/cifar.html: records of one byte of label and 3,072 of pixels, red, green
and blue planes of 32 by 32 each, row by row.
"""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path

import numpy as np

from mlcore.data.images import VALIDATION_SHARE, Images, Split, hold_out

SIDE = 32
_RECORD = 1 + 3 * SIDE * SIDE
_MOST_RECORDS = 10_000  # of a file
_TRAINING = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_TEST, _NAMES = "test_batch.bin", "batches.meta.txt"
_NAMES_BYTES = 10_000


def read_cifar10(path: Path, *, seed: int) -> Split:
    """Its own test images, and its training images split by ``seed`` into those to learn from and to validate with.

    Raises:
        ValueError: not that archive, or a damaged one.
    """
    wanted = {*_TRAINING, _TEST, _NAMES}
    found: dict[str, bytes] = {}
    try:
        # "r|gz" reads on from the start, once, and holds no more than the file at hand.
        with tarfile.open(path, mode="r|gz") as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if member.isreg() and name in wanted:
                    found[name] = _content(archive, member, name)
    except (OSError, tarfile.TarError, EOFError, zlib.error) as problem:
        raise ValueError(
            f"CIFAR-10: wanted its binary version, cifar-10-binary.tar.gz, got something else or a damaged file "
            f"({problem})."
        ) from None
    if missing := sorted(wanted - set(found)):
        raise ValueError(
            f"CIFAR-10: wanted the binary version with {', '.join(missing)} in it, got an archive without."
        )
    classes = tuple(found[_NAMES].decode("ascii", "replace").split())
    training = _images(b"".join(found[name] for name in _TRAINING), classes, "data_batch_1.bin to data_batch_5.bin")
    learnt, validation = hold_out(training, VALIDATION_SHARE, seed=seed)
    return Split(learnt, validation, _images(found[_TEST], classes, _TEST))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> bytes:
    most = _NAMES_BYTES if name == _NAMES else _MOST_RECORDS * _RECORD
    if member.size > most:
        raise ValueError(f"CIFAR-10: wanted {name} of at most {most:,} bytes, got {member.size:,}.")
    file = archive.extractfile(member)
    assert file is not None, "a regular file"
    return file.read()


def _images(records: bytes, classes: tuple[str, ...], name: str) -> Images:
    if not records or len(records) % _RECORD:
        raise ValueError(f"CIFAR-10: wanted records of {_RECORD:,} bytes in {name}, got {len(records):,} bytes.")
    table = np.frombuffer(records, dtype=np.uint8).reshape(-1, _RECORD)
    labels = table[:, 0].astype(np.int64)
    if labels.max() >= len(classes):
        raise ValueError(f"CIFAR-10: wanted labels below {len(classes)} in {name}, got {labels.max()}.")
    pixels = np.ascontiguousarray(table[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))
    return Images(pixels=pixels, labels=labels, classes=classes)
