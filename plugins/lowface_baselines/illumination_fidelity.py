"""The illumination stays near a first estimate."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class IlluminationFidelity(nn.Module):
    """Mean squared difference of ``illumination`` and ``first_illumination``, over pixels and channels.

    RUAS gives its first estimate, the local maximum of the picture, as ``first_illumination``. For SCI
    ``reads=dict(illumination="stages", first_illumination="stage_inputs")`` compares each stage's illumination with
    what it was given, the picture plus its calibration; the paper sums over the stages where this takes the mean.

    By itself it is least where the enhanced picture is white: the smoothness beside it, and the end of training, keep
    it from there.

    References:
        Liu et al., RUAS, CVPR 2021, weight 1; Ma et al., SCI, CVPR 2022, fidelity loss, weight 1.5.
    """

    def forward(self, illumination: Tensor, first_illumination: Tensor) -> Tensor:
        """A scalar ≥ 0 of ``illumination`` and ``first_illumination``, both (B,C,H,W)."""
        precision = torch.promote_types(illumination.dtype, torch.float32)
        return (illumination.to(precision) - first_illumination.to(precision)).square().mean()
