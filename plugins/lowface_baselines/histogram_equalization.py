"""Histogram equalisation of the luma."""

from __future__ import annotations

import cv2
import numpy as np

from lowface_baselines.by_picture import ByPicture
from lowface_baselines.luma import change_luma


class HistogramEqualization(ByPicture):
    """Spreads the levels of a picture's luma (Y of YCrCb, 8 bits) so that each is about as frequent; learns nothing.

    (B,3,H,W) in [0,1] → the same, in steps of 1/255. A picture of one level throughout stays as it is. Each picture is
    seen whole, so there is no ``receptive_radius``.

    References:
        Gonzalez and Woods, Digital Image Processing, histogram equalisation; OpenCV's ``equalizeHist``.
    """

    def picture(self, low: np.ndarray) -> np.ndarray:
        """One picture, float32 (H,W,3) RGB in [0,1] → the same."""
        return change_luma(low, cv2.equalizeHist)
