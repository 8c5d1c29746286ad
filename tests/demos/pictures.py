"""A picture as the bytes of a PNG."""

from __future__ import annotations

import io

from PIL import Image


def png(size: tuple[int, int] = (40, 40), colour: str = "white") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()
