"""SCI: a residual of the illumination from four small convolutions, by which the picture is divided.

Architecture: Ma et al., "Toward Fast, Flexible, and Robust Low-Light Image Enhancement", CVPR 2022. The parameter names
are those of the published ``easy.pt``, ``medium.pt`` and ``difficult.pt``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from lowface_core.registry.bounds import Count
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


class CalibrationNet(nn.Module):
    """What to add to the picture for the next stage: (B,3,H,W) enhanced in [0,1] → the same shape, in (-1,1)."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.in_conv = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        layers = [(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()) for _ in range(2)]
        self.convs = nn.Sequential(*(layer for block in layers for layer in block))
        self.out_conv = nn.Sequential(nn.Conv2d(width, 3, 3, padding=1), nn.Sigmoid())

    def forward(self, enhanced: Tensor) -> Tensor:
        """See the class; the inner block is used three times with the same weights."""
        features = self.in_conv(enhanced)
        for _ in range(3):
            features = features + self.convs(features)
        return enhanced - self.out_conv(features).to(enhanced.dtype)


class SCI(nn.Module):
    """SCI: one illumination estimate; in training, a cascade of stages that all have the same weights.

    In a cascade each further stage estimates the illumination anew, of the picture plus what a calibration network
    makes of the result before. Trained so, all stages come to agree, and the first is enough: ``enhanced`` is its
    result whatever ``stages`` is.

    Args:
        weights: checkpoint with the published layout, or a record's name; None draws new weights, to be trained. The
            calibration network in published files is left out where there is one stage.
        stages: of the cascade; 1: no calibration, as after training; published trainings: 3.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Ma et al., "Toward Fast, Flexible, and Robust Low-Light Image Enhancement", CVPR 2022.
    """

    #: Three 3x3 convolutions one after the other.
    receptive_radius = 3

    def __init__(self, weights: str | Path | None = None, stages: Count = 1) -> None:
        super().__init__()
        self.stages = stages
        self.outputs = ("enhanced", "illumination", *(("stages", "stage_inputs") if stages > 1 else ()))
        self.enhance = IlluminationNet()
        self.calibrate = CalibrationNet() if stages > 1 else None
        if weights is not None:
            load_weights(self, weights)

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A published state dict without further names of shared blocks, and without a calibration not in use."""
        left = ["enhance.blocks.", "calibrate.blocks." if self.calibrate else "calibrate."]
        return {k: v for k, v in state.items() if not k.startswith(tuple(left))}

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """Divides pictures by their illumination.

        Args:
            low: (B,3,H,W) RGB in [0,1].

        Returns:
            ``enhanced`` and ``illumination`` of the same shape and range; with several stages also their illuminations
            ``stages`` and what each was given, ``stage_inputs``, (B,3·stages,H,W), the first stage's first.
        """
        illumination: Tensor = self.enhance(low)
        first = enhanced = torch.clamp(low / illumination, 0.0, 1.0)
        outputs = {"enhanced": first, "illumination": illumination}
        if self.calibrate is None:
            return outputs
        found, given = [illumination], [low]
        for _ in range(self.stages - 1):
            given.append(low + self.calibrate(enhanced))
            found.append(self.enhance(given[-1]))
            enhanced = torch.clamp(low / found[-1], 0.0, 1.0)
        return {**outputs, "stages": torch.cat(found, 1), "stage_inputs": torch.cat(given, 1)}
