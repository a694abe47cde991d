"""Pictures as a network that was made elsewhere wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.data.normalise import Normalise
from lowface_core.errors import ConfigError

Channels = Literal["rgb", "bgr"]
COLOURS = 3


def side_pair(value: int | Sequence[int] | None, what: str) -> tuple[int, int] | None:
    """(height, width) of a keyword that is one side of a square, or both.

    Raises:
        ConfigError: it is neither.
    """
    if value is None:
        return None
    sides = [value, value] if isinstance(value, int) else list(value)
    if len(sides) != 2 or min(sides) < 1:
        raise ConfigError(f"{what}: must be one side, or [height, width], not {value!r}")
    return int(sides[0]), int(sides[1])


class PictureInput(nn.Module):
    """Pictures RGB in [0,1] → (picture · ``scale`` − ``mean``) / ``std``, resized, in the network's order of channels.

    Args:
        size: (height, width) that pictures are brought to; None: their own.
        channels: the order that the network wants.
        scale: 1 for networks of pictures in [0,1], 255 for those of pictures in 0..255.
        mean, std: one number for all channels, or one each in the network's order; of pictures already scaled.

    Raises:
        ConfigError: ``mean`` or ``std`` are not one or three numbers, or ``std`` holds a zero.
    """

    def __init__(
        self,
        size: tuple[int, int] | None,
        channels: Channels,
        scale: float,
        mean: float | Sequence[float],
        std: float | Sequence[float],
    ) -> None:
        super().__init__()
        self.size, self.channels, self.scale = size, channels, scale
        self.normalise = Normalise(_three("mean", mean), _three("std", std))
        if (self.normalise.std == 0).any():
            raise ConfigError("std: holds a zero, by which pictures would be divided")

    def forward(self, image: Tensor) -> Tensor:
        """(B,3,H,W) → the network's input; gradients reach the picture."""
        if self.size is not None and tuple(image.shape[-2:]) != self.size:
            image = F.interpolate(image, size=self.size, mode="bilinear", align_corners=False, antialias=True)
        if self.channels == "bgr":
            image = image.flip(1)
        return self.normalise(image * self.scale)


def _three(name: str, value: float | Sequence[float]) -> list[float]:
    values = [float(value)] * COLOURS if isinstance(value, (int, float)) else [float(each) for each in value]
    if len(values) != COLOURS:
        raise ConfigError(f"{name}: must be one number, or three, not {value!r}")
    return values
