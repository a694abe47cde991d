"""Zero-DCE's exposure control: every region is well exposed."""

from __future__ import annotations

from torch import Tensor, nn

from lowface_baselines.spatial_consistency import brightness_by_region
from lowface_core.registry.bounds import Count, Share


class ExposureControl(nn.Module):
    """``1/M Σ_k |Y_k − E|``, Y the mean brightness of a square region of ``enhanced`` and M the number of regions.

    Args:
        level: E, the wanted brightness.
        region: side of a region in pixels.

    References:
        Guo et al., Zero-DCE, CVPR 2020, equation (5), weight 1.
    """

    def __init__(self, level: Share = 0.6, region: Count = 16) -> None:
        super().__init__()
        self.level, self.region = level, region

    def forward(self, enhanced: Tensor) -> Tensor:
        """The loss of ``enhanced`` (B,3,H,W) in [0,1], a scalar in [0,1]."""
        return (brightness_by_region(enhanced, self.region) - self.level).abs().mean()
