"""SCI: a residual of the illumination from four small convolutions, by which the picture is divided.

Architecture: Ma et al., "Toward Fast, Flexible, and Robust Low-Light Image Enhancement", CVPR 2022. The parameter names
are those of the published ``easy.pt``, ``medium.pt`` and ``difficult.pt``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from lowface_core.weights.state_dict import load_weights

#: Smallest illumination, as published: bounds the amplification.
FLOOR = 1e-4


class IlluminationNet(nn.Module):
    """(B,3,H,W) in [0,1] → illumination of the same shape in [1e-4,1]."""

    def __init__(self) -> None:
        super().__init__()
        self.in_conv = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU())
        self.conv = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU())
        self.out_conv = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Sigmoid())

    def forward(self, low: Tensor) -> Tensor:
        """See the class."""
        features = self.in_conv(low)
        features = features + self.conv(features)
        return (self.out_conv(features).to(low.dtype) + low).clamp(FLOOR, 1.0)


class SCI(nn.Module):
    """SCI as it is used after training: one illumination estimate, no calibration.

    Args:
        weights: checkpoint with the published layout, or a record's name; None draws new weights, to be trained. The
            calibration network in published files serves training alone and is left out.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Ma et al., "Toward Fast, Flexible, and Robust Low-Light Image Enhancement", CVPR 2022.
    """

    outputs = ("enhanced", "illumination")
    #: Three 3x3 convolutions one after the other.
    receptive_radius = 3

    def __init__(self, weights: str | Path | None = None) -> None:
        super().__init__()
        self.enhance = IlluminationNet()
        if weights is not None:
            load_weights(self, weights)

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A published state dict without the calibration, and without the second name of the one shared block."""
        return {k: v for k, v in state.items() if not k.startswith(("calibrate.", "enhance.blocks."))}

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced`` and ``illumination`` of the same shape and range."""
        illumination: Tensor = self.enhance(low)
        return {"enhanced": torch.clamp(low / illumination, 0.0, 1.0), "illumination": illumination}
