"""RetinaFace (Deng et al., CVPR 2020) on MobileNetV1 x0.25 or ResNet-50: the network, keyed as public checkpoints."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.errors import ConfigError, listing, nearest

#: Slope of every leaky rectifier of the narrow network, body and neck alike.
SLOPE = 0.1
#: Pyramids of more channels than this rectify without a slope, in the public code and so in its weights.
LEAKY_UP_TO = 64


def conv(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, activate: bool = True, slope: float = SLOPE
) -> nn.Sequential:
    """Convolution without bias, batch norm, and a leaky rectifier unless ``activate`` is off."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if activate:
        layers.append(nn.LeakyReLU(slope, inplace=True))
    return nn.Sequential(*layers)


def slope_of(width: int) -> float:
    """Slope of the rectifiers in a pyramid of ``width`` channels."""
    return SLOPE if width <= LEAKY_UP_TO else 0.0


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


class MobileNetBody(nn.Module):
    """MobileNetV1 of width 0.25 without its classifier; gives the maps of stride 8, 16 and 32."""

    #: Channels of the three maps.
    channels = (64, 128, 256)

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


class ResNetBody(nn.Module):
    """torchvision's ResNet-50 without its classifier; gives the maps of stride 8, 16 and 32."""

    #: Channels of the three maps.
    channels = (512, 1024, 2048)

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models import resnet50

        network = resnet50(weights=None)
        for name in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            setattr(self, name, getattr(network, name))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B,3,H,W) → maps of 512, 1024 and 2048 channels."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        fine = self.layer2(self.layer1(x))
        middle = self.layer3(fine)
        return fine, middle, self.layer4(middle)


#: What ``backbone=`` may say: the body, and the channels of the pyramid on it.
BACKBONES: dict[str, tuple[type[MobileNetBody] | type[ResNetBody], int]] = {
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
        slope = slope_of(width)
        self.output1, self.output2, self.output3 = (conv(count, width, 1, slope=slope) for count in channels)
        self.merge1 = conv(width, width, slope=slope)
        self.merge2 = conv(width, width, slope=slope)

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
        slope = slope_of(width)
        self.conv3X3 = conv(width, width // 2, activate=False)
        self.conv5X5_1 = conv(width, width // 4, slope=slope)
        self.conv5X5_2 = conv(width // 4, width // 4, activate=False)
        self.conv7X7_2 = conv(width // 4, width // 4, slope=slope)
        self.conv7x7_3 = conv(width // 4, width // 4, activate=False)

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

    Raises:
        ConfigError: there is no such backbone.
    """

    def __init__(self, backbone: str = "mobilenet0.25") -> None:
        super().__init__()
        if backbone not in BACKBONES:
            raise ConfigError(
                f"retinaface: backbone is one of {listing(BACKBONES)}; not {backbone!r}"
                f"{nearest(str(backbone), BACKBONES)}"
            )
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
