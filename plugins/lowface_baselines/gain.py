"""One constant gain: what a method must beat where the darkening only multiplies."""

from __future__ import annotations

from torch import Tensor, nn

from lowface_core.registry.bounds import Positive


class Gain(nn.Module):
    """Multiplies every value by one constant, the same for every picture, and clips; learns nothing.

    Args:
        factor: the gain, above 0; 1 changes nothing. 4.5 undoes a darkening by 0.22, the middle of CelebA's test here.

    References:
        Gonzalez and Woods, Digital Image Processing, point operations (s = c·r).
    """

    outputs = ("enhanced",)
    #: Each pixel depends on itself alone, so pictures of any size can be worked on in tiles.
    receptive_radius = 0

    def __init__(self, factor: Positive = 4.5) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced`` = min(factor · low, 1) of the same shape and range."""
        return {"enhanced": (low * self.factor).clamp(0.0, 1.0)}
