"""How noisy a picture is, as one number."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

#: Median of |x| of a standard normal variable.
MEDIAN = 0.6745
#: Places looked at along a side at most; more say nothing new.
PLACES = 64


def noise_level(image: Tensor) -> Tensor:
    """Standard deviation of the noise of each picture, as far as it is independent between pixels.

    The second difference along both axes is blind to edges along either; the median of its size over a grid of places
    is blind to those few where there is texture. Noise that a file format or demosaicing has spread over several pixels
    is underestimated; look at a picture of half the size, too.

    Args:
        image: (B,3,H,W) in [0,1], of any size.

    Returns:
        (B,), in units of the picture.

    References:
        The filter: Immerkær, "Fast noise variance estimation", Computer Vision and Image Understanding 64 (1996).
    """
    height, width = image.shape[-2:]
    step = max(1, min(height, width) // PLACES) | 1  # odd, so that the grid falls on all places of a JPEG's blocks
    framed = F.pad(image, (1, 1, 1, 1), mode="replicate")
    total = torch.zeros_like(image[..., ::step, ::step])
    for dy, a in enumerate((1, -2, 1)):
        for dx, b in enumerate((1, -2, 1)):
            total = total + a * b * framed[..., dy : dy + height : step, dx : dx + width : step]
    return total.abs().flatten(1).median(1).values / (6 * MEDIAN)
