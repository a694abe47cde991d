"""Relative total variation: texture costs, structure does not."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_core.registry.bounds import Positive
from lowface_fidelity.color import blur, gaussian_taps


class RelativeTotalVariation(nn.Module):
    """Mean over pixels and channels of ``Σ_d G∗|∂_d t| / (|G∗∂_d t| + ε)``, d across and down, G a Gaussian window.

    Steps that cancel within the window (texture) leave the divisor small and so cost; those that add up (edges) cost
    at most 1.

    Args:
        sigma: standard deviation of the window, in pixels.
        eps: ε.

    References:
        Xu et al., Structure extraction from texture via relative total variation, ACM TOG 31 (2012); in the
        training of RUAS: Liu et al., CVPR 2021.
    """

    kernel: Tensor

    def __init__(self, sigma: Positive = 3.0, eps: Positive = 1e-3) -> None:
        super().__init__()
        self.eps = eps
        taps = 2 * max(1, round(3 * sigma)) + 1
        self.register_buffer("kernel", gaussian_taps(sigma**2, taps), persistent=False)

    def forward(self, illumination: Tensor) -> Tensor:
        """A scalar ≥ 0 of ``illumination`` (B,C,H,W)."""
        precision = torch.promote_types(illumination.dtype, torch.float32)
        with torch.autocast(illumination.device.type, enabled=False):
            illumination = illumination.to(precision)
            kernel, total = self.kernel.to(illumination), illumination.sum() * 0.0
            for axis in (2, 3):
                steps = illumination.diff(dim=axis)
                if steps.numel():
                    ratio = blur(steps.abs(), kernel) / (blur(steps, kernel).abs() + self.eps)
                    total = total + ratio.sum() / illumination.numel()
        return total
