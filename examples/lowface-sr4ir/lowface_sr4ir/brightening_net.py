"""The enhancer: the picture at a usual brightness, and four convolutions that correct it."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge
from torch import Tensor, nn


class BrighteningNet(nn.Module):
    """Multiplies a picture until its mean is ``level``, then adds what four convolutions see in it.

    Args:
        channels: width of the convolutions.
        level: mean brightness that the convolutions get.
    """

    outputs = ("enhanced",)

    def __init__(self, channels: Annotated[int, Ge(1)] = 20, level: float = 0.45) -> None:
        super().__init__()
        self.level = level
        self.layers = nn.Sequential(
            nn.Conv2d(3, channels, 3, padding=1, padding_mode="replicate"),
            nn.LeakyReLU(0.1),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="replicate"),
            nn.LeakyReLU(0.1),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="replicate"),
            nn.LeakyReLU(0.1),
            nn.Conv2d(channels, 3, 3, padding=1, padding_mode="replicate"),
        )

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """``enhanced`` (B,3,H,W) in [0,1] of ``low`` (B,3,H,W) in [0,1]."""
        bright = low * (self.level / low.mean((1, 2, 3), keepdim=True).clamp_min(0.01))
        return {"enhanced": (bright + self.layers(bright.clamp(0, 2))).clamp(0, 1)}
