"""Pictures as 8-bit luma and chroma, for methods that change the luma alone."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np


def change_luma(low: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Applies a function to the luma of a picture, so that its hue stays.

    Args:
        low: float32 (H,W,3), RGB in [0,1].
        change: uint8 (H,W) → uint8 (H,W).

    Returns:
        float32 (H,W,3), RGB in [0,1], in steps of 1/255.
    """
    planes = cv2.cvtColor((low * 255.0).round().astype(np.uint8), cv2.COLOR_RGB2YCrCb)
    planes[..., 0] = change(np.ascontiguousarray(planes[..., 0]))
    return cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB).astype(np.float32) / 255.0
