"""Pictures as a network was trained to see them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Normalise(nn.Module):
    """Pictures (B,3,H,W) in [0,1] → (image − mean) / std, channel by channel; nothing of it is in a state dict.

    Args:
        mean, std: of the network's input channels; ImageNet's by default.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float] = IMAGENET_MEAN, std: Sequence[float] = IMAGENET_STD) -> None:
        super().__init__()
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values).view(1, -1, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """The normalised picture, in its own number format."""
        return (image - self.mean.to(image.dtype)) / self.std.to(image.dtype)
