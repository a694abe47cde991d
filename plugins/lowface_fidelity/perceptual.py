"""Perceptual loss, equation (5) of Low-FaceNet."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class PerceptualLoss(nn.Module):
    """Mean squared difference of the features of the low-light and of the enhanced picture: content is kept.

    Paper and released code agree. The value grows with the square of the features' scale, so another feature head
    wants another weight.

    Args:
        layer: rung of the feature head; the released code's by default.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), equation (5).
    """

    def __init__(self, layer: str = "relu4_3") -> None:
        super().__init__()
        self.layer = layer

    def forward(self, low: Tensor, enhanced: Tensor, features: Callable[[Tensor, str], Tensor]) -> Tensor:
        """A scalar in single precision at least, for ``low`` and ``enhanced``, both (B,3,H,W) in [0,1].

        ``features`` is a feature head, ``features(picture, layer)`` → (B,C,h,w); ``low`` receives no gradient.
        """
        wanted, given = features(low, self.layer).detach(), features(enhanced, self.layer)
        precision = torch.promote_types(given.dtype, torch.float32)
        # before squaring: the square of a small difference is 0 in float16
        return (given.to(precision) - wanted.to(precision)).square().mean()
