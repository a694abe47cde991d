"""How large pictures are cut, so that the pieces give exactly the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from lowface_core.data.depth import FULL, to_depth, to_float
from lowface_core.step.spare_memory import give_back

#: Side in pixels of the tiles in which larger pictures are worked on, if the enhancer says how far its output looks:
#: a layer of 64 channels takes 64 MiB then, and the overlap costs little.
TILE = 512


class Tile(NamedTuple):
    """Three places, each as an index of pictures (…,H,W): an ellipsis, rows, columns.

    Attributes:
        window: what the enhancer is shown of the picture.
        place: what of the result the tile is.
        inner: where that lies in what the enhancer answers.
    """

    window: tuple[Any, ...]
    place: tuple[Any, ...]
    inner: tuple[Any, ...]


def tiles(height: int, width: int, side: int, radius: int) -> Iterator[Tile]:
    """The tiles of a picture, row by row; they begin at multiples of ``side`` and overlap by ``radius``."""
    for top in range(0, height, side):
        for left in range(0, width, side):
            rows, columns = _along(top, height, side, radius), _along(left, width, side, radius)
            yield Tile(*((..., *pair) for pair in zip(rows, columns, strict=True)))


def _along(start: int, size: int, side: int, radius: int) -> tuple[slice, slice, slice]:
    first, end = max(start - radius, 0), min(start + side, size)
    return slice(first, min(end + radius, size)), slice(start, end), slice(start - first, end - first)


def by_tiles(
    pixels: np.ndarray, side: int, radius: int, answer: Callable[[np.ndarray, Tile], np.ndarray]
) -> np.ndarray:
    """A picture's result at its own depth, tile by tile, so that no more than a tile exists in floats.

    Args:
        pixels: (3,H,W): uint8, uint16, or floats in [0,1].
        side, radius: see :func:`tiles`.
        answer: the result, float32 (1,3,h,w) in [0,1], of what a tile's window shows, the same, C-contiguous.

    Returns:
        (3,H,W), colour beside colour in memory, as encoders take them; floats as float32.
    """
    height, width = pixels.shape[1:]
    dtype = pixels.dtype if pixels.dtype in FULL else np.dtype(np.float32)
    out = np.empty((height, width, 3), dtype).transpose(2, 0, 1)
    for tile in tiles(height, width, side, radius):
        piece = answer(np.ascontiguousarray(to_float(pixels[tile.window]))[None], tile)
        out[tile.place] = to_depth(piece[0][tile.inner], dtype)
        del piece
        give_back()
    return out
