"""Images from strangers, archives, CIFAR-10, drawn digits and glyphs: what is read, and what is refused and how."""

from __future__ import annotations

import base64
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from mlcore.data import images_archive, images_cifar
from mlcore.data.images import MIN_PER_CLASS, Images, as_read, digits, split
from mlcore.data.images_archive import read_archive
from mlcore.data.images_augment import augmentation
from mlcore.data.images_cifar import read_cifar10
from mlcore.data.images_file import MAX_BYTES, as_png, read_image, square
from mlcore.data.images_glyphs import LETTERS, SHAPES, glyphs
from mlcore.data.images_ink import like_a_digit

RED, BLUE = (220, 30, 30), (30, 30, 220)


def encoded(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    content = io.BytesIO()
    image.save(content, format=kind, **how)
    return content.getvalue()


def plain(colour: tuple[int, int, int] = RED, side: int = 40) -> bytes:
    return encoded(Image.new("RGB", (side, side), colour))


def frames(kind: str) -> bytes:
    first, *others = (Image.new("RGB", (16, 16), (shade, 0, 0)) for shade in (0, 120, 240))
    return encoded(first, kind, save_all=True, append_images=others)


def png_header(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is ``width`` by ``height``."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def attempt(action: Callable[[], Any]) -> tuple[Any, str]:
    """What it returned, or None and how it was refused; anything but a ValueError fails the test."""
    try:
        return action(), ""
    except ValueError as problem:
        return None, str(problem)


# The set and its split


def test_the_digits_are_split_the_same_each_time_and_share_nothing() -> None:
    parts, again = digits(), digits()
    assert [len(part) for part in (parts.training, parts.validation, parts.test)] == [1_077, 270, 450]
    assert np.array_equal(parts.test.pixels, again.test.pixels)
    everything = [part.pixels[at].tobytes() for part in (parts.training, parts.validation, parts.test)
                  for at in range(len(part))]  # fmt: skip
    assert len(everything) == len(set(everything)) == 1_797  # the set has no image twice, so none is on two sides
    assert parts.test.pixels.max() == 255
    for part in (parts.training, parts.validation, parts.test):
        shares = np.bincount(part.labels) / len(part)
        assert np.all(np.abs(shares - 0.1) < 0.006)


@pytest.mark.parametrize(
    ("labels", "classes", "said"),
    [
        ([0] * 30, ("cat",), "at least 2 classes, got 1: cat"),
        ([0] * 30 + [1] * (MIN_PER_CLASS - 1), ("cat", "dog"), "at least 10 images of each class.*got 9 of “dog”"),
        ([0] * 30, ("cat", "dog"), "got 0 of “dog”"),
    ],
)
def test_what_cannot_be_split_is_refused(labels: list[int], classes: tuple[str, ...], said: str) -> None:
    images = Images(pixels=np.zeros((len(labels), 8, 8, 1), np.uint8), labels=np.array(labels), classes=classes)
    with pytest.raises(ValueError, match=said):
        split(images, seed=0)


def test_pixels_as_a_model_reads_them() -> None:
    colour = np.zeros((1, 4, 4, 3), np.uint8)
    colour[..., 0], colour[..., 1], colour[..., 2] = 100, 150, 200
    # 0.299 × 100 + 0.587 × 150 + 0.114 × 200
    assert as_read(colour, size=4, channels=1).unique().tolist() == [141]
    grey = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1) * 16
    repeated = as_read(grey, size=4, channels=3)
    assert repeated.shape == (1, 3, 4, 4)
    assert torch.equal(repeated[:, 0], repeated[:, 2])
    halved = as_read(np.repeat(np.repeat(grey, 2, axis=1), 2, axis=2), size=4, channels=1)
    assert halved.float().mean() == pytest.approx(grey.mean(), abs=1)


# One file


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.png", "a.png: Wanted an image as PNG, JPEG or WebP, got something else"),
        (b"not an image at all", "", "^Wanted an image as PNG, JPEG or WebP"),
        (frames("GIF"), "", "Wanted an image as PNG, JPEG or WebP"),
        (encoded(Image.new("RGB", (40, 40)), "BMP"), "a.png", "Wanted an image as PNG, JPEG or WebP"),
        (plain(side=1), "", "at least 8 pixels a side, got 1 × 1"),
        (encoded(Image.new("RGB", (400, 7))), "", "got 400 × 7"),
        (png_header(20_000, 20_000), "", "Wanted an image of at most .* pixels"),
        (png_header(10_001, 8), "", "10,000 pixels a side .* got 10,001 × 8"),
        (png_header(2**31 - 1, 2**31 - 1), "", "Wanted an image of at most"),
        (png_header(64, 64), "", "Wanted a whole image, got one that ends early or is damaged"),
        (plain()[:-30], "", "Wanted a whole image"),
        (encoded(Image.effect_noise((200, 200), 90), "JPEG")[:3_000], "", "Wanted a whole image"),
        (frames("PNG"), "", "one still image, got an animation"),
        (frames("WEBP"), "", "one still image, got an animation"),
        (plain(), "a.jpg", "a.jpg: Wanted a name that ends in .png, since the file is PNG"),
        (encoded(Image.new("RGB", (40, 40)), "JPEG"), "a.webp", "ends in .jpg, since the file is JPEG"),
        (b"\x89PNG" + b"0" * MAX_BYTES, "", "at most 12,582,912 bytes, got 12,582,916"),
    ],
)
def test_bad_files_are_refused_with_a_reason(content: bytes, name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_image(content, name=name)


def test_a_huge_image_is_refused_before_its_pixels_take_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.core, "new", lambda *size: pytest.fail("pixels were made"))
    with pytest.raises(ValueError, match="Wanted an image of at most"):
        read_image(png_header(9_999, 9_999))


def test_pictures_come_out_upright_opaque_and_in_eight_bits() -> None:
    wide = Image.new("RGB", (30, 20), RED)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert read_image(encoded(wide, "JPEG", exif=exif)).size == (20, 30)
    assert read_image(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)))).getpixel((4, 4)) == (255, 255, 255)
    assert read_image(encoded(Image.new("LA", (9, 9), (0, 128)))).getpixel((4, 4)) == pytest.approx((127,) * 3, abs=1)
    deep = Image.fromarray(np.full((9, 9), 257 * 100, np.uint16))
    assert read_image(encoded(deep)).getpixel((4, 4)) == (100, 100, 100)
    two = encoded(wide, "MPO", save_all=True, append_images=[Image.new("RGB", (30, 20), BLUE)])
    assert read_image(two, name="phone.jpg").size == (30, 20)
    assert read_image(encoded(Image.new("1", (9, 9), 1))).getpixel((0, 0)) == (255, 255, 255)
    assert read_image(encoded(wide, "WEBP"), name="a.WEBP").size == (30, 20)


def test_a_square_is_cut_from_the_middle() -> None:
    image = Image.new("RGB", (90, 30), BLUE)
    image.paste(RED, (30, 0, 60, 30))
    middle = square(image, 10)
    assert middle.shape == (10, 10, 3)
    assert np.all(np.abs(middle[:, 1:-1].astype(int) - RED) < 3)  # the outer columns touch the blue


def test_png_text_is_the_picture() -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(as_png(pixels, side=16)))))
    assert np.array_equal(found[::2, ::2], pixels[..., 0])


@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "WEBP"]), st.integers(0, 400))
def test_whatever_is_written_over_a_file_it_is_read_or_refused(noise: bytes, kind: str, at: int) -> None:
    content = bytearray(encoded(Image.effect_noise((24, 24), 60), kind))
    content[at : at + len(noise)] = noise
    read, refusal = attempt(lambda: read_image(bytes(content)))
    assert refusal.startswith("Wanted") if read is None else read.mode == "RGB"


# Archives


def packed(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def two_classes(under: str = "") -> dict[str, bytes]:
    return {
        f"{under}{name}/{number}.png": plain(colour, 20 + number)
        for name, colour in (("red", RED), ("blue", BLUE))
        for number in range(MIN_PER_CLASS)
    }


@pytest.mark.parametrize("under", ["", "pictures/"])
def test_folders_are_classes(tmp_path: Path, under: str) -> None:
    litter = {"__MACOSX/red/._0.png": b"x", f"{under}red/.DS_Store": b"x", f"{under}red/": b""}
    found = read_archive(packed(tmp_path / "a.zip", two_classes(under) | litter), size=16)
    assert found.classes == ("blue", "red")
    assert found.pixels.shape == (2 * MIN_PER_CLASS, 16, 16, 3)
    for label, colour in enumerate((BLUE, RED)):
        assert np.all(found.pixels[found.labels == label] == colour)


def linked() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("red/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"../../etc/cron.d/a.png": b""}, "leads out of it"),
        ({"/etc/a.png": b""}, "leads out of it"),
        ({"C:/a/b.png": b""}, "leads out of it"),
        ({"red\\..\\a.png": b""}, "plain names"),
        ({"red/" + "a" * 300 + ".png": b""}, "plain names of at most 255"),
        ({"red/new\nline.png": b""}, "plain names"),
        ({"red/more.zip": b"PK"}, "red/more.zip: Wanted images, got an archive in the archive"),
        ({"red/more.tar.gz": b""}, "an archive in the archive"),
        ({"red/notes.txt": b"hello"}, "red/notes.txt: Wanted images as PNG, JPEG or WebP only"),
        ({"red/program": b"\x7fELF"}, "red/program: Wanted images"),
        ({"alone.png": plain()}, "alone.png: Wanted it in the folder of its class"),
        ({"deeper/red/1.png": plain()}, "side by side, got red/0.png and deeper/red/1.png"),
        ({"red/bad.png": b"nothing"}, "red/bad.png: Wanted an image as PNG, JPEG or WebP"),
        ({"red/bad.png": plain()[:-20]}, "red/bad.png: Wanted a whole image"),
        ({"red/bad.jpg": plain()}, "red/bad.jpg: Wanted a name that ends in .png"),
        ({"red/tiny.png": plain(side=1)}, "red/tiny.png: Wanted an image of at least 8 pixels"),
        ({"red/huge.png": png_header(20_000, 20_000)}, "red/huge.png: Wanted an image of at most"),
        ({"red/moving.png": frames("PNG")}, "red/moving.png: Wanted one still image"),
        ({"green/1.png": plain()}, "at least 10 images of each class.*got 1 of “green”"),
        ({"red/bomb.png": b"\0" * 5_000_000}, "red/bomb.png: .* unpacks to more than 100 times"),
        ({"red/bomb.png": b"\0" * (MAX_BYTES + 1)}, "red/bomb.png: Wanted images of at most 12,582,912 bytes"),
    ],
)
def test_bad_archives_are_refused_with_a_reason(tmp_path: Path, extra: dict[str, bytes], said: str) -> None:
    path = packed(tmp_path / "a.zip", two_classes() | extra, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=said):
        read_archive(path, size=16)
    assert list(tmp_path.iterdir()) == [path]  # nothing was unpacked


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({}, "got an archive without any"),
        ({"red/": b"", "blue/": b""}, "got an archive without any"),
        ({f"red/{number}.png": plain() for number in range(12)}, "at least 2 classes, got 1: red"),
    ],
)
def test_archives_with_too_little_are_refused(tmp_path: Path, entries: dict[str, bytes], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_archive(packed(tmp_path / "a.zip", entries), size=16)


def test_links_passwords_and_rare_packings_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "link.zip", two_classes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(linked(), "/etc/passwd")
    with pytest.raises(ValueError, match=r"red/link.png: Wanted files, got a link"):
        read_archive(path, size=16)
    with pytest.raises(ValueError, match="another method"):
        read_archive(packed(tmp_path / "rare.zip", two_classes(), zipfile.ZIP_LZMA), size=16)
    path = packed(tmp_path / "locked.zip", two_classes())
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1  # the flag of the first file in the list: encrypted
    path.write_bytes(content)
    with pytest.raises(ValueError, match="got an encrypted one"):
        read_archive(path, size=16)


def test_limits_of_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", two_classes())
    for name, value, said in (
        ("MAX_IMAGES", 19, "at most 19 images, got 20"),
        ("MAX_CLASSES", 1, "at most 1 classes, got 2"),
        ("MAX_UNPACKED", 1_000, "at most 1,000 bytes when unpacked"),
        ("MAX_ARCHIVE_BYTES", 900, "an archive of at most 900 bytes"),
        ("_MAX_LIST_BYTES", 100, "got far more"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(images_archive, name, value)
            with pytest.raises(ValueError, match=said):
                read_archive(path, size=16)


def test_an_archive_that_lies_of_its_list_or_its_contents_is_refused(tmp_path: Path) -> None:
    content = packed(tmp_path / "a.zip", two_classes()).read_bytes()
    end = content.rfind(b"PK\x05\x06")
    lies = {
        "list of 4 GB": content[: end + 12] + b"\xff\xff\xff\xfe" + content[end + 16 :],
        "64 bits": content[:end] + b"PK\x06\x07" + b"\0" * 16 + content[end:],
        "not whole": content[: end + 10],
        "not a zip": b"hello" * 100,
        "empty": b"",
        "other pixels": content.replace(b"IDAT", b"IDAX", 1),
    }
    for name, lie in lies.items():
        (tmp_path / "lie.zip").write_bytes(lie)
        read, refusal = attempt(lambda: read_archive(tmp_path / "lie.zip", size=16))
        assert read is None, name
        assert "Wanted" in refusal, name


@given(at=st.floats(0, 1), noise=st.binary(min_size=1, max_size=60))
def test_whatever_is_written_over_an_archive_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: float, noise: bytes
) -> None:
    path = packed(tmp_path_factory.mktemp("zip") / "a.zip", two_classes(), zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    start = int(at * (len(content) - 1))
    content[start : start + len(noise)] = noise
    path.write_bytes(content)
    read, refusal = attempt(lambda: read_archive(path, size=8))
    assert "Wanted" in refusal if read is None else read.pixels.shape[1:] == (8, 8, 3)


def test_reading_an_archive_can_be_stopped(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def check() -> None:
        raise Stop

    with pytest.raises(Stop):
        read_archive(packed(tmp_path / "a.zip", two_classes()), size=16, check=check)


# CIFAR-10


def cifar_files(per_class: int = 4) -> dict[str, bytes]:
    """The seven files of the binary version, in miniature: each pixel of an image of class k is 10 × k + channel."""

    def record(label: int) -> bytes:
        return bytes([label]) + b"".join(bytes([10 * label + channel]) * 1_024 for channel in range(3))

    batch = b"".join(record(label) for label in range(10) for _ in range(per_class))
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    files = {f"data_batch_{number}.bin": batch for number in range(1, 6)}
    return {**files, "test_batch.bin": batch, "batches.meta.txt": (names.replace(" ", "\n") + "\n\n").encode()}


def tarred(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_cifar10_is_read_from_its_binary_version(tmp_path: Path) -> None:
    parts = read_cifar10(tarred(tmp_path / "cifar-10-binary.tar.gz", cifar_files()), seed=3)
    assert parts.test.classes[:2] == ("airplane", "automobile")
    assert (len(parts.training), len(parts.validation), len(parts.test)) == (170, 30, 40)
    for part in (parts.training, parts.validation, parts.test):
        assert np.array_equal(part.pixels[:, 5, 9], 10 * part.labels[:, None] + np.arange(3))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"test_batch.bin": None}, "with test_batch.bin in it"),
        ({"batches.meta.txt": b"airplane\n"}, "labels below 1 in .*, got 9"),
        ({"data_batch_2.bin": b"123"}, "records of 3,073 bytes"),
        ({"test_batch.bin": b""}, "records of 3,073 bytes in test_batch.bin, got 0"),
        ({"batches.meta.txt": b"a" * 20_000}, "batches.meta.txt of at most 10,000 bytes"),
    ],
)
def test_other_cifar_archives_are_refused(tmp_path: Path, changed: dict[str, bytes | None], said: str) -> None:
    files = {name: content for name, content in {**cifar_files(), **changed}.items() if content is not None}
    with pytest.raises(ValueError, match=said):
        read_cifar10(tarred(tmp_path / "a.tar.gz", files), seed=0)


def test_the_pickled_version_and_damaged_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = tarred(tmp_path / "python.tar.gz", {"data_batch_1": b"\x80\x04."})
    with pytest.raises(ValueError, match="wanted the binary version with batches"):
        read_cifar10(pickled, seed=0)
    whole = tarred(tmp_path / "a.tar.gz", cifar_files()).read_bytes()
    for content in (b"", b"hello", whole[:-200]):
        (tmp_path / "bad.tar.gz").write_bytes(content)
        with pytest.raises(ValueError, match="CIFAR-10: wanted"):
            read_cifar10(tmp_path / "bad.tar.gz", seed=0)
    with pytest.raises(ValueError, match="CIFAR-10: wanted its binary version"):
        read_cifar10(tmp_path / "absent.tar.gz", seed=0)
    monkeypatch.setattr(images_cifar, "_MOST_RECORDS", 39)
    with pytest.raises(ValueError, match="of at most 119,847 bytes"):
        read_cifar10(tmp_path / "a.tar.gz", seed=0)


# Drawn digits


def drawn(text: str, *, ink: int, paper: int, size: int = 150, at: tuple[int, int] = (140, 140)) -> Image.Image:
    image = Image.new("L", (280, 280), paper)
    ImageDraw.Draw(image).text(at, text, fill=ink, font=ImageFont.load_default(size), anchor="mm")
    return image


def test_a_drawing_is_cropped_centred_scaled_and_turned_to_white_on_black() -> None:
    reference = like_a_digit(drawn("4", ink=255, paper=0))
    assert reference.shape == (8, 8, 1)
    assert set(np.unique(reference)) <= {round(step * 255 / 16) for step in range(17)}
    assert reference[0].any()
    assert reference[-1].any()  # it fills the height
    for other in (
        drawn("4", ink=0, paper=255),
        drawn("4", ink=200, paper=40),
        drawn("4", ink=255, paper=0, at=(200, 90)),
        drawn("4", ink=255, paper=0, size=90),
    ):
        assert np.abs(like_a_digit(other).astype(int) - reference).mean() < 24


def test_shade_and_specks_do_not_matter() -> None:
    clean = drawn("5", ink=30, paper=220)
    shade = np.asarray(clean, dtype=float) - np.linspace(0, 60, 280)[None, :] + np.linspace(0, 30, 280)[:, None]
    shaded = Image.fromarray(shade.clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(shaded).ellipse((20, 20, 24, 24), fill=0)
    assert np.abs(like_a_digit(shaded).astype(int) - like_a_digit(clean)).mean() < 16


def test_a_thin_pen_is_thickened_and_a_line_stays_a_line() -> None:
    image = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(image).line((200, 60, 200, 340), fill="black", width=2)
    found = like_a_digit(image)[..., 0]
    assert found[:, 3:5].min() == 255
    assert not found[:, [0, 1, 6, 7]].any()


@pytest.mark.parametrize("colour", ["white", "black", (90, 90, 90)])
def test_an_empty_picture_is_refused(colour: object) -> None:
    with pytest.raises(ValueError, match="stands out from its background"):
        like_a_digit(Image.new("RGB", (280, 280), colour))


@given(st.integers(8, 60), st.integers(8, 60), st.integers(0, 2**32 - 1))
def test_any_picture_with_contrast_is_made_ready(width: int, height: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    found = like_a_digit(Image.fromarray(noise))
    assert found.shape == (8, 8, 1)
    assert found.max() > 0


# Glyphs and augmentation


def test_glyphs_are_many_alike_in_number_and_the_same_each_time() -> None:
    found, again, other = glyphs(240, seed=1), glyphs(240, seed=1), glyphs(240, seed=2)
    assert found.pixels.shape == (240, 32, 32, 3)
    assert np.array_equal(found.pixels, again.pixels)
    assert not np.array_equal(found.pixels, other.pixels)
    assert set(np.bincount(found.labels, minlength=len(found.classes))) == {8}
    assert found.classes == (*LETTERS, *SHAPES)
    assert not any(name.isdigit() for name in found.classes)
    assert found.pixels.reshape(240, -1).std(axis=1).min() > 5  # each shows something


def test_augmentation_shifts_and_mirrors_by_the_generator_that_checkpoints_hold() -> None:
    marked = torch.zeros(64, 1, 8, 8, dtype=torch.uint8)
    marked[:, :, 4, 2] = 255
    crop, flip = augmentation("crop", size=8), augmentation("crop-flip", size=8)
    assert crop is not None
    assert flip is not None
    assert augmentation("none", size=8) is None
    torch.manual_seed(5)
    first = crop(marked)
    torch.manual_seed(5)
    assert torch.equal(first, crop(marked))
    where = {tuple(spot) for spot in first[:, 0].nonzero()[:, 1:].tolist()}
    assert where == {(row, column) for row in (3, 4, 5) for column in (1, 2, 3)}
    mirrored = flip(marked)[:, 0].nonzero()[:, 2]
    assert {1, 2, 3, 4, 5, 6} == set(mirrored.tolist())
    assert (first.dtype, float(first.max())) == (torch.float32, 1.0)
