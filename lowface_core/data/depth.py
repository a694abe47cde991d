"""Between pixels as files hold them, whole numbers of 8 or 16 bits, and values from 0 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np

#: The number that stands for 1.
FULL = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def to_float(pixels: np.ndarray) -> np.ndarray:
    """Pixels of 8 or 16 bits as float32 in [0,1]; floats stay what they are, as float32."""
    full = FULL.get(pixels.dtype)
    return pixels.astype(np.float32) / np.float32(full) if full else pixels.astype(np.float32, copy=False)


def to_depth(image: np.ndarray, dtype: Any) -> np.ndarray:
    """Values in [0,1] as pixels of another type: uint8 and uint16 are clipped and rounded to the nearest level."""
    full = FULL.get(np.dtype(dtype))
    return np.rint(np.clip(image, 0, 1) * full).astype(dtype) if full else image.astype(dtype, copy=False)


def to_bytes(image: np.ndarray) -> np.ndarray:
    """Values in [0,1] → uint8, clipped and rounded to the nearest of 256 levels."""
    return to_depth(image, np.uint8)
