"""One image file from a stranger: what it may be is decided from its header, before its pixels take memory.

Every refusal is a ``ValueError`` for the person who sent it.
"""

from __future__ import annotations

import base64
import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

FORMATS = {"PNG": ("png",), "JPEG": ("jpg", "jpeg"), "WEBP": ("webp",)}
MIN_SIDE, MAX_SIDE = 8, 10_000  # pixels
MAX_PIXELS = 40_000_000  # 120 MB in colour
MAX_BYTES = 12 * 1024 * 1024
SUFFIXES = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)
# What Pillow raises, beside OSError, for files that are not what their first bytes promise.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError)


def read_image(content: bytes, *, name: str = "", near: int | None = None) -> Image.Image:
    """The picture in RGB, upright, transparency on white.

    ``name`` is said in refusals, and its ending has to be that of the format. With ``near`` a large JPEG may be decoded
    smaller, though with no side below that many pixels.

    Raises:
        ValueError: too large, too small, animated, damaged, or of another format.
    """
    called = f"{name}: " if name else ""
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{called}Wanted an image of at most {MAX_BYTES:,} bytes, got {len(content):,}. Scale it down."
        )
    image = _opened(content, called)
    _check_header(image, called)
    _check_ending(image, name)
    if near is not None:
        image.draft(None, (near, near))
    try:
        image.load()
        return _in_rgb(ImageOps.exif_transpose(image))
    except (*_BROKEN, Image.DecompressionBombError) as problem:
        raise ValueError(f"{called}Wanted a whole image, got one that ends early or is damaged ({problem}).") from None


def square(image: Image.Image, size: int) -> np.ndarray:
    """(size, size, 3) uint8: the middle of the picture, as large a square as it has."""
    return np.array(ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC))


def _opened(content: bytes, called: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower, and refuses
            # Only these readers: Pillow knows dozens of formats, some of which start other programs.
            return Image.open(BytesIO(content), formats=tuple(FORMATS))
    except Image.DecompressionBombError:
        raise ValueError(
            f"{called}Wanted an image of at most {MAX_PIXELS:,} pixels, got far more. Scale it down."
        ) from None
    except _BROKEN:
        raise ValueError(
            f"{called}Wanted an image as PNG, JPEG or WebP, got something else, or a damaged file. Save it again."
        ) from None


def _check_header(image: Image.Image, called: str) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ValueError(
            f"{called}Wanted an image of at most {MAX_SIDE:,} pixels a side and {MAX_PIXELS:,} in all, got "
            f"{width:,} × {height:,}. Scale it down."
        )
    if min(width, height) < MIN_SIDE:
        raise ValueError(
            f"{called}Wanted an image of at least {MIN_SIDE} pixels a side, got {width} × {height}. "
            "There is nothing to see in so few."
        )
    # Phones store a photograph and its preview as MPO, which is a JPEG with a second picture behind it.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise ValueError(f"{called}Wanted one still image, got an animation. Save one of its pictures.")


def _check_ending(image: Image.Image, name: str) -> None:
    suffix = name.rpartition(".")[2].lower()
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    if name and suffix not in FORMATS[kind]:
        raise ValueError(
            f"{name}: Wanted a name that ends in .{FORMATS[kind][0]}, since the file is {kind}. Rename it."
        )


def _in_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off instead of scaling
        return Image.fromarray((np.asarray(image).astype(np.int64) // 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")


def as_png(pixels: np.ndarray, *, side: int = 0) -> str:
    """(H, W, 1 or 3) uint8 as a PNG in base64; with ``side`` enlarged to it, its pixels kept square."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    if side:
        picture = picture.resize((side, side), Image.Resampling.NEAREST)
    content = BytesIO()
    picture.save(content, format="PNG", optimize=True)
    return base64.b64encode(content.getvalue()).decode()
