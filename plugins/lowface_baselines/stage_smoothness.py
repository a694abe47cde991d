"""SCI's smoothness: the illumination of every stage varies only where what the stage was given does."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_core.registry.bounds import Positive
from lowface_fidelity.smoothness import SmoothnessLoss


class StageSmoothness(nn.Module):
    """Sum over the stages of ``Σ_j exp(−Σ_c (v_i − v_j)² / (2σ²)) · |x_i − x_j|``, mean over the pixels i.

    j runs over the 5x5 window of pixel i, x is a stage's illumination and v what the stage was given; each stage costs
    what :class:`~lowface_fidelity.smoothness.SmoothnessLoss` says.

    Args:
        sigma: σ, in units of the picture's [0,1] range.

    References:
        Ma et al., SCI, CVPR 2022, smoothness loss, weight 1, σ = 0.1.
    """

    def __init__(self, sigma: Positive = 0.1) -> None:
        super().__init__()
        self.smoothness = SmoothnessLoss(sigma)

    def forward(self, stages: Tensor, stage_inputs: Tensor) -> Tensor:
        """A scalar ≥ 0 of ``stages`` and ``stage_inputs`` (B,3·T,H,W), three channels for each of T stages."""
        pairs = zip(stage_inputs.split(3, 1), stages.split(3, 1), strict=True)
        return torch.stack([self.smoothness(given, illumination) for given, illumination in pairs]).sum()
