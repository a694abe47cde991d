"""Zero-DCE's spatial consistency: neighbouring regions differ as much as before."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_core.registry.bounds import Count


class SpatialConsistency(nn.Module):
    """``1/K Σ_i Σ_j (|Y_i − Y_j| − |I_i − I_j|)²``, j the up to four neighbours of region i inside the picture.

    Y and I are the mean brightness (over pixels and colours) of a square region of ``enhanced`` and ``low``, K the
    number of regions. Regions at the right and lower border may be smaller.

    Args:
        region: side of a region in pixels.

    References:
        Guo et al., Zero-DCE, CVPR 2020, equation (4), weight 1.
    """

    def __init__(self, region: Count = 4) -> None:
        super().__init__()
        self.region = region

    def forward(self, low: Tensor, enhanced: Tensor) -> Tensor:
        """The loss of ``enhanced`` beside ``low``, both (B,3,H,W) in [0,1]: a scalar ≥ 0."""
        given, wanted = brightness_by_region(enhanced, self.region), brightness_by_region(low, self.region)
        apart = [(given.diff(dim=axis).abs() - wanted.diff(dim=axis).abs()).square().sum() for axis in (2, 3)]
        return 2 * torch.stack(apart).sum() / given.numel()  # each pair is seen from both its ends


def brightness_by_region(image: Tensor, region: int) -> Tensor:
    """Mean over colours and squares of ``region`` pixels: (B,3,H,W) → (B,1,h,w), in single precision at least."""
    brightness = image.mean(1, keepdim=True, dtype=torch.promote_types(image.dtype, torch.float32))
    sides = min(region, image.shape[2]), min(region, image.shape[3])
    return functional.avg_pool2d(brightness, sides, ceil_mode=True)
