"""The UNIQUE network: ResNet-34, bilinear pooling, a linear layer that gives quality and its uncertainty.

Architecture: Zhang, Ma, Zhai, Yang, Uncertainty-aware blind image quality assessment in the laboratory and wild, IEEE
TIP 30 (2021), in the form of the released code (zwx8981/UNIQUE).
"""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F

CHANNELS = 512
#: Added under the square root, as in the released code.
EPS = 1e-8


class UniqueNetwork(nn.Module):
    """UNIQUE without weights; keys as in the released checkpoint, of which ``backbone.fc`` is there and unused."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = torchvision.models.resnet34(weights=None)
        self.fc = nn.Linear(CHANNELS * CHANNELS, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (B,3,H,W), normalised as ImageNet's → quality (B,) and its standard deviation (B,).

        The released code calls the second one both variance and std.
        """
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        x = net.layer4(net.layer3(net.layer2(net.layer1(x)))).flatten(2)
        pooled = x @ x.transpose(1, 2) / x.shape[2]
        pooled = F.normalize((pooled.sign() * torch.sqrt(pooled.abs() + EPS)).flatten(1))
        quality, spread = self.fc(pooled).unbind(1)
        return quality, F.softplus(spread)
