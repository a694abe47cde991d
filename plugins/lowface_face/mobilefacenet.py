"""MobileFaceNet (Chen et al., CCBR 2018) for crops of 112 x 96, keyed as the public CASIA-WebFace checkpoint is."""

from __future__ import annotations

import functools
from pathlib import Path

from torch import Tensor, nn

from .encoder import Encoder
from .layers import convolution

#: (expansion, channels, blocks, stride of the first block), Table 1 of the paper.
STAGES = ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1))


class ConvUnit(nn.Module):
    """Convolution, batch norm and, unless ``linear``, PReLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, int],
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        if not linear:
            self.prelu = nn.PReLU(outputs)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        """(B,inputs,h,w) → (B,outputs,h',w')."""
        x = self.bn(self.conv(x))
        return x if self.linear else self.prelu(x)


class Bottleneck(nn.Module):
    """Inverted residual: widen, filter each channel, narrow without activation; skip where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.skip = stride == 1 and inputs == outputs
        activation = functools.partial(nn.PReLU, wide)
        self.conv = nn.Sequential(
            *convolution(inputs, wide, 1, activation=activation),
            *convolution(wide, wide, 3, stride, wide, activation),
            *convolution(wide, outputs, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B,inputs,h,w) → (B,outputs,h/stride,w/stride)."""
        return x + self.conv(x) if self.skip else self.conv(x)


class MobileFaceNetNet(nn.Module):
    """The network alone: (B,3,112,96), normalised → (B,128), not of unit length."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvUnit(3, 64, 3, 2, 1)
        self.dw_conv1 = ConvUnit(64, 64, 3, 1, 1, groups=64)
        blocks, channels = [], 64
        for expansion, outputs, count, stride in STAGES:
            for index in range(count):
                blocks.append(Bottleneck(channels, outputs, stride if index == 0 else 1, expansion))
                channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.conv2 = ConvUnit(channels, 512, 1)
        # One weight per place and channel instead of a mean: the face's middle tells more than its corners.
        self.linear7 = ConvUnit(512, 512, (7, 6), groups=512, linear=True)
        self.linear1 = ConvUnit(512, 128, 1, linear=True)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = self.blocks(self.dw_conv1(self.conv1(x)))
        return self.linear1(self.linear7(self.conv2(x))).flatten(1)


class MobileFaceNet(Encoder):
    """Head ``mobilefacenet``: 128 numbers from a crop of 112 x 96 pixels.

    Args:
        weights: checkpoint with the layout of the public ``068.ckpt`` (trained on CASIA-WebFace).

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    crop_size = (112, 96)
    dim = 128

    def __init__(self, weights: str | Path) -> None:
        super().__init__(MobileFaceNetNet(), weights)

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,128); the weights expect (x − 127.5) / 128 on the 0..255 scale."""
        return self.network((crop * 255.0 - 127.5) / 128.0)
