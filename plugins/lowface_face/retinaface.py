"""RetinaFace (Deng et al., CVPR 2020) on MobileNetV1 x0.25 or ResNet-50: the network, keyed as public checkpoints."""

from __future__ import annotations

import functools
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import Activation, MobileNetTrunk, convolution

#: Slope of every leaky rectifier of the narrow network, body and neck alike.
SLOPE = 0.1
#: Pyramids of more channels than this rectify without a slope, in the public code and so in its weights.
LEAKY_UP_TO = 64


def conv(inputs: int, outputs: int, kernel: int = 3, activation: Activation | None = None) -> nn.Sequential:
    """Convolution without bias, batch norm, and the activation where there is one."""
    return nn.Sequential(*convolution(inputs, outputs, kernel, activation=activation))


def rectifier(width: int) -> Activation:
    """The activation in a pyramid of ``width`` channels; works in place."""
    return functools.partial(nn.LeakyReLU, SLOPE if width <= LEAKY_UP_TO else 0.0, inplace=True)


class MobileNetBody(MobileNetTrunk):
    """MobileNetV1 of width 0.25 without its classifier; gives the maps of stride 8, 16 and 32."""

    #: Channels of the three maps.
    channels = (64, 128, 256)

    def __init__(self) -> None:
        super().__init__(8, rectifier(LEAKY_UP_TO))


class ResNetBody(nn.Module):
    """torchvision's ResNet-50 without its classifier; gives the maps of stride 8, 16 and 32."""

    #: Channels of the three maps.
    channels = (512, 1024, 2048)

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models import resnet50

        network = resnet50(weights=None)
        self.conv1, self.bn1, self.relu, self.maxpool = network.conv1, network.bn1, network.relu, network.maxpool
        self.layer1, self.layer2, self.layer3, self.layer4 = (getattr(network, f"layer{n}") for n in range(1, 5))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B,3,H,W) → maps of 512, 1024 and 2048 channels."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        fine = self.layer2(self.layer1(x))
        middle = self.layer3(fine)
        return fine, middle, self.layer4(middle)


Backbone = Literal["mobilenet0.25", "resnet50"]
#: What ``backbone=`` may be: the body, and the channels of the pyramid on it.
BACKBONES: dict[Backbone, tuple[type[MobileNetBody] | type[ResNetBody], int]] = {
    "mobilenet0.25": (MobileNetBody, 64),
    "resnet50": (ResNetBody, 256),
}


class Pyramid(nn.Module):
    """Feature pyramid: brings the three maps to one width and adds each coarser one to the next finer.

    Args:
        channels: of the three maps.
        width: channels of every level that comes out.
    """

    def __init__(self, channels: tuple[int, int, int], width: int) -> None:
        super().__init__()
        activation = rectifier(width)
        self.output1, self.output2, self.output3 = (conv(count, width, 1, activation=activation) for count in channels)
        self.merge1 = conv(width, width, activation=activation)
        self.merge2 = conv(width, width, activation=activation)

    def forward(self, maps: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Maps of stride 8, 16, 32 → the same strides, ``width`` channels each."""
        fine, middle, coarse = self.output1(maps[0]), self.output2(maps[1]), self.output3(maps[2])
        middle = self.merge2(middle + F.interpolate(coarse, size=middle.shape[-2:], mode="nearest"))
        fine = self.merge1(fine + F.interpolate(middle, size=fine.shape[-2:], mode="nearest"))
        return fine, middle, coarse


class Context(nn.Module):
    """SSH context module: receptive fields of 3, 5 and 7 side by side, concatenated."""

    def __init__(self, width: int) -> None:
        super().__init__()
        activation = rectifier(width)
        self.conv3X3 = conv(width, width // 2)
        self.conv5X5_1 = conv(width, width // 4, activation=activation)
        self.conv5X5_2 = conv(width // 4, width // 4)
        self.conv7X7_2 = conv(width // 4, width // 4, activation=activation)
        self.conv7x7_3 = conv(width // 4, width // 4)

    def forward(self, x: Tensor) -> Tensor:
        """(B,width,h,w) → the same shape."""
        shared = self.conv5X5_1(x)
        return F.relu(torch.cat([self.conv3X3(x), self.conv5X5_2(shared), self.conv7x7_3(self.conv7X7_2(shared))], 1))


class Output(nn.Module):
    """1x1 convolution that gives ``values`` numbers for each of the two anchors of a cell."""

    def __init__(self, width: int, values: int) -> None:
        super().__init__()
        self.values = values
        self.conv1x1 = nn.Conv2d(width, 2 * values, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B,width,h,w) → (B,2hw,values), anchors in the order of :func:`lowface_face.anchors.anchor_grid`."""
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(len(x), -1, self.values)


class RetinaFaceNet(nn.Module):
    """The network alone, without weights, preprocessing or decoding.

    Args:
        backbone: one of :data:`BACKBONES`.
    """

    def __init__(self, backbone: Backbone = "mobilenet0.25") -> None:
        super().__init__()
        body, width = BACKBONES[backbone]
        self.body = body()
        self.fpn = Pyramid(body.channels, width)
        self.ssh1, self.ssh2, self.ssh3 = Context(width), Context(width), Context(width)
        self.ClassHead = nn.ModuleList(Output(width, 2) for _ in range(3))
        self.BboxHead = nn.ModuleList(Output(width, 4) for _ in range(3))
        self.LandmarkHead = nn.ModuleList(Output(width, 10) for _ in range(3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Picture (B,3,H,W), 0..255 less the means → scores (B,A), offsets of boxes (B,A,4), of landmarks (B,A,10).

        A score is the probability of a face; A = number of anchors of a picture of that size.
        """
        contexts = (self.ssh1, self.ssh2, self.ssh3)
        levels = [context(level) for context, level in zip(contexts, self.fpn(self.body(x)), strict=True)]

        def gather(outputs: nn.ModuleList) -> Tensor:
            return torch.cat([output(level) for output, level in zip(outputs, levels, strict=True)], 1)

        return gather(self.ClassHead).softmax(-1)[..., 1], gather(self.BboxHead), gather(self.LandmarkHead)
