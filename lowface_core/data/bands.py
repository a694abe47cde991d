"""Large pictures in bands of rows, where a copy of the whole would not fit beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

#: Pixels of a band: few enough that some copies as floats do not count beside a large picture.
BAND = 2**22


def bands(height: int, width: int) -> Iterator[slice]:
    """The rows of a picture from top to bottom; a picture of at most :data:`BAND` pixels is one band."""
    rows = max(1, BAND // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def array_of(picture: Image.Image) -> np.ndarray:
    """Values of a picture of 8 bits a channel, (H,W) or (H,W,C), without a second copy of a large one."""
    height, width = picture.height, picture.width
    if width * height <= BAND:
        return np.array(picture)
    values = np.empty((height, width, *([len(picture.getbands())] if len(picture.getbands()) > 1 else [])), np.uint8)
    for rows in bands(height, width):
        values[rows] = np.asarray(picture.crop((0, rows.start, width, rows.stop)))
    return values
