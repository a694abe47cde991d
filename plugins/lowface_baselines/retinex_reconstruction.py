"""A picture is its reflectance times its illumination."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RetinexReconstruction(nn.Module):
    """Mean of ``|R · I − S|`` over pixels and colours.

    S is ``low``; ``reads=dict(low="normal", illumination="relit")`` makes it RetinexNet's loss of relighting, and
    ``reads=dict(reflectance="enhanced")`` SSIENet's, whose enhanced picture is the reflectance.

    References:
        Wei et al., RetinexNet, BMVC 2018, reconstruction losses, weight 1; Zhang et al., SSIENet,
        arXiv:2002.11300 (2020), first term of the objective, weight 1.
    """

    def forward(self, low: Tensor, reflectance: Tensor, illumination: Tensor) -> Tensor:
        """A scalar ≥ 0, of ``low`` and ``reflectance`` (B,3,H,W) in [0,1] and ``illumination`` (B,1 or 3,H,W)."""
        return reconstruction(low, reflectance, illumination)


def reconstruction(picture: Tensor, reflectance: Tensor, illumination: Tensor) -> Tensor:
    """Mean absolute difference of a picture (B,3,H,W) and the product of its parts, in single precision at least."""
    precision = torch.promote_types(reflectance.dtype, torch.float32)
    return (reflectance.to(precision) * illumination.to(precision) - picture).abs().mean()
