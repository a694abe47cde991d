"""Histogram equalisation of the luma by region, with limited contrast."""

from __future__ import annotations

import cv2
import numpy as np

from lowface_baselines.by_picture import ByPicture
from lowface_baselines.luma import change_luma
from lowface_core.registry.bounds import Count, Positive


class CLAHE(ByPicture):
    """Contrast-limited adaptive histogram equalisation of a picture's luma (Y of YCrCb, 8 bits); learns nothing.

    The luma is equalised in a grid of regions, and between their centres interpolated. (B,3,H,W) in [0,1] → the same,
    in steps of 1/255. The grid is laid over the whole picture, so there is no ``receptive_radius``.

    Args:
        clip_limit: height at which a region's histogram is cut off, as a multiple of its mean; larger: more contrast.
        grid: regions across and down; a picture with fewer pixels on a side has as many regions there as pixels.

    References:
        Zuiderveld, Contrast limited adaptive histogram equalization, Graphics Gems IV (1994); OpenCV's ``createCLAHE``.
    """

    def __init__(self, clip_limit: Positive = 2.0, grid: Count = 8) -> None:
        super().__init__()
        self.clip_limit, self.grid = clip_limit, grid

    def picture(self, low: np.ndarray) -> np.ndarray:
        """One picture, float32 (H,W,3) RGB in [0,1] → the same."""
        height, width = low.shape[:2]
        regions = min(self.grid, width), min(self.grid, height)
        return change_luma(low, cv2.createCLAHE(self.clip_limit, regions).apply)
