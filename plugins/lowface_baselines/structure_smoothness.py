"""Illumination smooth, except where the reflectance has an edge."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_core.registry.bounds import NotNegative


class StructureSmoothness(nn.Module):
    """Mean over pixels of ``Σ_d |∇_d I| · exp(−λ · |∇_d R|)``, d across and down.

    |∇R| is the mean over the colours. A gradient reaches the reflectance, too, which so learns where edges belong.

    Args:
        strength: λ; the larger, the fewer edges of the reflectance suffice.

    References:
        Wei et al., RetinexNet, BMVC 2018, structure-aware smoothness, weight 0.1, λ = 10; Zhang et al., SSIENet,
        arXiv:2002.11300 (2020), third term of the objective, weight 0.1, λ = 10.
    """

    def __init__(self, strength: NotNegative = 10.0) -> None:
        super().__init__()
        self.strength = strength

    def forward(self, reflectance: Tensor, illumination: Tensor) -> Tensor:
        """A scalar ≥ 0 of ``reflectance`` (B,3,H,W) in [0,1] and ``illumination`` (B,C,H,W)."""
        return structure_smoothness(reflectance, illumination, self.strength)


def structure_smoothness(reflectance: Tensor, illumination: Tensor, strength: float) -> Tensor:
    """See :class:`StructureSmoothness`; in single precision at least."""
    precision = torch.promote_types(illumination.dtype, torch.float32)
    illumination, reflectance = illumination.to(precision), reflectance.to(precision)
    total = illumination.sum() * 0.0  # a picture of one pixel has no steps, yet its loss must carry a gradient
    for axis in (2, 3):
        weight = (-strength * reflectance.diff(dim=axis).abs().mean(1, keepdim=True)).exp()
        total = total + (weight * illumination.diff(dim=axis).abs()).sum() / illumination.numel()
    return total
