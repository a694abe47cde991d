"""Charbonnier loss: the distance to the normal picture, pixel by pixel."""

from __future__ import annotations

from torch import Tensor, nn

from lowface_core.registry.bounds import Positive


class CharbonnierLoss(nn.Module):
    """Mean of ``sqrt(d² + eps²) − eps`` over the differences d of the enhanced and the normal picture.

    As robust as an absolute difference, which it nears for ``d`` above ``eps``, and smooth at zero.

    Args:
        eps: where it turns from a square into a straight line, in units of the picture.

    References:
        Charbonnier et al., "Two deterministic half-quadratic regularization algorithms for computed imaging",
        ICIP 1994.
    """

    def __init__(self, eps: Positive = 1e-3) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, enhanced: Tensor, normal: Tensor) -> Tensor:
        """Scalar ≥ 0 from pictures (B,3,H,W) in [0,1]; normal receives no gradient."""
        gap = enhanced.float() - normal.detach().float()
        return ((gap.square() + self.eps**2).sqrt() - self.eps).mean()
