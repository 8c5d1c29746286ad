"""Pictures: judged by their header before a pixel is decoded, then written anew by us.

What is kept are the pixels alone, turned upright: no place where a photograph was taken, no colour profile, no second
picture behind the first.
"""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from portal.demos.checks import JPEG, PNG, WEBP, Refused

MAX_PIXELS = 25_000_000  # some 100 MB when decoded
MIN_SIDE = 8  # pixels; smaller ones hold nothing to see
MAX_KEPT_SIDE = 2_048  # pixels; what is larger is made smaller, as models look at far fewer

_FORMATS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP"}
# What Pillow raises for damaged files of these formats, besides OSError.
_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError, struct.error, zlib.error)
# A decoded picture is large, and a web process has many threads.
_one_at_a_time = threading.Lock()


class NotImage(Refused):
    def __init__(self, reason: str) -> None:
        super().__init__("not_image", reason)


def rewrite(path: Path, media_type: str) -> None:
    """Put a clean copy of the picture at ``path`` in its place, in the same format.

    Raises:
        NotImage: no such picture, damaged or cut off, animated, too small, too many pixels.
    """
    with _one_at_a_time:
        try:
            picture = _decoded(path, media_type)
        except _DAMAGED as problem:
            if isinstance(problem, NotImage):
                raise
            raise NotImage(
                _("Wanted a whole picture, got one that is damaged or cut off. Save or download it again.")
            ) from problem
        if media_type == PNG:
            picture.save(path, "PNG")
        else:
            picture.save(path, _FORMATS[media_type], quality=95)


def _decoded(path: Path, media_type: str) -> Image.Image:
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is lower
        try:
            opened = Image.open(file, formats=(_FORMATS[media_type],))
        except Image.DecompressionBombError as problem:
            raise _too_many_pixels(_("far more")) from problem
        with opened:
            _check_header(opened)
            opened.draft(None, (MAX_KEPT_SIDE, MAX_KEPT_SIDE))  # a JPEG can be decoded at a fraction of its size
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            plain = _eight_bits(upright)
    plain.thumbnail((MAX_KEPT_SIDE, MAX_KEPT_SIDE))
    if media_type == JPEG and plain.mode == "RGBA":
        plain = plain.convert("RGB")
    # A new picture has nothing but pixels, whatever the old one carried.
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _check_header(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(f"{width:,} × {height:,}")
    if min(width, height) < MIN_SIDE:
        raise NotImage(
            _("Wanted a picture of at least %(least)d × %(least)d pixels, got %(width)d × %(height)d.")
            % {"least": MIN_SIDE, "width": width, "height": height}
        )
    # A camera's JPEG may carry a preview behind the photograph; only the photograph is taken.
    if picture.format != "MPO" and getattr(picture, "is_animated", False):
        raise NotImage(_("Wanted a picture that stands still, got an animated one. Save one frame of it."))


def _too_many_pixels(given: str) -> NotImage:
    return NotImage(
        _("Wanted a picture of at most %(most)d million pixels, got %(given)s. Make it smaller.")
        % {"most": MAX_PIXELS // 1_000_000, "given": given}
    )


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey, colour, or colour with transparency, at eight bits a channel."""
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: Pillow would cut off what is above 255 instead of scaling it.
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
