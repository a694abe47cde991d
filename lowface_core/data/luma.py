"""Grey values of colour pictures: the weights of red, green and blue, written down once for the whole project."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

#: Full range, ITU-R BT.601: what brightness means here, in Algorithm 1, in reports and in the metrics.
FULL_RANGE = (0.299, 0.587, 0.114)
#: Y of YCbCr at studio range, BT.601 as well, 16 for black and 235 for white of 255: MATLAB's ``rgb2ycbcr``.
STUDIO_RANGE, STUDIO_BLACK = (65.481, 128.553, 24.966), 16.0
#: MATLAB's ``rgb2gray``, which rounds BT.601 to four places.
MATLAB_GREY = (0.2989, 0.5870, 0.1140)

Picture = TypeVar("Picture")  # an array of NumPy or a tensor of PyTorch


def luma(image: Picture, weights: tuple[float, float, float] = FULL_RANGE) -> Picture:
    """Grey of each pixel, (…,1,H,W): the weighted sum of the channels of (…,3,H,W), an array or a tensor."""
    red, green, blue = (image[..., channel : channel + 1, :, :] for channel in range(3))  # type: ignore[index]
    return weights[0] * red + weights[1] * green + weights[2] * blue


def mean_luma(image: np.ndarray) -> float:
    """Mean brightness of a picture (3,H,W), on its own scale; channels are averaged first, which takes no memory."""
    return float(np.array(FULL_RANGE) @ image.reshape(3, -1).mean(axis=1, dtype=np.float64))
