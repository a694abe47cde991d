"""Turning frames upright, as their display matrix says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Turn(NamedTuple):
    """One of the eight ways to turn and mirror a picture by right angles: first rows and columns are exchanged, then
    the rows, and each row, may be reversed."""

    exchanged: bool = False
    upside_down: bool = False
    mirrored: bool = False

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """The turned pixels of (…,H,W)."""
        pixels = pixels.swapaxes(-1, -2) if self.exchanged else pixels
        pixels = pixels[..., ::-1, :] if self.upside_down else pixels
        pixels = pixels[..., ::-1] if self.mirrored else pixels
        return np.ascontiguousarray(pixels)


def turn_of(frame: Any) -> Turn | None:
    """How a frame is to be turned to stand upright; None by an angle that is no right one.

    The matrix takes a pixel (x, y) to (a x + c y, b x + d y), up to a shift, y downwards (ISO/IEC 14496-12, 6.2.2).
    """
    for data in frame.side_data:
        if data.type.name == "DISPLAYMATRIX":
            a, b, _, c, d, *_ = np.frombuffer(data, np.dtype("=i4"), 9) / 65536
            if not b and not c and a and d:
                return Turn(False, bool(d < 0), bool(a < 0))
            if not a and not d and b and c:
                return Turn(True, bool(b < 0), bool(c < 0))
            return None
    return Turn()
