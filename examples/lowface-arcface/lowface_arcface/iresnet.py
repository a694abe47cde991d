"""IResNet: the residual network of ArcFace, with the key names of insightface's PyTorch checkpoints."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_core.errors import ConfigError

#: Depth → residual blocks of the four stages.
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3)}


class Block(nn.Module):
    """Improved residual block: normalise, convolve, normalise, PReLU, convolve with the stride, normalise; then add."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(B,inputs,h,w) → (B,outputs,h/stride,w/stride)."""
        out = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        out = self.bn3(self.conv2(out))
        return out + (x if self.downsample is None else self.downsample(x))


class IResNet(nn.Module):
    """The network alone: (B,3,112,112) in [−1,1] → (B,dim), not of unit length.

    Other than in ImageNet's ResNet the first convolution keeps the size, each of the four stages halves it, and the
    7 x 7 map left at the end is projected whole, because in aligned faces places mean something.

    Args:
        depth: 18, 34, 50 or 100.
        width: channels of the first stage, doubled from stage to stage; 64 in all published checkpoints.
        dim: length of an embedding; 512 in all published checkpoints.

    Raises:
        ConfigError: there is no such depth, or a number is not positive.

    References:
        Deng et al., ArcFace: Additive Angular Margin Loss for Deep Face Recognition, CVPR 2019, section 3.1.
        Duta et al., Improved Residual Networks for Image and Video Recognition, ICPR 2020.
    """

    def __init__(self, depth: int = 18, width: int = 64, dim: int = 512) -> None:
        super().__init__()
        if depth not in BLOCKS:
            raise ConfigError(f"arcface: depth is {depth!r}; choose from {', '.join(map(str, BLOCKS))}")
        for name, value in (("width", width), ("dim", dim)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigError(f"arcface: {name} is {value!r}; give a whole number of at least 1")
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.prelu = nn.PReLU(width)
        channels = width
        for stage, count in enumerate(BLOCKS[depth]):
            blocks = []
            for index in range(count):
                outputs = width * 2**stage
                blocks.append(Block(channels, outputs, 2 if index == 0 else 1))
                channels = outputs
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.bn2 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels * 7 * 7, dim)
        self.features = nn.BatchNorm1d(dim)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = self.prelu(self.bn1(self.conv1(x)))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.features(self.fc(torch.flatten(self.bn2(x), 1)))
