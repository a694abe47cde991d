"""The enhancer: a small network estimates transmission and air light, and the scattering equation gives the picture."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.errors import ConfigError

#: Slope of the rectifiers.
SLOPE = 0.1


class ScatteringNet(nn.Module):
    """Estimates t and A of ``I = J·t + A·(1 − t)`` and returns ``J = (I − A) / t + A``.

    Both are estimated from the picture reduced to a quarter of its size: haze is smooth, a wide view costs little
    there, and the details of the result are those of the input alone. That the equation is solved for J inside the
    network is DCPDN's idea; its two large networks are four dilated convolutions here.

    Args:
        channels: width of the convolutions.
        floor: smallest transmission, in (0,1); noise is amplified by 1 / floor at most.

    Raises:
        ConfigError: an argument is out of its range.

    References:
        Zhang and Patel, Densely Connected Pyramid Dehazing Network, CVPR 2018, equations (1) and (2).
    """

    outputs = ("enhanced", "transmission", "airlight")

    def __init__(self, channels: int = 24, floor: float = 0.05) -> None:
        super().__init__()
        if isinstance(channels, bool) or not isinstance(channels, int) or channels < 1:
            raise ConfigError(f"scattering_net: channels is {channels!r}; give a whole number of at least 1")
        if not 0 < floor < 1:
            raise ConfigError(f"scattering_net: floor is {floor!r}; give a number between 0 and 1")
        self.floor = float(floor)
        layers: list[nn.Module] = []
        inputs = 3
        for dilation in (1, 2, 4, 1):
            layers += [
                nn.Conv2d(inputs, channels, 3, padding=dilation, dilation=dilation, bias=False),
                nn.BatchNorm2d(channels),  # twice as quick to train as without
                nn.LeakyReLU(SLOPE),
            ]
            inputs = channels
        self.trunk = nn.Sequential(*layers)
        self.air = nn.Sequential(nn.Linear(2 * channels + 6, channels), nn.LeakyReLU(SLOPE), nn.Linear(channels, 3))
        self.depth = nn.Conv2d(2 * channels, 1, 3, padding=1)
        # before training: bright air, and so little haze that the picture passes almost unchanged
        nn.init.normal_(self.depth.weight, std=0.01)
        nn.init.constant_(self.depth.bias, math.log(9.0))
        nn.init.constant_(self.air[-1].bias, 1.0)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """Dehazes pictures of any size.

        Args:
            low: (B,3,H,W) RGB in [0,1], the hazy picture.

        Returns:
            ``enhanced`` (B,3,H,W) in [0,1], ``transmission`` (B,1,H,W) in [floor,1], ``airlight`` (B,3,1,1) in (0,1).
        """
        height, width = low.shape[-2:]
        small = F.adaptive_avg_pool2d(low, (math.ceil(height / 4), math.ceil(width / 4)))
        x = self.trunk(small)
        everywhere = [x.mean((2, 3)), x.amax((2, 3)), low.mean((2, 3)), low.amax((2, 3))]
        airlight = torch.sigmoid(self.air(torch.cat(everywhere, 1)))[:, :, None, None]
        x = torch.cat([x, x.mean((2, 3), keepdim=True).expand_as(x)], 1)
        transmission = self.floor + (1 - self.floor) * torch.sigmoid(self.depth(x))
        transmission = F.interpolate(transmission, size=(height, width), mode="bilinear", align_corners=False)
        clear = (low - airlight) / transmission + airlight
        return {"enhanced": clear.clamp(0, 1), "transmission": transmission, "airlight": airlight}
