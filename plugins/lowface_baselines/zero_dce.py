"""Zero-DCE: a picture is brightened by the same quadratic curve eight times, its strength set for every pixel.

Architecture: Guo et al., "Zero-Reference Deep Curve Estimation for Low-Light Image Enhancement", CVPR 2020. The
parameter names are those of the published ``Epoch99.pth``, which therefore loads as it is.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from lowface_core.weights.state_dict import load_weights

#: How often the curve is applied.
STEPS = 8


def apply_curves(low: Tensor, curves: Tensor) -> Tensor:
    """Brightens ``low`` (B,3,H,W) in [0,1] by x + r·(x² − x), once for every three channels of ``curves`` in [-1,1]."""
    for strength in curves.split(3, 1):
        low = low + strength * (low * low - low)
    return low


class CurveNet(nn.Module):
    """Seven convolutions of three pixels, the last three fed by earlier ones, too; a subclass makes them.

    Args:
        convolution: makes one from its numbers of inputs and outputs.
        width: channels of the layers.
        outputs: channels of the answer.
    """

    def __init__(self, convolution: type[nn.Module], width: int, outputs: int) -> None:
        super().__init__()
        self.e_conv1 = convolution(3, width)
        self.e_conv2 = convolution(width, width)
        self.e_conv3 = convolution(width, width)
        self.e_conv4 = convolution(width, width)
        self.e_conv5 = convolution(2 * width, width)
        self.e_conv6 = convolution(2 * width, width)
        self.e_conv7 = convolution(2 * width, outputs)

    def estimate(self, low: Tensor) -> Tensor:
        """Curve strengths: (B,3,H,W) in [0,1] → (B,outputs,H,W) in [-1,1]."""
        first = torch.relu(self.e_conv1(low))
        second = torch.relu(self.e_conv2(first))
        third = torch.relu(self.e_conv3(second))
        fourth = torch.relu(self.e_conv4(third))
        fifth = torch.relu(self.e_conv5(torch.cat([third, fourth], 1)))
        sixth = torch.relu(self.e_conv6(torch.cat([second, fifth], 1)))
        return torch.tanh(self.e_conv7(torch.cat([first, sixth], 1))).to(low.dtype)


class Convolution(nn.Conv2d):
    """3x3 convolution with bias that keeps the size; (B,inputs,H,W) → (B,outputs,H,W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)


class ZeroDCE(CurveNet):
    """Zero-DCE: eight curves with strengths of their own for every pixel and colour.

    Args:
        weights: checkpoint with the published layout, or a record's name; None draws new weights, to be trained.

    Raises:
        WeightsError: the file is missing or of another network.

    References:
        Guo et al., "Zero-Reference Deep Curve Estimation for Low-Light Image Enhancement", CVPR 2020.
    """

    outputs = ("enhanced", "curves")
    #: Seven 3x3 convolutions one after the other; each looks one pixel further.
    receptive_radius = 7

    def __init__(self, weights: str | Path | None = None) -> None:
        super().__init__(Convolution, 32, 3 * STEPS)
        if weights is not None:
            load_weights(self, weights)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced``, the same, and the strengths ``curves`` (B,24,H,W) in [-1,1]."""
        curves = self.estimate(low)
        return {"enhanced": apply_curves(low, curves).clamp(0.0, 1.0), "curves": curves}
