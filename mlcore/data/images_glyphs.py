"""Letters and shapes drawn by code, to pre-train image models on: as many as wanted, without anybody's photographs.

Letters are set in the DejaVu fonts that matplotlib ships (free licence, derived from Bitstream Vera). Digits are left
out on purpose: a model that is then tuned to digits has seen none of them before.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mlcore.data.images import Images

SIDE = 32
# I and O are left out, since alone they are a line and a ring.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
SHAPES = ("disc", "ring", "square", "triangle", "star", "cross")
_STYLES = ("Sans", "Sans-Bold", "Sans-Oblique", "Sans-BoldOblique", "SansMono", "SansMono-Bold", "Serif", "Serif-Bold",
           "Serif-Italic", "Serif-BoldItalic")  # fmt: skip
_FONT_SIZES = (34, 40, 46)  # pixels on a canvas of 64
_CANVAS = 64
_LEAST_CONTRAST = 90  # between the mean grey of ink and ground


def glyphs(count: int, *, seed: int) -> Images:
    """``count`` pictures of 32 by 32 in colour, each class as often as the others but for one.

    Size, place, slant, turn, thickness, colours and noise are drawn; the same seed gives the same pictures.
    """
    classes = (*LETTERS, *SHAPES)
    draw = np.random.Generator(np.random.Philox(key=seed))
    labels = draw.permutation(np.arange(count) % len(classes)).astype(np.int64)
    pixels = np.stack([_picture(classes[label], draw) for label in labels])
    return Images(pixels=pixels, labels=labels, classes=classes)


def _picture(name: str, draw: np.random.Generator) -> np.ndarray:
    """(32, 32, 3) uint8."""
    mask = Image.new("L", (_CANVAS, _CANVAS))
    if name in SHAPES:
        _shape(ImageDraw.Draw(mask), name)
    else:
        font = _font(_STYLES[draw.integers(len(_STYLES))], _FONT_SIZES[draw.integers(len(_FONT_SIZES))])
        thicker = int(draw.integers(3))
        middle = _CANVAS // 2
        ImageDraw.Draw(mask).text((middle, middle), name, fill=255, font=font, anchor="mm", stroke_width=thicker)
    moved = mask.transform((_CANVAS, _CANVAS), Image.Transform.AFFINE, _affine(draw), Image.Resampling.BILINEAR)
    ink = np.asarray(moved.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=float)[..., None] / 255
    ground, pen = _colours(draw)
    noise = draw.normal(0, draw.uniform(0, 12), (SIDE, SIDE, 3))
    return np.clip(ground + ink * (pen - ground) + noise, 0, 255).astype(np.uint8)


def _affine(draw: np.random.Generator) -> tuple[float, ...]:
    """Turn by up to 10 degrees, slant, scale each way, shift: as Pillow wants it, from the new picture to the old."""
    angle, slant = math.radians(draw.uniform(-10, 10)), draw.uniform(-0.2, 0.2)
    wide, high = draw.uniform(0.9, 1.3, 2)
    right, down = draw.uniform(-5, 5, 2)
    a, b = math.cos(angle) / wide, math.sin(angle) / wide + slant
    d, e = -math.sin(angle) / high, math.cos(angle) / high
    middle = _CANVAS / 2
    return (a, b, middle - a * (middle + right) - b * (middle + down),
            d, e, middle - d * (middle + right) - e * (middle + down))  # fmt: skip


def _colours(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    while True:
        ground, pen = draw.uniform(0, 255, (2, 3))
        if draw.random() < 0.5:  # half of the pictures are grey, as scans are
            ground, pen = np.full(3, ground.mean()), np.full(3, pen.mean())
        if abs(ground.mean() - pen.mean()) >= _LEAST_CONTRAST:
            return ground, pen


def _shape(on: ImageDraw.ImageDraw, name: str) -> None:
    low, high = 14, 50
    box = (low, low, high, high)
    if name == "disc":
        on.ellipse(box, fill=255)
    elif name == "ring":
        on.ellipse(box, outline=255, width=6)
    elif name == "square":
        on.rectangle(box, fill=255)
    elif name == "triangle":
        on.polygon([(32, low), (high, high), (low, high)], fill=255)
    elif name == "cross":
        on.rectangle((28, low, 36, high), fill=255)
        on.rectangle((low, 28, high, 36), fill=255)
    else:
        assert name == "star", name
        corners = [(20 if point % 2 == 0 else 8, math.pi * point / 5) for point in range(10)]
        on.polygon([(32 + r * math.sin(at), 32 - r * math.cos(at)) for r, at in corners], fill=255)


@cache
def _font(style: str, size: int) -> ImageFont.FreeTypeFont:
    found = find_spec("matplotlib")  # found, not imported: only its files are wanted
    if found is None or not found.submodule_search_locations:
        raise ValueError("Drawing letters takes the fonts that matplotlib ships, and it is not installed. Install it.")
    folder = Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(folder / f"DejaVu{style}.ttf", size)
