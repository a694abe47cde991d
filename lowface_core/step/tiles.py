"""How large pictures are cut, so that the pieces give exactly the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

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
