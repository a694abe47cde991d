"""SCL-LLE's contrast: nearer to well exposed pictures than to under- and over-exposed ones, by a margin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn

from lowface_core.registry.bounds import NotNegative


class ExposureTriplet(nn.Module):
    """``max(d(e,p) − d(e,n) + margin, 0)`` for two distances d, averaged over an under- and an over-exposed n.

    One distance is the absolute difference of two pictures' mean brightness; the other the mean absolute difference of
    the Gram matrices of their features, which know style and not place, for the pictures show different scenes. The
    under-exposed picture is ``negative``, the over-exposed one ``positive`` times ``gain``, clipped.

    Args:
        layer: rung of the feature head.
        feature_margin: of the Gram matrices; their scale depends on the feature head, and so does what it is worth.
        brightness_margin: of the mean brightness, in units of the picture's [0,1] range.
        gain: by how much the over-exposed picture is brighter, at least 1.

    References:
        Liang et al., Semantically Contrastive Learning for Low-Light Image Enhancement, AAAI 2022: contrast with
        normal-light pictures and with over- and under-exposed ones, weight 1. The paper draws its over-exposed pictures
        from a set of them.
    """

    def __init__(
        self,
        layer: str = "relu3_3",
        feature_margin: NotNegative = 0.3,
        brightness_margin: NotNegative = 0.04,
        gain: Annotated[float, Ge(1)] = 3.0,
    ) -> None:
        super().__init__()
        self.layer, self.gain = layer, gain
        self.feature_margin, self.brightness_margin = feature_margin, brightness_margin

    def forward(
        self, enhanced: Tensor, positive: Tensor, negative: Tensor, features: Callable[[Tensor, str], Tensor]
    ) -> Tensor:
        """The loss of a batch, a scalar ≥ 0.

        Args:
            enhanced, positive, negative: (B,3,H,W) in [0,1], of different scenes.
            features: a feature head, ``features(picture, layer)`` → (B,C,h,w).
        """
        pictures = enhanced, positive, negative, (positive * self.gain).clamp(0, 1)
        total = enhanced.new_zeros((), dtype=torch.promote_types(enhanced.dtype, torch.float32))
        described = (
            ([gram(features(picture, self.layer)) for picture in pictures], self.feature_margin),
            ([picture.mean((1, 2, 3), dtype=total.dtype)[:, None] for picture in pictures], self.brightness_margin),
        )
        for (given, wanted, *unwanted), margin in described:
            near = (given - wanted.detach()).abs().mean(1)
            for other in unwanted:
                far = (given - other.detach()).abs().mean(1)
                total = total + (near - far + margin).clamp(min=0).mean() / len(unwanted)
        return total


def gram(features: Tensor) -> Tensor:
    """Products of any two channels, averaged over the places: (B,C,h,w) → (B,C·C), in single precision at least."""
    flat = features.to(torch.promote_types(features.dtype, torch.float32)).flatten(2)
    return (flat @ flat.transpose(1, 2) / flat.shape[2]).flatten(1)
