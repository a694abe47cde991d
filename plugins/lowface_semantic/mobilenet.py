"""DeepLabv3+ on MobileNetV2 in the layout of the parser released with Low-FaceNet, without weights."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Expansion, channels, blocks, stride of MobileNetV2's stages (Sandler et al., CVPR 2018, table 2).
_STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
_LOW_LEVEL_BLOCKS = 4  # stem and the first three blocks: a quarter of the picture, 24 channels


def _conv(
    inputs: int,
    outputs: int,
    kernel: int = 1,
    activation: type[nn.ReLU] | type[nn.ReLU6] = nn.ReLU,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), activation(inplace=True))


class Bottleneck(nn.Module):
    """Inverted residual block, whose padding goes around its *input*: the expansion sees the zeros too."""

    def __init__(self, inputs: int, outputs: int, stride: int, dilation: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [_conv(inputs, hidden, activation=nn.ReLU6)]
        layers.append(_conv(hidden, hidden, 3, nn.ReLU6, stride=stride, dilation=dilation, groups=hidden))
        layers += [nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)
        self.padding = (dilation,) * 4
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) → (B,C',H/stride,W/stride)."""
        y = self.conv(F.pad(x, self.padding))
        return x + y if self.residual else y


class Backbone(nn.Module):
    """MobileNetV2 without its classifier, dilated from ``output_stride`` on. Its first convolution has no padding."""

    def __init__(self, output_stride: int) -> None:
        super().__init__()
        blocks: list[nn.Module] = [_conv(3, 32, 3, nn.ReLU6, stride=2)]
        channels, reached, dilation = 32, 2, 1
        for expansion, outputs, count, stage_stride in _STAGES:
            stride, before = stage_stride, dilation
            if reached == output_stride:  # no further reduction: the field of view grows by dilation instead
                stride, dilation = 1, dilation * stage_stride
            reached *= stride
            for k in range(count):
                first = k == 0
                blocks.append(
                    Bottleneck(channels, outputs, stride if first else 1, before if first else dilation, expansion)
                )
                channels = outputs
        # One numbering runs through both parts, as in the checkpoint's keys.
        self.low_level_features = nn.Sequential()
        self.high_level_features = nn.Sequential()
        for number, block in enumerate(blocks):
            part = self.low_level_features if number < _LOW_LEVEL_BLOCKS else self.high_level_features
            part.add_module(str(number), block)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B,3,H,W) → features (B,24,H/4,W/4) and (B,320,H/s,W/s)."""
        low = self.low_level_features(x)
        return low, self.high_level_features(low)


class Pyramid(nn.Module):
    """Atrous spatial pyramid pooling: 1x1, three dilated 3x3 and the picture's mean, side by side."""

    def __init__(self, inputs: int, dilations: tuple[int, ...], channels: int = 256) -> None:
        super().__init__()
        dilated = [_conv(inputs, channels, 3, padding=rate, dilation=rate) for rate in dilations]
        mean = nn.Sequential(nn.AdaptiveAvgPool2d(1), *_conv(inputs, channels))
        self.convs = nn.ModuleList([_conv(inputs, channels), *dilated, mean])
        self.project = _conv(len(self.convs) * channels, channels).append(nn.Dropout(0.1))

    def forward(self, x: Tensor) -> Tensor:
        """(B,320,h,w) → (B,256,h,w)."""
        branches = [branch(x) for branch in self.convs]
        branches[-1] = branches[-1].expand_as(branches[0])
        return self.project(torch.cat(branches, 1))


class Decoder(nn.Module):
    """Pyramid features, joined with low-level features, to class scores."""

    def __init__(self, num_classes: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.project = _conv(24, 48)
        self.aspp = Pyramid(320, dilations)
        self.classifier = _conv(256 + 48, 256, 3, padding=1).append(nn.Conv2d(256, num_classes, 1))

    def forward(self, low: Tensor, high: Tensor) -> Tensor:
        """Backbone features → logits (B,num_classes,H/4,W/4)."""
        low = self.project(low)
        high = F.interpolate(self.aspp(high), size=low.shape[-2:], mode="bilinear", align_corners=False)
        return self.classifier(torch.cat([low, high], 1))


class MobileNetDeepLab(nn.Module):
    """Untrained network: normalised pictures (B,3,H,W) → logits (B,num_classes,h,w), about a quarter of the size.

    Args:
        num_classes: channels of the output.
        output_stride: 8 or 16, how far the backbone shrinks the picture before it dilates; weights fit either.
    """

    def __init__(self, num_classes: int = 11, output_stride: int = 16) -> None:
        super().__init__()
        self.backbone = Backbone(output_stride)
        self.classifier = Decoder(num_classes, (12, 24, 36) if output_stride == 8 else (6, 12, 18))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.classifier(*self.backbone(x))
