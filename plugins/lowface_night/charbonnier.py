"""Charbonnier loss: the distance to the normal picture, pixel by pixel."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.registry.bounds import Count, Positive


class CharbonnierLoss(nn.Module):
    """Mean of ``sqrt(d² + eps²) − eps`` over the differences d of the enhanced and the normal picture.

    As robust as an absolute difference, which it nears for ``d`` above ``eps``, and smooth at zero.

    Args:
        eps: where it turns from a square into a straight line, in units of the picture.
        detail: side in pixels of squares whose mean is taken out of the differences first, so that brightness and
            colour of larger places cost nothing; noise, edges and texture alone count. An absolute difference is blind
            to noise wherever the picture is too bright or too dark by more than the noise: its slope is the same for
            all pixels there. None: all counts.

    References:
        Charbonnier et al., "Two deterministic half-quadratic regularization algorithms for computed imaging",
        ICIP 1994.
    """

    def __init__(self, eps: Positive = 1e-3, detail: Count | None = None) -> None:
        super().__init__()
        self.eps, self.detail = eps, detail

    def forward(self, enhanced: Tensor, normal: Tensor) -> Tensor:
        """Scalar ≥ 0 from pictures (B,3,H,W) in [0,1]; normal receives no gradient."""
        gap = enhanced.float() - normal.detach().float()
        if self.detail is not None:
            means = F.avg_pool2d(gap, self.detail, ceil_mode=True, count_include_pad=False)
            gap = gap - F.interpolate(means, size=gap.shape[-2:], mode="bilinear", align_corners=False)
        return ((gap.square() + self.eps**2).sqrt() - self.eps).mean()
