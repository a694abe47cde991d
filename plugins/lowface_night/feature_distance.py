"""Distance of the enhanced picture to the normal one as a feature network sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from annotated_types import MinLen
from torch import Tensor, nn


class FeatureDistanceLoss(nn.Module):
    """Mean absolute difference of features, averaged over layers.

    Args:
        layers: rungs of the feature head.

    References:
        Johnson et al., "Perceptual losses for real-time style transfer and super-resolution", ECCV 2016, section 3.2,
        there with squares.
    """

    def __init__(self, layers: Annotated[Sequence[str], MinLen(1)] = ("relu1_2", "relu2_2", "relu3_3")) -> None:
        super().__init__()
        self.layers = tuple(layers)

    def forward(self, enhanced: Tensor, normal: Tensor, features: Callable[[Tensor, str], Tensor]) -> Tensor:
        """Scalar ≥ 0.

        Args:
            enhanced, normal: (B,3,H,W) in [0,1]; normal receives no gradient.
            features: a feature head, ``features(picture, layer)`` → (B,C,h,w).
        """
        total = enhanced.new_zeros((), dtype=enhanced.float().dtype)
        for layer in self.layers:
            total = total + (features(enhanced, layer).float() - features(normal, layer).detach().float()).abs().mean()
        return total / len(self.layers)
