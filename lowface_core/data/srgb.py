"""The curve of sRGB, between the values in picture files and amounts of light."""

from __future__ import annotations

import numpy as np


def to_linear(image: np.ndarray) -> np.ndarray:
    """sRGB values in [0,1] → linear light (IEC 61966-2-1)."""
    return np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)


def from_linear(light: np.ndarray) -> np.ndarray:
    """Linear light in [0,1] → sRGB values; the inverse of :func:`to_linear`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
