"""A drawn or photographed digit made to look like the shipped digits.

Those were scanned, scaled to bitmaps of 32 by 32 that they fill from top to bottom, and counted in blocks of 4 by 4.
The same is done here at four times the resolution: find the ink, drop specks, thicken a thin pen, fill the height, keep
the proportions, centre, and take the mean of each block.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

SIDE = 8
_BLOCK = 16
_FULL = SIDE * _BLOCK
_LOOKED_AT = 256  # pixels a side, to which a larger picture is scaled before its ink is looked for
_LEAST_CONTRAST = 40  # of 255 steps of grey
_SPECK = 0.1  # of the largest piece of ink; what is smaller is no part of the digit
_STROKE = 18  # pixels of 128: the pen of the shipped digits is some 4 to 5 pixels of 32 wide
_WIDTHS = (40, 104)  # pixels of 128 that a digit takes; theirs take from 2 to 7 columns of 8


def like_a_digit(image: Image.Image) -> np.ndarray:
    """(8, 8, 1) uint8, white ink on black, in the 17 steps of the shipped digits.

    Raises:
        ValueError: nothing stands out from the background.
    """
    ink = _thickened(_cropped(_ink(image)))
    high, wide = ink.shape
    width = int(np.clip(round(_FULL * wide / high), *_WIDTHS))
    filling = Image.fromarray(ink.astype(np.uint8) * 255).resize((width, _FULL), Image.Resampling.BOX)
    canvas = Image.new("L", (_FULL, _FULL))
    canvas.paste(filling, ((_FULL - width) // 2, 0))
    blocks = np.asarray(canvas, dtype=float).reshape(SIDE, _BLOCK, SIDE, _BLOCK).mean(axis=(1, 3))  # 0 to 255
    return np.rint(np.rint(blocks / 255 * 16) * (255 / 16)).astype(np.uint8)[..., None]


def _ink(image: Image.Image) -> np.ndarray:
    """Where there is ink (H, W), whether it is darker or lighter than what it stands on."""
    grey = image.convert("L")
    grey.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=float)
    differs = np.abs(values - _background(values))
    peak = float(differs.max())
    if peak < _LEAST_CONTRAST:
        raise ValueError(
            "Wanted a digit that stands out from its background, got nearly one colour. "
            "Draw one, or photograph it with a dark pen on light paper."
        )
    pieces, count = ndimage.label(differs > peak / 2, structure=np.ones((3, 3)))
    areas = np.bincount(pieces.ravel(), minlength=count + 1)
    areas[0] = 0
    return np.isin(pieces, np.flatnonzero(areas >= _SPECK * areas.max()))


def _background(values: np.ndarray) -> np.ndarray:
    """Grey of the paper (H, W): a plane through the edge of the picture, since light falls from one side."""
    rows, columns = np.indices(values.shape)
    edge = np.ones(values.shape, dtype=bool)
    edge[2:-2, 2:-2] = False
    # Ink that reaches the edge would tilt the plane: it is left out.
    middle = np.median(values[edge])
    paper = edge & (np.abs(values - middle) <= np.quantile(np.abs(values[edge] - middle), 0.8))
    terms = np.stack([np.ones(values.shape), rows, columns], axis=-1)
    plane, *_ = np.linalg.lstsq(terms[paper], values[paper], rcond=None)
    return terms @ plane


def _cropped(ink: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _thickened(ink: np.ndarray) -> np.ndarray:
    """The digit, 128 pixels high or wide, with a pen at least as thick as that of the shipped digits."""
    high, wide = ink.shape
    scale = _FULL / max(high, wide)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    scaled = np.asarray(Image.fromarray(ink.astype(np.uint8) * 255).resize(size, Image.Resampling.BILINEAR)) > 127
    if not scaled.any():
        scaled = np.ones(size[::-1], dtype=bool)
    # The distance to the edge, along the middle of a stroke, is half its width.
    padded = np.pad(scaled, _STROKE)
    inside = ndimage.distance_transform_edt(padded)
    ridge = inside[(inside == ndimage.maximum_filter(inside, size=3)) & padded]
    grow = round(_STROKE / 2 - float(np.median(ridge)))
    if grow > 0:
        padded = np.asarray(Image.fromarray(padded.astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * grow + 1))) > 0
    return _cropped(padded)
