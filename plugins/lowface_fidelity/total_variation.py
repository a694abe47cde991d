"""Total variation: a map without needless steps."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TotalVariation(nn.Module):
    """Mean over pixels and channels of ``|∇_x e| + |∇_y e|``, or of its square.

    Reads ``enhanced``; ``reads=dict(enhanced="curves")`` beside the weight takes another map instead. Zero-DCE's
    illumination smoothness sums three channels where this takes the mean: its weight 20 is 60 here.

    Args:
        squared: squares the sum, as Zero-DCE does, which lets small steps pass and not large ones.

    References:
        Rudin, Osher, Fatemi, Physica D 60 (1992), in its sum of absolute values; squared: Guo et al., Zero-DCE, CVPR
        2020, equation (7), weight 20.
    """

    def __init__(self, squared: bool = False) -> None:
        super().__init__()
        self.squared = squared

    def forward(self, enhanced: Tensor) -> Tensor:
        """The loss of ``enhanced`` (B,C,H,W), a scalar ≥ 0; a pixel in the last row or column has no step beyond it."""
        maps = enhanced.to(torch.promote_types(enhanced.dtype, torch.float32))
        down = nn.functional.pad(maps.diff(dim=2).abs(), (0, 0, 0, 1))
        right = nn.functional.pad(maps.diff(dim=3).abs(), (0, 1, 0, 0))
        steps = down + right
        return (steps.square() if self.squared else steps).mean()
