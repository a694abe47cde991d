"""Exposure control: every part of the enhanced picture has a chosen brightness."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn
from torch.nn import functional as F


class ExposureLoss(nn.Module):
    """Mean distance between the brightness of a patch and a chosen level.

    Args:
        level: wanted mean brightness of a patch, between 0 and 1.
        patch: side of a patch in pixels.

    References:
        Guo et al., Zero-Reference Deep Curve Estimation for Low-Light Image Enhancement, CVPR 2020, equation (5).
    """

    def __init__(self, level: Annotated[float, Gt(0), Lt(1)] = 0.6, patch: Annotated[int, Ge(1)] = 16) -> None:
        super().__init__()
        self.level, self.patch = level, patch

    def forward(self, enhanced: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            enhanced: (B,3,H,W) in [0,1].

        Returns:
            scalar ≥ 0; 0 where every patch has the level.
        """
        brightness = enhanced.mean(1, keepdim=True)
        patches = F.avg_pool2d(brightness, self.patch, ceil_mode=True)  # patches at the border may be smaller
        return (patches - self.level).abs().mean()
