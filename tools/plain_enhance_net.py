"""Enhance-Net as a plain PyTorch module: what tools/bench.py compares with."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_retinex.enhance_net import EnhanceNet


class PlainEnhanceNet(nn.Module):
    """The layers of an :class:`EnhanceNet` called one after the other, with nothing done for speed.

    RGB (B,3,H,W) in [0,1] → the enhanced picture; the paper's form, three maps of illumination and the residual.
    """

    def __init__(self, net: EnhanceNet) -> None:
        super().__init__()
        self.layers, self.relu, self.floor = net, nn.ReLU(), net.floor

    def forward(self, low: Tensor) -> Tensor:
        return self.outputs(low)["enhanced"]

    def outputs(self, low: Tensor) -> dict[str, Tensor]:
        """The picture and the maps of illumination, by name."""
        net, relu = self.layers, self.relu
        first = relu(net.e_conv1(low))
        second = relu(net.e_conv2(first))
        third = relu(net.e_conv3(second))
        fourth = relu(net.e_conv4(torch.cat([second, third], 1)))
        fifth = relu(net.e_conv5(torch.cat([first, fourth], 1)))
        sixth = relu(net.e_conv6(fifth))
        illumination = torch.clamp(net.conv(sixth) + low, self.floor, 1)
        return {"enhanced": torch.clamp(low / illumination, 0, 1), "illumination": illumination}
