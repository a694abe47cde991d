"""Zero-DCE++: one curve strength per pixel and colour, used eight times, estimated on a small copy of the picture.

Architecture: Li et al., "Learning to Enhance Low-Light Image via Zero-Reference Deep Curve Estimation", IEEE TPAMI 44
(2022). The parameter names are those of the published ``Epoch99.pth``.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional

from lowface_baselines.padding import cut_to, pad_to_multiple
from lowface_baselines.zero_dce import STEPS, CurveNet, apply_curves
from lowface_core.registry.bounds import Count
from lowface_core.weights.state_dict import load_weights


class SeparableConvolution(nn.Module):
    """A 3x3 convolution of each channel, then a 1x1 convolution; (B,inputs,H,W) → (B,outputs,H,W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.depth_conv = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs)
        self.point_conv = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.point_conv(self.depth_conv(x))


class ZeroDCEPlusPlus(CurveNet):
    """Zero-DCE++: as Zero-DCE with separable convolutions and the same curve in all eight steps.

    Strengths are estimated on the picture made ``scale`` times smaller and enlarged with their corners aligned, as
    published; a picture's size therefore shifts them, and tiles of it would not fit together. Sizes that are no
    multiple of ``scale`` are padded with their last row and column (the published code cuts them off).

    Args:
        weights: checkpoint with the published layout, or a record's name; None draws new weights, to be trained.
        scale: by how much smaller, from 1; published: 12.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Li et al., "Learning to Enhance Low-Light Image via Zero-Reference Deep Curve Estimation", IEEE TPAMI 44 (2022).
    """

    outputs = ("enhanced", "curves")

    def __init__(self, weights: str | Path | None = None, scale: Count = 12) -> None:
        super().__init__(SeparableConvolution, 32, 3)
        self.scale = scale
        if weights is not None:
            load_weights(self, weights)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced``, the same, and the strengths ``curves`` (B,3,H,W) in [-1,1]."""
        padded = pad_to_multiple(low, self.scale)
        height, width = padded.shape[-2:]
        small = padded
        if self.scale > 1:
            size = (height // self.scale, width // self.scale)
            small = functional.interpolate(padded, size, mode="bilinear", align_corners=False)
        curves = self.estimate(small)
        if self.scale > 1:
            curves = functional.interpolate(curves, (height, width), mode="bilinear", align_corners=True)
        curves = cut_to(curves, low)
        return {"enhanced": apply_curves(low, curves.repeat(1, STEPS, 1, 1)).clamp(0.0, 1.0), "curves": curves}
