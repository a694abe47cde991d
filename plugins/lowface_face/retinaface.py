"""RetinaFace (Deng et al., CVPR 2020) on a MobileNetV1 x0.25 body: the network, keyed as the released checkpoint."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Slope of every leaky rectifier in the network, body and neck alike.
SLOPE = 0.1
#: Channels of the three pyramid levels.
WIDTH = 64


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, activate: bool = True) -> nn.Sequential:
    """Convolution without bias, batch norm, and a leaky rectifier unless ``activate`` is off."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if activate:
        layers.append(nn.LeakyReLU(SLOPE, inplace=True))
    return nn.Sequential(*layers)


def separable(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """Depthwise 3x3 then pointwise 1x1 convolution, each with batch norm and a leaky rectifier."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.LeakyReLU(SLOPE, inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(SLOPE, inplace=True),
    )


class Body(nn.Module):
    """MobileNetV1 of width 0.25 without its classifier; gives the maps of stride 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        first = [separable(8, 16, 1), separable(16, 32, 2), separable(32, 32, 1), separable(32, 64, 2)]
        self.stage1 = nn.Sequential(conv(3, 8, stride=2), *first, separable(64, 64, 1))
        self.stage2 = nn.Sequential(separable(64, 128, 2), *(separable(128, 128, 1) for _ in range(5)))
        self.stage3 = nn.Sequential(separable(128, 256, 2), separable(256, 256, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B,3,H,W) → maps of 64, 128 and 256 channels."""
        fine = self.stage1(x)
        middle = self.stage2(fine)
        return fine, middle, self.stage3(middle)


class Pyramid(nn.Module):
    """Feature pyramid: brings the three maps to one width and adds each coarser one to the next finer."""

    def __init__(self) -> None:
        super().__init__()
        self.output1 = conv(64, WIDTH, 1)
        self.output2 = conv(128, WIDTH, 1)
        self.output3 = conv(256, WIDTH, 1)
        self.merge1 = conv(WIDTH, WIDTH)
        self.merge2 = conv(WIDTH, WIDTH)

    def forward(self, maps: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Maps of stride 8, 16, 32 → the same strides, 64 channels each."""
        fine, middle, coarse = self.output1(maps[0]), self.output2(maps[1]), self.output3(maps[2])
        middle = self.merge2(middle + F.interpolate(coarse, size=middle.shape[-2:], mode="nearest"))
        fine = self.merge1(fine + F.interpolate(middle, size=fine.shape[-2:], mode="nearest"))
        return fine, middle, coarse


class Context(nn.Module):
    """SSH context module: receptive fields of 3, 5 and 7 side by side, concatenated."""

    def __init__(self) -> None:
        super().__init__()
        self.conv3X3 = conv(WIDTH, WIDTH // 2, activate=False)
        self.conv5X5_1 = conv(WIDTH, WIDTH // 4)
        self.conv5X5_2 = conv(WIDTH // 4, WIDTH // 4, activate=False)
        self.conv7X7_2 = conv(WIDTH // 4, WIDTH // 4)
        self.conv7x7_3 = conv(WIDTH // 4, WIDTH // 4, activate=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B,64,h,w) → (B,64,h,w)."""
        shared = self.conv5X5_1(x)
        return F.relu(torch.cat([self.conv3X3(x), self.conv5X5_2(shared), self.conv7x7_3(self.conv7X7_2(shared))], 1))


class Output(nn.Module):
    """1x1 convolution that gives ``values`` numbers for each of the two anchors of a cell."""

    def __init__(self, values: int) -> None:
        super().__init__()
        self.values = values
        self.conv1x1 = nn.Conv2d(WIDTH, 2 * values, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B,64,h,w) → (B,2hw,values), anchors in the order of :func:`lowface_face.anchors.anchor_grid`."""
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(len(x), -1, self.values)


class RetinaFaceNet(nn.Module):
    """The network alone, without weights, preprocessing or decoding."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Body()
        self.fpn = Pyramid()
        self.ssh1, self.ssh2, self.ssh3 = Context(), Context(), Context()
        self.ClassHead = nn.ModuleList(Output(2) for _ in range(3))
        self.BboxHead = nn.ModuleList(Output(4) for _ in range(3))
        self.LandmarkHead = nn.ModuleList(Output(10) for _ in range(3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Picture (B,3,H,W), 0..255 less the means → scores (B,A), offsets of boxes (B,A,4), of landmarks (B,A,10).

        A score is the probability of a face; A = number of anchors of a picture of that size.
        """
        contexts = (self.ssh1, self.ssh2, self.ssh3)
        levels = [context(level) for context, level in zip(contexts, self.fpn(self.body(x)), strict=True)]

        def gather(outputs: nn.ModuleList) -> Tensor:
            return torch.cat([output(level) for output, level in zip(outputs, levels, strict=True)], 1)

        return gather(self.ClassHead).softmax(-1)[..., 1], gather(self.BboxHead), gather(self.LandmarkHead)
